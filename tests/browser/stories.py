"""Cases brought to a state through the API, for pages that show them."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any

from tests.browser.conftest import JINGHONG, WUHUA
from tests.e2e.server import Person, Town, application


@dataclass(frozen=True)
class Receipt:
    """What the applicant holds."""

    reference: str
    code: str


Step = tuple[str, str, dict[str, Any]]
"""Who (clerk, home_intake, reviewer, decider), the command, its body."""

SENT: tuple[Step, ...] = (("clerk", "forward", {}),)
ARRIVED = (*SENT, ("home_intake", "receive-at-home", {}))
ACCEPTED = (*ARRIVED, ("home_intake", "accept", {}))
CLAIMED = (*ACCEPTED, ("reviewer", "claim", {}))
REVIEWED = (*CLAIMED, ("reviewer", "review", {"opinion": "演示：材料齐全", "advice": "grant"}))
MADE = (*REVIEWED, ("decider", "grant", {"opinion": "演示：准予"}), ("home_intake", "make-certificate", {}))
HANDED = {
    "collector": "演示申请人",
    "document_type": "resident_id",
    "document_number": "11010519491231002X",
    "relation": "self",
}
MISSING = {"items": [{"text": "演示：住所证明"}]}

STORIES: dict[str, tuple[str, tuple[Step, ...]]] = {
    "received": ("registration", ()),
    "forwarded": ("registration", SENT),
    "home_received": ("permit", ARRIVED),
    "under_review": ("registration", REVIEWED),
    "returned": ("registration", (*ARRIVED, ("home_intake", "return-for-resubmission", MISSING))),
    "correction_notice": ("permit", (*ARRIVED, ("home_intake", "request-correction", {**MISSING, "days": 5}))),
    "special": (
        "permit",
        (*CLAIMED, ("reviewer", "start-special-procedure", {"kind": "expert_review", "basis": "演示依据", "days": 5})),
    ),
    "accepted": ("permit", ACCEPTED),
    "decided_refuse": (
        "registration",
        (
            *CLAIMED,
            ("reviewer", "review", {"opinion": "演示：不符合", "advice": "refuse"}),
            ("decider", "refuse", {"reasons": "演示理由", "basis": "演示依据", "remedies": "演示：复议、诉讼"}),
        ),
    ),
    "cert_ready": ("registration", MADE),
    "collected": ("registration", (*MADE, ("clerk", "hand-over", HANDED))),
    "withdrawn": ("registration", (("clerk", "withdraw", {"reason": "演示：申请人撤回"}),)),
}
"""State -> the kind of matter and the steps that lead there."""

MATTERS: dict[str, dict[str, Any]] = {
    "registration": {},
    "permit": {"matter": "food-business-licence-new", "particulars": {}, "people": []},
}

PAPERS = ("application", "applicant_identity", "premises", "articles", "officers")
SCANNED = (("application", "登记申请书（演示）.png"), ("articles", "公司章程（演示）.png"))
"""Papers of 公司设立登记 that a complete application brings, and those of them with a scan."""

COMPLETE: dict[str, Any] = {
    "materials": [{"id": paper, "originals": 1, "copies": 0} for paper in PAPERS],
    "form": {
        "enterprise_name": "演示企业（景洪）有限公司",
        "address": "演示路1号",
        "registered_capital": "100",
        "business_scope": "演示经营项目",
        "representative": "演示申请人",
    },
    "delivery": {"method": "window", "window": WUHUA},
}


def sheet(step: int) -> bytes:
    """A scan that shows nothing but lines, ``step`` pixels from one to the next, as PNG."""
    wide, tall = 420, 594
    rows = []
    for y in range(tall):
        line = y > 70 and y % step < 9 and y < tall - 60
        title = 44 <= y < 60
        rows.append(
            b"\0"
            + bytes(
                0x9A if (title and 120 <= x < 300) or (line and 50 <= x < (330 if y // step % 3 else 250)) else 0xFF
                for x in range(wide)
            )
        )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", wide, tall, 8, 0, 0, 0, 0)
    packed = zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


_PEOPLE = {
    "clerk": ("window_clerk", WUHUA),
    "home_intake": ("home_intake", JINGHONG),
    "reviewer": ("reviewer", JINGHONG),
    "decider": ("decider", JINGHONG),
}


class Storyteller:
    """Writes cases, everybody signed in once."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._people: dict[str, Person] = {}

    def person(self, name: str) -> Person:
        if name not in self._people:
            self._people[name] = self._town.person(*_PEOPLE[name])
        return self._people[name]

    def case(self, state: str, *, complete: bool = False) -> Receipt:
        """A new case in that state, received in 五华区 for 景洪市; a complete registration brings papers and scans."""
        kind, steps = STORIES[state]
        complete = complete and kind == "registration"
        answer = self.person("clerk").submit(application(**MATTERS[kind], **(COMPLETE if complete else {})))
        assert answer.status_code == 201, answer.text
        receipt = Receipt(answer.json()["reference"], answer.json()["query_code"])
        scans = self._scanned(receipt.reference) if complete else ()
        reached = answer.json()["state"]
        for name, command, body in steps:
            if command == "review":
                for scan in scans:
                    assert self.person(name).client.get(scan).is_success
            reached = self.person(name).do(receipt.reference, command, body)["state"]
        assert reached == state, f"{reached} instead of {state}"
        return receipt

    def _scanned(self, reference: str) -> list[str]:
        """The addresses of the scans that the window has attached."""
        address = f"/api/cases/{reference}/files"
        found = []
        for number, (paper, name) in enumerate(SCANNED):
            sent = self.person("clerk").client.post(
                address, files={"file": (name, sheet(34 - 6 * number), "image/png")}, data={"material": paper}
            )
            assert sent.status_code == 201, sent.text
            found.append(f"{address}/{sent.json()['id']}")
        return found

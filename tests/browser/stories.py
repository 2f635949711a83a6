"""Cases brought to a state through the API, for pages that show them."""

from __future__ import annotations

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

    def case(self, state: str) -> Receipt:
        """A new case in that state, received in 五华区 for 景洪市."""
        kind, steps = STORIES[state]
        answer = self.person("clerk").submit(application(**MATTERS[kind]))
        assert answer.status_code == 201, answer.text
        receipt = Receipt(answer.json()["reference"], answer.json()["query_code"])
        reached = answer.json()["state"]
        for name, command, body in steps:
            reached = self.person(name).do(receipt.reference, command, body)["state"]
        assert reached == state, f"{reached} instead of {state}"
        return receipt

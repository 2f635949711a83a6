"""What happens to the cases of a demonstration: one story for each state a case can be in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import field

from catalogue.domain.value import Value

FIRST_MATTER = "company-establishment"


class Step(Value, frozen=True):
    """One command of a story: who gives it (a role of the office concerned), and with what body."""

    command: str
    by: str
    body: Mapping[str, Any] = field(default_factory=dict)
    side: str = "home"
    days: float = 0.6


def _home(command: str, by: str, days: float = 0.6, /, **body: Any) -> Step:
    return Step(command, by, body, "home", days)


def _window(command: str, days: float = 0.1, /, **body: Any) -> Step:
    return Step(command, "clerk", body, "accepting", days)


FORWARD = _window("forward")
RECEIVE = _home("receive-at-home", "intake", 0.3)
ACCEPT = _home("accept", "intake", 0.5)
CLAIM = _home("claim", "reviewer", 0.2)
REVIEW = _home("review", "reviewer", 0.8, opinion="演示：材料齐全，符合法定形式", advice="grant")
DOUBT = _home("review", "reviewer", 0.8, opinion="演示：不符合规定条件", advice="refuse")
GRANT = _home("grant", "decider", 0.5, opinion="演示：准予")
REFUSE = _home(
    "refuse",
    "decider",
    0.5,
    reasons="演示：不符合规定条件",
    basis="演示依据",
    remedies="演示：可依法申请行政复议或者提起行政诉讼",
)
MAKE = _home("make-certificate", "intake", 0.4, copies=[{"kind": "正本", "copy_no": 1}, {"kind": "副本", "copy_no": 1}])
HAND_OVER = _window(
    "hand-over", 0.7, collector="演示领取人", document_type="resident_id", document_number="", relation="self"
)
POST = _window("post", 0.3, carrier="演示快递", tracking="YS0000000001", address="演示地址1号")
ITEMS = [{"text": "演示：缺少住所使用证明"}]

TO_REVIEW = (FORWARD, RECEIVE, ACCEPT)
TO_DECISION = (*TO_REVIEW, CLAIM, REVIEW)
TO_RESULT = (*TO_DECISION, GRANT, MAKE)

REGISTRATIONS = (
    "company-establishment",
    "company-change",
    "individual-business-establishment",
    "farmer-cooperative-establishment",
    "company-deregistration",
    "partnership-establishment",
)
PERMITS = ("food-business-licence-new", "drug-retail-licence-new", "food-production-licence-new")

STORIES: dict[str, tuple[str, tuple[Step, ...]]] = {
    "received": ("any", ()),
    "forwarded": ("any", (FORWARD,)),
    "recalled": ("any", (FORWARD, _window("recall"))),
    "returned at the window": ("any", (_window("return-at-window", items=ITEMS),)),
    "bounced": ("any", (FORWARD, _home("bounce", "intake", 0.4, code="wrong_office", reason="演示：非本机关管辖"))),
    "received at home": ("any", (FORWARD, RECEIVE)),
    "returned for resubmission": (
        "registration",
        (FORWARD, RECEIVE, _home("return-for-resubmission", "intake", 0.5, items=ITEMS)),
    ),
    "correction notice": (
        "permit",
        (FORWARD, RECEIVE, _home("request-correction", "intake", 0.5, items=ITEMS, days=10)),
    ),
    "correction supplied": (
        "permit",
        (
            FORWARD,
            RECEIVE,
            _home("request-correction", "intake", 0.5, items=ITEMS, days=10),
            _window("supply-correction", 2.0, items=ITEMS),
        ),
    ),
    "not supplied": (
        "permit",
        (
            FORWARD,
            RECEIVE,
            _home("request-correction", "intake", 0.5, items=ITEMS, days=10),
            _home("close-unsupplied", "intake", 16.0, reason="演示：逾期未补正"),
        ),
    ),
    "not accepted": (
        "permit",
        (FORWARD, RECEIVE, _home("decline-acceptance", "intake", 0.5, reason="演示：依法不需要取得许可")),
    ),
    "accepted": ("any", TO_REVIEW),
    "claimed": ("any", (*TO_REVIEW, CLAIM)),
    "reviewed": ("any", TO_DECISION),
    "sent back": ("any", (*TO_DECISION, _home("send-back", "decider", 0.4, reason="演示：请补充核查意见"))),
    "site check": (
        "permit",
        (
            *TO_REVIEW,
            _home(
                "record-site-check", "reviewer", 3.0, officers=["reviewer", "reviewer2"], result="演示：与申请材料一致"
            ),
        ),
    ),
    "special procedure": (
        "permit",
        (
            *TO_REVIEW,
            _home("start-special-procedure", "reviewer", 1.0, kind="expert_review", basis="演示依据", days=10),
        ),
    ),
    "special procedure ended": (
        "permit",
        (
            *TO_REVIEW,
            _home("start-special-procedure", "reviewer", 1.0, kind="testing", basis="演示依据", days=5),
            _home("end-special-procedure", "reviewer", 7.0, result="演示：合格"),
        ),
    ),
    "extended": (
        "permit",
        (
            *TO_REVIEW,
            _home("request-extension", "reviewer", 5.0, reason="演示：情况复杂"),
            _home("approve-extension", "decider", 0.5),
        ),
    ),
    "granted": ("certificate", (*TO_DECISION, GRANT)),
    "refused": ("any", (*TO_REVIEW, DOUBT, REFUSE)),
    "ready": ("certificate", TO_RESULT),
    "posted": ("certificate", (*TO_RESULT, POST)),
    "post returned": ("certificate", (*TO_RESULT, POST, _window("report-post", 4.0, outcome="returned"))),
    "post lost": ("certificate", (*TO_RESULT, POST, _window("report-post", 6.0, outcome="lost"))),
    "printed": (
        "certificate",
        (
            *TO_RESULT,
            _window("print-copy", 0.1, kind="正本", copy_no=1),
            _window("report-print", 0.1, kind="正本", copy_no=1, outcome="printed", seal=True),
        ),
    ),
    "annulled": (
        "certificate",
        (*TO_RESULT, HAND_OVER, _home("annul", "decider", 1.0, ground="deception", basis="演示依据")),
    ),
    "collected": ("certificate", (*TO_RESULT, HAND_OVER)),
    "withdrawn": ("any", (FORWARD, RECEIVE, _window("withdraw", 0.5, reason="演示：申请人撤回"))),
    "terminated": ("any", (*TO_REVIEW, _home("terminate", "decider", 2.0, reason="演示：终止"))),
    "archived": (
        "any",
        (
            FORWARD,
            RECEIVE,
            _window("withdraw", 0.5, reason="演示：申请人撤回"),
            _home("archive", "intake", 3.0, note="演示：电子归档"),
        ),
    ),
}
"""Name -> kind of matter and what happens."""

"""The table of states and commands: who may do what, when, and by which rule.

Each edge names the side and the roles that may take it, the states it starts from, the procedures it is for and its
legal source. What an act records and does to the clocks stands in ``catalogue.domain.acts``; this table is the one
place that says whether it may be done at all.

Sources: 行政许可法 (XKF), 市场主体登记管理条例 (DJTL) and its 实施细则 (DJXZ), 国办发〔2020〕35号.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import field

from catalogue.domain.case import Case
from catalogue.domain.people import Actor, Role
from catalogue.domain.registry.model import Matter
from catalogue.domain.value import Value

WINDOW = frozenset({Role.WINDOW_CLERK, Role.WINDOW_HEAD})
INTAKE = frozenset({Role.HOME_INTAKE})
REVIEW = frozenset({Role.REVIEWER})
DECIDE = frozenset({Role.DECIDER})
DESK = INTAKE | REVIEW | DECIDE

PROCEDURES = frozenset({"permit", "registration", "filing", "service"})

BEFORE_DECISION = frozenset(
    {
        "received",
        "unroutable",
        "forwarded",
        "bounced",
        "home_received",
        "correction_notice",
        "accepted",
        "under_review",
        "special",
    }
)

UNDELIVERED = frozenset({"decided_grant", "decided_refuse", "cert_ready", "mail_returned", "mail_lost"})

CERTIFIED = frozenset({"cert_ready", "posted", "mail_returned", "mail_lost", "collected", "closed", "archived"})

WITH_DOCUMENTS = BEFORE_DECISION | UNDELIVERED | {
    "posted", "collected", "closed", "returned_at_window", "returned", "not_supplied", "not_accepted", "terminated",
}  # fmt: skip
"""States in which a document may still have to be served 送达."""

AFTER_FORWARDING = frozenset(
    {
        "forwarded",
        "home_received",
        "correction_notice",
        "accepted",
        "under_review",
        "special",
        "decided_grant",
        "decided_refuse",
        "cert_ready",
        "posted",
        "mail_returned",
        "mail_lost",
    }
)
"""Open states in which both windows have to do with the case."""

AT_HOME = frozenset({"home_received", "correction_notice", "accepted", "under_review", "special"})


class Edge(Value, frozen=True):
    """One command as the workflow allows it.

    ``side``: accepting, home, collecting (the accepting window or the one chosen for collection), both (accepting or
    home), partner (the old registrar of a relocation), superior (an authority above the home office) or any.
    """

    command: str
    states: frozenset[str]
    side: str
    roles: frozenset[Role]
    source: str
    procedures: frozenset[str] = field(default=PROCEDURES)


def _edge(
    command: str,
    states: str | frozenset[str],
    side: str,
    roles: frozenset[Role],
    source: str,
    procedures: str | None = None,
) -> Edge:
    return Edge(
        command,
        frozenset(states.split()) if isinstance(states, str) else states,
        side,
        roles,
        source,
        frozenset(procedures.split()) if procedures else PROCEDURES,
    )


EDGES: tuple[Edge, ...] = (
    # The accepting window: receives and sends on; its powers end where the home region's begin (35号: 收受分离).
    _edge("forward", "received", "accepting", WINDOW, "国办发〔2020〕35号"),
    _edge("recall", "forwarded", "accepting", WINDOW, "35号: 问题处理"),
    _edge("return-at-window", "received bounced unroutable", "accepting", WINDOW, "优化营商环境条例 §36"),
    _edge("reroute", "received bounced unroutable", "accepting", WINDOW, "35号: 问题处理"),
    _edge(
        "supply-correction", "correction_notice", "collecting", WINDOW | INTAKE, "XKF §32(5)", "permit filing service"
    ),
    # The home region's intake: receives, asks once, accepts or declines.
    _edge("bounce", "forwarded home_received", "home", INTAKE, "XKF §32(2)"),
    _edge("receive-at-home", "forwarded", "home", INTAKE, "35号: 属地受理"),
    _edge("request-correction", "home_received", "home", INTAKE, "XKF §32(4)", "permit filing service"),
    _edge(
        "close-unsupplied",
        "correction_notice",
        "home",
        INTAKE | DECIDE,
        "practice: 补正不来办结",
        "permit filing service",
    ),
    _edge(
        "return-for-resubmission",
        "home_received accepted under_review",
        "home",
        INTAKE | REVIEW,
        "DJTL §19, DJXZ §18",
        "registration",
    ),
    _edge("accept", "home_received", "home", INTAKE, "XKF §32(5); DJTL §19"),
    # 授权受理: only where the home region delegates acceptance, which ``allowed`` checks beside the table.
    _edge("accept", "received", "accepting", WINDOW, "35号: 授权受理"),
    _edge("decline-acceptance", "home_received", "home", INTAKE, "XKF §32(1)(2)"),
    # Work on an accepted case.
    _edge("claim", "home_received accepted under_review", "home", DESK, "house rule"),
    _edge("release", "home_received accepted under_review special", "home", DESK, "house rule"),
    _edge("assign", "home_received accepted under_review special", "home", DESK, "house rule"),
    _edge("review", "accepted under_review", "home", REVIEW, "XKF §34; DJTL §19"),
    _edge("send-back", "under_review", "home", DECIDE, "house rule: 退回审查"),
    _edge("record-site-check", "accepted under_review", "home", REVIEW, "XKF §34"),
    _edge("start-special-procedure", "accepted under_review", "home", REVIEW | DECIDE, "XKF §45", "permit"),
    _edge("end-special-procedure", "special", "home", REVIEW | DECIDE, "XKF §45", "permit"),
    _edge(
        "request-extension",
        "home_received accepted under_review",
        "home",
        INTAKE | REVIEW,
        "XKF §42; DJTL §19",
        "permit registration",
    ),
    _edge(
        "approve-extension",
        "home_received accepted under_review",
        "home",
        DECIDE,
        "XKF §42; DJTL §19",
        "permit registration",
    ),
    _edge("decide-at-once", "home_received accepted", "home", DECIDE | INTAKE, "XKF §34(2); DJTL §19 当场登记"),
    _edge("grant", "under_review", "home", DECIDE, "XKF §38"),
    _edge("refuse", "under_review", "home", DECIDE, "XKF §38; DJXZ §19"),
    _edge("terminate", AT_HOME, "home", DECIDE, "practice: 终止办理"),
    # The registrar's own system of record, and its result brought back.
    _edge("record-external", AT_HOME | {"decided_grant", "cert_ready"}, "home", DESK, "house rule: 业务办理系统"),
    _edge("attach-result", "home_received accepted under_review", "home", DESK, "house rule: 业务办理系统"),
    # Relocation: the old registrar hands the file over, which is no consent.
    _edge("request-file", "home_received accepted under_review", "home", INTAKE | REVIEW, "DJTL §27"),
    _edge("send-file", AFTER_FORWARDING, "partner", DESK, "DJTL §27"),
    _edge("receive-file", AFTER_FORWARDING, "home", INTAKE | REVIEW, "DJTL §27"),
    # What passes between the two windows: originals by courier, and words.
    _edge("send-papers", AFTER_FORWARDING, "both", WINDOW | DESK, "practice: 材料交接"),
    _edge("receive-papers", AFTER_FORWARDING, "both", WINDOW | DESK, "practice: 材料交接"),
    _edge("message", AFTER_FORWARDING | {"bounced"}, "both", WINDOW | DESK, "house rule: 办件沟通"),
    # The way back.
    _edge("make-certificate", "decided_grant mail_lost", "home", DESK, "XKF §39, §44"),
    _edge("hand-over", "cert_ready decided_refuse mail_returned", "collecting", WINDOW, "XKF §44; 35号: 异地送达"),
    _edge(
        "link-signature",
        "cert_ready decided_refuse mail_returned collected closed",
        "collecting",
        WINDOW,
        "practice: 送达回证",
    ),
    _edge("post", "cert_ready decided_refuse mail_returned", "collecting", WINDOW, "XKF §44"),
    _edge("report-post", "posted", "collecting", WINDOW, "practice: 寄送结果"),
    _edge(
        "record-claim",
        "mail_lost cert_ready posted mail_returned collected closed",
        "collecting",
        WINDOW | DESK,
        "practice: 邮件丢失索赔",
    ),
    # Copies: the window prints what the home region has decided, while it stands.
    _edge("print-copy", "cert_ready mail_returned collected closed", "collecting", WINDOW | DESK, "35号: 异地送达"),
    _edge("report-print", "cert_ready mail_returned collected closed", "collecting", WINDOW | DESK, "house rule"),
    _edge("void-copy", CERTIFIED, "collecting", WINDOW | DESK, "house rule: 作废"),
    _edge("record-voidance", BEFORE_DECISION | UNDELIVERED, "any", WINDOW | DESK, "DJXZ §23"),
    _edge("rectify-certificate", "cert_ready mail_returned collected closed", "home", DESK, "house rule: 更正证照"),
    # Delivery, service and what follows.
    _edge("change-delivery", BEFORE_DECISION | UNDELIVERED, "collecting", WINDOW | INTAKE, "XKF §44"),
    _edge("serve", WITH_DOCUMENTS, "any", WINDOW | DESK, "XKF §32, §38: 送达"),
    _edge(
        "archive",
        "closed returned_at_window returned not_supplied not_accepted withdrawn terminated",
        "home",
        INTAKE | DECIDE,
        "在线政务规定 §12; DJXZ 档案",
    ),
    # Exits of a certificate: the authority that granted decides; penalties of others are recorded.
    _edge("annul", CERTIFIED, "home", DECIDE, "XKF §69; DJXZ §52-54"),
    _edge("annul", CERTIFIED, "superior", DECIDE, "XKF §69: 上级行政机关"),
    *(
        _edge(command, CERTIFIED, side, DECIDE, source, "permit")
        for side in ("home", "superior")
        for command, source in (
            ("propose-annulment", "XKF §69; SAMR16 §44"),
            ("record-statement", "SAMR16 §44"),
            ("extend-annulment", "SAMR16 §45"),
            ("drop-annulment", "SAMR16 §45"),
        )
    ),
    _edge("open-inquiry", CERTIFIED, "home", DECIDE, "DJXZ §52", "registration"),
    _edge("extend-annulment", CERTIFIED, "home", DECIDE, "DJXZ §53", "registration"),
    _edge("drop-annulment", CERTIFIED, "home", DECIDE, "DJXZ §54", "registration"),
    _edge("withdraw-permit", CERTIFIED, "home", DECIDE, "XKF §8", "permit"),
    _edge("cancel", CERTIFIED, "home", DECIDE, "XKF §70"),
    _edge("record-penalty", CERTIFIED, "home", DECIDE | INTAKE, "吊销、暂扣由处罚决定，此处只登记"),
    # The applicant's own act, taken down at the window or at the home desk.
    _edge("withdraw", BEFORE_DECISION, "any", WINDOW | INTAKE, "practice: 撤回申请"),
    # Mending and remarks.
    _edge("correct-entry", "received bounced unroutable", "accepting", WINDOW, "house rule: 更正录入"),
    _edge(
        "correct-entry",
        BEFORE_DECISION - {"received", "bounced", "unroutable"},
        "any",
        WINDOW | DESK,
        "house rule: 更正录入",
    ),
    _edge("supply-deferred", BEFORE_DECISION, "any", WINDOW | INTAKE, "容缺受理"),
    _edge(
        "check-pledge",
        "accepted under_review special decided_grant cert_ready posted mail_returned mail_lost collected closed",
        "home",
        DESK,
        "告知承诺: 事后核查",
    ),
    _edge(
        "note",
        BEFORE_DECISION | {"decided_grant", "decided_refuse", "cert_ready", "posted", "mail_returned", "mail_lost"},
        "any",
        WINDOW | DESK | {Role.SUPERVISOR},
        "house rule",
    ),
)

COMMANDS = frozenset(edge.command for edge in EDGES)

_BY_STATE: dict[str, tuple[Edge, ...]] = {
    state: tuple(edge for edge in EDGES if state in edge.states) for state in {s for edge in EDGES for s in edge.states}
}


def states_for(command: str) -> frozenset[str]:
    """The states in which a command may be given by anybody at all."""
    return frozenset().union(*(edge.states for edge in EDGES if edge.command == command))


def _on_side(edge: Edge, case: Case, actor: Actor) -> bool:
    """Whether the actor's office stands where the edge wants it."""
    home = actor.office == case.home_office
    accepting = actor.office == case.accepting_office
    if edge.side == "home":
        return home
    if edge.side == "accepting":
        return accepting
    if edge.side == "collecting":
        return accepting or actor.office == case.delivery_office or (home and actor.roles.isdisjoint(WINDOW))
    if edge.side == "both":
        return accepting or home
    if edge.side == "superior":
        return actor.office in case.superiors
    if edge.side == "partner":
        return actor.office == case.partner_office
    in_region = Role.SUPERVISOR in actor.roles and actor.region in (case.accepting_region, case.home_region)
    return home or accepting or in_region


def _deliverable(case: Case, matter: Matter) -> bool:
    return case.certificate_status in (None, "valid")


def _certificate_stands(case: Case, matter: Matter) -> bool:
    return case.certificate_status == "valid"


def _certificate_may_end(case: Case, matter: Matter) -> bool:
    return case.certificate_status in ("valid", "suspended")


def _advised(case: Case, matter: Matter) -> bool:
    return case.advice is not None


_CONDITIONS: dict[str, Callable[[Case, Matter], bool]] = {
    "decide-at-once": lambda case, matter: matter.on_the_spot,
    "make-certificate": lambda case, matter: bool(matter.certificates),
    "approve-extension": lambda case, matter: case.extension == "requested",
    "request-extension": lambda case, matter: (
        case.extension == "none" and case.statutory_by is not None and bool(case.limits.extension_days)
    ),
    "supply-deferred": lambda case, matter: bool(case.deferred),
    "check-pledge": lambda case, matter: bool(case.pledged),
    "grant": _advised,
    "refuse": _advised,
    "send-back": _advised,
    "release": lambda case, matter: case.claimed_by is not None,
    "record-claim": lambda case, matter: case.losses > 0 or case.state == "mail_lost",
    "hand-over": _deliverable,
    "link-signature": lambda case, matter: bool(case.unsigned),
    "post": _deliverable,
    "print-copy": _certificate_stands,
    "report-print": _certificate_stands,
    "rectify-certificate": _certificate_stands,
    "void-copy": lambda case, matter: any(copy.status != "void" for copy in case.copies),
    "record-voidance": lambda case, matter: any(not old.received and not old.voided for old in case.old_licences),
    "request-file": lambda case, matter: (
        case.transfer is None and "joint" in (case.mode, matter.mode, matter.fallback_mode)
    ),
    "send-file": lambda case, matter: case.transfer is not None and case.transfer.sent_on is None,
    "receive-file": lambda case, matter: (
        case.transfer is not None and case.transfer.sent_on is not None and case.transfer.received_on is None
    ),
    "annul": _certificate_may_end,
    "propose-annulment": lambda case, matter: case.annulment is None and _certificate_may_end(case, matter),
    "open-inquiry": lambda case, matter: case.annulment is None and _certificate_may_end(case, matter),
    "record-statement": lambda case, matter: case.annulment is not None and not case.annulment.heard,
    "extend-annulment": lambda case, matter: case.annulment is not None and not case.annulment.extended,
    "drop-annulment": lambda case, matter: case.annulment is not None,
    "withdraw-permit": _certificate_may_end,
    "record-penalty": _certificate_may_end,
    "cancel": lambda case, matter: case.certificate_status in ("valid", "suspended", "expired"),
}
"""What the table cannot say by state and procedure alone."""


def _fits(edge: Edge, case: Case, matter: Matter) -> bool:
    if edge.command == "accept" and edge.side == "accepting":
        return case.acceptance == "delegated" and case.accepted_on is None
    condition = _CONDITIONS.get(edge.command)
    return condition is None or condition(case, matter)


def state_allows(case: Case, matter: Matter) -> frozenset[str]:
    """Every command the state allows somebody; what a 409 lists."""
    return frozenset(
        edge.command
        for edge in _BY_STATE.get(case.state, ())
        if case.procedure in edge.procedures and _fits(edge, case, matter)
    )


def permitted(case: Case, matter: Matter, actor: Actor) -> tuple[str, ...]:
    """The commands that role and office give this actor now, in the order of the table."""
    commands = dict.fromkeys(
        edge.command
        for edge in _BY_STATE.get(case.state, ())
        if case.procedure in edge.procedures
        and not actor.roles.isdisjoint(edge.roles)
        and _on_side(edge, case, actor)
        and _fits(edge, case, matter)
    )
    return tuple(commands)


def barred(command: str, case: Case, matter: Matter, actor: Actor) -> str | None:
    """The rule that keeps this very person from a command their office may give; None where none does."""
    if command in ("claim", "release", "review") and case.claimed_by not in (None, actor.id, actor.acting_for):
        return "claimed-by-another"
    if command == "claim" and case.claimed_by == actor.id:
        return "claimed-already"
    reviewers = {case.reviewed_by, case.reviewed_for} - {None}
    if (
        command in ("grant", "refuse")
        and matter.separate_decider
        and not reviewers.isdisjoint({actor.id, actor.acting_for})
    ):
        return "separate-decider"
    if command == "attach-result" and case.record == "here" and not actor.has(Role.DECIDER):
        # What is decided here is decided by those who may; an import is clerks' work only where another system decides.
        return "decided-here"
    return None


def allowed(case: Case, matter: Matter, actor: Actor) -> tuple[str, ...]:
    """The commands this actor may give now, in the order of the table."""
    return tuple(command for command in permitted(case, matter, actor) if barred(command, case, matter, actor) is None)


def queue_of(case: Case) -> str | None:
    """The one queue a case waits in, None when nobody has to act."""
    if case.state == "under_review":
        return "to_review" if case.advice is None else "to_decide"
    if case.state in AFTER and case.pledged:
        return "to_check"
    if case.annulment is not None and case.state not in _QUEUES:
        return "to_annul"
    if case.state in AFTER and case.claim is not None:
        return "to_claim"
    return _QUEUES.get(case.state)


AFTER = frozenset({"collected", "closed"})
"""Where nobody has to act any more, unless a commitment is still to be checked, a permit may be annulled or a claim on
a carrier is open."""

_QUEUES = {
    "received": "to_forward",
    "bounced": "misrouted",
    "unroutable": "unroutable",
    "forwarded": "to_receive",
    "home_received": "to_accept",
    "correction_notice": "waiting_applicant",
    "accepted": "to_review",
    "special": "to_review",
    "decided_grant": "to_make",
    "decided_refuse": "to_hand_over",
    "cert_ready": "to_hand_over",
    "mail_returned": "to_hand_over",
    "mail_lost": "to_make",
    "posted": "to_hand_over",
}

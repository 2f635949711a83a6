"""The way to an annulment 撤销 of a permit: told and heard first, decided within its days.

行政许可法 §69: the authority that decided or its superior may annul. 市场监管总局令第16号 §44: the holder is told of
facts, reasons and grounds, and has five days for statement and defence, else they are waived (K9); §45: decided within
sixty days of finding the fault, twenty more once by the head (K8). A registration is inquired into at somebody's
request (K7, 登记管理条例实施细则 §52 to §54): made public for forty-five days, settled within three months, three more
once. Its suspension for a dispute or a lawsuit is not kept here.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from catalogue.domain import clocks
from catalogue.domain.acts.base import Acts, Body, Circumstances, Draft, home_calendar, reason, rule
from catalogue.domain.case import Annulment, Case
from catalogue.domain.people import Actor
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import canonical


def organ(case: Case, actor: Actor) -> dict[str, str]:
    """Whose decision it is, where it is not the home authority's: the superior's own series numbers it."""
    return {} if actor.office == case.home_office else {"organ": actor.office}


def _day(case: Case, body: Body, given: Circumstances, field: str, message: Text) -> date:
    """The day a way to an annulment is reckoned from, today where none is stated. Raises InvalidInput for one before
    the decision or after today."""
    day = date.fromisoformat(body.get(field) or given.today.isoformat())
    if day > given.today or (case.decided_on is not None and day < case.decided_on):
        raise InvalidInput(errors=(Fault(field, "impossible-day", message),))
    return day


def _propose(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    message = Text("发现日期应在决定之后、今天或以前", "The fault is found after the decision and not after today")
    found_on = _day(case, body, given, "found_on", message)
    clear: dict[str, Any] = {
        "certificate": case.certificate_id,
        "ground": canonical("annulment_grounds", body["ground"]) or "other",
        **clocks.annulment_clock(home_calendar(given), found_on, given.today),
        **organ(case, actor),
    }
    return (Draft("annulment_proposed", clear, dict(body)),)


def _open_inquiry(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    message = Text("申请日期应在登记之后、今天或以前", "It is asked for after the decision and not after today")
    requested_on = _day(case, body, given, "requested_on", message)
    clear: dict[str, Any] = {
        "certificate": case.certificate_id,
        **clocks.inquiry_clock(home_calendar(given), requested_on, given.today),
    }
    return (Draft("inquiry_opened", clear, dict(body)),)


def _open(case: Case, actor: Actor) -> Annulment:
    if case.annulment is None:
        raise rule("没有拟撤销的事项", "No annulment is being considered", "no-annulment")
    if case.annulment.office != actor.office:
        raise rule("由提出拟撤销的机关办理", "It is for the authority that began it", "another-authority")
    return case.annulment


def _record_statement(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    open_ = _open(case, actor)
    if body["waived"] and given.today <= open_.hear_until and not body.get("statement"):
        raise rule(
            f"陈述申辩期到 {open_.hear_until}，期满未提出才视为放弃；当事人明确放弃的请写明",
            f"The holder may speak until {open_.hear_until}; write down an express waiver, else wait",
            "hearing-period",
        )
    return (Draft("statement_recorded", {"waived": bool(body["waived"])}, reason(body)),)


def _extend(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    open_ = _open(case, actor)
    if open_.extended:
        raise rule("只能延长一次", "It is extended once only", "extended-already")
    if case.procedure == "registration":
        longer = clocks.months_later(open_.decide_by, clocks.INQUIRE_MONTHS)
    else:
        longer = open_.decide_by + timedelta(days=clocks.EXTEND_ANNULMENT_DAYS)
    return (Draft("annulment_extended", {"decide_by": longer.isoformat()}, reason(body)),)


def _drop(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    _open(case, actor)
    return (Draft("annulment_dropped", {}, reason(body)),)


def may_annul(case: Case, actor: Actor, given: Circumstances) -> None:
    """Where the holder was told, he is heard first. Raises RuleForbids."""
    if case.annulment is None:
        return
    open_ = _open(case, actor)
    if case.procedure == "registration":
        if given.today <= open_.hear_until:
            raise rule(
                f"公示到 {open_.hear_until}，期满才能决定",
                f"The inquiry is public until {open_.hear_until}; it is decided afterwards",
                "public-notice",
            )
        return
    if not open_.heard and given.today <= open_.hear_until:
        raise rule(
            f"陈述申辩期到 {open_.hear_until}，期满或者登记陈述申辩后才能决定",
            f"The holder is heard until {open_.hear_until}: wait, or record what was said",
            "hearing-period",
        )


ACTS: Acts = {
    "propose-annulment": _propose,
    "open-inquiry": _open_inquiry,
    "record-statement": _record_statement,
    "extend-annulment": _extend,
    "drop-annulment": _drop,
}

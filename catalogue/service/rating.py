"""Rate 评价: by the applicant with number and code or by link, once and one follow-up; by default when nobody did.

Ratings stand beside the case and not among its events: an officer who works on a case must not read in its history
how he was rated, nor by whom. Heads of window, supervisors and auditors see them, the rated officer never his own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalogue.domain import ratings
from catalogue.domain.case import Case
from catalogue.domain.days import local_day, local_time
from catalogue.domain.people import Actor, Role, Sight
from catalogue.domain.problems import CalendarExhausted, Fault, InvalidInput, NotAllowed, RuleForbids, StateForbids
from catalogue.domain.ratings import BAD, DEFAULT, DEFAULT_DAYS, DEFAULT_LEVEL, FIRST, FOLLOW_UP, Rated
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label
from catalogue.service.bodies import RateBody, body_of
from catalogue.service.house import House
from catalogue.service.ports import Database, Rating, Work
from catalogue.service.views import calendar_of, seen

MOST = 200
SEES_RATINGS = frozenset({Role.WINDOW_HEAD, Role.SUPERVISOR, Role.AUDITOR})


def rate(work: Work, house: House, case: Case, raw: Any, channel: str) -> list[Rating]:
    """The applicant's rating of a case that number and code, or its link, have opened.

    Raises InvalidInput (a bad rating without a reason), StateForbids (too early), RuleForbids (rated already).
    """
    given = body_of(RateBody, raw)
    if not ratings.may_be_rated(case):
        raise StateForbids(
            Text("办结以后才能评价", "A case is rated once it has ended"), extra={"state": case.state, "allowed": []}
        )
    events = tuple(work.cases.events(case.reference, unseal=False))
    there = work.ratings.of_case(case.reference)
    nth = FOLLOW_UP if given.get("follow_up") else FIRST
    if nth == FOLLOW_UP and not any(one.nth == FIRST for one in there):
        raise RuleForbids(
            Text("还没有评价过，不能追评", "Nothing to follow up: rate first"), extra={"rule": "not-rated"}
        )
    made = []
    for one in ratings.rated(case, events):
        level = given.get(one.target) or given.get("level")
        if level is not None:
            made.append(_rating(house, case, one, nth, level, given, channel))
    if not made:
        message = Text("请选择满意度", "Choose a level")
        raise InvalidInput(errors=(Fault("level", "missing", message),))
    if any(one.level in BAD for one in made) and not (given.get("reasons") or given.get("text")):
        message = Text("不满意的请勾选或写明原因，便于整改", "A bad rating needs a reason, ticked or in words")
        raise InvalidInput(errors=(Fault("reasons", "missing", message),))
    for rating in made:
        work.ratings.add(rating)
    work.ratings.no_longer(case.reference)
    return made


def _rating(
    house: House, case: Case, one: Rated, nth: int, level: str, given: Mapping[str, Any], channel: str
) -> Rating:
    return Rating(
        reference=case.reference,
        target=one.target,
        nth=nth,
        level=level,
        channel=given.get("channel") or channel,
        office=one.office,
        officer=one.officer,
        at=house.clock.now(),
        reasons=tuple(given.get("reasons", ())),
        text=given.get("text"),
        # No limit of Yunnan's for handling a bad rating was found: none is invented.
        follow="open" if level in BAD else None,
    )


def expect_rating(work: Work, house: House, before: Case, after: Case) -> None:
    """A case that was just handed over may be rated for five working days; then it counts by default."""
    if before.closed_on is not None or after.closed_on is None or after.state != "collected":
        return
    calendar = calendar_of(house, after)
    if calendar is None:
        return
    try:
        until = calendar.add(after.closed_on, DEFAULT_DAYS).date
    except CalendarExhausted:
        # A hand-over does not fail for want of a calendar; without a day nothing counts by default.
        return
    work.ratings.expect(after.reference, until)


def rate_by_default(database: Database, house: House) -> int:
    """基本满意 for every case whose day has passed without a rating, marked as the system's default."""
    today = local_day(house.clock.now())

    def default(work: Work, reference: str) -> int:
        work.ratings.no_longer(reference)
        case = work.cases.load(reference, Sight("all"))
        if case is None or work.ratings.of_case(reference):
            return 0
        events = tuple(work.cases.events(reference, unseal=False))
        for one in ratings.rated(case, events):
            work.ratings.add(_rating(house, case, one, DEFAULT, DEFAULT_LEVEL, {}, "system_default"))
        return 1

    due = database.read(lambda work: work.ratings.expected(today, MOST)).result()
    return sum(database.write(lambda work, r=reference: default(work, r)).result() for reference in due)  # type: ignore[misc]


def ratings_seen(work: Work, house: House, actor: Actor) -> list[Rating]:
    """The ratings of the actor's office (a supervisor: region; an auditor: all), never one's own. Raises NotAllowed."""
    if actor.roles.isdisjoint(SEES_RATINGS):
        raise NotAllowed(
            Text("评价只供窗口负责人、监察员和审计员查看", "Ratings are for heads, supervisors and auditors")
        )
    offices = house.in_force().registry.offices
    if actor.has(Role.AUDITOR):
        theirs = list(offices)
    elif actor.has(Role.SUPERVISOR):
        theirs = [office.id for office in offices.values() if office.region == actor.region]
    else:
        theirs = [actor.office]
    return [one for one in work.ratings.of_offices(theirs, MOST) if one.officer != actor.id]


def follow_up(work: Work, house: House, actor: Actor, reference: str, target: str, nth: int, reply: str) -> None:
    """What was done about a bad rating 差评回访整改.

    A rating of the own office is followed up also where the case itself is out of sight, as after a hand-over for
    another region. Raises NotFound (a case out of sight first of all), NotAllowed, InvalidInput.
    """
    known = {(one.reference, one.target, one.nth) for one in ratings_seen(work, house, actor)}
    if (reference, target, nth) not in known:
        seen(work, actor, reference)
        raise NotAllowed
    if actor.has(Role.AUDITOR):
        raise NotAllowed
    if not reply.strip():
        message = Text("请写明回访和整改情况", "Say what was done")
        raise InvalidInput(errors=(Fault("reply", "missing", message),))
    work.ratings.reply(reference, target, nth, reply.strip()[:4000], actor.id)


def rating_json(house: House, one: Rating, *, confidential: bool = False) -> dict[str, Any]:
    """A rating. ``confidential`` adds what the rater wrote, for those who follow up."""
    office = house.in_force().registry.offices.get(one.office)
    told = {
        "reference": one.reference,
        "target": one.target,
        "nth": one.nth,
        "level": one.level,
        "label": label("satisfaction", one.level).as_json(),
        "codes": {"gbt_39046": ratings.GBT_39046[one.level], "reporting": ratings.REPORTING[one.level]},
        "channel": one.channel,
        "default": one.nth == DEFAULT,
        "office": {"id": one.office, "name": office.name.as_json() if office else None},
        "at": local_time(one.at),
    }
    if confidential:
        told["reporting_channel"] = ratings.REPORTING_CHANNELS[one.channel]
        told["reasons"] = list(one.reasons)
        told["text"] = one.text
        limit = None if one.limit_on is None else one.limit_on.isoformat()
        told["follow_up"] = {"state": one.follow, "owner": one.office, "limit": limit, "reply": one.reply}
    return told


def rating_state(there: Sequence[Rating], case: Case) -> str:
    """What the applicant may do: early, rate, follow_up or done."""
    if not ratings.may_be_rated(case):
        return "early"
    numbers = {one.nth for one in there}
    return "done" if FOLLOW_UP in numbers else "follow_up" if FIRST in numbers else "rate"

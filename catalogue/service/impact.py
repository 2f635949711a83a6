"""Which open cases a change of the registry touches: shown before it is published.

A case keeps the revision it was received under; nothing here changes one. What may follow is a bulk re-route of cases
that their new office has not received yet (``service.moving``), the move of a closed office's cases to its successor,
and new dates where a calendar changed (``service.recounting``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from catalogue.domain.case import Case
from catalogue.domain.days import local_day
from catalogue.domain.problems import Fault, InvalidInput, Problem
from catalogue.domain.recount import Moved, moved_dates
from catalogue.domain.registry.diff import Change
from catalogue.domain.registry.revision import Revision
from catalogue.domain.registry.sketch import Sketch
from catalogue.domain.routecard import Route
from catalogue.domain.routing import route
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.house import House
from catalogue.service.ports import Work
from catalogue.service.removals import removed_in_use

LOOKED_AT = 3000
"""Open cases that are routed anew for a preview; what is beyond is said to be."""
SHOWN = 50
NOT_RECEIVED = frozenset({"received", "unroutable", "bounced", "forwarded"})
"""States in which no deciding office has the papers yet."""


class Rerouted(Value, frozen=True):
    """A case that the new rules would send elsewhere; ``movable`` while no office has received it."""

    reference: str
    matter: str
    state: str
    before: str | None
    after: str | None
    movable: bool
    refused: bool = False
    """Whether the office it would go to has refused it before."""


class Touched(Value, frozen=True):
    """What a change means for open cases."""

    concerned: int
    """Open cases of the matters, or at the offices, that change; they go on by the revision they pin."""
    looked_at: int
    rerouted: tuple[Rerouted, ...]
    succeeded: tuple[tuple[str, str, int], ...]
    """(closed office, its successor, open cases that move)."""
    dates: tuple[Moved, ...]
    """Dates that new calendars move."""
    past: tuple[Moved, ...]
    """Those that would lie in the past: such a calendar is refused."""
    in_use: tuple[Fault, ...] = ()
    """Offices that it leaves out although cases or accounts refer to them: refused likewise."""


def touched(work: Work, house: House, sketch: Sketch, changes: Iterable[Change]) -> Touched:
    """What publishing that draft would mean for open cases."""
    matters, regions = _concerned(sketch, changes)
    succeeded = tuple(
        (office.id, office.successor, work.open_cases.count(office=office.id))
        for office in sketch.registry.offices.values()
        if office.successor is not None
        and (sketch.base.registry.offices.get(office.id) is None or _open_before(sketch, office.id))
    )
    concerned = work.open_cases.count(matters=matters) if matters else 0
    rerouted: list[Rerouted] = []
    looked_at = 0
    trial = sketch.trial()
    today = local_day(house.clock.now())
    for case in _cases(work, matters, regions):
        looked_at += 1
        found = elsewhere(house, trial, case, today)
        if found is not None:
            rerouted.append(found)
        if looked_at >= LOOKED_AT:
            break
    dates = tuple(_dates(work, house, sketch, today))
    return Touched(
        max(concerned, looked_at), looked_at, tuple(rerouted), succeeded, dates,
        tuple(moved for moved in dates if moved.after < today <= moved.before),
        tuple(removed_in_use(work, sketch.base.registry, sketch.registry)),
    )  # fmt: skip


def _open_before(sketch: Sketch, office: str) -> bool:
    return sketch.base.registry.offices[office].successor is None


def _concerned(sketch: Sketch, changes: Iterable[Change]) -> tuple[set[str], set[str]]:
    matters, regions = set(), set()
    for change in changes:
        if change.part == "matter" and change.kind == "changed":
            matters.add(change.id)
        elif change.part == "overlay":
            matters.add(change.id.partition("/")[2])
        elif change.part in ("office", "jurisdiction", "division", "region"):
            regions |= {
                region.id for region in sketch.registry.regions.values() if f"regions/{region.id}" in sketch.edits
            }
    return matters, regions


def _cases(work: Work, matters: set[str], regions: set[str]) -> Iterator[Case]:
    seen: set[str] = set()
    if matters:
        for case in pages(work, matters=matters):
            seen.add(case.reference)
            yield case
    for region in sorted(regions):
        for case in pages(work, region=region):
            if case.reference not in seen:
                seen.add(case.reference)
                yield case


def pages(
    work: Work, *, matters: set[str] | None = None, office: str | None = None, region: str | None = None
) -> Iterator[Case]:
    """Every open case, read a page at a time."""
    after = ""
    while True:
        found = work.open_cases.walk(matters=matters, office=office, region=region, after=after)
        yield from found
        if len(found) < 200:
            return
        after = found[-1].reference


def elsewhere(house: House, revision: Revision, case: Case, today: date) -> Rerouted | None:
    """The case where that revision sends it to another office; None where it does not, or where it is decided."""
    if case.decided_on is not None or case.matter not in revision.registry.matters:
        return None
    try:
        found = route(revision, house.handlers, case.matter, case.place, case.particulars, today)
    except Problem:
        return None
    after = found.office.id if isinstance(found, Route) else None
    if after == case.home_office or after is None:
        return None
    return Rerouted(
        case.reference, case.matter, case.state, case.home_office, after, case.state in NOT_RECEIVED,
        after in case.refused_offices,
    )  # fmt: skip


def _dates(work: Work, house: House, sketch: Sketch, today: date) -> Iterator[Moved]:
    changed = {
        id
        for id, calendar in sketch.calendars.items()
        if (before := sketch.base.calendars.get(id)) is None or before.is_other_than(calendar)
    }
    if not changed:
        return
    for region in sketch.registry.regions.values():
        if region.calendar in changed:
            calendar = sketch.calendars[region.calendar]
            for case in pages(work, region=region.id):
                yield from moved_dates(case, calendar)


def refuse_past(work: Work, house: House, sketch: Sketch) -> None:
    """A calendar that moves a date of an open case from today or later into the past is refused, naming each.

    Raises InvalidInput.
    """
    today = local_day(house.clock.now())
    past = [moved for moved in _dates(work, house, sketch, today) if moved.after < today <= moved.before]
    if past:
        raise InvalidInput(
            Text(
                f"新日历会使 {len(past)} 个期限提前到过去，不能发布；请核对放假和上班的日期",
                f"The new calendar would move {len(past)} dates into the past; check its days off and worked days",
            ),
            errors=tuple(
                Fault(
                    moved.reference, "date-in-the-past",
                    Text(f"由 {moved.before} 变为 {moved.after}", f"from {moved.before} to {moved.after}"),
                )
                for moved in past[:SHOWN]
            ),
        )  # fmt: skip

"""Which open cases a change of the registry touches: shown before it is published.

A case keeps the revision it was received under; nothing here changes one. What may follow is a bulk re-route of cases
that their new office has not received yet (``service.moving``), the move of a closed office's cases to its successor,
and new dates where a calendar changed (``service.recounting``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case
from catalogue.domain.days import local_day
from catalogue.domain.problems import Fault, InvalidInput, Problem
from catalogue.domain.reassign import successor
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
"""Open cases that one page of a preview routes and counts anew; the next page goes on after them."""
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
    succeeds: bool = False
    """Whether it goes there without anybody's doing, because its office is closed in favour of that one."""


class Touched(Value, frozen=True):
    """What a change means for open cases, as far as one page of a preview looks."""

    concerned: int
    """Open cases of the matters, offices or calendars that change; they go on by the revision they pin."""
    looked_at: int
    """As many of them were routed and counted anew for this page."""
    rerouted: tuple[Rerouted, ...]
    succeeded: tuple[tuple[str, str, int], ...]
    """(closed office, its successor, open cases that move)."""
    dates: tuple[Moved, ...]
    """Dates that new calendars move."""
    past: tuple[Moved, ...]
    """Those that would lie in the past: such a calendar is refused."""
    in_use: tuple[Fault, ...] = ()
    """Offices and divisions that it leaves out although cases or accounts refer to them: refused likewise."""
    next: str = ""
    """The case after which the next page begins; empty where this was the last."""


def touched(work: Work, house: House, sketch: Sketch, changes: Iterable[Change], after: str = "") -> Touched:
    """What publishing that draft would mean for open cases, from the case after ``after`` on."""
    matters, regions = _concerned(sketch, changes)
    dated = _dated(sketch)
    succeeded = tuple(
        (office.id, office.successor, work.open_cases.count(office=office.id))
        for office in sketch.registry.offices.values()
        if office.successor is not None
        and (sketch.base.registry.offices.get(office.id) is None or _open_before(sketch, office.id))
    )
    rerouted: list[Rerouted] = []
    dates: list[Moved] = []
    looked_at, last, more = 0, "", False
    trial = sketch.trial()
    today = local_day(house.clock.now())
    routes = Routes(house, trial, today)
    concerned = 0
    if matters or regions or dated:
        concerned = work.open_cases.count(matters=matters, regions={*regions, *dated})
        for case in pages(work, matters=matters, regions={*regions, *dated}, after=after):
            if looked_at == LOOKED_AT:
                more = True
                break
            looked_at, last = looked_at + 1, case.reference
            if case.matter in matters or case.home_region in regions:
                found = routes.elsewhere(case)
                rerouted += [] if found is None else [found]
            if case.home_region in dated:
                dates += moved_dates(case, dated[case.home_region])
    return Touched(
        concerned, looked_at, tuple(rerouted), succeeded, tuple(dates),
        tuple(moved for moved in dates if moved.after < today <= moved.before),
        tuple(removed_in_use(work, sketch.base.registry, sketch.registry)), last if more else "",
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


def pages(
    work: Work,
    *,
    matters: set[str] | None = None,
    regions: set[str] | None = None,
    states: frozenset[str] | None = None,
    after: str = "",
) -> Iterator[Case]:
    """Every open case of those matters or home regions by reference, read a page at a time; all where none is named."""
    while True:
        found = work.open_cases.walk(matters=matters, regions=regions, states=states, after=after)
        yield from found
        if len(found) < 200:
            return
        after = found[-1].reference


class Routes:
    """Where a revision sends cases. Those of one matter, place and particulars are routed once."""

    def __init__(self, house: House, revision: Revision, today: date) -> None:
        self._house, self._revision, self._today = house, revision, today
        self._known: dict[object, str | None] = {}

    def elsewhere(self, case: Case) -> Rerouted | None:
        """The case where it goes to another office; None where it does not, or where it is decided."""
        if case.decided_on is not None or case.matter not in self._revision.registry.matters:
            return None
        key = (case.matter, case.place, tuple(sorted(case.particulars.items())))
        if key not in self._known:
            self._known[key] = self._office(case)
        after = self._known[key]
        if after == case.home_office or after is None:
            return None
        heir = successor(self._revision.registry, case.home_office)
        succeeds = heir is not None and heir.id == after
        return Rerouted(
            case.reference, case.matter, case.state, case.home_office, after,
            case.state in NOT_RECEIVED and not succeeds, after in case.refused_offices, succeeds,
        )  # fmt: skip

    def _office(self, case: Case) -> str | None:
        try:
            found = route(self._revision, self._house.handlers, case.matter, case.place, case.particulars, self._today)
        except Problem:
            return None
        return found.office.id if isinstance(found, Route) else None


def _dated(sketch: Sketch) -> dict[str, Calendar]:
    """The cities whose calendar counts otherwise than before, with it."""
    changed = {
        id
        for id, calendar in sketch.calendars.items()
        if (before := sketch.base.calendars.get(id)) is None or before.is_other_than(calendar)
    }
    return {
        region.id: sketch.calendars[region.calendar]
        for region in sketch.registry.regions.values()
        if region.calendar in changed
    }


def _dates(work: Work, sketch: Sketch) -> Iterator[Moved]:
    dated = _dated(sketch)
    if dated:
        for case in pages(work, regions={*dated}):
            if case.home_region in dated:
                yield from moved_dates(case, dated[case.home_region])


def refuse_past(work: Work, house: House, sketch: Sketch) -> None:
    """A calendar that moves a date of an open case from today or later into the past is refused, naming each.

    Raises InvalidInput.
    """
    today = local_day(house.clock.now())
    past = [moved for moved in _dates(work, sketch) if moved.after < today <= moved.before]
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

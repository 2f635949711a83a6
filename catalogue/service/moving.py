"""Move cases 批量改派: after a change of rules an administrator sends waiting cases to the office that now decides.

Only cases that no deciding office has received are moved so. A preview names them, a reason is recorded with each, and
the move can be taken back as long as the new office has not acted on the case. What moved because an office was closed
(``service.settling``) is recorded and taken back in the same way.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace

from catalogue.domain.acts.base import Draft
from catalogue.domain.case import Case, Event
from catalogue.domain.days import local_day
from catalogue.domain.folding import follow
from catalogue.domain.people import SYSTEM, Actor, Role, Sight
from catalogue.domain.problems import Fault, InvalidInput, NotAllowed, NotFound, Problem, RuleForbids
from catalogue.domain.reassign import WAITING, by_new_rules, is_untouched, returns_to, sides, taken_back, why_it_stays
from catalogue.domain.registry.revision import Revision
from catalogue.domain.routecard import Route
from catalogue.domain.routing import route
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.handling import messages
from catalogue.service.house import House
from catalogue.service.impact import LOOKED_AT, Rerouted, Routes, pages
from catalogue.service.ports import Change, Move, MovedCase, Work
from catalogue.service.views import projection
from catalogue.service.withdraw import reason_of

LOOKS = frozenset({Role.REGISTRY_PUBLISHER, Role.REGISTRY_EDITOR, Role.AUDITOR})
"""Who may look at moves."""
LARGEST = 500
"""Cases of one move."""
LISTED = 100
"""Cases of one page of the preview."""
EVERYWHERE = Sight("all")
"""A move is of the registry, not of a case's content: it reads clear parts alone, whatever office a case is at."""


class Preview(Value, frozen=True):
    """A page of the cases that may be moved; ``next`` is the case after which the next page begins, or empty."""

    rows: tuple[Rerouted, ...]
    looked_at: int
    next: str


def preview(work: Work, house: House, after: str = "") -> Preview:
    """The waiting cases that the rules in force send to another office than they are at, a page at a time."""
    routes = Routes(house, house.in_force(), local_day(house.clock.now()))
    found: list[Rerouted] = []
    looked_at, last = 0, ""
    for case in pages(work, states=WAITING, after=after):
        if looked_at == LOOKED_AT or len(found) == LISTED:
            return Preview(tuple(found), looked_at, last)
        looked_at, last = looked_at + 1, case.reference
        one = routes.elsewhere(case)
        found += [] if one is None else [one]
    return Preview(tuple(found), looked_at, "")


def move(
    work: Work,
    house: House,
    actor: Actor,
    references: Iterable[str],
    reason: str | None,
    return_reason: str | None = None,
) -> Move:
    """Send those cases to the office of the rules in force. What has moved on meanwhile is left where it is.

    ``return_reason``: why cases go to an office that has refused them; without it none does. Raises NotAllowed,
    InvalidInput (no reason, or none for those that return), RuleForbids (none of them can be moved).
    """
    _may_move(actor)
    why = reason_of(reason)
    now = house.clock.now()
    revision = house.in_force(now)
    id = _move_id()
    moved: list[MovedCase] = []
    returning: list[str] = []
    for reference in list(dict.fromkeys(references))[:LARGEST]:
        case = work.cases.load(reference, EVERYWHERE)
        if case is None or case.state not in WAITING:
            continue
        try:
            found = route(revision, house.handlers, case.matter, case.place, case.particulars, local_day(now))
        except Problem:
            continue
        if not isinstance(found, Route) or found.office.id == case.home_office:
            continue
        returns = found.office.id in case.refused_offices
        if returns and not (return_reason or "").strip():
            returning.append(reference)
            continue
        calendar = revision.calendars[found.calendar]
        waits = house.channel(found.region, found.handler) != "desk" or (
            case.home_region is not None and case.handler is not None
            and house.channel(case.home_region, case.handler) != "desk"
        )  # fmt: skip
        draft = by_new_rules(case, found, revision.number, calendar, id, waits=waits)
        said = {"reason": f"{why}；{reason_of(return_reason)}" if returns else why}
        clear = {**draft.clear, "returns_to_refuser": returns}
        after = _write(work, house, actor, case, replace(draft, clear=clear, sealed=said))
        moved.append(MovedCase(reference, after.seq, case.home_office, after.home_office))
    if returning:
        raise InvalidInput(errors=(Fault("return_reason", "returns-to-refuser", _returning(returning)),))
    if not moved:
        raise RuleForbids(
            Text("没有可以改派的办件，请刷新后再看", "None of these can be moved now; look again"),
            extra={"rule": "nothing-to-move"},
        )
    made = Move(id, now, actor.id, why, revision.number)
    work.moves.add(made, moved)
    work.access.administered(actor.id, "cases-moved", id, now)
    return made


def _returning(references: list[str]) -> Text:
    shown = "、".join(references[:5])
    return Text(
        f"{len(references)} 件将转到曾退回它的机关（{shown}），须写明为何再转去，或不勾选",
        f"{len(references)} would return to an office that refused them ({shown}): say why, or untick them",
    )


def undo(work: Work, house: House, actor: Actor, move_id: str) -> tuple[int, int]:
    """Take a move back where the new office has not acted; answers how many were and how many were not.

    No case goes back to an office that is closed by the rules in force: an older revision is published first.
    Raises NotAllowed, NotFound, RuleForbids where nothing is left to undo.
    """
    _may_move(actor)
    made = work.moves.get(move_id)
    if made is None:
        raise NotFound(Text("没有这次改派", "There is no such move"))
    now = house.clock.now()
    closed = _closed(house)
    back, kept, shut = [], 0, False
    for one in work.moves.cases(move_id):
        if one.undone:
            continue
        case = work.cases.load(one.reference, EVERYWHERE)
        made_by = None if case is None else untouched(work, case, one)
        if case is None or made_by is None or returns_to(made_by) & closed:
            shut |= made_by is not None
            kept += 1
            continue
        _write(work, house, actor, case, taken_back(made_by, move_id))
        back.append(one.reference)
    if not back and shut:
        raise RuleForbids(
            Text(
                "原机关按现行清单已撤销，不能撤回；请先把较早的版本再次发布，使其恢复",
                "By the rules in force the former office is closed; publish an older revision again first",
            ),
            extra={"rule": "office-closed"},
        )
    if not back:
        raise RuleForbids(
            Text(
                "没有还能撤回的件：承接机关已办理，或此后又改派过。仍须原机关办的，由现在的机关退回转办，再由窗口改派",
                "None can be taken back: the new offices have acted, or they were moved again. What the former office "
                "must do is returned by the present one and re-routed by the window",
            ),
            extra={"rule": "office-has-acted"},
        )
    work.moves.undone(move_id, back, now, actor.id, whole=kept == 0)
    work.access.administered(actor.id, "move-undone", move_id, now)
    return len(back), kept


def untouched(work: Work, case: Case, moved: MovedCase) -> Event | None:
    """The event that moved a case where the office it went to has not acted since; None where it has."""
    events = [event for event in work.cases.events(case.reference, unseal=False) if event.seq >= moved.seq]
    return events[0] if events and is_untouched(case, events[0], events[1:]) else None


class Standing(Value, frozen=True):
    """How a moved case stands: what was moved, and whether it can be taken back.

    ``why``: taken-back, can-go-back, office-closed, office-acted, moved-again or went-on.
    """

    moved: MovedCase
    sides: tuple[tuple[str, str | None, str | None], ...]
    why: str


def standings(work: Work, house: House, moved: Sequence[MovedCase]) -> list[Standing]:
    """How those cases stand, read together."""
    references = [one.reference for one in moved]
    cases = {case.reference: case for case in work.open_cases.several(references)}
    histories = work.open_cases.histories(references)
    closed = _closed(house)
    return [_standing(one, cases.get(one.reference), histories.get(one.reference, ()), closed) for one in moved]


def _standing(
    moved: MovedCase, case: Case | None, history: Sequence[Event], closed: frozenset[str]
) -> Standing:  # fmt: skip
    events = [event for event in history if event.seq >= moved.seq]
    if case is None or not events:
        return Standing(moved, (("home", moved.from_office, moved.to_office),), "went-on")
    made, *later = events
    why = why_it_stays(case, made, later)
    if moved.undone:
        why = "taken-back"
    elif why is None:
        why = "office-closed" if returns_to(made) & closed else "can-go-back"
    return Standing(moved, sides(made), why)


def _closed(house: House) -> frozenset[str]:
    """The offices that are closed by the rules in force."""
    offices = house.in_force(house.clock.now()).registry.offices
    return frozenset(office.id for office in offices.values() if office.successor is not None)


class Succession:
    """The record of the cases that move because offices were closed by a revision: one move for each 500 of them."""

    def __init__(self, revision: Revision) -> None:
        self._revision = revision.number
        self._id, self._count = _move_id(), 0

    def record(self, work: Work, house: House, before: Case, after: Case) -> None:
        """Write a case down in the unit of work that moved it; ``kept`` follows once that is done."""
        moved = MovedCase(before.reference, before.seq + 1, *_sides(before, after))
        if self._count:
            work.moves.more(self._id, (moved,))
            return
        reason = f"第 {self._revision} 版撤并机关 / Offices closed by revision {self._revision}"
        work.moves.add(Move(self._id, house.clock.now(), SYSTEM, reason, self._revision), (moved,))

    def kept(self) -> None:
        """The case is written down."""
        self._count += 1
        if self._count == LARGEST:
            self._id, self._count = _move_id(), 0


def _move_id() -> str:
    return f"m{secrets.token_hex(6)}"


def _sides(before: Case, after: Case) -> tuple[str | None, str | None]:
    """(from, to) of the first side that changed its office: home, accepting, delivery."""
    sides = (
        (before.home_office, after.home_office),
        (before.accepting_office, after.accepting_office),
        (before.delivery_office, after.delivery_office),
    )
    return next(side for side in sides if side[0] != side[1])


def _write(work: Work, house: House, actor: Actor, case: Case, draft: Draft) -> Case:
    after, event = follow(
        case, draft.type, house.clock.now(), actor.id, actor.office, draft.clear, draft.sealed
    )  # fmt: skip
    work.cases.append(
        Change(case, after, (event,), projection(after), messages=messages(house, case, (event,)))
    )  # fmt: skip
    return after


def _may_move(actor: Actor) -> None:
    if not actor.has(Role.REGISTRY_PUBLISHER):
        raise NotAllowed(Text("批量改派由清单发布岗办理", "Publishers of the registry move cases"))

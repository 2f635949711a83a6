"""Re-routing many cases at once 批量重新转办, after a rule of the registry has changed: looked at first, then done.

Only cases that the home region has not received yet move: those at the window, unroutable, bounced or on their way. A
case that an office has received stays there; it was received under the revision it pins. Nothing returns by a bulk
act to an office that has refused it: that needs a person's own reason on that case (``reroute``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.domain.acts.window import ACTS
from catalogue.domain.case import Case
from catalogue.domain.days import local_day
from catalogue.domain.people import Account, Actor, Sight
from catalogue.domain.problems import Problem, RuleForbids, StaleRead
from catalogue.domain.registry.revision import Revision
from catalogue.domain.routing import Outside, Route, route
from catalogue.domain.text import Text
from catalogue.service.handling import circumstances, messages, record
from catalogue.service.house import House
from catalogue.service.ports import CaseQuery, Change, Database, Work
from catalogue.service.sign_in import actor_of
from catalogue.service.views import etag, projection

QUEUES = ("unroutable", "misrouted", "to_forward", "to_receive")
"""Where cases wait that no home region has received."""
MOVABLE = frozenset({"received", "unroutable", "bounced", "forwarded"})
PAGE = 200
ALL = Sight("all")


@dataclass(frozen=True, slots=True)
class Move:
    """What a rule would do to one open case.

    ``outcome``: moves, or why it does not: outside, unroutable, missing (the rule asks for a particular the case
    lacks), refused (it would return to an office that refused it).
    """

    reference: str
    etag: str
    state: str
    matter: str
    accepting_office: str
    from_region: str | None
    from_office: str | None
    to_region: str | None
    to_office: str | None
    outcome: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one move. ``problem`` is the code of why not."""

    reference: str
    done: bool
    problem: str | None = None
    detail: Text | None = None


def preview(work: Work, house: House, revision: Revision | None = None) -> tuple[Move, ...]:
    """Every open case that a revision (the one in force where none is given) would lead elsewhere. Nothing is changed.

    Cases that stay where they are do not appear.
    """
    ruled = revision or house.in_force()
    return tuple(move for case in _movable(work) if (move := _move(house, case, ruled)) is not None)


def reroute_all(
    database: Database, house: House, account: Account, moves: Iterable[Move], reason: str
) -> Sequence[Moved]:
    """Do what the preview showed, each case in a unit of work of its own, under the revision in force now.

    A case that changed since the preview, or would now go elsewhere than shown, is left and said so.
    """
    done = []
    for move in moves:
        if move.outcome != "moves":
            done.append(Moved(move.reference, False, move.outcome, move.reason))
            continue
        try:
            database.write(lambda work, one=move: reroute_one(work, house, account, one, reason)).result()  # type: ignore[misc]
        except Problem as problem:
            done.append(Moved(move.reference, False, problem.code, problem.detail))
        else:
            done.append(Moved(move.reference, True))
    return done


def reroute_one(work: Work, house: House, account: Account, move: Move, reason: str) -> Case:
    """Re-route one case as shown, and send it on where it was on its way already. Raises StaleRead, RuleForbids."""
    if not reason.strip():
        raise RuleForbids(Text("请写明理由", "State the reason"), extra={"rule": "reason-required"})
    case = work.cases.load(move.reference, ALL)
    if case is None or etag(case) != move.etag or case.state not in MOVABLE:
        raise StaleRead(extra={"state": None if case is None else case.state})
    shown = _move(house, case, house.in_force())
    if shown is None or (shown.outcome, shown.to_office) != ("moves", move.to_office):
        raise RuleForbids(
            Text("规则已变化，去向与预览不符，请重新预览", "The rules changed since the preview; look again"),
            extra={"rule": "preview-outdated"},
        )
    actor = actor_of(account)
    before, events = case, []
    for command in ("recall", "reroute", "forward") if case.state == "forwarded" else ("reroute",):
        case, told = _step(work, house, case, command, actor, {"reason": reason})
        events += told
    change = Change(before, case, tuple(events), projection(case), messages=messages(house, before, events))
    work.cases.append(change)
    return case


def _step(work: Work, house: House, case: Case, command: str, actor: Actor, body: dict[str, Any]) -> tuple[Case, Any]:
    matter = house.revision(case.revision).registry.matters[case.matter]
    given = circumstances(work, house, actor, case, matter)
    return record(case, ACTS[command](case, body, actor, given), actor, given)


def _movable(work: Work) -> Iterable[Case]:
    for queue in QUEUES:
        cursor = None
        while True:
            page = work.cases.page(CaseQuery(queue=queue, cursor=cursor, limit=PAGE), ALL)
            for line in page.lines:
                case = work.cases.load(line.reference, ALL)
                if case is not None and case.state in MOVABLE:
                    yield case
            cursor = page.next_cursor
            if cursor is None:
                break


def _move(house: House, case: Case, ruled: Revision) -> Move | None:
    """What that revision would do to the case; None where it stays."""
    region = office = None
    try:
        found = route(ruled, house.handlers, case.matter, case.place, case.particulars, local_day(house.clock.now()))
    except Problem as problem:
        outcome, reason = "missing", problem.detail
    else:
        if isinstance(found, Route):
            region, office = found.region, found.office.id
            if office == case.home_office:
                return None
            outcome, reason = "moves", Text("按新规则改由该机关办理", "The rule now leads to that office")
            if office in case.refused_offices:
                outcome = "refused"
                reason = Text(
                    "该机关曾退回此件，须逐件写明理由转办", "That office has refused this case: re-route it singly"
                )
        elif isinstance(found, Outside):
            outcome, reason = "outside", found.reason
        else:
            if case.home_office is None:
                return None
            outcome, reason = "unroutable", found.reason
    return Move(
        case.reference, etag(case), case.state, case.matter, case.accepting_office, case.home_region, case.home_office,
        region, office, outcome, reason,
    )  # fmt: skip

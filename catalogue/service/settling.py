"""Settle what a new revision means for open cases: dates by a new calendar, cases of closed offices to successors.

A job does it once for each revision as it comes into force, each case in a unit of work of its own; it can be broken
off and begun again, because a case that is settled has nothing left to settle.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.domain.acts.base import Draft
from catalogue.domain.case import Case
from catalogue.domain.problems import Problem, StaleRead
from catalogue.domain.reassign import to_successors
from catalogue.domain.recount import recount
from catalogue.domain.registry.revision import Revision
from catalogue.service.house import House
from catalogue.service.moving import Succession
from catalogue.service.ports import Database, Work

MARK = "settled"
PAGE = 200


def settle(database: Database, house: House) -> int:
    """Settle the revision in force; answers how many cases changed. Nothing is done where it was settled already."""
    # Imported here: the jobs import this module.
    from catalogue.service.jobs import write_system

    try:
        revision = house.in_force()
    except Problem:
        return 0
    mark = database.read(lambda work: work.marks.get(MARK)).result()
    if mark == str(revision.number):
        return 0
    changed, whole, after = 0, True, ""
    succession = Succession(revision)

    def write(work: Work, case: Case, drafts: Sequence[Draft]) -> None:
        written = write_system(work, house, case, drafts)
        if _is_succession(drafts):
            succession.record(work, house, case, written)

    # The first revision of a house has no cases before it.
    first = mark is None and revision.number == 1
    while not first:
        cases = database.read(lambda work, after=after: _page(work, after)).result()  # type: ignore[misc]
        for case in cases:
            drafts = due(case, revision)
            if not drafts:
                continue
            try:
                database.write(lambda work, case=case, drafts=drafts: write(work, case, drafts)).result()  # type: ignore[misc]
                changed += 1
                if _is_succession(drafts):
                    succession.kept()
            except StaleRead:
                whole = False
        if len(cases) < PAGE:
            break
        after = cases[-1].reference
    if whole:
        database.write(lambda work: work.marks.set(MARK, str(revision.number))).result()
    return changed


def _is_succession(drafts: Sequence[Draft]) -> bool:
    return "succession" in drafts[0].clear


def _page(work: Work, after: str) -> Sequence[Case]:
    return work.open_cases.walk(after=after, limit=PAGE)


def due(case: Case, revision: Revision) -> tuple[Draft, ...]:
    """What that revision means for a case."""
    drafts = to_successors(case, revision.registry, revision.number)
    calendar = revision.calendars.get(case.calendar or "")
    return drafts if calendar is None else (*drafts, *recount(case, calendar, revision.number))

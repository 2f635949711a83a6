"""The desk 工作台: a case as an officer works on it, its neighbours in a queue, saved filters."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalogue.domain.case import Case, Event
from catalogue.domain.days import local_day
from catalogue.domain.documents import Document, documents_of
from catalogue.domain.people import HOME_ROLES, Account, Actor, Role, sight
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.documents import may_see
from catalogue.service.handling import unmask
from catalogue.service.house import House
from catalogue.service.papers import shown_to
from catalogue.service.ports import CaseLine, CaseQuery, CheckedChain, KeptAnswer, SavedFilter, StoredFile, Work
from catalogue.service.views import etag, full_case_json, reach_of, seen

QUEUES_OF: Mapping[Role, tuple[str, ...]] = {
    Role.WINDOW_CLERK: ("to_forward", "misrouted", "unroutable", "to_hand_over", "waiting_applicant", "to_claim"),
    Role.WINDOW_HEAD: ("to_forward", "misrouted", "unroutable", "to_hand_over", "waiting_applicant", "to_claim"),
    Role.HOME_INTAKE: ("to_receive", "to_accept", "to_make", "waiting_applicant", "to_check"),
    Role.REVIEWER: ("to_review", "to_check"),
    Role.DECIDER: ("to_decide", "to_make", "to_annul"),
}
"""Role -> the queues it works off."""

NEIGHBOURS = 200
"""How far into a queue a case is looked for."""
MOST_FILTERS = 20
MOST_REFUSED = 20
"""Answers shown with a case; the rest stands with the administrators."""


def own_queues(actor: Actor) -> tuple[str, ...]:
    """The queues of the actor's roles, each once; none for those who only look."""
    return tuple(dict.fromkeys(queue for role, queues in QUEUES_OF.items() if actor.has(role) for queue in queues))


class DeskCase(Value, frozen=True):
    """One case with what its page needs, read in one unit of work. ``names``: account id -> user name."""

    case: Case
    events: tuple[Event, ...]
    body: dict[str, Any]
    etag: str
    files: tuple[StoredFile, ...]
    openers: Mapping[str, frozenset[str]]
    names: Mapping[str, str]
    colleagues: tuple[Account, ...]
    documents: tuple[Document, ...]
    """What its acts have made to be printed, as far as the account may see it."""
    refused: tuple[KeptAnswer, ...] = ()
    """Answers of the home region's own system that were not taken or wait, for its officers alone."""
    chain: CheckedChain | None = None
    """Whether the record holds, for those who decide by it and those who audit it."""


def desk_case(work: Work, house: House, actor: Actor, reference: str, reason: str | None = None) -> DeskCase:
    """The case masked, or in clear where a ``reason`` is given, which is logged. Raises NotFound, NotAllowed."""
    case = seen(work, actor, reference)
    events = tuple(work.cases.events(reference, unseal=True))
    reach = reach_of(case, actor)
    if reason is None:
        body = full_case_json(house, case, events, actor, local_day(house.clock.now()), reach=reach)
    else:
        body, _ = unmask(work, house, actor, reference, {"reason": reason})
    whole = reach == "full"
    return DeskCase(
        case,
        events,
        body,
        etag(case),
        tuple(file for file in work.files.list(reference) if shown_to(file, reach)),
        work.files.openers(reference) if whole else {},
        names_of(work, _accounts(case, events)),
        tuple(work.accounts.colleagues(actor.office)),
        tuple(one for one in documents_of(case, events, demo=house.demo) if may_see(one, reach)),
        _refused(work, actor, case),
        work.audit.check(reference, house.clock.now()) if whole and actor.has(*HOME_ROLES, Role.AUDITOR) else None,
    )


def _refused(work: Work, actor: Actor, case: Case) -> tuple[KeptAnswer, ...]:
    """Never what another city's system said of the case: that is settled between it and the administrators."""
    if case.home_region != actor.region or actor.roles.isdisjoint(HOME_ROLES):
        return ()
    return tuple(work.answers.listed(region=case.home_region, reference=case.reference, limit=MOST_REFUSED))


def _accounts(case: Case, events: Iterable[Event]) -> set[str]:
    found = {case.claimed_by, case.reviewed_by, case.reviewed_for, case.decided_by}
    for event in events:
        found |= {event.actor, event.clear.get("acting_for"), event.clear.get("to")}
        found |= set(event.clear.get("officers", ()))
    return {account for account in found if account}


def names_of(work: Work, accounts: Iterable[str]) -> dict[str, str]:
    """Account id -> user name, for those that are accounts."""
    found = {account: work.accounts.get(account) for account in set(accounts)}
    return {account: held.username for account, held in found.items() if held is not None}


class Neighbours(Value, frozen=True):
    """Where a case stands in a queue: ``place`` from 1, None where it is not among the first of it."""

    place: int | None
    of: int
    more: bool
    before: str | None
    after: str | None


def neighbours(work: Work, actor: Actor, query: CaseQuery, reference: str) -> Neighbours:
    """The cases before and after one in the order of a queue; after one that has left it, the first."""
    page = work.cases.page(replace(query, cursor=None, limit=NEIGHBOURS), sight(actor))
    listed = [line.reference for line in page.lines]
    more = page.next_cursor is not None
    if reference not in listed:
        return Neighbours(None, len(listed), more, None, listed[0] if listed else None)
    at = listed.index(reference)
    before = listed[at - 1] if at else None
    after = listed[at + 1] if at + 1 < len(listed) else None
    return Neighbours(at + 1, len(listed), more, before, after)


def claimed_names(work: Work, lines: Sequence[CaseLine] | Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Who has claimed the cases of a list."""
    claimed = {line["claimed_by"] if isinstance(line, Mapping) else line.claimed_by for line in lines}
    return names_of(work, (account for account in claimed if account))


def save_filter(work: Work, house: House, account: Account, name: str, query: str) -> SavedFilter:
    """Keep a list under a name. Raises InvalidInput without a name, and where there are too many."""
    name = " ".join(name.split())[:40]
    if not name:
        raise InvalidInput(errors=(Fault("name", "missing", Text("请给筛选起个名称", "Give the filter a name")),))
    if len(work.filters.list(account.id)) >= MOST_FILTERS:
        message = Text(f"最多保存 {MOST_FILTERS} 个筛选", f"At most {MOST_FILTERS} filters are kept")
        raise InvalidInput(errors=(Fault("name", "too-many", message),))
    saved = SavedFilter(f"s{secrets.token_hex(6)}", account.id, name, query, house.clock.now())
    work.filters.add(saved)
    return saved

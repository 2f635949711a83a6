"""List 办件列表: queues, search and counts, all under the one sight of the actor."""

from __future__ import annotations

from typing import Any

from catalogue.domain.days import local_day
from catalogue.domain.numbers import parse_reference
from catalogue.domain.people import Actor, sight
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS
from catalogue.service.house import House
from catalogue.service.ports import CaseQuery, Work
from catalogue.service.views import line_json

PAGE = 50
LARGEST_PAGE = 200


def query_of(
    *,
    queue: str | None,
    state: str | None,
    matter: str | None,
    region: str | None,
    q: str | None,
    cursor: str | None,
    limit: int | None,
    house: House,
    claimed_by: str | None = None,
    unclaimed: bool = False,
    turn: bool = False,
    named: tuple[str, ...] = (),
) -> CaseQuery:
    """A checked query; ``named``: the matters that ``q`` names. Raises InvalidInput for each unknown parameter."""
    faults = []
    if queue is not None and queue not in WORDS["queues"]:
        faults.append(Fault("queue", "unknown-queue", Text("没有这个队列", "No such queue")))
    if state is not None and state not in WORDS["states"]:
        faults.append(Fault("state", "unknown-state", Text("没有这个状态", "No such state")))
    if limit is not None and not 1 <= limit <= LARGEST_PAGE:
        faults.append(
            Fault("limit", "out-of-range", Text(f"每页1至{LARGEST_PAGE}条", f"A page holds 1 to {LARGEST_PAGE}"))
        )
    if faults:
        raise InvalidInput(errors=tuple(faults))
    today = local_day(house.clock.now())
    wanted = (q or "").strip()
    return CaseQuery(
        queue=None if queue in ("overdue", "late_delivery") else queue,
        state=state,
        matter=matter,
        region=region,
        q=parse_reference(wanted) or wanted or None,
        named=named,
        claimed_by=claimed_by,
        unclaimed=unclaimed,
        turn=turn,
        overdue_before=today if queue == "overdue" else None,
        late_before=today if queue == "late_delivery" else None,
        cursor=cursor or None,
        limit=limit or PAGE,
    )


def list_cases(work: Work, house: House, actor: Actor, query: CaseQuery) -> tuple[list[dict[str, Any]], str | None]:
    """A page of cases and the cursor of the next one."""
    page = work.cases.page(query, sight(actor))
    today = local_day(house.clock.now())
    matters = house.in_force().registry.matters
    lines = []
    for line in page.lines:
        matter = matters.get(line.matter)
        lines.append(line_json(line, matter.name.as_json() if matter else None, today))
    return lines, page.next_cursor


def count_queues(work: Work, house: House, actor: Actor, *, turn: bool = False) -> dict[str, int]:
    """Queue -> cases waiting, counted up to a cap; with ``turn`` only those the actor's side has to act in."""
    return dict(work.cases.counts(sight(actor), local_day(house.clock.now()), turn=turn))

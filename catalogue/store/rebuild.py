"""Rebuilding projections from events: what the rows of cases say must be what their events amount to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import select, update

from catalogue.domain.case import Event
from catalogue.domain.folding import fold
from catalogue.domain.value import Value
from catalogue.service.ports import Database
from catalogue.service.views import projection
from catalogue.store.codec import read_event, read_snapshot
from catalogue.store.database import stored
from catalogue.store.rows import case_row
from catalogue.store.tables import cases, events
from catalogue.store.work import StoredWork

_BATCH = 200


class Difference(Value, frozen=True):
    """One column of one case that is not what its events say; ``field`` is ``*`` where they cannot be read at all."""

    reference: str
    field: str
    stored: str | None
    rebuilt: str | None

    def __str__(self) -> str:
        return f"{self.reference} {self.field}: {self.stored} -> {self.rebuilt}"


def rebuild(database: Database, *, repair: bool = False) -> Iterator[Difference]:
    """Fold every case anew and yield where its row differs; ``repair`` writes what the events say.

    Runs beside the traffic: a case that moves meanwhile is compared as one statement saw it.
    """
    opened = stored(database)
    last: str | None = ""
    while last is not None:
        last, found = opened.read(partial(_compare, after=last)).result()
        for seq, row, differences in found:
            yield from differences
            if repair and row:
                opened.write(partial(_repair, reference=differences[0].reference, seq=seq, row=row)).result()


_Found = tuple[int, dict[str, Any], list[Difference]]


def _compare(work: StoredWork, after: str) -> tuple[str | None, list[_Found]]:
    batch = select(cases).where(cases.c.reference > after).order_by(cases.c.reference).limit(_BATCH).subquery()
    columns = (
        events.c.seq,
        events.c.type,
        events.c.at,
        events.c.actor,
        events.c.office,
        events.c.clear,
        events.c.sealed,
    )
    rows = work.session.connection.execute(
        select(batch, *(column.label(f"event_{column.name}") for column in columns))
        .outerjoin(events, events.c.reference == batch.c.reference)
        .order_by(batch.c.reference, events.c.seq)
    ).all()
    told: dict[str, tuple[Any, list[Event]]] = {}
    for row in rows:
        _, list_of = told.setdefault(row.reference, (row, []))
        if row.event_seq is not None:
            values = tuple(getattr(row, f"event_{column.name}") for column in columns)
            list_of.append(read_event(row.reference, values, None))
    found: list[_Found] = []
    for reference, (kept, list_of) in told.items():
        rebuilt, differences = _differences(reference, kept, list_of)
        if differences:
            found.append((kept.seq, rebuilt, differences))
    return (list(told)[-1] if len(told) == _BATCH else None), found


def _differences(reference: str, kept: Any, told: list[Event]) -> tuple[dict[str, Any], list[Difference]]:
    try:
        case = fold(reference, told)
    except (StopIteration, RuntimeError, LookupError, TypeError, ValueError) as error:
        return {}, [Difference(reference, "*", kept.state, f"{type(error).__name__}: the events cannot be read")]
    # ``at`` of the last event as stored is what the row was written with.
    row = case_row(case, projection(case), kept.changed_at)
    differences = [
        Difference(reference, name, _text(getattr(kept, name)), _text(value))
        for name, value in row.items()
        if name != "snapshot" and getattr(kept, name) != value
    ]
    try:
        same = read_snapshot(kept.snapshot) == case
    except ValueError:
        same = False
    if not same:
        differences.append(Difference(reference, "snapshot", kept.snapshot, row["snapshot"]))
    return row, differences


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _repair(work: StoredWork, reference: str, seq: int, row: dict[str, Any]) -> None:
    # Guarded by the row's own number: whoever moved the case meanwhile has written it anew.
    work.session.connection.execute(
        update(cases).where(cases.c.reference == reference, cases.c.seq == seq).values(**row)
    )

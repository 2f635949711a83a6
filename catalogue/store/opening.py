# ruff: noqa: S608 - statements are put together from constants; every value is a parameter
"""Writing a new case: one statement on PostgreSQL, one batch of prepared ones on SQLite.

A key in flight waits for its outcome: on PostgreSQL the conflict on the idempotency row waits for the other
transaction, on SQLite there is one writer. The outcome is then read by a statement of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from catalogue.domain.value import Value
from catalogue.service.ports import Opening, Outcome, ReferenceTaken, RevisionChanged
from catalogue.store.codec import GENESIS, EventRow, event_rows
from catalogue.store.finding import Found, found_by, insert_found
from catalogue.store.idempotency import INSERT_KEY, UPSERT_KEY, Outcomes
from catalogue.store.messages import MESSAGE_COLUMNS, message_rows
from catalogue.store.rows import CHANGING, case_row
from catalogue.store.sealing import new_data_key
from catalogue.store.session import Head, Retry, Session

_EVENT_COLUMNS = ("seq", "type", "at", "actor", "office", "clear", "sealed", "prev", "hash")

_CASTS = {"seq": "integer", "sequence": "integer", "sealed": "bytea", "prev": "bytea", "hash": "bytea", "body": "bytea"}

_CASE = ("reference", "head", "title", "label", "code_digest", *CHANGING)

_IN_FORCE = (
    "SELECT number FROM revisions WHERE withdrawn_at IS NULL AND effective_from <= {now} "
    "ORDER BY effective_from DESC, number DESC LIMIT 1"
)

_INTEGERS = frozenset({"seq", "open", "revision"})


class Sealed(Value, frozen=True):
    """A new case as it will be written: sealed, digested, chained."""

    opening: Opening
    values: dict[str, Any]
    events: list[EventRow]
    data_key: bytes
    found: Found


def seal_case(session: Session, outcomes: Outcomes, opening: Opening) -> Sealed:
    """Work out all rows of a new case."""
    case = opening.case
    data_key = new_data_key()
    key_id, wrapped = session.keyring.wrap(case.reference, data_key)
    events = event_rows(case.reference, data_key, GENESIS, opening.events)
    _, _, at, *_, head = events[-1]
    values: dict[str, Any] = {
        "reference": case.reference,
        "head": head,
        "title": opening.search.title,
        "label": opening.search.label,
        "code_digest": code_digest(session, case.reference, opening.query_code),
        "link": link_digest(session, opening.status_token),
        **case_row(case, opening.projection, at),
        "revision_in_force": opening.revision_in_force,
        "key_id": key_id,
        "wrapped": wrapped,
    }
    if opening.idempotency is not None:
        values |= outcomes.row(opening.idempotency, opening.outcome, case.reference, data_key)
    found = found_by(session.keyring, case.reference, opening.search)
    return Sealed(opening, values, events, data_key, found)


def open_case(session: Session, outcomes: Outcomes, sealed: Sealed) -> Outcome:
    """Write the case with its events, key, digests, title and messages, or answer as the same key was answered."""
    opening = sealed.opening
    write = _open_on_sqlite if session.sqlite else _open_on_postgresql
    in_force, taken, written = write(session, sealed)
    if written:
        case = opening.case
        session.heads[case.reference] = Head(case.seq, sealed.values["head"], sealed.data_key)
        return opening.outcome
    if opening.idempotency is not None and (stored := outcomes.get(opening.idempotency)) is not None:
        return stored
    if in_force != opening.revision_in_force:
        raise RevisionChanged
    if taken:
        raise ReferenceTaken
    raise Retry


def code_digest(session: Session, reference: str, query_code: str) -> bytes:
    """The keyed digest of a query code; bound to the case, so that equal codes have unequal digests."""
    return session.keyring.digest("query code", reference, query_code)


def link_digest(session: Session, token: str) -> bytes:
    """The keyed digest of the token of a QR link."""
    return session.keyring.digest("status link", token)


# --- PostgreSQL: one statement ----------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _statement(now: str, keyed: bool, events: int, messages: int) -> str:
    """The statement as text; made of constants alone, every value is a parameter."""
    permitted = (
        "(SELECT number FROM in_force) = CAST(:revision_in_force AS integer) AND NOT EXISTS (SELECT 1 FROM taken)"
    )
    columns = ", ".join(_CASE)
    marks = ", ".join(f"CAST(:{c} AS integer)" if c in _INTEGERS else _cast(c) for c in _CASE)
    parts = [
        f"in_force AS ({_IN_FORCE.format(now=now)})",
        "taken AS (SELECT 1 FROM cases WHERE reference = :reference)",
        f"claimed AS ({INSERT_KEY} "
        f"SELECT :account, :route, :key, :body_digest, :reference, CAST(:outcome AS bytea), :created_at "
        f"WHERE {permitted} {UPSERT_KEY} RETURNING 1)"
        if keyed
        else f"claimed AS (SELECT 1 WHERE {permitted})",
        f"opened AS (INSERT INTO cases ({columns}) SELECT {marks} FROM claimed)",
        event_part("claimed", events),
        "locked AS (INSERT INTO case_keys (reference, key_id, wrapped) "
        "SELECT :reference, :key_id, CAST(:wrapped AS bytea) FROM claimed)",
        "linked AS (INSERT INTO status_links (digest, reference) SELECT CAST(:link AS bytea), :reference FROM claimed)",
        "findable AS (INSERT INTO case_digests (month, digest, reference) "
        "SELECT CAST(:month AS integer), decode(d.hex, 'hex'), :reference FROM claimed, "
        "unnest(string_to_array(:found, ' ')) AS d (hex))",
        "titled AS (INSERT INTO case_titles (reference, folded, digests, grams) "
        "SELECT :reference, :folded, CAST(:digests AS bytea), array_to_tsvector(string_to_array(:grams, ' ')) "
        "FROM claimed)",
    ]
    if messages:
        parts += message_parts("claimed", messages)
    return (
        f"WITH {', '.join(parts)} "
        "SELECT (SELECT number FROM in_force), (SELECT count(*) FROM taken), (SELECT count(*) FROM claimed)"
    )


def _cast(column: str) -> str:
    return f"CAST(:{column} AS bytea)" if column in ("head", "code_digest") else f":{column}"


def _values(letter: str, columns: tuple[str, ...], count: int) -> str:
    """``count`` rows as a VALUES list. Not arrays: psycopg would quote each of their elements by itself."""
    rows = (
        ", ".join(f"CAST(:{letter}{n}_{column} AS {_CASTS.get(column, 'text')})" for column in columns)
        for n in range(count)
    )
    return f"(VALUES {', '.join(f'({row})' for row in rows)}) AS {letter} ({', '.join(columns)})"


def event_part(source: str, count: int) -> str:
    """The insert of new events as a member of a WITH, for the one row of ``source``."""
    columns = ", ".join(_EVENT_COLUMNS)
    return (
        f"told AS (INSERT INTO events (reference, {columns}) "
        f"SELECT :reference, e.* FROM {source}, {_values('e', _EVENT_COLUMNS, count)})"
    )


def message_parts(source: str, count: int) -> list[str]:
    """The two inserts of outbox messages as members of a WITH, for the one row of ``source``."""
    values = _values("m", MESSAGE_COLUMNS, count)
    return [
        f"posted AS (INSERT INTO outbox (reference, {', '.join(MESSAGE_COLUMNS)}) "
        f"SELECT :reference, m.* FROM {source}, {values})",
        f"named AS (INSERT INTO message_ids (id, reference) SELECT m.id, :reference FROM {source}, {values})",
    ]


def _numbered(letter: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    return {
        f"{letter}{n}_{column}": value for n, row in enumerate(rows) for column, value in zip(columns, row, strict=True)
    }


def event_values(events: list[EventRow]) -> dict[str, Any]:
    """The parameters of ``event_part``."""
    return _numbered("e", _EVENT_COLUMNS, events)


def message_values(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """The parameters of ``message_parts``."""
    return _numbered("m", MESSAGE_COLUMNS, rows)


def _open_on_postgresql(session: Session, sealed: Sealed) -> tuple[int | None, bool, bool]:
    opening, found = sealed.opening, sealed.found
    now, parameters = session.database_now()
    values = sealed.values | parameters | event_values(sealed.events)
    values |= {
        "month": found.month,
        "found": " ".join(digest.hex() for digest in found.digests),
        "digests": b"".join(found.digests),
        "folded": found.folded,
        "grams": found.grams,
    }
    values |= message_values(message_rows(opening.messages, sealed.data_key, session.now()))
    sql = _statement(now, opening.idempotency is not None, len(sealed.events), len(opening.messages))
    in_force, taken, written = session.raw(sql, values).fetchone()
    return in_force, bool(taken), bool(written)


# --- SQLite: a batch --------------------------------------------------------------------------------------------------

_INSERT_CASE = f"INSERT INTO cases ({', '.join(_CASE)}) VALUES ({', '.join(f':{c}' for c in _CASE)})"
_LOOK = f"SELECT ({_IN_FORCE.format(now=':now')}), EXISTS (SELECT 1 FROM cases WHERE reference = :reference)"
_CLAIM = (
    f"{INSERT_KEY} "
    "SELECT :account, :route, :key, :body_digest, :reference, :outcome, :created_at "
    f"WHERE ({_IN_FORCE.format(now=':created_at')}) = :revision_in_force "
    f"AND NOT EXISTS (SELECT 1 FROM cases WHERE reference = :reference) {UPSERT_KEY}"
)
"""Takes the key of a submission, only where its case may be written."""


def _open_on_sqlite(session: Session, sealed: Sealed) -> tuple[int | None, bool, bool]:
    opening, values = sealed.opening, sealed.values
    reference = opening.case.reference
    keyed = opening.idempotency is not None
    if not (keyed and session.raw(_CLAIM, values).rowcount):
        in_force, taken = session.raw(_LOOK, {"now": session.now(), "reference": reference}).fetchone()
        if keyed or in_force != opening.revision_in_force or taken:
            return in_force, bool(taken), False
    session.raw(_INSERT_CASE, values)
    insert_events(session, reference, sealed.events)
    session.raw("INSERT INTO case_keys (reference, key_id, wrapped) VALUES (:reference, :key_id, :wrapped)", values)
    session.later.add("INSERT INTO status_links (digest, reference) VALUES (?, ?)", [(values["link"], reference)])
    insert_found(session, reference, sealed.found)
    insert_messages(session, reference, message_rows(opening.messages, sealed.data_key, session.now()))
    return opening.revision_in_force, False, True


def insert_events(session: Session, reference: str, events: list[EventRow]) -> None:
    """New events, on SQLite."""
    session.raw_many(
        "INSERT INTO events (reference, seq, type, at, actor, office, clear, sealed, prev, hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(reference, *event) for event in events],
    )


def insert_messages(session: Session, reference: str, rows: list[tuple[Any, ...]]) -> None:
    """New outbox messages, on SQLite."""
    if not rows:
        return
    session.raw_many(
        f"INSERT INTO outbox (reference, {', '.join(MESSAGE_COLUMNS)}) "
        f"VALUES (?, {', '.join('?' for _ in MESSAGE_COLUMNS)})",
        [(reference, *row) for row in rows],
    )
    session.raw_many("INSERT INTO message_ids (id, reference) VALUES (?, ?)", [(row[0], reference) for row in rows])

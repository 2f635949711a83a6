# ruff: noqa: S608 - statements are put together from constants; every value is a parameter
"""Writing a new case: one statement on PostgreSQL, one batch of prepared ones on SQLite.

A key in flight waits for its outcome: on PostgreSQL the conflict on the idempotency row waits for the other
transaction, on SQLite there is one writer. The outcome is then read by a statement of its own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from catalogue.service.ports import Opening, Outcome, ReferenceTaken, RevisionChanged, SearchEntry
from catalogue.store import bigrams
from catalogue.store.codec import GENESIS, EventRow, event_rows, moment
from catalogue.store.idempotency import UPSERT_KEY, Outcomes
from catalogue.store.messages import MESSAGE_COLUMNS, message_rows
from catalogue.store.rows import CHANGING, case_row
from catalogue.store.sealing import new_data_key
from catalogue.store.session import Head, Retry, Session

_EVENT_COLUMNS = ("seq", "type", "at", "actor", "office", "clear", "sealed", "prev", "hash")

TELL = (
    f"told AS (INSERT INTO events (reference, {', '.join(_EVENT_COLUMNS)}) SELECT :reference, e.* FROM {{source}}, "
    "unnest(CAST(:e_seq AS integer[]), CAST(:e_type AS text[]), CAST(:e_at AS text[]), CAST(:e_actor AS text[]), "
    "CAST(:e_office AS text[]), CAST(:e_clear AS text[]), CAST(:e_sealed AS bytea[]), CAST(:e_prev AS bytea[]), "
    "CAST(:e_hash AS bytea[])) AS e)"
)
"""The insert of new events as a member of a WITH, for the one row of its source."""

_CASE = ("reference", "head", "title", "label", "code_digest", *CHANGING)

_IN_FORCE = (
    "SELECT number FROM revisions WHERE withdrawn_at IS NULL AND effective_from <= {now} "
    "ORDER BY effective_from DESC, number DESC LIMIT 1"
)

_INTEGERS = frozenset({"seq", "open", "revision"})


def open_case(session: Session, outcomes: Outcomes, opening: Opening) -> Outcome:
    """Write the case with its events, key, digests, title and messages, or answer as the same key was answered."""
    case = opening.case
    data_key = new_data_key()
    key_id, wrapped = session.keyring.wrap(case.reference, data_key)
    events = event_rows(case.reference, data_key, GENESIS, opening.events)
    head = events[-1][-1]
    values: dict[str, Any] = {
        "reference": case.reference,
        "head": head,
        "title": opening.search.title,
        "label": opening.search.label,
        "code_digest": code_digest(session, case.reference, opening.query_code),
        **case_row(case, opening.projection, moment(opening.events[-1].at)),
        "revision_in_force": opening.revision_in_force,
        "key_id": key_id,
        "wrapped": wrapped,
    }
    if opening.idempotency is not None:
        values |= outcomes.row(opening.idempotency, opening.outcome, case.reference, data_key)
    write = _open_on_sqlite if session.sqlite else _open_on_postgresql
    in_force, taken, written = write(session, opening, values, events, data_key)
    if written:
        session.heads[case.reference] = Head(case.seq, head, data_key)
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


def digest_rows(session: Session, search: SearchEntry) -> list[tuple[str, bytes]]:
    """(kind, keyed digest) of each personal identifier, each once."""
    return sorted({(kind, session.keyring.digest(f"find {kind}", value)) for kind, value in search.digests})


# --- PostgreSQL: one statement ----------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _statement(now: str, keyed: bool, titled: bool, messages: bool) -> str:
    """The statement as text; made of constants alone, every value is a parameter."""
    permitted = (
        "(SELECT number FROM in_force) = CAST(:revision_in_force AS integer) AND NOT EXISTS (SELECT 1 FROM taken)"
    )
    columns = ", ".join(_CASE)
    marks = ", ".join(f"CAST(:{c} AS integer)" if c in _INTEGERS else _cast(c) for c in _CASE)
    parts = [
        f"in_force AS ({_IN_FORCE.format(now=now)})",
        "taken AS (SELECT 1 FROM cases WHERE reference = :reference)",
        f"claimed AS (INSERT INTO idempotency (account, route, key, body_digest, reference, outcome, created_at) "
        f"SELECT :account, :route, :key, :body_digest, :reference, CAST(:outcome AS bytea), :created_at "
        f"WHERE {permitted} {UPSERT_KEY})"
        if keyed
        else f"claimed AS (SELECT 1 WHERE {permitted})",
        f"opened AS (INSERT INTO cases ({columns}) SELECT {marks} FROM claimed)",
        TELL.format(source="claimed"),
        "locked AS (INSERT INTO case_keys (reference, key_id, wrapped) "
        "SELECT :reference, :key_id, CAST(:wrapped AS bytea) FROM claimed)",
        "findable AS (INSERT INTO case_digests (reference, kind, digest) SELECT :reference, d.* FROM claimed, "
        "unnest(CAST(:d_kind AS text[]), CAST(:d_digest AS bytea[])) AS d)",
    ]
    if titled:
        parts.append(
            "titled AS (INSERT INTO case_titles (reference, folded, grams) "
            "SELECT :reference, :folded, array_to_tsvector(CAST(:grams AS text[])) FROM claimed)"
        )
    if messages:
        parts += message_parts("claimed")
    return (
        f"WITH {', '.join(parts)} "
        "SELECT (SELECT number FROM in_force), (SELECT count(*) FROM taken), (SELECT count(*) FROM claimed)"
    )


def _cast(column: str) -> str:
    return f"CAST(:{column} AS bytea)" if column in ("head", "code_digest") else f":{column}"


def message_parts(source: str) -> list[str]:
    """The two inserts of outbox messages as members of a WITH, for each row of ``source``."""
    arrays = ", ".join(
        f"CAST(:m_{c} AS {'integer' if c == 'sequence' else 'bytea' if c == 'body' else 'text'}[])"
        for c in MESSAGE_COLUMNS
    )
    return [
        f"posted AS (INSERT INTO outbox (reference, {', '.join(MESSAGE_COLUMNS)}) "
        f"SELECT :reference, m.* FROM {source}, "
        f"unnest({arrays}) AS m)",
        f"named AS (INSERT INTO message_ids (id, reference) SELECT m.id, :reference FROM {source}, "
        "unnest(CAST(:m_id AS text[])) AS m(id))",
    ]


def event_arrays(events: list[EventRow]) -> dict[str, list[Any]]:
    """The columns of new events as arrays for unnest."""
    return {f"e_{name}": list(column) for name, column in zip(_EVENT_COLUMNS, zip(*events, strict=True), strict=True)}


def message_arrays(rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """The columns of new messages as arrays for unnest."""
    return {f"m_{name}": list(column) for name, column in zip(MESSAGE_COLUMNS, zip(*rows, strict=True), strict=True)}


def _open_on_postgresql(
    session: Session, opening: Opening, values: dict[str, Any], events: list[EventRow], data_key: bytes
) -> tuple[int | None, bool, bool]:
    now, parameters = session.database_now()
    digests = digest_rows(session, opening.search)
    values |= parameters | event_arrays(events)
    values |= {"d_kind": [kind for kind, _ in digests], "d_digest": [digest for _, digest in digests]}
    title = opening.search.title
    if title is not None:
        folded = bigrams.folded(title)
        values |= {"folded": folded, "grams": bigrams.tokens(folded)}
    if opening.messages:
        values |= message_arrays(message_rows(opening.messages, data_key, session.now()))
    sql = _statement(now, opening.idempotency is not None, title is not None, bool(opening.messages))
    in_force, taken, written = session.raw(sql, values).fetchone()
    return in_force, bool(taken), bool(written)


# --- SQLite: a batch --------------------------------------------------------------------------------------------------

_INSERT_CASE = f"INSERT INTO cases ({', '.join(_CASE)}) VALUES ({', '.join(f':{c}' for c in _CASE)})"
_INSERT_KEY = (
    "INSERT INTO idempotency (account, route, key, body_digest, reference, outcome, created_at) "
    f"VALUES (:account, :route, :key, :body_digest, :reference, :outcome, :created_at) {UPSERT_KEY}"
)
_LOOK = f"SELECT ({_IN_FORCE.format(now=':now')}), EXISTS (SELECT 1 FROM cases WHERE reference = :reference)"


def _open_on_sqlite(
    session: Session, opening: Opening, values: dict[str, Any], events: list[EventRow], data_key: bytes
) -> tuple[int | None, bool, bool]:
    reference = opening.case.reference
    in_force, taken = session.raw(_LOOK, {"now": session.now(), "reference": reference}).fetchone()
    if in_force != opening.revision_in_force or taken:
        return in_force, bool(taken), False
    if opening.idempotency is not None and not session.raw(_INSERT_KEY, values).fetchall():
        return in_force, False, False
    session.raw(_INSERT_CASE, values)
    insert_events(session, reference, events)
    session.raw("INSERT INTO case_keys (reference, key_id, wrapped) VALUES (:reference, :key_id, :wrapped)", values)
    insert_search(session, reference, opening.search)
    insert_messages(session, reference, message_rows(opening.messages, data_key, session.now()))
    return in_force, False, True


def insert_events(session: Session, reference: str, events: list[EventRow]) -> None:
    """New events, on SQLite."""
    session.raw_many(
        "INSERT INTO events (reference, seq, type, at, actor, office, clear, sealed, prev, hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(reference, *event) for event in events],
    )


def insert_search(session: Session, reference: str, search: SearchEntry) -> None:
    """What a case is found by, on SQLite."""
    session.raw_many(
        "INSERT INTO case_digests (reference, kind, digest) VALUES (?, ?, ?)",
        [(reference, kind, digest) for kind, digest in digest_rows(session, search)],
    )
    if search.title is None:
        return
    folded = bigrams.folded(search.title)
    session.raw(
        "INSERT INTO case_titles (reference, folded) VALUES (:reference, :folded)",
        {"reference": reference, "folded": folded},
    )
    session.raw(
        "INSERT INTO case_grams (rowid, grams) VALUES (:number, :grams)",
        {"number": int(reference), "grams": " ".join(bigrams.tokens(folded))},
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

# ruff: noqa: S608 - statements are put together from constants; every value is a parameter
"""Cases: opening, moving, reading. Lists and search are in ``lists``."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from catalogue.domain.case import Case, Event
from catalogue.domain.people import Sight
from catalogue.domain.problems import RuleForbids, StaleRead
from catalogue.domain.text import Text
from catalogue.service.ports import CaseQuery, ChainLink, Change, ClosedLink, Opening, Outcome, Page, PublicCase
from catalogue.store.codec import (
    EventRow,
    event_digest,
    event_rows,
    linked,
    moment,
    read_event,
    read_json,
    read_snapshot,
)
from catalogue.store.finding import found_by, insert_found, remove_search
from catalogue.store.idempotency import INSERT_KEY, UPSERT_KEY, Outcomes
from catalogue.store.lists import Lists
from catalogue.store.messages import message_rows
from catalogue.store.opening import (
    Sealed,
    code_digest,
    event_part,
    event_values,
    insert_events,
    insert_messages,
    link_digest,
    message_parts,
    message_values,
    open_case,
    seal_case,
)
from catalogue.store.rows import CHANGING, case_row
from catalogue.store.scope import scope
from catalogue.store.session import Head, Retry, Session

_BATCH = 500

_HEAD = (
    "SELECT cases.seq, cases.head, case_keys.key_id, case_keys.wrapped FROM cases "
    "LEFT JOIN case_keys ON case_keys.reference = cases.reference WHERE cases.reference = :reference"
)

_PUBLIC_SQLITE = (
    "SELECT snapshot, code_digest, (SELECT json_group_array(json_array(seq, type, at, office)) FROM "
    "(SELECT seq, type, at, office FROM events WHERE events.reference = cases.reference ORDER BY seq)) "
    "FROM cases WHERE reference = :reference"
)

_PUBLIC_POSTGRESQL = (
    "SELECT snapshot, code_digest, (SELECT json_agg(json_build_array(seq, type, at, office) ORDER BY seq)::text "
    "FROM events WHERE events.reference = cases.reference) FROM cases WHERE reference = :reference"
)

_BY_LINK = "reference = (SELECT reference FROM status_links WHERE digest = :digest)"
_LINKED_SQLITE = _PUBLIC_SQLITE.replace("reference = :reference", _BY_LINK)
_LINKED_POSTGRESQL = _PUBLIC_POSTGRESQL.replace(
    "reference = :reference", _BY_LINK.replace(":digest", "CAST(:digest AS bytea)")
)

_NOBODY = bytes(32)


class StoredCases:
    """The port ``Cases``."""

    def __init__(self, session: Session, outcomes: Outcomes) -> None:
        self._session = session
        self._outcomes = outcomes
        self._lists = Lists(session)
        self._sealed: Sealed | None = None

    def seal(self, opening: Opening) -> None:
        """Work out the rows of a case that will be opened in this unit of work."""
        self._sealed = seal_case(self._session, self._outcomes, opening)

    def open(self, opening: Opening) -> Outcome:
        """Write a new case. Raises IdempotencyKeyReused, ReferenceTaken, RevisionChanged."""
        sealed, self._sealed = self._sealed, None
        if sealed is None or sealed.opening is not opening:
            sealed = seal_case(self._session, self._outcomes, opening)
        return open_case(self._session, self._outcomes, sealed)

    def load(self, reference: str, sight: Sight) -> Case | None:
        """The clear state where that sight admits it."""
        condition, parameters = scope(sight).raw()
        row = self._session.raw(_load(condition), {"reference": reference, **parameters}).fetchone()
        if row is None:
            return None
        text, *head = row
        self._remember(reference, head)
        return read_snapshot(text)

    def append(self, change: Change) -> None:
        """Add events where the case still stands at ``before``. Raises StaleRead."""
        session, reference = self._session, change.before.reference
        head = session.heads.get(reference) or self._read_head(reference)
        if head is None or head.seq != change.before.seq:
            raise StaleRead
        if head.data_key is None and (change.messages or any(event.sealed for event in change.events)):
            raise RuleForbids(
                Text(
                    "办件的个人信息已删除，不能再录入",
                    "The personal data of this case were erased; nothing can be added",
                )
            )
        rows = event_rows(reference, head.data_key, head.hash, change.events)
        after = rows[-1][-1]
        values = {
            "reference": reference,
            "head": after,
            "before": change.before.seq,
            "prev": head.hash,
            **case_row(change.after, change.projection, moment(change.events[-1].at)),
        }
        if change.idempotency is not None and change.outcome is not None:
            values |= self._outcomes.row(change.idempotency, change.outcome, reference, head.data_key)
            values["kept_reference"] = values.pop("reference")
            values["reference"] = reference
        messages = message_rows(change.messages, head.data_key, session.now()) if head.data_key is not None else []
        move = self._move_on_sqlite if session.sqlite else self._move_on_postgresql
        if not move(change, values, rows, messages):
            raise StaleRead
        if change.search is not None:
            self._replace_search(reference, change)
        session.heads[reference] = Head(change.after.seq, after, head.data_key)

    def events(self, reference: str, *, unseal: bool) -> Sequence[Event]:
        """All events in order; sealed parts are empty unless ``unseal``, or after erasure."""
        data_key = None
        if unseal:
            head = self._session.heads.get(reference) or self._read_head(reference)
            data_key = None if head is None else head.data_key
        rows = self._session.raw(
            "SELECT seq, type, at, actor, office, clear, sealed FROM events WHERE reference = :reference ORDER BY seq",
            {"reference": reference},
        )
        return [read_event(reference, row, data_key) for row in rows.fetchall()]

    def public(self, reference: str, query_code: str) -> PublicCase | None:
        """Status for the public as one row. An unknown reference costs the same digest and comparison."""
        session = self._session
        sql = _PUBLIC_SQLITE if session.sqlite else _PUBLIC_POSTGRESQL
        row = session.raw(sql, {"reference": reference}).fetchone()
        given = code_digest(session, reference, query_code)
        matches = hmac.compare_digest(given, _NOBODY if row is None else bytes(row[1]))
        if row is None:
            return None
        events = tuple((seq, kind, at, office) for seq, kind, at, office in read_json(row[2]))
        return PublicCase(read_snapshot(row[0]), matches, events)

    def public_by_link(self, token: str) -> PublicCase | None:
        """Status for the public behind the token of a QR link, as one row."""
        session = self._session
        sql = _LINKED_SQLITE if session.sqlite else _LINKED_POSTGRESQL
        row = session.raw(sql, {"digest": link_digest(session, token)}).fetchone()
        if row is None:
            return None
        events = tuple((seq, kind, at, office) for seq, kind, at, office in read_json(row[2]))
        return PublicCase(read_snapshot(row[0]), True, events)

    def page(self, query: CaseQuery, sight: Sight) -> Page:
        """A page of lines in order of (due date, reference). Raises InvalidInput for a cursor that is not ours."""
        return self._lists.page(query, sight)

    def counts(self, sight: Sight, today: date, cap: int = 1000, turn: bool = False) -> Mapping[str, int]:
        """Queue -> number of open cases, counted up to ``cap``."""
        return self._lists.counts(sight, today, cap, turn)

    def due(self, kind: str, day: date, limit: int) -> Sequence[Case]:
        """Open cases for a repeating job, the longest due first."""
        return self._lists.due(kind, day, limit)

    def chain(self, reference: str) -> Sequence[ChainLink]:
        """Every event of a case as it is kept and hashed, in order."""
        sql = (
            "SELECT seq, type, at, actor, office, clear, sealed, prev, hash FROM events "
            "WHERE reference = :reference ORDER BY seq"
        )
        rows = self._session.raw(sql, {"reference": reference}).fetchall()
        links = []
        for seq, kind, at, actor, office, clear, *hashes in rows:
            sealed, prev, hashed = map(bytes, hashes)
            digested = event_digest(reference, seq, (kind, at, actor, office, clear), sealed)
            closed = ClosedLink(seq, digested, prev, hashed) if linked(prev, digested) == hashed else None
            links.append(ChainLink(seq, kind, at, actor, office, clear, sealed, prev, hashed, closed))
        return links

    def references(self) -> Iterator[str]:
        """Every reference in order, read in batches."""
        last = ""
        while True:
            rows = self._session.raw(
                "SELECT reference FROM cases WHERE reference > :last ORDER BY reference LIMIT :batch",
                {"last": last, "batch": _BATCH},
            ).fetchall()
            for (last,) in rows:
                yield last
            if len(rows) < _BATCH:
                return

    def erase(self, reference: str) -> bool:
        """Destroy the key of a case with its digests, title, label and files; the events stay and still verify.

        False where there is no such case or it was erased before.
        """
        tables = ("file_chunks", "files", "case_keys")
        of = {"reference": reference}
        self._forget_link(reference)
        remove_search(self._session, reference)
        gone = 0
        for table in tables:
            # Names from the line above; the reference is a parameter.
            gone = self._session.raw(
                f"DELETE FROM {table} WHERE reference = :reference", {"reference": reference}
            ).rowcount
        self._session.raw("UPDATE cases SET title = NULL, label = '' WHERE reference = :reference", of)
        self._session.heads.pop(reference, None)
        return bool(gone)

    def _forget_link(self, reference: str) -> None:
        """Close the QR link, whose token stands sealed in the first event."""
        token = self.events(reference, unseal=True)[0].sealed.get("status_token")
        if token:
            digest = link_digest(self._session, str(token))
            mark = ":digest" if self._session.sqlite else "CAST(:digest AS bytea)"
            self._session.write_later()
            self._session.raw(f"DELETE FROM status_links WHERE digest = {mark}", {"digest": digest})

    def _read_head(self, reference: str) -> Head | None:
        row = self._session.raw(_HEAD, {"reference": reference}).fetchone()
        return None if row is None else self._remember(reference, row)

    def _remember(self, reference: str, row: Iterable[Any]) -> Head:
        seq, hashed, key_id, wrapped = row
        data_key = None if key_id is None else self._session.keyring.unwrap(reference, key_id, bytes(wrapped))
        head = self._session.heads[reference] = Head(seq, bytes(hashed), data_key)
        return head

    def _move_on_postgresql(
        self, change: Change, values: dict[str, Any], events: list[EventRow], messages: list[tuple[Any, ...]]
    ) -> bool:
        values |= event_values(events) | message_values(messages)
        keyed = change.idempotency is not None and change.outcome is not None
        moved, kept = self._session.raw(_move(keyed, len(events), len(messages)), values).fetchone()
        if moved and not kept:
            # The key was used between the look-up and now: the next run of this unit finds its outcome.
            raise Retry
        return bool(moved)

    def _move_on_sqlite(
        self, change: Change, values: dict[str, Any], events: list[EventRow], messages: list[tuple[Any, ...]]
    ) -> bool:
        session, reference = self._session, change.before.reference
        if session.raw(_UPDATE, values).rowcount != 1:
            return False
        if change.idempotency is not None and change.outcome is not None:
            head = session.heads[reference]
            self._outcomes.keep(change.idempotency, change.outcome, reference, head.data_key)
        insert_events(session, reference, events)
        insert_messages(session, reference, messages)
        return True

    def _replace_search(self, reference: str, change: Change) -> None:
        session, search = self._session, change.search
        if search is None:
            return
        values: dict[str, Any] = {"reference": reference, "title": search.title, "label": search.label}
        session.raw("UPDATE cases SET title = :title, label = :label WHERE reference = :reference", values)
        remove_search(session, reference)
        insert_found(session, reference, found_by(session.keyring, reference, search))


@lru_cache(maxsize=32)
def _load(condition: str) -> str:
    # The condition is made of column names and parameters by ``Scope.raw``.
    return (
        "SELECT cases.snapshot, cases.seq, cases.head, case_keys.key_id, case_keys.wrapped FROM cases "
        "LEFT JOIN case_keys ON case_keys.reference = cases.reference "
        f"WHERE cases.reference = :reference AND {condition}"
    )


_UPDATE = (
    f"UPDATE cases SET head = :head, {', '.join(f'{c} = :{c}' for c in CHANGING)} "
    "WHERE reference = :reference AND seq = :before AND head = :prev"
)


@lru_cache(maxsize=32)
def _move(keyed: bool, events: int, messages: int) -> str:
    parts = [
        f"moved AS ({_UPDATE} RETURNING 1)",
        event_part("moved", events),
    ]
    if keyed:
        parts.append(
            f"kept AS ({INSERT_KEY} "
            "SELECT :account, :route, :key, :body_digest, :kept_reference, CAST(:outcome AS bytea), :created_at "
            f"FROM moved {UPSERT_KEY} RETURNING 1)"
        )
    if messages:
        parts += message_parts("moved", messages)
    kept = "(SELECT count(*) FROM kept)" if keyed else "1"
    return f"WITH {', '.join(parts)} SELECT (SELECT count(*) FROM moved), {kept}"

"""Who looked at what, who failed how often, and what the database says of itself."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, tuple_

from catalogue.domain.people import Account
from catalogue.service.ports.records import AccessEntry
from catalogue.store import tables
from catalogue.store.codec import moment, read_moment
from catalogue.store.keys import data_key_of
from catalogue.store.sealing import seal
from catalogue.store.session import Session

_FORGOTTEN = timedelta(days=1)
"""How long a failure is kept; no throttle looks back further."""


class StoredThrottle:
    """The port ``Throttle``. Subjects (references, addresses, user names) are kept as keyed digests."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def failures(self, kind: str, subject: str, since: datetime) -> int:
        """Failures of that subject since then."""
        throttle = tables.throttle.c
        statement = select(func.count()).where(
            throttle.kind == kind, throttle.subject == self._digest(kind, subject), throttle.at >= moment(since)
        )
        return self._session.connection.execute(statement).scalar_one()

    def record(self, kind: str, subject: str, at: datetime) -> None:
        """One more failure; those older than a day go."""
        self._session.connection.execute(
            insert(tables.throttle).values(
                kind=kind, subject=self._digest(kind, subject), at=moment(at), nonce=secrets.token_hex(4)
            )
        )
        self._session.connection.execute(delete(tables.throttle).where(tables.throttle.c.at < moment(at - _FORGOTTEN)))

    def prune(self) -> int:
        """Remove failures older than a day; answers how many."""
        before = moment(self._session.at() - _FORGOTTEN)
        return self._session.connection.execute(delete(tables.throttle).where(tables.throttle.c.at < before)).rowcount

    def _digest(self, kind: str, subject: str) -> bytes:
        return self._session.keyring.digest("throttle", kind, subject)


class StoredAccessLog:
    """The port ``AccessLog``. Reasons are sealed under the key of the case that was looked at."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def unmasked(self, account: Account, reference: str, reason: str, at: datetime) -> None:
        """Personal data of a case were shown."""
        entry = secrets.token_hex(16)
        data_key = data_key_of(self._session, reference)
        sealed = None if data_key is None else seal(data_key, f"reason {entry}".encode(), reason.encode())
        self._write(entry, at, "unmasked", account.id, reference, None, sealed)

    def signed_in(self, username: str, success: bool, at: datetime, client: str) -> None:
        """Somebody signed in, or tried to."""
        act = "signed-in" if success else "sign-in-failed"
        self._write(secrets.token_hex(16), at, act, username, client, None, None)

    def administered(self, actor: str, act: str, subject: str, at: datetime) -> None:
        """An administrator did something."""
        self._write(secrets.token_hex(16), at, "administered", actor, subject, act, None)

    def entries(self, *, act: str | None = None, before: str | None = None, limit: int = 100) -> Sequence[AccessEntry]:
        """The newest first; ``before`` is the cursor of the last one seen."""
        log = tables.access_log.c
        statement = select(log.at, log.act, log.actor, log.subject, log.detail, log.id)
        if act is not None:
            statement = statement.where(log.act == act)
        at, _, entry = (before or "").partition("_")
        if at and entry:
            statement = statement.where(tuple_(log.at, log.id) < tuple_(at, entry))
        rows = self._session.connection.execute(statement.order_by(log.at.desc(), log.id.desc()).limit(limit))
        return [
            AccessEntry(read_moment(row.at), row.act, row.actor, row.subject, row.detail, f"{row.at}_{row.id}")
            for row in rows
        ]

    def _write(
        self, entry: str, at: datetime, act: str, actor: str, subject: str, detail: str | None, sealed: bytes | None
    ) -> None:
        values: dict[str, Any] = {
            "id": entry,
            "at": moment(at),
            "act": act,
            "actor": actor,
            "subject": subject,
            "detail": detail,
            "sealed": sealed,
        }
        self._session.connection.execute(insert(tables.access_log).values(values))


class StoredMarks:
    """The port ``Marks``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, key: str) -> str | None:
        """The value of a mark."""
        statement = select(tables.marks.c.value).where(tables.marks.c.key == key)
        return self._session.connection.execute(statement).scalar()

    def set(self, key: str, value: str) -> None:
        """Put a mark, in the place of an older one."""
        self._session.connection.execute(delete(tables.marks).where(tables.marks.c.key == key))
        self._session.connection.execute(insert(tables.marks).values(key=key, value=value))

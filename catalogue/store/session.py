"""What the repositories of one unit of work share: the connection, the keys, the time of the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from catalogue.domain.value import Value
from catalogue.store.codec import moment
from catalogue.store.keyring import Keyring
from catalogue.store.later import Later


class Retry(Exception):
    """What this unit of work found has changed under it: run it again from its beginning."""


class Head(Value, frozen=True):
    """The end of a chain as this unit of work read it, with the data key (None after erasure)."""

    seq: int
    hash: bytes
    data_key: bytes | None


@lru_cache(maxsize=256)
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """The statement as PostgreSQL itself takes it, with ``$1`` for the first name, and the names in that order.

    Past psycopg's own placeholders: it looks for them anew at every call of a statement of more than fifty.
    """
    names: dict[str, str] = {}
    text = re.sub(r"(?<!:):([a-z]\w*)", lambda found: names.setdefault(found[1], f"${len(names) + 1}"), sql)
    return text, tuple(names)


class Session:
    """One connection inside one unit of work. ``writing`` tells a transaction from single reads."""

    def __init__(
        self,
        connection: Connection,
        keyring: Keyring,
        *,
        writing: bool,
        now: Callable[[], datetime] | None = None,
        later: Later | None = None,
    ) -> None:
        self.connection = connection
        self.keyring = keyring
        self.writing = writing
        self.sqlite = connection.dialect.name == "sqlite"
        self.heads: dict[str, Head] = {}
        self.later = Later() if later is None else later
        """What SQLite writes at the end of the transaction."""
        self._now = now
        self._at: datetime | None = None
        self._moment: str | None = None
        self._driver: Any = connection.connection.driver_connection

    def raw(self, sql: str, parameters: Mapping[str, Any]) -> Any:
        """A cursor on one of the named hot statements, past SQLAlchemy; parameters are written ``:name``."""
        if self.sqlite:
            return self._driver.execute(sql, parameters)
        # Imported where it is used: a house on SQLite loads no driver of PostgreSQL.
        from psycopg import RawCursor

        text, names = _numbered(sql)
        return RawCursor(self._driver).execute(text, [parameters[name] for name in names], prepare=True)

    def raw_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """One hot statement for several rows of positional parameters, on SQLite."""
        self._driver.executemany(sql, rows)

    def write_later(self) -> None:
        """Write now what was to be written last, for who must see it; on PostgreSQL nothing waits."""
        self.later.write(self._driver)

    def now(self) -> str:
        """The present moment as stored text: of this process, or of the clock that tests and demos put in.

        One moment for the whole unit of work, as a transaction of PostgreSQL has.
        """
        if self._moment is None:
            self._moment = moment(self.at())
        return self._moment

    def at(self) -> datetime:
        """The moment of ``now`` as an aware time."""
        if self._at is None:
            self._at = self._now() if self._now is not None else datetime.now(UTC)
        return self._at

    def database_now(self) -> tuple[str, dict[str, str]]:
        """An SQL expression for the present moment by the database's clock, and its parameters.

        SQLite has no clock of its own: it runs in this process.
        """
        if self._now is not None or self.sqlite:
            return ("CAST(:now AS text)", {"now": self.now()})
        return ("""to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""", {})

"""Everything that is kept: tables, repositories, the unit of work, migrations, encryption of personal data, outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import text

from catalogue.domain.problems import Problem, Unavailable
from catalogue.domain.text import Text
from catalogue.service.ports import Database
from catalogue.store.database import StoredDatabase, stored
from catalogue.store.engines import is_sqlite
from catalogue.store.keyring import Keyring, KeyringInvalid
from catalogue.store.keys import rewrap_batch
from catalogue.store.migration import migrate
from catalogue.store.rebuild import Difference, rebuild
from catalogue.store.session import Session
from catalogue.store.signing import SigningKeys

__all__ = [
    "Difference",
    "Keyring",
    "KeyringInvalid",
    "SigningKeys",
    "StoredDatabase",
    "erase",
    "migrate",
    "open_database",
    "readiness",
    "rebuild",
    "rewrap",
    "role_warning",
]


def open_database(
    url: str,
    keyring: Keyring,
    *,
    pool_size: int = 16,
    read_threads: int = 4,
    now: Callable[[], datetime] | None = None,
) -> StoredDatabase:
    """The database at ``url``, which must have been migrated.

    ``pool_size`` counts the threads on PostgreSQL, each with two connections; ``read_threads`` the readers on SQLite.
    ``now`` takes the place of the database's time, for tests and demonstrations. Raises ValueError for a URL that
    names no file (SQLite), Unavailable where the file cannot be opened.
    """
    # Each engine is imported where it is used: the driver of the other one is not loaded.
    if is_sqlite(url):
        from catalogue.store import sqlite

        try:
            return sqlite.SqliteDatabase(url, keyring, read_threads=read_threads, now=now)
        except sqlite.DRIVER.errors as error:
            raise Unavailable from error
    from catalogue.store.postgresql import PostgresqlDatabase

    return PostgresqlDatabase(url, keyring, pool_size=pool_size, now=now)


def role_warning(database: Database) -> Text | None:
    """What the running role may do that it should not: change events itself. None where it may not, and on SQLite."""
    opened = stored(database)
    if opened.dialect == "sqlite":
        return None
    return opened.read(lambda work: _role_warning(work.session)).result()


def _role_warning(session: Session) -> Text | None:
    may = session.connection.execute(
        text(
            "SELECT has_table_privilege('events', 'UPDATE') OR has_table_privilege('events', 'DELETE') "
            "OR has_table_privilege('events', 'TRUNCATE') "
            "OR pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'events'::regclass), 'MEMBER')"
        )
    ).scalar_one()
    if not may:
        return None
    return Text(
        "运行账号也是建表账号，仅靠触发器防止改动办理过程；请设置 CATALOGUE_MIGRATION_URL 分开两个账号",
        "The running role owns the tables: only triggers keep events from being changed; "
        "set CATALOGUE_MIGRATION_URL to another role",
    )


def readiness(database: Database) -> dict[str, Any]:
    """What ``/health/ready`` tells of the database: ``database`` (its kind), ``ready``, ``warnings``."""
    opened = stored(database)
    try:
        opened.read(lambda work: work.marks.get("demo")).result()
        warning = role_warning(database)
    except Problem as problem:
        return {"database": opened.dialect, "ready": False, "problem": problem.code, "warnings": []}
    return {"database": opened.dialect, "ready": True, "warnings": [] if warning is None else [warning.as_json()]}


def rewrap(database: Database) -> int:
    """Move every data key to the current master key, a few hundred at a time; answers how many were moved."""
    opened = stored(database)
    last: str | None = ""
    moved = 0
    while last is not None:
        last, some = opened.write(lambda work, after=last: rewrap_batch(work.session, after)).result()  # type: ignore[misc]
        moved += some
    return moved


def erase(database: Database, reference: str) -> bool:
    """Destroy the personal data of a case: its key, digests and files. Its events stay and still verify.

    False where there is no such case or it was erased before. On PostgreSQL the old rows leave the files with the
    next vacuum, on SQLite at once.
    """
    return stored(database).write(lambda work: work.cases.erase(reference)).result()

"""Engines for the two databases, set so that nothing answered is lost: full durability, one writer on SQLite."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import NullPool, Pool

_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite+pysqlite"}


def normal_url(url: str) -> str:
    """The URL with the driver this system is built for."""
    name, separator, rest = url.partition("://")
    return f"{_DRIVERS.get(name, name)}{separator}{rest}"


def is_sqlite(url: str) -> bool:
    """Whether the URL names a SQLite file."""
    return make_url(normal_url(url)).get_backend_name() == "sqlite"


def sqlite_path(url: str) -> str:
    """The file a SQLite URL names. Raises ValueError for a database in memory, which no second reader could see."""
    path = make_url(normal_url(url)).database
    if not path or path == ":memory:" or path.startswith("file:"):
        raise ValueError("CATALOGUE_DATABASE_URL must name a file: sqlite:////path/to/file.db")
    return path


def sqlite_engine(url: str, *, busy_ms: int = 5_000, read_only: bool = False, poolclass: type[Pool]) -> Engine:
    """An engine on a SQLite file. Every transaction of a writing one begins with BEGIN IMMEDIATE."""
    path = sqlite_path(url)
    suffix = "?mode=ro&uri=true" if read_only else "?uri=true"
    engine = create_engine(
        f"sqlite+pysqlite:///file:{_escaped(path)}{suffix}",
        poolclass=poolclass,
        connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": 256},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(busy_ms)}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA mmap_size = 1073741824")
        cursor.execute("PRAGMA cache_size = -65536")
        if read_only:
            cursor.execute("PRAGMA query_only = ON")
        else:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            # What a savepoint would put back stays in memory. Measured: half of all writes to the disk were its copies.
            cursor.execute("PRAGMA temp_store = MEMORY")
            # Pages written again and again within 64 MiB of log are copied into the file once.
            cursor.execute("PRAGMA wal_autocheckpoint = 16000")
            # Without it INSERT OR REPLACE would delete an event past the trigger that forbids deleting.
            cursor.execute("PRAGMA recursive_triggers = ON")
            # A destroyed key must not linger in free pages.
            cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    if not read_only:

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            driver: Any = connection.connection.driver_connection
            # The writer has begun by itself (``store.sqlite``).
            if not driver.in_transaction:
                connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def postgresql_engine(url: str, *, reading: bool = False, alone: bool = False) -> Engine:
    """An engine on PostgreSQL: for transactions (READ COMMITTED), or for statements that commit by themselves.

    ``reading`` ones may change nothing; those that stand ``alone`` are units of work of one statement. Threads keep
    their connections, so there is no pool between.
    """
    options = "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"
    return create_engine(
        normal_url(url),
        isolation_level="AUTOCOMMIT" if reading or alone else "READ COMMITTED",
        poolclass=NullPool,
        pool_reset_on_return=None,
        connect_args={"options": f"{options} -c default_transaction_read_only=on" if reading else options},
        hide_parameters=True,
    )

"""Bringing a database up to the tables of this release, under a lock so that many workers may start at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from catalogue.domain.problems import Unavailable
from catalogue.store import tables
from catalogue.store.engines import normal_url, sqlite_engine

_LOCK = 0x6B75_6174_6F6E_6721
"""Key of the advisory lock that a migration holds on PostgreSQL."""


def migrate(url: str, *, application_url: str | None = None, partitions: int = 0) -> None:
    """Create or upgrade the tables at ``url``; does nothing where they are up to date.

    On PostgreSQL ``url`` names the role that owns the schema; where ``application_url`` names another one, that role
    is granted what it needs and on append-only tables SELECT and INSERT alone. ``partitions`` above 0 spreads the
    tables of a case over that many hash partitions (new databases on PostgreSQL only).
    Raises Unavailable when the database does not answer or the lock is not free within 60 seconds.
    """
    # Imported here: only a migration needs Alembic, and it is a tenth of the start of everything else.
    from alembic import command
    from alembic.config import Config

    try:
        with _locked(url) as connection:
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            config.attributes["partitions"] = partitions
            command.upgrade(config, "head")
            if connection.dialect.name == "postgresql":
                _grant(connection, application_url)
    except DBAPIError as error:
        raise Unavailable from error


@contextmanager
def _locked(url: str) -> Iterator[Connection]:
    parsed = make_url(normal_url(url))
    if parsed.get_backend_name() == "sqlite":
        engine = sqlite_engine(url, busy_ms=60_000, poolclass=NullPool)
        # The engine's begin event sends BEGIN IMMEDIATE: the whole migration is one write transaction.
        with engine.begin() as connection:
            yield connection
        engine.dispose()
        return
    engine = create_engine(parsed, poolclass=NullPool, hide_parameters=True)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SET LOCAL statement_timeout = '30min'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        yield connection
    engine.dispose()


def _grant(connection: Connection, application_url: str | None) -> None:
    role = make_url(normal_url(application_url)).username if application_url else None
    owner = connection.execute(text("SELECT current_user")).scalar_one()
    if role is None or role == owner:
        return
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}"))
    for table in (*tables.metadata.tables, "alembic_version"):
        granted = "SELECT" if table == "alembic_version" else "SELECT, INSERT, UPDATE, DELETE"
        if table in tables.APPEND_ONLY:
            granted = "SELECT, INSERT"
        connection.execute(text(f"REVOKE ALL ON {table} FROM {quoted}"))
        connection.execute(text(f"GRANT {granted} ON {table} TO {quoted}"))

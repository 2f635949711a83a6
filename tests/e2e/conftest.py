"""Demonstration systems: one that tests only use, and new ones on either engine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.conftest import APPLICATION, OWNER
from tests.e2e.server import Town, town


@pytest.fixture(scope="session")
def demo_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    directory = tmp_path_factory.mktemp("town")
    with town(directory, f"sqlite:///{directory}/catalogue.db", cases=70) as running:
        yield running


def empty_postgresql(server: str) -> tuple[str, str]:
    """URLs of a new database for the role that owns its tables and for the application's role."""
    name = f"town_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(OWNER)
            )
        )
    superuser = server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)))
    owner, application = (superuser.replace("postgres:@", f"{role}:@") for role in (OWNER, APPLICATION))
    return owner, application


@pytest.fixture(params=["sqlite", "postgresql"])
def any_town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """A system of its own without cases, on each engine."""
    if request.param == "sqlite":
        url, owner = f"sqlite:///{tmp_path}/catalogue.db", None
    else:
        owner, url = empty_postgresql(request.getfixturevalue("postgresql_server"))
    with town(tmp_path, url, migration_url=owner) as running:
        yield running

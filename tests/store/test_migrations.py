"""What stands in a database of an earlier release is all there after the migration to this one."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import text

from catalogue.store import migration
from tests.conftest import OWNER

EARLIER = {
    "5301251123000011": [("document", b"\x00" * 20 + b"a" * 12), ("name", b"n" * 32)],
    "5328260101000025": [("name", b"n" * 32), ("phone", b"p" * 32)],
}


def upgraded(url: str, revision: str, partitions: int = 0) -> None:
    """As ``migrate`` does it, but up to a revision of its own."""
    with migration._locked(url) as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migration.__file__).parent / "migrations"))
        config.attributes.update(connection=connection, partitions=partitions)
        command.upgrade(config, revision)


@pytest.fixture(params=["sqlite", "postgresql", "postgresql in partitions"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, int]:
    """A database without tables, and over how many partitions its tables will be spread."""
    engine, _, spread = request.param.partition(" ")
    if engine == "sqlite":
        return f"sqlite:///{tmp_path}/catalogue.db", 0
    server: str = request.getfixturevalue("postgresql_server")
    name = f"earlier{len(spread)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(OWNER)))
    return server.replace("/postgres?", f"/{name}?").replace("postgres:@", f"{OWNER}:@"), 3 if spread else 0


def test_digests_move_to_their_month_and_beside_their_title(empty_url: tuple[str, int]) -> None:
    url, partitions = empty_url
    upgraded(url, "2026_11_27_lines", partitions)
    with migration._locked(url) as connection:
        for reference, digests in EARLIER.items():
            for kind, digest in digests:
                connection.execute(
                    text("INSERT INTO case_digests (reference, kind, digest) VALUES (:reference, :kind, :digest)"),
                    {"reference": reference, "kind": kind, "digest": digest},
                )
        titled = text("INSERT INTO case_titles (reference, folded) VALUES (:reference, :folded)")
        connection.execute(titled, {"reference": "5301251123000011", "folded": "演示茶业"})
        connection.execute(titled, {"reference": "5301251123000038", "folded": "演示无人"})
    upgraded(url, "head")
    with migration._locked(url) as connection:
        moved = connection.execute(text("SELECT month, digest, reference FROM case_digests ORDER BY 1, 2, 3")).all()
        titles = connection.execute(text("SELECT reference, folded, digests FROM case_titles ORDER BY 1")).all()
    empty, name, phone = b"\x00" * 16, b"n" * 16, b"p" * 16
    assert [(month, bytes(digest), reference) for month, digest, reference in moved] == [
        (2511, empty, "5301251123000011"),
        (2511, name, "5301251123000011"),
        (2601, name, "5328260101000025"),
        (2601, phone, "5328260101000025"),
    ]
    assert [(reference, folded, kept and bytes(kept)) for reference, folded, kept in titles] == [
        ("5301251123000011", "演示茶业", empty + name),
        ("5301251123000038", "演示无人", None),
        ("5328260101000025", "", name + phone),
    ]

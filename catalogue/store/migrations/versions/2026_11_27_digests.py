"""Digests of personal identifiers by the month of receipt, and once more beside the title of their case; a search index
on SQLite that writes less."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_digests"
down_revision = "2026_11_27_lines"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_BATCH = 1000


def _partitions() -> int:
    """Over how many partitions the tables of a case are spread in this database; 0 where they are not."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return 0
    spread = sa.text("SELECT count(*) FROM pg_inherits WHERE inhparent = to_regclass('files')")
    return int(bind.execute(spread).scalar_one())


def _case_table(name: str, *items: Any) -> None:
    count = _partitions()
    if not count:
        op.create_table(name, *items, sqlite_with_rowid=False)
        return
    op.create_table(name, *items, postgresql_partition_by="HASH (reference)")
    for n in range(count):
        op.execute(f"CREATE TABLE {name}_{n} PARTITION OF {name} FOR VALUES WITH (MODULUS {count}, REMAINDER {n})")


def upgrade() -> None:
    bind = op.get_bind()
    op.execute(
        "CREATE TEMPORARY TABLE kept AS SELECT DISTINCT reference, substr(digest, 1, 16) AS digest FROM case_digests"
    )
    op.execute("CREATE INDEX kept_reference ON kept (reference, digest)")
    op.drop_table("case_digests")
    _case_table(
        "case_digests",
        sa.Column("month", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("month", "digest", "reference"),
    )
    op.execute(
        "INSERT INTO case_digests (month, digest, reference) "
        "SELECT CAST(substr(reference, 5, 4) AS integer), digest, reference FROM kept ORDER BY 1, 2, 3"
    )
    op.add_column("case_titles", sa.Column("digests", sa.LargeBinary()))
    op.execute(
        "INSERT INTO case_titles (reference, folded) SELECT DISTINCT reference, '' FROM kept "
        "WHERE NOT EXISTS (SELECT 1 FROM case_titles WHERE case_titles.reference = kept.reference)"
    )
    keep = sa.text("UPDATE case_titles SET digests = :digests WHERE reference = :reference").bindparams(
        sa.bindparam("digests", type_=sa.LargeBinary())
    )
    page = sa.text(
        "SELECT k.reference, k.digest FROM kept k JOIN (SELECT DISTINCT reference FROM kept WHERE reference > :last "
        "ORDER BY reference LIMIT :size) p ON p.reference = k.reference ORDER BY k.reference, k.digest"
    )
    last = ""
    while rows := bind.execute(page, {"last": last, "size": _BATCH}).all():
        last = rows[-1].reference
        bind.execute(
            keep,
            [
                {"reference": reference, "digests": b"".join(bytes(row.digest) for row in of)}
                for reference, of in groupby(rows, key=lambda row: row.reference)
            ],
        )
    op.execute("DROP TABLE kept")
    if bind.dialect.name == "sqlite":
        # Pieces of the search index are put together sixteen at a time instead of four: a title is written over half
        # as often, and a search looks into some more pieces.
        op.execute("INSERT INTO case_grams (case_grams, rank) VALUES ('automerge', 16)")

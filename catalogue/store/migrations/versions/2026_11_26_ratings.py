"""Ratings of the window and the office, and until when they are awaited."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_ratings"
down_revision = "2026_11_26_certificates"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


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
        op.create_table(name, *items)
        return
    op.create_table(name, *items, postgresql_partition_by="HASH (reference)")
    for n in range(count):
        op.execute(f"CREATE TABLE {name}_{n} PARTITION OF {name} FOR VALUES WITH (MODULUS {count}, REMAINDER {n})")


def upgrade() -> None:
    _case_table(
        "ratings",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("nth", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("office", TEXT, nullable=False),
        sa.Column("officer", TEXT),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("follow", TEXT),
        sa.Column("limit_on", TEXT),
        sa.Column("replied_by", TEXT),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reference", "target", "nth"),
    )
    op.create_index("ratings_office", "ratings", ["office", "at"])
    _case_table(
        "rating_due",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("due_on", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_index("rating_due_on", "rating_due", ["due_on", "reference"])

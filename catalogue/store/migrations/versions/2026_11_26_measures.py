"""How long decisions took, and what was measured of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_measures"
down_revision = "2026_11_26_search"
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
        "decisions",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("matter", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("office", TEXT, nullable=False),
        sa.Column("decided_on", TEXT, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_index("decisions_decided", "decisions", ["decided_on", "matter", "region", "days"])
    op.create_table(
        "measures",
        sa.Column("matter", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("half", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("matter", "region"),
    )

"""What the desk keeps beside the cases: stand-ins, saved filters, who opened which scan."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_desk"
down_revision = "2026_11_23_first_tables"
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
        "paper_openings",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("file_id", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("reference", "file_id", "account"),
    )
    op.create_table(
        "covers",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("covered", TEXT, nullable=False),
        sa.Column("stand_in", TEXT, nullable=False),
        sa.Column("from_day", TEXT, nullable=False),
        sa.Column("to_day", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("made_by", TEXT, nullable=False),
        sa.Column("made_at", TEXT, nullable=False),
        sa.Column("ended_by", TEXT),
        sa.Column("ended_at", TEXT),
        sa.ForeignKeyConstraint(["covered"], ["accounts.id"], name="covers_covered_account"),
        sa.ForeignKeyConstraint(["stand_in"], ["accounts.id"], name="covers_stand_in_account"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("covers_stand_in", "covers", ["stand_in", "to_day"])
    op.create_index("covers_covered", "covers", ["covered", "to_day"])
    op.create_table(
        "saved_filters",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("query", TEXT, nullable=False),
        sa.Column("made_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="saved_filters_account"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("saved_filters_account_id", "saved_filters", ["account_id"])

"""What two windows do together: the old registrar of a relocation, numbers elsewhere, misroutes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_transfers"
down_revision = "2026_11_26_ratings"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "cases", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


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
    op.add_column("cases", sa.Column("partner_office", TEXT))
    filled = "partner_office IS NOT NULL"
    _index("cases_open_partner_office", ["partner_office", "queue", "due_on", "reference"], f"open = 1 AND {filled}")
    _index("cases_ended_partner_office", ["partner_office", "due_on", "reference", "state"], f"open = 0 AND {filled}")
    _case_table(
        "misroutes",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("matter", TEXT, nullable=False),
        sa.Column("place", TEXT, nullable=False),
        sa.Column("office", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("suggested", TEXT),
        sa.Column("day", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("reference", "seq"),
    )
    op.create_index("misroutes_day", "misroutes", ["day", "matter"])
    op.create_table(
        "external_numbers",
        sa.Column("number", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number", "reference"),
    )

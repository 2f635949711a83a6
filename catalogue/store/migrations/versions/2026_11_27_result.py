"""All authorities above the one that issued a certificate, what took a certificate's place, notices to nobody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_result"
down_revision = "2026_11_26_lifecycle"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    for column in ("upper_office", "top_office"):
        op.add_column("cases", sa.Column(column, TEXT))
        filled = f"{column} IS NOT NULL"
        _index(f"cases_open_{column}", "cases", [column, "queue", "due_on", "reference"], f"open = 1 AND {filled}")
        _index(f"cases_ended_{column}", "cases", [column, "due_on", "reference", "state"], f"open = 0 AND {filled}")
    op.add_column("certificates", sa.Column("superseded_by", TEXT))
    _index("outbox_skipped", "outbox", ["sent_at", "reference"], "state = 'skipped'")

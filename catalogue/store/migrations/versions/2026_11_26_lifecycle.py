"""The life of a certificate: the superior authority that may annul it, what takes its place, when to renew it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_lifecycle"
down_revision = "2026_11_26_notices"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    op.add_column("cases", sa.Column("superior_office", TEXT))
    filled = "superior_office IS NOT NULL"
    named = "superior_office"
    _index(f"cases_open_{named}", "cases", [named, "queue", "due_on", "reference"], f"open = 1 AND {filled}")
    _index(f"cases_ended_{named}", "cases", [named, "due_on", "reference", "state"], f"open = 0 AND {filled}")
    op.add_column("certificates", sa.Column("renewal_told", sa.SmallInteger, nullable=False, server_default="0"))
    running = "status = 'valid' AND valid_until IS NOT NULL AND renewal_told = 0"
    _index("certificates_renewal", "certificates", ["valid_until", "id"], running)
    _index("certificates_number", "certificates", ["number", "id"], "number IS NOT NULL")

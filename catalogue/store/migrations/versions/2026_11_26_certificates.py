"""Certificates: their term, why their status changed, and the blank sheets that were used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_certificates"
down_revision = "2026_11_26_drafts"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    for column in ("valid_until", "cause", "changed_at"):
        op.add_column("certificates", sa.Column(column, TEXT))
    op.create_table(
        "certificate_blanks",
        sa.Column("blank_no", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("blank_no"),
        sqlite_with_rowid=False,
    )
    where = sa.text("status = 'valid' AND valid_until IS NOT NULL")
    op.create_index(
        "certificates_runs_out", "certificates", ["valid_until", "id"], sqlite_where=where, postgresql_where=where
    )

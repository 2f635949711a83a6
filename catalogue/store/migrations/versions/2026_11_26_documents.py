"""Documents: the series of their numbers, and files that the house itself has set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_documents"
down_revision = "2026_11_26_measures"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "document_series",
        sa.Column("organ", TEXT, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organ", "year"),
        sqlite_with_rowid=False,
    )
    op.add_column("files", sa.Column("kind", TEXT, nullable=False, server_default="scan"))

"""Who wants no notices any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_notices"
down_revision = "2026_11_26_transfers"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "notice_optouts",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        sqlite_with_rowid=False,
    )

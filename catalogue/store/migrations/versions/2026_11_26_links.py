"""QR links: a side table that leads from the digest of a token to the case it opens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_links"
down_revision = "2026_11_24_desk"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "status_links",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        sqlite_with_rowid=False,
    )

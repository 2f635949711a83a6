"""An index by which every submission looks up the revision in force, without sorting all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_in_force"
down_revision = "2026_11_27_digests"
branch_labels = None
depends_on = None

_WHERE = sa.text("withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "revisions_in_force",
        "revisions",
        ["effective_from", "number"],
        sqlite_where=_WHERE,
        postgresql_where=_WHERE,
    )

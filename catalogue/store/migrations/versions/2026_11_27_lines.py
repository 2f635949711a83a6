"""What is not sent, by line: counted without looking at what was sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_lines"
down_revision = "2026_11_27_result"
branch_labels = None
depends_on = None


def upgrade() -> None:
    unsent = sa.text("state IN ('waiting', 'claimed', 'parked')")
    columns = ["region", "state", "created_at"]
    op.create_index("outbox_lines", "outbox", columns, sqlite_where=unsent, postgresql_where=unsent)

"""Delivery to the home regions: who claimed a message, the state of each city's line, answers, differences."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_delivery"
down_revision = "2026_11_26_documents"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _optional(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, TEXT) for name in names]


def upgrade() -> None:
    for name in ("claim", "owner", "created_at"):
        op.add_column("outbox", sa.Column(name, TEXT))
    op.execute("UPDATE outbox SET created_at = due_at")
    _index("outbox_due", "outbox", ["region", "due_at", "reference"], "state IN ('waiting', 'claimed')")
    op.create_table(
        "lines",
        sa.Column("region", TEXT, nullable=False),
        *_optional("paused_at", "paused_by", "pause_reason", "failing_since", "reason", "retry_at", "answered_at"),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("sent", sa.Integer, nullable=False, server_default="0"),
        sa.Column("compared", TEXT),
        sa.PrimaryKeyConstraint("region"),
    )
    op.create_table(
        "answers",
        sa.Column("region", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("body_digest", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("known", sa.SmallInteger, nullable=False),
        sa.Column("sequence", sa.Integer),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("received_at", TEXT, nullable=False),
        *_optional("settled_at", "told_by", "problem"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("region", "id"),
    )
    op.create_index("answers_reference", "answers", ["reference", "region", "sequence"])
    _index("answers_open", "answers", ["region", "received_at"], "state IN ('waiting', 'refused')")
    op.create_table(
        "differences",
        sa.Column("region", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("ours", TEXT),
        sa.Column("theirs", TEXT),
        sa.Column("found_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("region", "reference", "kind"),
    )

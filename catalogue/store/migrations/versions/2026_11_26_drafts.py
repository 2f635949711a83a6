"""Drafts of the registry, the feed of its changes, bulk re-routes; revisions say who published them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_drafts"
down_revision = "2026_11_26_delivery"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    for name, kind in (
        ("publisher", TEXT),
        ("withdrawn_by", TEXT),
        ("draft", TEXT),
        ("compiled", sa.LargeBinary()),
        ("compiled_by", TEXT),
    ):
        op.add_column("revisions", sa.Column(name, kind))
    op.create_table(
        "drafts",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("reason", TEXT),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("made_at", TEXT, nullable=False),
        sa.Column("changed_at", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("revision", sa.Integer()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("drafts_state", "drafts", ["state", "changed_at"])
    op.create_table(
        "draft_pieces",
        sa.Column("draft", TEXT, nullable=False),
        sa.Column("piece", TEXT, nullable=False),
        sa.Column("text", TEXT),
        sa.Column("changed_by", TEXT, nullable=False),
        sa.Column("changed_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["draft"], ["drafts.id"], name="draft_pieces_draft"),
        sa.PrimaryKeyConstraint("draft", "piece"),
    )
    op.create_table(
        "draft_hands",
        sa.Column("draft", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["draft"], ["drafts.id"], name="draft_hands_draft"),
        sa.PrimaryKeyConstraint("draft", "account"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "registry_changes",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("part", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("matter", TEXT),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("before", TEXT, nullable=False),
        sa.Column("after", TEXT, nullable=False),
        sa.Column("zh", TEXT, nullable=False),
        sa.Column("en", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("publisher", TEXT, nullable=False),
        sa.Column("reason", TEXT),
        sa.PrimaryKeyConstraint("revision", "n"),
    )
    op.create_index("registry_changes_matter", "registry_changes", ["matter", "revision"])
    op.create_index("registry_changes_part", "registry_changes", ["part", "subject"])
    op.create_table(
        "moves",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("undone_at", TEXT),
        sa.Column("undone_by", TEXT),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("moves_at", "moves", ["at"])
    op.create_table(
        "moved_cases",
        sa.Column("move", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("from_office", TEXT),
        sa.Column("to_office", TEXT),
        sa.Column("undone", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["move"], ["moves.id"], name="moved_cases_move"),
        sa.PrimaryKeyConstraint("move", "reference"),
    )
    _append_only("registry_changes")


def _append_only(table: str) -> None:
    """The change feed is for ever: the database itself refuses to change or remove a line."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - the name is a constant
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE revision = NEW.revision AND n = NEW.n) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )

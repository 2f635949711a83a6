"""The first tables, with the triggers that keep events from being changed or removed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "2026_11_23_first_tables"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

CASE_TABLES = (
    "cases",
    "events",
    "case_keys",
    "case_digests",
    "case_titles",
    "files",
    "file_chunks",
    "outbox",
    "anchor_heads",
)
NARROW = ("case_keys", "case_digests", "case_titles", "message_ids", "certificate_numbers", "anchor_heads")
"""Small rows that are only ever found by their key: one b-tree on SQLite instead of two."""

APPEND_ONLY = ("events", "anchors", "anchor_heads")


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _partitions() -> int:
    return int(context.config.attributes.get("partitions", 0)) if _postgresql() else 0


def _table(name: str, *items: Any) -> None:
    count = _partitions() if name in CASE_TABLES else 0
    if not count:
        op.create_table(name, *items, sqlite_with_rowid=name not in NARROW)
        return
    op.create_table(name, *items, postgresql_partition_by="HASH (reference)")
    for n in range(count):
        op.execute(f"CREATE TABLE {name}_{n} PARTITION OF {name} FOR VALUES WITH (MODULUS {count}, REMAINDER {n})")


def _index(name: str, table: str, columns: list[str], where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    _tables()
    if _postgresql():
        op.create_index("case_titles_grams", "case_titles", ["grams"], postgresql_using="gin")
        _forbid_on_postgresql()
    else:
        op.execute("CREATE VIRTUAL TABLE case_grams USING fts5(grams, tokenize = 'ascii')")
        _forbid_on_sqlite()


def _forbid_on_sqlite() -> None:
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    # INSERT OR REPLACE deletes silently on a connection that has not set recursive_triggers.
    for table, same in (
        ("events", "reference = NEW.reference AND seq = NEW.seq"),
        ("anchors", "number = NEW.number"),
        ("anchor_heads", "reference = NEW.reference AND seq = NEW.seq"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - names from the list above
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _forbid_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END$$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        # A row trigger is inherited by partitions, a TRUNCATE trigger is not.
        parts = [f"{table}_{n}" for n in range(_partitions())] if table in CASE_TABLES else []
        for name in (table, *parts):
            op.execute(
                f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {name} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def _tables() -> None:
    _table(
        "access_log",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("act", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("detail", TEXT),
        sa.Column("sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("access_log_at", "access_log", ["at"])
    _table(
        "accounts",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("username", TEXT, nullable=False),
        sa.Column("roles", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("office", TEXT, nullable=False),
        sa.Column("password_hash", TEXT),
        sa.Column("disabled", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", TEXT),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username", name="accounts_username"),
    )
    _index("accounts_office", "accounts", ["office"])
    _table(
        "anchor_heads",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("anchor", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reference", "seq"),
    )
    _index("anchor_heads_anchor", "anchor_heads", ["anchor"])
    _table(
        "anchors",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("chains", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    _table(
        "case_digests",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reference", "kind", "digest"),
    )
    _index("case_digests_digest", "case_digests", ["digest", "kind"])
    _table(
        "case_keys",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reference"),
    )
    _table(
        "case_titles",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("folded", TEXT, nullable=False),
        sa.Column("grams", sa.Text().with_variant(TSVECTOR(), "postgresql")),
        sa.PrimaryKeyConstraint("reference"),
    )

    _table(
        "cases",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("anchored", sa.Integer(), server_default="0", nullable=False),
        sa.Column("open", sa.SmallInteger(), nullable=False),
        sa.Column("queue", TEXT, nullable=False),
        sa.Column("due_on", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("matter", TEXT, nullable=False),
        sa.Column("procedure", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("accepting_region", TEXT, nullable=False),
        sa.Column("accepting_office", TEXT, nullable=False),
        sa.Column("home_region", TEXT),
        sa.Column("home_office", TEXT),
        sa.Column("delivery_office", TEXT),
        sa.Column("received_on", TEXT, nullable=False),
        sa.Column("notice_by", TEXT),
        sa.Column("promised_by", TEXT),
        sa.Column("statutory_by", TEXT),
        sa.Column("runs_out_on", TEXT),
        sa.Column("warn_on", TEXT),
        sa.Column("claimed_by", TEXT),
        sa.Column("changed_at", TEXT, nullable=False),
        sa.Column("title", TEXT),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("snapshot", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("reference"),
    )
    _index("cases_collected", "cases", ["changed_at", "reference"], "state = 'collected'")
    _index("cases_ended", "cases", ["due_on", "reference", "state"], "open = 0")
    _index("cases_ended_accepting_office", "cases", ["accepting_office", "due_on", "reference", "state"], "open = 0")
    _index("cases_ended_accepting_region", "cases", ["accepting_region", "due_on", "reference", "state"], "open = 0")
    _index(
        "cases_ended_delivery_office",
        "cases",
        ["delivery_office", "due_on", "reference", "state"],
        "open = 0 AND delivery_office IS NOT NULL",
    )
    _index(
        "cases_ended_home_office",
        "cases",
        ["home_office", "due_on", "reference", "state"],
        "open = 0 AND home_office IS NOT NULL",
    )
    _index(
        "cases_ended_home_region",
        "cases",
        ["home_region", "due_on", "reference", "state"],
        "open = 0 AND home_region IS NOT NULL",
    )
    _index("cases_notice", "cases", ["notice_by", "reference"], "notice_by IS NOT NULL AND open = 1")
    _index("cases_open_accepting_office", "cases", ["accepting_office", "queue", "due_on", "reference"], "open = 1")
    _index("cases_open_accepting_region", "cases", ["accepting_region", "queue", "due_on", "reference"], "open = 1")
    _index("cases_open_claimed", "cases", ["claimed_by", "due_on", "reference"], "open = 1 AND claimed_by IS NOT NULL")
    _index(
        "cases_open_delivery_office",
        "cases",
        ["delivery_office", "queue", "due_on", "reference"],
        "open = 1 AND delivery_office IS NOT NULL",
    )
    _index(
        "cases_open_home_office",
        "cases",
        ["home_office", "queue", "due_on", "reference"],
        "open = 1 AND home_office IS NOT NULL",
    )
    _index(
        "cases_open_home_region",
        "cases",
        ["home_region", "queue", "due_on", "reference"],
        "open = 1 AND home_region IS NOT NULL",
    )
    _index("cases_open_queue", "cases", ["queue", "due_on", "reference"], "open = 1")
    _index("cases_runs_out", "cases", ["runs_out_on", "reference"], "runs_out_on IS NOT NULL AND open = 1")
    _index("cases_unanchored", "cases", ["reference"], "seq > anchored")
    _index("cases_warn", "cases", ["warn_on", "reference"], "warn_on IS NOT NULL AND open = 1")
    _table(
        "certificate_numbers",
        sa.Column("number", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    _table(
        "certificates",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("number", TEXT),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("certificates_reference", "certificates", ["reference"])
    _table(
        "events",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("office", TEXT, nullable=False),
        sa.Column("clear", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reference", "seq"),
    )
    _table(
        "files",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("content_digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", TEXT, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("material", TEXT),
        sa.Column("added_at", TEXT, nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("reference", "id"),
        sa.UniqueConstraint("reference", "content_digest", name="files_content"),
    )
    _table(
        "idempotency",
        sa.Column("account", TEXT, nullable=False),
        sa.Column("route", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("body_digest", TEXT, nullable=False),
        sa.Column("reference", TEXT),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("account", "route", "key"),
    )
    _index("idempotency_created", "idempotency", ["created_at"])
    _table(
        "marks",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    _table(
        "message_ids",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _table(
        "outbox",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", TEXT, nullable=False),
        sa.Column("reason", TEXT),
        sa.Column("sent_at", TEXT),
        sa.PrimaryKeyConstraint("reference", "id"),
    )
    _index("outbox_unsent", "outbox", ["due_at", "reference"], "state <> 'sent'")
    _table(
        "revisions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("note", TEXT),
        sa.Column("effective_from", TEXT, nullable=False),
        sa.Column("published_at", TEXT, nullable=False),
        sa.Column("withdrawn_at", TEXT),
        sa.Column("document", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    _table(
        "throttle",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("nonce", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "at", "nonce"),
    )
    _index("throttle_at", "throttle", ["at"])
    _table(
        "file_chunks",
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("file_id", TEXT, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["reference", "file_id"], ["files.reference", "files.id"], name="file_chunks_file"),
        sa.PrimaryKeyConstraint("reference", "file_id", "n"),
    )
    _table(
        "sessions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("csrf", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("seen_at", TEXT, nullable=False),
        sa.Column("expires_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="sessions_account"),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("sessions_account_id", "sessions", ["account_id"])
    _index("sessions_expires", "sessions", ["expires_at"])
    _table(
        "tokens",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("scopes", TEXT, nullable=False),
        sa.Column("expires_at", TEXT),
        sa.Column("networks", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="tokens_account"),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("tokens_account_id", "tokens", ["account_id"])
    # ### end Alembic commands ###

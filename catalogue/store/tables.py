"""The tables, for SQLite and PostgreSQL alike.

Tables of a case carry ``reference`` in every unique constraint, so that they can be distributed by it; nothing there
uses a sequence or refers to another case. What must be unique across cases stands in side tables with keys of their
own. Times are RFC 3339 in UTC with microseconds and days are ISO dates, both as text (docs/decisions/0003).
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
    types,
)

Text = types.Text().with_variant(types.Text(collation="C"), "postgresql")
"""Compared byte by byte on both engines, so that order and indexes do not depend on a server's locale."""


class Lexemes(types.UserDefinedType[str]):
    """PostgreSQL's ``tsvector``, by name: its dialect is loaded only where it is used."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "TSVECTOR"


NEVER = "9999-12-31"
"""Stands for «no due date» in ``cases.due_on``, so that every page can be cut by (due_on, reference)."""

metadata = MetaData()

cases = Table(
    "cases",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("anchored", Integer, nullable=False, server_default="0"),
    Column("open", SmallInteger, nullable=False),
    Column("queue", Text, nullable=False),
    Column("due_on", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("matter", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("accepting_region", Text, nullable=False),
    Column("accepting_office", Text, nullable=False),
    Column("home_region", Text),
    Column("home_office", Text),
    Column("delivery_office", Text),
    Column("partner_office", Text),
    Column("superior_office", Text),
    Column("upper_office", Text),
    Column("top_office", Text),
    Column("received_on", Text, nullable=False),
    Column("notice_by", Text),
    Column("promised_by", Text),
    Column("statutory_by", Text),
    Column("runs_out_on", Text),
    Column("warn_on", Text),
    Column("claimed_by", Text),
    Column("changed_at", Text, nullable=False),
    Column("title", Text),
    Column("label", Text, nullable=False),
    Column("code_digest", LargeBinary, nullable=False),
    Column("snapshot", Text, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("clear", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

case_keys = Table(
    "case_keys",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

case_digests = Table(
    "case_digests",
    metadata,
    Column("month", SmallInteger, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, primary_key=True),
    Column("reference", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Keyed digest of a personal identifier -> the cases it stands in, by the month of receipt (docs/decisions/0026)."""

case_titles = Table(
    "case_titles",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("folded", Text, nullable=False),
    Column("digests", LargeBinary),
    Column("grams", types.Text().with_variant(Lexemes(), "postgresql")),
    sqlite_with_rowid=False,
)
"""What each case is found by, beside ``cases`` so that a move of a case leaves the indexes alone: its title (empty
where it has none), and its ``digests`` one after the other, by which they are taken out of ``case_digests`` again.
SQLite keeps the bigrams in the FTS5 table ``case_grams`` instead of ``grams``, by the reference as row number."""

files = Table(
    "files",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("content_digest", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("material", Text),
    Column("added_at", Text, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="scan"),
    UniqueConstraint("reference", "content_digest", name="files_content"),
)

file_chunks = Table(
    "file_chunks",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("file_id", Text, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(["reference", "file_id"], ["files.reference", "files.id"], name="file_chunks_file"),
)

paper_openings = Table(
    "paper_openings",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("file_id", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("at", Text, nullable=False),
)
"""Who opened which scan first when; a grant waits for it."""

decisions = Table(
    "decisions",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("matter", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("decided_on", Text, nullable=False),
    Column("days", Integer, nullable=False),
)
"""How long each decision took, in working days from receipt; nothing personal."""

outbox = Table(
    "outbox",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Text, nullable=False),
    Column("reason", Text),
    Column("sent_at", Text),
    Column("claim", Text),
    Column("owner", Text),
    Column("created_at", Text),
)

ratings = Table(
    "ratings",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("level", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("officer", Text),
    Column("at", Text, nullable=False),
    Column("follow", Text),
    Column("limit_on", Text),
    Column("replied_by", Text),
    Column("sealed", LargeBinary, nullable=False),
)
"""好差评, beside the case: what was written is sealed, and confidential to whoever was rated."""

rating_due = Table(
    "rating_due",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("due_on", Text, nullable=False),
)
"""Until when a case may be rated before it counts by default."""

# --- side tables ------------------------------------------------------------------------------------------------------

message_ids = Table(
    "message_ids",
    metadata,
    Column("id", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    sqlite_with_rowid=False,
)

misroutes = Table(
    "misroutes",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("matter", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("suggested", Text),
    Column("day", Text, nullable=False),
)
"""Every refusal of a case by an office it was sent to, for the rates by matter."""

external_numbers = Table(
    "external_numbers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
)
"""Number in a registrar's own system -> the case."""

lines = Table(
    "lines",
    metadata,
    Column("region", Text, primary_key=True),
    Column("paused_at", Text),
    Column("paused_by", Text),
    Column("pause_reason", Text),
    Column("failing_since", Text),
    Column("reason", Text),
    Column("retry_at", Text),
    Column("answered_at", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("sent", Integer, nullable=False, server_default="0"),
    Column("compared", Text),
)
"""One row for each city that messages went to: paused by whom, failing since when, again when."""

answers = Table(
    "answers",
    metadata,
    Column("region", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("body_digest", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("known", SmallInteger, nullable=False),
    Column("sequence", Integer),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("settled_at", Text),
    Column("told_by", Text),
    Column("problem", Text),
    Column("sealed", LargeBinary, nullable=False),
)
"""What the cities' own systems have answered, by the id they gave it; a refused answer stays for inspection."""

differences = Table(
    "differences",
    metadata,
    Column("region", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("ours", Text),
    Column("theirs", Text),
    Column("found_at", Text, nullable=False),
)
"""Where a city's own system and this one do not hold the same, as the last comparison found it."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("account", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_digest", Text, nullable=False),
    Column("reference", Text),
    Column("outcome", LargeBinary, nullable=False),
    Column("created_at", Text, nullable=False),
)

document_series = Table(
    "document_series",
    metadata,
    Column("organ", Text, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""The last document number 文号 of each authority and year."""

certificates = Table(
    "certificates",
    metadata,
    Column("id", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("number", Text),
    Column("status", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("valid_until", Text),
    Column("cause", Text),
    Column("changed_at", Text),
    Column("superseded_by", Text),
    Column("renewal_told", SmallInteger, nullable=False, server_default="0"),
)

certificate_blanks = Table(
    "certificate_blanks",
    metadata,
    Column("blank_no", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Every blank sheet 空白证照编号 that was used or spoiled, and in which case."""

notice_optouts = Table(
    "notice_optouts",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("at", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Keyed digests of numbers and addresses that want no notices."""

certificate_numbers = Table(
    "certificate_numbers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    sqlite_with_rowid=False,
)

status_links = Table(
    "status_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("reference", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""The keyed digest of a QR link's token -> the case it opens."""

measures = Table(
    "measures",
    metadata,
    Column("matter", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("cases", Integer, nullable=False),
    Column("half", Integer, nullable=False),
    Column("most", Integer, nullable=False),
)
"""What was measured of ``decisions`` last; an empty region stands for all."""

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("password_hash", Text),
    Column("disabled", SmallInteger, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", Text),
    UniqueConstraint("username", name="accounts_username"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id", name="sessions_account"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
)

covers = Table(
    "covers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("covered", Text, ForeignKey("accounts.id", name="covers_covered_account"), nullable=False),
    Column("stand_in", Text, ForeignKey("accounts.id", name="covers_stand_in_account"), nullable=False),
    Column("from_day", Text, nullable=False),
    Column("to_day", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("ended_by", Text),
    Column("ended_at", Text),
)

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id", name="saved_filters_account"), nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("made_at", Text, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id", name="tokens_account"), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("expires_at", Text),
    Column("networks", Text, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("note", Text),
    Column("effective_from", Text, nullable=False),
    Column("published_at", Text, nullable=False),
    Column("withdrawn_at", Text),
    Column("document", Text, nullable=False),
    Column("publisher", Text),
    Column("withdrawn_by", Text),
    Column("draft", Text),
    Column("compiled", LargeBinary),
    Column("compiled_by", Text),
)
"""``author`` wrote it, ``publisher`` put it in force. ``compiled`` is derived from the document, for the release that
``compiled_by`` names, and made again where it is missing."""

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("reason", Text),
    Column("origin", Text, nullable=False),
    Column("based_on", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer),
)

draft_pieces = Table(
    "draft_pieces",
    metadata,
    Column("draft", Text, ForeignKey("drafts.id", name="draft_pieces_draft"), primary_key=True),
    Column("piece", Text, primary_key=True),
    Column("text", Text),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
)
"""What a draft changes of its base, piece by piece; ``text`` NULL takes the piece out."""

draft_hands = Table(
    "draft_hands",
    metadata,
    Column("draft", Text, ForeignKey("drafts.id", name="draft_hands_draft"), primary_key=True),
    Column("account", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Everybody who has written in a draft, also where the piece was put back since: none of them publishes it."""

registry_changes = Table(
    "registry_changes",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("matter", Text),
    Column("path", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("publisher", Text, nullable=False),
    Column("reason", Text),
)
"""Who changed what and why, for ever. ``matter`` is set where the change concerns one."""

moves = Table(
    "moves",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("undone_at", Text),
    Column("undone_by", Text),
)

moved_cases = Table(
    "moved_cases",
    metadata,
    Column("move", Text, ForeignKey("moves.id", name="moved_cases_move"), primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("from_office", Text),
    Column("to_office", Text),
    Column("undone", SmallInteger, nullable=False, server_default="0"),
)
"""The cases of a bulk re-route, each with the event that moved it."""

throttle = Table(
    "throttle",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("subject", LargeBinary, primary_key=True),
    Column("at", Text, primary_key=True),
    Column("nonce", Text, primary_key=True),
)

access_log = Table(
    "access_log",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text),
    Column("sealed", LargeBinary),
)

marks = Table(
    "marks",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

anchors = Table(
    "anchors",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("chains", Integer, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

anchor_heads = Table(
    "anchor_heads",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("anchor", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# --- what the tables of a case share ----------------------------------------------------------------------------------

SUPERIOR_COLUMNS = ("superior_office", "upper_office", "top_office")
"""The authorities above the one that issued the certificate, the nearest first."""

SIGHT_COLUMNS = (
    "accepting_region",
    "home_region",
    "accepting_office",
    "home_office",
    "delivery_office",
    "partner_office",
    *SUPERIOR_COLUMNS,
)
"""The columns by which ``store.scope`` admits a case; each has a partial index for open and one for ended cases."""


CASE_TABLES = (
    "cases",
    "events",
    "case_keys",
    "case_digests",
    "case_titles",
    "files",
    "file_chunks",
    "paper_openings",
    "decisions",
    "misroutes",
    "outbox",
    "anchor_heads",
    "ratings",
    "rating_due",
)
"""Tables that share ``reference`` as their distribution column."""

APPEND_ONLY = ("events", "anchors", "anchor_heads", "registry_changes")
"""Tables that take new rows and never change old ones."""

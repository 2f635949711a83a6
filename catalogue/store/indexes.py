"""The indexes of the tables, for those who make tables and for those who compare them.

Apart from the tables, since SQLAlchemy loads PostgreSQL's dialect for an index that differs there, and a program on
SQLite has no use for it.
"""

from __future__ import annotations

from sqlalchemy import Index, Table, text

from catalogue.store.tables import (
    SIGHT_COLUMNS,
    access_log,
    accounts,
    anchor_heads,
    answers,
    case_titles,
    cases,
    certificates,
    covers,
    decisions,
    drafts,
    idempotency,
    metadata,
    misroutes,
    moves,
    outbox,
    rating_due,
    ratings,
    registry_changes,
    revisions,
    saved_filters,
    sessions,
    throttle,
    tokens,
)


def _partial(name: str, table: Table, where: str, *columns: str) -> None:
    Index(name, *(table.c[c] for c in columns), sqlite_where=text(where), postgresql_where=text(where))


for _column in SIGHT_COLUMNS:
    _filled = "" if _column.startswith("accepting") else f" AND {_column} IS NOT NULL"
    _partial(f"cases_open_{_column}", cases, f"open = 1{_filled}", _column, "queue", "due_on", "reference")
    _partial(f"cases_ended_{_column}", cases, f"open = 0{_filled}", _column, "due_on", "reference", "state")

_partial("cases_open_queue", cases, "open = 1", "queue", "due_on", "reference")
_partial("cases_ended", cases, "open = 0", "due_on", "reference", "state")
_partial("cases_open_claimed", cases, "open = 1 AND claimed_by IS NOT NULL", "claimed_by", "due_on", "reference")
_partial("cases_runs_out", cases, "runs_out_on IS NOT NULL AND open = 1", "runs_out_on", "reference")
_partial("cases_notice", cases, "notice_by IS NOT NULL AND open = 1", "notice_by", "reference")
_partial("cases_warn", cases, "warn_on IS NOT NULL AND open = 1", "warn_on", "reference")
_partial("cases_collected", cases, "state = 'collected'", "changed_at", "reference")
_partial("cases_unanchored", cases, "seq > anchored", "reference")
Index("case_titles_grams", case_titles.c.grams, postgresql_using="gin").ddl_if(dialect="postgresql")
_partial("outbox_unsent", outbox, "state <> 'sent'", "due_at", "reference")
_partial("outbox_lines", outbox, "state IN ('waiting', 'claimed', 'parked')", "region", "state", "created_at")
_partial("outbox_skipped", outbox, "state = 'skipped'", "sent_at", "reference")
Index("decisions_decided", decisions.c.decided_on, decisions.c.matter, decisions.c.region, decisions.c.days)
_partial("outbox_due", outbox, "state IN ('waiting', 'claimed')", "region", "due_at", "reference")
Index("answers_reference", answers.c.reference, answers.c.region, answers.c.sequence)
_partial("answers_open", answers, "state IN ('waiting', 'refused')", "region", "received_at")
Index("misroutes_day", misroutes.c.day, misroutes.c.matter)
Index("sessions_account_id", sessions.c.account_id)
Index("sessions_expires", sessions.c.expires_at)
Index("tokens_account_id", tokens.c.account_id)
Index("covers_stand_in", covers.c.stand_in, covers.c.to_day)
Index("covers_covered", covers.c.covered, covers.c.to_day)
Index("saved_filters_account_id", saved_filters.c.account_id)
Index("idempotency_created", idempotency.c.created_at)
Index("accounts_office", accounts.c.office)
Index("access_log_at", access_log.c.at)
Index("throttle_at", throttle.c.at)
_partial("certificates_runs_out", certificates, "status = 'valid' AND valid_until IS NOT NULL", "valid_until", "id")
Index("ratings_office", ratings.c.office, ratings.c.at)
Index("rating_due_on", rating_due.c.due_on, rating_due.c.reference)
_partial(
    "certificates_renewal", certificates, "status = 'valid' AND valid_until IS NOT NULL AND renewal_told = 0",
    "valid_until", "id",
)  # fmt: skip
_partial("certificates_number", certificates, "number IS NOT NULL", "number", "id")
Index("certificates_reference", certificates.c.reference)
Index("anchor_heads_anchor", anchor_heads.c.anchor)
Index("drafts_state", drafts.c.state, drafts.c.changed_at)
Index("registry_changes_matter", registry_changes.c.matter, registry_changes.c.revision)
Index("registry_changes_part", registry_changes.c.part, registry_changes.c.subject)
Index("moves_at", moves.c.at)
_partial("revisions_in_force", revisions, "withdrawn_at IS NULL", "effective_from", "number")

COMPLETE = metadata
"""The tables with their indexes."""

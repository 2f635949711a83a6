"""The row of a case as computed from its clear state: everything in it can be rebuilt from the events."""

from __future__ import annotations

from typing import Any

from catalogue.domain.case import Case
from catalogue.domain.clocks import delivery_limit, runs, way_limits
from catalogue.service.ports import CaseLine, Projection
from catalogue.store.codec import day, snapshot
from catalogue.store.tables import NEVER, SUPERIOR_COLUMNS

LINE_COLUMNS = (
    "reference",
    "seq",
    "state",
    "queue",
    "matter",
    "procedure",
    "title",
    "label",
    "accepting_region",
    "accepting_office",
    "home_region",
    "home_office",
    "received_on",
    "due_on",
    "promised_by",
    "statutory_by",
    "claimed_by",
)
"""The columns of ``CaseLine``, in its order."""


def case_row(case: Case, projection: Projection, changed_at: str) -> dict[str, Any]:
    """Columns of ``cases`` without key, chain and search: what a move of the case changes."""
    promised_by, statutory_by = day(case.promised_by), day(case.statutory_by)
    running = runs(case)
    limits = (("promised", promised_by), ("statutory", statutory_by), ("notice", day(case.notice_by)))
    unwarned = [limit for name, limit in limits if limit is not None and f"{name}:{limit}" not in case.warned]
    ways = [limit.isoformat() for name, limit in way_limits(case) if f"{name}:{limit.isoformat()}" not in case.warned]
    ways += [
        limit.isoformat()
        for limit in (delivery_limit(case),)
        if limit is not None and f"delivery:{limit.isoformat()}" not in case.warned
    ]
    awaiting_notice = running and case.procedure == "permit" and case.accepted_on is None
    return {
        "seq": case.seq,
        "open": int(projection.open),
        "queue": projection.queue or "",
        "due_on": day(projection.due_on) or NEVER,
        "state": case.state,
        "matter": case.matter,
        "procedure": case.procedure,
        "revision": case.revision,
        "accepting_region": case.accepting_region,
        "accepting_office": case.accepting_office,
        "home_region": case.home_region,
        "home_office": case.home_office,
        "delivery_office": case.delivery_office,
        "partner_office": case.partner_office,
        **dict.fromkeys(SUPERIOR_COLUMNS, None),
        **dict(zip(SUPERIOR_COLUMNS, case.superiors, strict=False)),
        "received_on": day(case.received_on),
        "notice_by": day(case.notice_by) if awaiting_notice and case.state != "correction_notice" else None,
        "promised_by": promised_by,
        "statutory_by": statutory_by,
        "runs_out_on": statutory_by if running else None,
        "warn_on": min((*(unwarned if running else ()), *ways), default=None),
        "claimed_by": case.claimed_by,
        "changed_at": changed_at,
        "snapshot": snapshot(case),
    }


_QUEUE, _DUE_ON = LINE_COLUMNS.index("queue"), LINE_COLUMNS.index("due_on")


def line(row: Any) -> CaseLine:
    """The line of a row in the order of ``LINE_COLUMNS``, which is that of its fields: fifty of them make a page."""
    values = list(row)
    values[_QUEUE] = values[_QUEUE] or None
    if values[_DUE_ON] == NEVER:
        values[_DUE_ON] = None
    return CaseLine(*values)


CHANGING = (
    "seq",
    "open",
    "queue",
    "due_on",
    "state",
    "matter",
    "procedure",
    "revision",
    "accepting_region",
    "accepting_office",
    "home_region",
    "home_office",
    "delivery_office",
    "partner_office",
    *SUPERIOR_COLUMNS,
    "received_on",
    "notice_by",
    "promised_by",
    "statutory_by",
    "runs_out_on",
    "warn_on",
    "claimed_by",
    "changed_at",
    "snapshot",
)
"""The keys of ``case_row``, in order."""

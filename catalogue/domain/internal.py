"""What happens on a case among the offices alone, and is no business of the applicant."""

from __future__ import annotations

INTERNAL = frozenset(
    {
        "claimed", "released", "assigned", "noted", "sent_back", "limit_warned", "entry_corrected",
        "copy_printed", "print_reported", "archived", "external_recorded", "message_sent", "papers_sent",
        "papers_received",
    }
)  # fmt: skip
"""Types of events of which the applicant is told neither name nor time nor who acted."""

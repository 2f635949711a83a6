"""The series of document numbers: a row for each authority and year and no sequence, so a rollback leaves no gap."""

from __future__ import annotations

from catalogue.store.session import Session

_NEXT = (
    "INSERT INTO document_series (organ, year, last) VALUES (:organ, :year, 1) "
    "ON CONFLICT (organ, year) DO UPDATE SET last = document_series.last + 1 RETURNING last"
)


class StoredDocuments:
    """The port ``Documents``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def next_serial(self, organ: str, year: int) -> int:
        """The next number. Its row stays locked until the COMMIT: only officers of one authority wait for it."""
        return int(self._session.raw(_NEXT, {"organ": organ, "year": year}).fetchone()[0])

"""Ratings of a case as they are kept: off the case, because they are confidential to those who are rated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from catalogue.domain.value import Value


class Rating(Value, frozen=True):
    """One rating. ``nth``: 1 the rating, 2 the follow-up 追评, 0 the default. ``follow``: None, open or answered."""

    reference: str
    target: str
    nth: int
    level: str
    channel: str
    office: str
    officer: str | None
    at: datetime
    reasons: tuple[str, ...] = ()
    text: str | None = None
    follow: str | None = None
    limit_on: date | None = None
    """When the follow-up is due; None where no limit is known."""
    reply: str | None = None
    replied_by: str | None = None


class Ratings(Protocol):
    def add(self, rating: Rating) -> None:
        """Raises RuleForbids where that target has a rating of that number."""
        ...

    def of_case(self, reference: str) -> Sequence[Rating]: ...
    def of_offices(self, offices: Sequence[str], limit: int) -> Sequence[Rating]:
        """The ratings of those offices, open follow-ups first, then the newest."""
        ...

    def reply(self, reference: str, target: str, nth: int, reply: str, by: str) -> None:
        """Answer a follow-up."""
        ...

    def expect(self, reference: str, until: date) -> None:
        """The case may be rated until that day; then it counts by default."""
        ...

    def expected(self, before: date, limit: int) -> Sequence[str]:
        """References whose day has passed without a rating."""
        ...

    def no_longer(self, reference: str) -> None:
        """Nothing is expected of the case any more."""
        ...

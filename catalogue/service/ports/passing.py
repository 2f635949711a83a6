"""Misroutes as they are counted, and numbers of cases in the registrars' own systems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from catalogue.domain.value import Value


class Misroute(Value, frozen=True):
    """One refusal of a case by an office it was sent to."""

    reference: str
    seq: int
    matter: str
    place: str
    office: str
    code: str
    suggested: str | None
    day: date


class MisrouteRate(Value, frozen=True):
    """How many cases of a matter were received since a day, and how often one was sent back, for which causes."""

    matter: str
    received: int
    bounced: int
    codes: tuple[tuple[str, int], ...]

    @property
    def rate(self) -> float:
        """Refusals for each case received; 0 where none was."""
        return self.bounced / self.received if self.received else 0.0


class Passing(Protocol):
    def misrouted(self, misroute: Misroute) -> None: ...
    def misroutes(self, since: date, matter: str | None = None, limit: int = 100) -> Sequence[Misroute]:
        """The newest first."""
        ...

    def rates(self, since: date) -> Sequence[MisrouteRate]:
        """Matters with a refusal since that day, the worst first."""
        ...

    def asked_of(self, office: str, limit: int = 200) -> Sequence[str]:
        """References of the open cases whose file that office hands over, or has handed over."""
        ...

    def external(self, number: str, reference: str) -> None:
        """That case has this number in the registrar's own system."""
        ...

    def by_external(self, number: str) -> Sequence[str]:
        """References of the cases with that number."""
        ...

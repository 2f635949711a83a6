"""What is kept of how long decisions took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from catalogue.domain.measures import Key, Measure
from catalogue.domain.value import Value


class Decision(Value, frozen=True):
    """One decision: nothing personal. ``days``: working days from receipt."""

    reference: str
    matter: str
    region: str
    office: str
    decided_on: date
    days: int


class Measures(Protocol):
    def add(self, decision: Decision) -> None:
        """Keep a decision; the first of a case counts."""
        ...

    def counted(self, since: date) -> Sequence[tuple[str, str, int, int]]:
        """(matter, home region, working days, cases) of what was decided on that day or later."""
        ...

    def replace(self, measures: Mapping[Key, Measure]) -> None:
        """What was measured, in the place of what was measured before."""
        ...

    def all(self) -> Mapping[Key, Measure]: ...

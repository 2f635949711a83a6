"""How long it really takes 实测用时: the 90th percentile of what was decided, told only where enough was decided.

Counted in working days of the home region from receipt to decision, everything included: the applicant waits for the
whole of it, whoever had the papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalogue.domain.value import Value

MINIMUM = 10
"""Cases decided below which nothing is told: a 90th percentile of fewer is the slowest case, which is one person's."""
WITHIN_DAYS = 365
"""Decisions of the last year count."""
ALL_REGIONS = ""
"""Stands for all cities together."""


class Measure(Value, frozen=True):
    """``half`` and ``most``: within so many working days half and nine of ten cases were decided."""

    cases: int
    half: int
    most: int


Key = tuple[str, str]
"""Matter and home region; ``ALL_REGIONS`` for the four cities together."""


def percentile(counts: Mapping[int, int], share: int) -> int:
    """The smallest number of days within which ``share`` percent of the cases lie (nearest rank)."""
    wanted = -(-sum(counts.values()) * share // 100)
    reached = 0
    for days in sorted(counts):
        reached += counts[days]
        if reached >= wanted:
            return days
    raise ValueError("no cases to measure")


def measured(counted: Iterable[tuple[str, str, int, int]]) -> dict[Key, Measure]:
    """From (matter, home region, working days, cases): the measure of each matter in each city and in all of them,
    where there were enough cases."""
    spread: dict[Key, dict[int, int]] = {}
    for matter, region, days, cases in counted:
        for key in ((matter, region), (matter, ALL_REGIONS)):
            counts = spread.setdefault(key, {})
            counts[days] = counts.get(days, 0) + cases
    return {
        key: Measure(total, percentile(counts, 50), percentile(counts, 90))
        for key, counts in spread.items()
        if (total := sum(counts.values())) >= MINIMUM
    }

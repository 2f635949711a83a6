"""Rating 好差评: five named levels, for the window and the deciding office apart, once and with one follow-up 追评.

A level is kept by name, since the two national schemes number it in opposite directions; it is mapped at the border
only. Whoever does not rate within five working days counts as 基本满意, marked as such (云政办发〔2020〕6号).
"""

from __future__ import annotations

from collections.abc import Mapping

from catalogue.domain.case import Case, Event
from catalogue.domain.value import Value

LEVELS = ("very_satisfied", "satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied")
"""From best to worst; labels in the vocabulary."""

BAD = frozenset({"dissatisfied", "very_dissatisfied"})
"""差评: needs a reason and is followed up (国办发〔2019〕51号)."""

DEFAULT_LEVEL = "basically_satisfied"
DEFAULT_DAYS = 5

TARGETS = ("window", "office")
"""The window that received and handed over, and the office that decided, are rated apart."""

GBT_39046: Mapping[str, int] = {level: n for n, level in enumerate(LEVELS, 1)}
"""GB/T 39046-2020 A.8: 1 非常满意 … 5 非常不满意."""

REPORTING: Mapping[str, int] = {level: 5 - n for n, level in enumerate(LEVELS)}
"""The reporting interface of 好差评: 5 非常满意 … 1 非常不满意."""

REPORTING_CHANNELS: Mapping[str, int] = {
    "web": 1, "mobile": 2, "qr": 3, "hall_tablet": 4, "hall": 5, "sms": 6, "system_default": 7,
}  # fmt: skip
"""The same interface's channels."""

FIRST, FOLLOW_UP, DEFAULT = 1, 2, 0
"""The number of a rating among those of one case and target."""


class Rated(Value, frozen=True):
    """Who is rated: an office, and the officer of it who acted, for whom the rating stays confidential."""

    target: str
    office: str
    officer: str | None


def rated(case: Case, events: tuple[Event, ...]) -> tuple[Rated, ...]:
    """The window and the office of a case. The window's officer is who handed over last, else who received."""
    at_window = [event for event in events if event.type in ("received", "handed_over", "posted")]
    window = at_window[-1]
    found = [Rated("window", window.office, window.actor)]
    if case.home_office is not None and case.accepted_on is not None:
        found.append(Rated("office", case.home_office, case.decided_by))
    return tuple(found)


def may_be_rated(case: Case) -> bool:
    """Whether the service has ended."""
    return case.closed_on is not None

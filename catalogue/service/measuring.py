"""Measure 实测用时: keep what each decision took, reckon the percentiles now and then, tell them with the status.

Nothing is counted while somebody asks: a job measures, each process holds the few hundred figures in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from catalogue.domain.case import Case, Event
from catalogue.domain.days import local_day
from catalogue.domain.measures import ALL_REGIONS, MINIMUM, WITHIN_DAYS, measured
from catalogue.service.house import House
from catalogue.service.ports import Decision, Work
from catalogue.service.views import calendar_of

DECIDED = frozenset({"granted", "refused", "result_attached"})


def note_decision(work: Work, house: House, case: Case, events: Sequence[Event]) -> None:
    """Keep how long a case took that has just been decided."""
    calendar = calendar_of(house, case)
    if calendar is None or case.decided_on is None or case.home_region is None or case.home_office is None:
        return
    if any(event.type in DECIDED for event in events):
        days = calendar.between(case.received_on, case.decided_on) if case.decided_on > case.received_on else 0
        work.measures.add(
            Decision(case.reference, case.matter, case.home_region, case.home_office, case.decided_on, days)
        )


def remeasure(work: Work, house: House) -> int:
    """Measure anew what was decided within a year; how many measures there are."""
    since = local_day(house.clock.now()) - timedelta(days=WITHIN_DAYS)
    found = measured(work.measures.counted(since))
    if found != work.measures.all():
        work.measures.replace(found)
    house.measures = found
    return len(found)


def learn(work: Work, house: House) -> None:
    """What another process has published and measured since the last look."""
    house.refresh(work.revisions)
    house.measures = work.measures.all()


def usual_json(house: House, case: Case) -> dict[str, Any] | None:
    """How long such a case usually takes: in its home region, else in all four cities; None below ``MINIMUM``."""
    for region in (case.home_region, ALL_REGIONS):
        found = None if region is None else house.measures.get((case.matter, region))
        if found is not None:
            return {
                "region": region or None,
                "cases": found.cases,
                "half_within_days": found.half,
                "p90_days": found.most,
                "minimum_cases": MINIMUM,
            }
    return None

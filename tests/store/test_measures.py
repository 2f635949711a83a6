"""Decisions are kept once each and counted by the day they were made; measures replace what stood before."""

from __future__ import annotations

from datetime import date

from catalogue.domain.measures import Measure
from catalogue.service.ports import Decision
from catalogue.store import StoredDatabase
from tests.units import taking

DAY = date(2026, 11, 23)


def _decision(n: int, days: int, on: date = DAY) -> Decision:
    return Decision(f"{n:016d}", "company-setup", "xishuangbanna", "532801", on, days)


def test_a_decision_counts_once_and_only_from_its_day_on(database: StoredDatabase) -> None:
    for decision in (_decision(1, 2), _decision(1, 9), _decision(2, 2), _decision(3, 5, date(2026, 1, 5))):
        database.write(taking(decision, lambda work, one: work.measures.add(one))).result()
    assert database.read(lambda work: work.measures.counted(DAY)).result() == [("company-setup", "xishuangbanna", 2, 2)]


def test_measures_replace_what_stood_before(database: StoredDatabase) -> None:
    first = {("a", ""): Measure(20, 3, 9), ("a", "yuxi"): Measure(12, 2, 4)}
    database.write(lambda work: work.measures.replace(first)).result()
    assert database.read(lambda work: work.measures.all()).result() == first
    database.write(lambda work: work.measures.replace({})).result()
    assert database.read(lambda work: work.measures.all()).result() == {}

"""The series of document numbers: gapless per authority and year, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from catalogue.service.ports import Work
from catalogue.store import StoredDatabase


def test_a_series_counts_from_one_for_each_authority_and_year(database: StoredDatabase) -> None:
    def take(work: Work) -> list[int]:
        series = (("532801", 2026), ("532801", 2026), ("530102", 2026), ("532801", 2027), ("532801", 2026))
        return [work.documents.next_serial(organ, year) for organ, year in series]

    assert database.write(take).result() == [1, 2, 1, 1, 3]


def test_what_is_rolled_back_leaves_no_gap(database: StoredDatabase) -> None:
    def take_and_fail(work: Work) -> int:
        work.documents.next_serial("532801", 2026)
        raise RuntimeError

    assert database.write(lambda work: work.documents.next_serial("532801", 2026)).result() == 1
    with pytest.raises(RuntimeError):
        database.write(take_and_fail).result()
    assert database.write(lambda work: work.documents.next_serial("532801", 2026)).result() == 2


def test_two_at_once_never_take_the_same_number(database: StoredDatabase) -> None:
    def take(_: int) -> int:
        return database.write(lambda work: work.documents.next_serial("532801", 2026)).result()

    with ThreadPoolExecutor(8) as pool:
        taken = sorted(pool.map(take, range(40)))
    assert taken == list(range(1, 41))

"""The measured time 实测用时: nearest rank, and nothing told below the stated minimum."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalogue.domain.measures import ALL_REGIONS, MINIMUM, Measure, measured, percentile

COUNTS = st.dictionaries(st.integers(0, 60), st.integers(1, 50), min_size=1)


@given(COUNTS, st.integers(1, 100))
def test_a_percentile_is_a_value_that_was_measured_and_covers_its_share(counts: dict[int, int], share: int) -> None:
    found = percentile(counts, share)
    total = sum(counts.values())
    within = sum(cases for days, cases in counts.items() if days <= found)
    sooner = sum(cases for days, cases in counts.items() if days < found)
    assert found in counts
    assert within * 100 >= total * share > sooner * 100


def test_nine_of_ten_by_nearest_rank() -> None:
    assert percentile(dict.fromkeys(range(1, 11), 1), 90) == 9
    assert percentile({3: 1}, 90) == 3


def test_below_the_minimum_nothing_is_told_and_the_cities_are_told_together() -> None:
    half = MINIMUM // 2
    found = measured([("m", "kunming", 2, half), ("m", "yuxi", 4, MINIMUM - half), ("n", "yuxi", 1, MINIMUM - 1)])
    assert found == {("m", ALL_REGIONS): Measure(MINIMUM, 2, 4)}

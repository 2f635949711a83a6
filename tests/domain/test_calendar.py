"""Working days: notices, worked examples, local festivals, provisional counting, ends of files."""

from __future__ import annotations

import warnings
from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.domain.calendar import Calendar, Counted, Period, Standing, Year, build_calendar, read_calendars
from catalogue.domain.problems import CalendarExhausted
from catalogue.domain.text import Text
from tests.domain.builders import CALENDARS, shipped_calendars

REGIONS = ("kunming", "yuxi", "puer", "xishuangbanna")
ALL_2026 = [date(2026, 1, 1) + timedelta(n) for n in range(365)]


@pytest.fixture(params=["national", *REGIONS])
def calendar(request: pytest.FixtureRequest) -> Calendar:
    return shipped_calendars()[request.param]


def test_2026_has_248_working_days(calendar: Calendar) -> None:
    assert calendar.between(date(2025, 12, 31), date(2026, 12, 31)) == 248


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-02-12", 5, "2026-02-26"),
        ("2026-02-12", 20, "2026-03-18"),
        ("2026-09-23", 5, "2026-10-08"),
        ("2026-09-23", 10, "2026-10-14"),
        ("2026-11-23", 20, "2026-12-21"),
        ("2026-04-10", 5, "2026-04-17"),
    ],
)
def test_worked_examples_of_2026(start: str, days: int, end: str) -> None:
    counted = shipped_calendars()["national"].add(date.fromisoformat(start), days)
    assert counted == Counted(date.fromisoformat(end), provisional=False)


def test_xishuangbanna_off_in_april_moves_the_worked_example() -> None:
    national = shipped_calendars()["national"]
    festival = Period(date(2026, 4, 13), date(2026, 4, 15), "泼水节")
    year = Year(2026, Standing.OFFICIAL, None, None, None, None, (festival,), (), ())
    local = build_calendar("local", Text("演示", "Demo"), "local.yaml", [year], national)
    assert local.add(date(2026, 4, 10), 5) == Counted(date(2026, 4, 22), provisional=False)


@pytest.mark.parametrize("year", range(2018, 2027))
def test_national_days_agree_with_two_packages(year: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # holidays announces that it knows less of some festivals
        china = holidays.country_holidays("CN", years=year)
    national = shipped_calendars()["national"]
    day = date(year, 1, 1)
    while day.year == year:
        assert national.is_workday(day) == chinese_calendar.is_workday(day), day
        assert national.is_workday(day) == china.is_working_day(day), day
        day += timedelta(1)


def test_2027_has_the_statutory_days_and_no_worked_weekends() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        china = holidays.country_holidays("CN", years=2027, language="en_US")
    statutory = {day for day, name in china.items() if "observed" not in name}
    listed = next(y for y in shipped_calendars()["national"].years if y.year == 2027)
    assert {day for period in listed.off for day in period.days()} == statutory
    assert len(statutory) == 13
    assert listed.work == ()
    assert listed.standing is Standing.PROVISIONAL


@pytest.mark.parametrize("region", ["kunming", "yuxi", "puer"])
def test_cities_without_notices_of_their_own_follow_the_national_calendar(region: str) -> None:
    national, city = shipped_calendars()["national"], shipped_calendars()[region]
    assert all(national.is_workday(day) == city.is_workday(day) for day in ALL_2026)
    assert not city.is_provisional(date(2025, 12, 31), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("off", "work"),
    [
        (("2018-01-22", "2018-01-26"), ("2018-01-20", "2018-01-21")),
        (("2018-04-12", "2018-04-13", "2018-04-16"), ()),
        (("2019-01-23", "2019-01-25"), ()),
        (("2019-04-15", "2019-04-19"), ("2019-04-20", "2019-04-21")),
        (("2022-04-11", "2022-04-15"), ("2022-04-09", "2022-04-10")),
        (("2023-04-12", "2023-04-14"), ()),
        (("2025-04-14", "2025-04-16"), ()),
    ],
)
def test_xishuangbanna_keeps_its_festivals_by_its_notices(off: tuple[str, ...], work: tuple[str, ...]) -> None:
    national, local = shipped_calendars()["national"], shipped_calendars()["xishuangbanna"]
    for day in map(date.fromisoformat, off):
        assert national.is_workday(day)
        assert not local.is_workday(day)
        assert not local.is_provisional(day - timedelta(1), day)
    for day in map(date.fromisoformat, work):
        assert not national.is_workday(day)
        assert local.is_workday(day)


@pytest.mark.parametrize(
    ("start", "days", "provisional"),
    [
        ("2026-01-12", 5, False),  # to 19 January
        ("2026-01-19", 1, True),  # the first awaited day
        ("2026-01-28", 5, False),
        ("2026-04-03", 2, False),  # to 8 April
        ("2026-04-08", 1, True),
        ("2026-04-10", 5, True),
        ("2026-04-21", 20, False),
        ("2026-04-10", 0, False),
        ("2026-11-23", 20, False),
        ("2026-12-25", 10, True),  # into 2027
    ],
)
def test_counting_through_awaited_festival_days_is_provisional(start: str, days: int, provisional: bool) -> None:
    assert shipped_calendars()["xishuangbanna"].add(date.fromisoformat(start), days).provisional is provisional


def test_2027_is_provisional_everywhere(calendar: Calendar) -> None:
    assert calendar.add(date(2026, 12, 31), 1).provisional
    assert calendar.add(date(2027, 6, 1), 10).provisional
    assert not calendar.add(date(2026, 12, 30), 1).provisional
    assert calendar.add(date(2027, 12, 31), 0).provisional
    assert not calendar.add(date(2026, 12, 31), 0).provisional


def test_counting_past_the_end_names_the_file(calendar: Calendar) -> None:
    ends_in = "xishuangbanna.yaml" if calendar.id == "xishuangbanna" else "national.yaml"
    for ask in (
        lambda: calendar.add(date(2027, 12, 20), 30),
        lambda: calendar.is_workday(date(2028, 1, 1)),
        lambda: calendar.between(date(2027, 1, 1), date(2028, 1, 3)),
    ):
        with pytest.raises(CalendarExhausted) as error:
            ask()
        assert ends_in in error.value.detail.zh
        assert ends_in in error.value.detail.en
    with pytest.raises(CalendarExhausted, match="begins only on 2018-01-01"):
        calendar.add(date(2017, 12, 31), 1)


DAYS = st.dates(date(2018, 1, 1), date(2026, 12, 31))


@given(st.sampled_from(REGIONS), DAYS, st.integers(1, 200))
def test_adding_then_counting_gives_the_same_days(region: str, start: date, days: int) -> None:
    calendar = shipped_calendars()[region]
    end = calendar.add(start, days).date
    assert calendar.is_workday(end)
    assert calendar.between(start, end) == days
    assert calendar.between(end, start) == -days
    assert sum(calendar.is_workday(start + timedelta(n)) for n in range(1, (end - start).days + 1)) == days


@given(st.sampled_from(REGIONS), DAYS, DAYS, st.integers(0, 200), st.integers(0, 200))
def test_counting_is_monotone(region: str, one: date, other: date, few: int, many: int) -> None:
    calendar = shipped_calendars()[region]
    earlier, later = sorted((one, other))
    fewer, more = sorted((few, many))
    if fewer:
        assert calendar.add(earlier, fewer).date <= calendar.add(later, fewer).date
    assert calendar.add(earlier, fewer).date <= calendar.add(earlier, more).date
    if calendar.add(earlier, fewer).provisional:
        assert calendar.add(earlier, more).provisional


def test_working_days_are_not_counted_backward() -> None:
    with pytest.raises(ValueError, match="forward"):
        shipped_calendars()["national"].add(date(2026, 1, 5), -1)


# --- strict reading ---------------------------------------------------------------------------------------------------

BASE = """id: national
name: {zh: 全国, en: National}
base: null
years:
- year: 2026
  standing: official
  notice: {number: null, title: null, date: 2025-11-04}
  source: null
  days_off:
  - {from: 2026-01-01, to: 2026-01-03, name: 元旦}
  days_worked: [2026-01-04]
"""
LOCAL = """id: local
name: {zh: 演示, en: Demo}
base: national
years: []
"""


def _codes(**files: str) -> list[tuple[str, int | None, str]]:
    calendars, findings = read_calendars({f"{name}.yaml": body.encode() for name, body in files.items()})
    assert all(finding.message.zh and finding.message.en for finding in findings)
    assert findings or len(calendars) == len(files)
    return [(finding.file, finding.line, finding.code) for finding in findings]


def test_sound_files_have_no_findings() -> None:
    assert _codes(national=BASE, local=LOCAL) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("days_worked: [2026-01-04]", "days_worked: [2026-01-05]", 11, "already-working"),
        ("days_worked: [2026-01-04]", "days_worked: [2026-01-03]", 11, "off-and-work"),
        ("days_worked: [2026-01-04]", "days_worked: [2025-01-04]", 11, "wrong-year"),
        ("days_worked: [2026-01-04]", "days_worked: [2026-02-30]", 11, "bad-date"),
        ("to: 2026-01-03", "to: 2027-01-03", 10, "wrong-year"),
        ("from: 2026-01-01, to: 2026-01-03", "from: 2026-01-03, to: 2026-01-01", 10, "reversed"),
        ("standing: official", "standing: sure", 6, "unknown-value"),
        ("standing: official", "standing: official\n  extra: 1", 7, "unknown-key"),
        ("standing: official", "standing: official\n  standing: official", 7, "duplicate-key"),
        ("  source: null\n", "", 5, "missing-key"),
        ("year: 2026", "year: 02026", 5, "yaml-trap"),
        ("id: national", "\ufeffid: national", 1, "bom"),
    ],
)
def test_every_slip_is_found_with_its_line(old: str, new: str, line: int, code: str) -> None:
    assert ("national.yaml", line, code) in _codes(national=BASE.replace(old, new, 1))


def test_all_errors_of_all_files_come_at_once() -> None:
    wrong = BASE.replace("2026-01-04", "2026-01-05").replace("from: 2026-01-01", "from: 2025-01-01")
    codes = _codes(national=wrong, local=LOCAL.replace("local", "national"), other=LOCAL.replace("local", "other"))
    assert {code for _, _, code in codes} >= {"wrong-year", "duplicate-id"}
    assert _codes(local=LOCAL) == [("local.yaml", 3, "unknown-base")]
    second = LOCAL.replace("local", "second").replace("base: national", "base: local")
    assert _codes(national=BASE, local=LOCAL, second=second) == [("second.yaml", 3, "base-of-base")]


def test_a_broken_base_is_reported_once() -> None:
    codes = _codes(national=BASE.replace("2026-01-01", "2025-01-01"), local=LOCAL)
    assert [code for _, _, code in codes] == ["wrong-year"]


def test_a_year_may_not_be_left_out() -> None:
    years = BASE[BASE.index("- year") :].replace("2026", "2028")
    assert ("national.yaml", 12, "year-gap") in _codes(national=BASE + years)


def test_the_shipped_files_name_their_notices() -> None:
    year = next(y for y in shipped_calendars()["national"].years if y.year == 2026)
    assert (year.standing, year.notice_date) == (Standing.OFFICIAL, date(2025, 11, 4))
    assert {path.stem for path in CALENDARS.glob("*.yaml")} == {"national", *REGIONS}

"""Working days of a region, from dated files that name the notice they follow.

A national file says which days are off and which weekends are worked; a region's file stands on it (``base``) and
adds its own festivals. What no notice has settled yet is provisional: a whole year, or the days where a local festival
is awaited. Counting is look-up in tables made once. The first day is never counted (worked examples in
``tests/domain/test_calendar.py``).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from catalogue.domain.problems import CalendarExhausted
from catalogue.domain.registry.findings import Finding, Findings
from catalogue.domain.registry.schema import NAME, Entry, Many, Plain, Shape
from catalogue.domain.registry.source import read_nodes
from catalogue.domain.registry.structure import read_structure
from catalogue.domain.text import Text
from catalogue.domain.value import Value


class Standing(StrEnum):
    """How well a year of a calendar is founded."""

    OFFICIAL = "official"  # the notice, or a reprint of it, was read
    COMPILED = "compiled"  # taken from published tables that agree; the notice itself was not read
    AWAITED = "awaited"  # a local notice was not found: the days under ``awaiting`` are provisional
    PROVISIONAL = "provisional"  # no notice yet: every day of the year is provisional


class Period(Value, frozen=True):
    """Days from ``first`` to ``last``, both included, and what they are for."""

    first: date
    last: date
    name: str

    def days(self) -> tuple[date, ...]:
        """Every day of the period."""
        return tuple(self.first + timedelta(n) for n in range((self.last - self.first).days + 1))


class Year(Value, frozen=True):
    """One year of a calendar file with the notice it follows; what was not read is None."""

    year: int
    standing: Standing
    notice_number: str | None
    notice_title: str | None
    notice_date: date | None
    source: str | None
    off: tuple[Period, ...]
    work: tuple[date, ...]
    awaiting: tuple[Period, ...]
    """Days on which a local festival is expected and no notice was found."""


class Counted(Value, frozen=True):
    """A day reached by counting; ``provisional`` where a day that no notice settles was passed."""

    date: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days from ``first`` to ``last``. Outside them every question is ``CalendarExhausted``."""

    id: str
    name: Text
    file: str
    first: date
    last: date
    years: tuple[Year, ...]
    """The years of the region's own file."""
    begins_in: str
    """The file that would have to be continued to count further back."""
    ends_in: str
    """The file that would have to be continued to count further on."""
    _count: array[int] = field(repr=False, compare=False)
    _days: array[int] = field(repr=False, compare=False)
    _unsure: array[int] = field(repr=False, compare=False)

    def is_workday(self, day: date) -> bool:
        """Whether the offices of the region work on that day."""
        position = self._position(day)
        return self._count[position] > (self._count[position - 1] if position else 0)

    def is_other_than(self, other: Calendar) -> bool:
        """Whether any day counts differently, by its own file or by the one it stands on."""
        mine, theirs = ((c.first, c.last, c._days, c._unsure) for c in (self, other))
        return mine != theirs

    def add(self, day: date, days: int) -> Counted:
        """The day ``days`` working days after ``day``, which itself is not counted; 0 is ``day`` itself.

        That one is provisional in a year of which no day is settled.
        """
        if days < 0:
            raise ValueError("working days are counted forward")
        position = self._position(day)
        if days == 0:
            return Counted(day, self._lacks_notice(day.year))
        target = self._count[position] + days - 1
        if target >= len(self._days):
            raise self._exhausted(self.ends_in, self.last)
        reached = self._days[target]
        end = reached - self.first.toordinal()
        return Counted(date.fromordinal(reached), self._unsure[end] > self._unsure[position])

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative where ``end`` lies before ``start``."""
        return self._count[self._position(end)] - self._count[self._position(start)]

    def is_provisional(self, start: date, end: date) -> bool:
        """Whether any day after ``start`` up to and including ``end`` is not settled by a notice."""
        return self._unsure[self._position(end)] > self._unsure[self._position(start)]

    def _lacks_notice(self, year: int) -> bool:
        """Whether no day of the year is settled."""
        first = self._position(max(date(year, 1, 1), self.first))
        last = self._position(min(date(year, 12, 31), self.last))
        return self._unsure[last] - (self._unsure[first - 1] if first else 0) == last - first + 1

    def _position(self, day: date) -> int:
        if day < self.first:
            raise self._exhausted(self.begins_in, self.first)
        if day > self.last:
            raise self._exhausted(self.ends_in, self.last)
        return day.toordinal() - self.first.toordinal()

    def _exhausted(self, file: str, limit: date) -> CalendarExhausted:
        if limit == self.first:
            zh, en = f"自 {limit} 起", f"begins only on {limit}"
        else:
            zh, en = f"只覆盖到 {limit}", f"reaches only to {limit}"
        return CalendarExhausted(
            Text(
                f"工作日历 {file} {zh}，请补充该文件后再计算（日历 {self.id}）",
                f"The working-day calendar {file} {en}; continue that file (calendar {self.id})",
            ),
            extra={"file": file, "calendar": self.id},
        )


def build_calendar(id: str, name: Text, file: str, years: Sequence[Year], base: Calendar | None = None) -> Calendar:
    """A calendar of these consecutive years, standing on ``base``; with no years of its own it is as long as that.

    A region that lists years is no longer than its list: a year without its own notice is never taken for one
    without festivals.
    """
    spans = [(date(y.year, 1, 1), date(y.year, 12, 31)) for y in years]
    starts = [(spans[0][0], file)] if spans else []
    ends = [(spans[-1][1], file)] if spans else []
    if base:
        starts.append((base.first, base.begins_in))
        ends.append((base.last, base.ends_in))
    first, begins_in = max(starts, key=lambda start: start[0])
    last, ends_in = min(ends, key=lambda end: end[0])
    off = {day for y in years for period in y.off for day in period.days()}
    work = {day for y in years for day in y.work}
    unsure = {day for y in years for period in y.awaiting for day in period.days()}
    whole = {y.year for y in years if y.standing is Standing.PROVISIONAL}
    counts, days, doubts = array("l"), array("l"), array("l")
    doubtful = 0
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        usual = base.is_workday(day) if base else day.weekday() < 5
        if day in work or (usual and day not in off):
            days.append(ordinal)
        before = day - timedelta(1)
        doubtful += (
            day in unsure
            or day.year in whole
            or (base is not None and day > base.first and base.is_provisional(before, day))
        )
        counts.append(len(days))
        doubts.append(doubtful)
    return Calendar(id, name, file, first, last, tuple(years), begins_in, ends_in, counts, days, doubts)


# --- files -----------------------------------------------------------------------------------------------------------

_DAY = Entry(Plain("day"))
_PERIOD = Shape({"from": _DAY, "to": _DAY, "name": Entry(Plain())}, row=True)
_NOTICE = Shape(
    {
        "number": Entry(Plain(nullable=True)),
        "title": Entry(Plain(nullable=True)),
        "date": Entry(Plain("day", nullable=True)),
    }
)
_YEAR = Shape(
    {
        "year": Entry(Plain("count", least=1950)),
        "standing": Entry(Plain(values=tuple(Standing))),
        "notice": Entry(_NOTICE),
        "source": Entry(Plain(nullable=True)),
        "days_off": Entry(Many(_PERIOD)),
        "days_worked": Entry(Many(Plain("day"))),
        "awaiting": Entry(Many(_PERIOD), required=False),
    }
)
_FILE = Shape(
    {
        "id": Entry(Plain(pattern=NAME)),
        "name": Entry(Shape({"zh": Entry(Plain()), "en": Entry(Plain())}, row=True)),
        "base": Entry(Plain(nullable=True, pattern=NAME)),
        "years": Entry(Many(_YEAR, unique="year")),
    }
)


class _File(Value, frozen=True):
    id: str
    name: Text
    file: str
    base: str | None
    years: tuple[Year, ...]
    findings: Findings


def read_calendars(texts: Mapping[str, bytes]) -> tuple[Mapping[str, Calendar], tuple[Finding, ...]]:
    """The calendars of these files (name to content) by id, and everything that is wrong in them.

    Strict as the registry is. A file with findings gives no calendar, nor does one that stands on it.
    """
    found: list[Finding] = []
    files: dict[str, _File] = {}
    broken: set[str] = set()
    for name in sorted(texts):
        id, file, problems = _read_file(texts[name], name)
        found += problems
        if problems and id:
            broken.add(id)
        if file is None:
            continue
        if file.id in files:
            file.findings.add(
                ("id",), "duplicate-id", f"日历 {file.id} 已由 {files[file.id].file} 定义，请改名",
                f"The calendar {file.id} is already defined by {files[file.id].file}; rename one of the two",
            )  # fmt: skip
            found += file.findings.sorted()
            continue
        files[file.id] = file
    calendars: dict[str, Calendar] = {}
    for file in sorted(files.values(), key=lambda file: file.base is not None):
        base = calendars.get(file.base) if file.base else None
        if file.base not in broken and not _base_stands(file, files):
            found += file.findings.sorted()
        elif file.id not in broken and (base or not file.base):
            calendar = build_calendar(file.id, file.name, file.file, file.years, base)
            calendars[file.id] = calendar
            found += _idle_work(file, base)
    return calendars, tuple(found)


def _read_file(data: bytes, name: str) -> tuple[str | None, _File | None, tuple[Finding, ...]]:
    """The id where it could be read, the content where it is well formed, and what is wrong."""
    _, root, problems = read_nodes(data, name)
    if root is None:
        return None, None, problems
    findings = Findings(name, root)
    raw = read_structure(root, _FILE, (), findings)
    if findings:
        return raw.get("id"), None, (*problems, *findings.sorted())
    years = tuple(_year(entry) for entry in raw["years"])
    for position, year in enumerate(years):
        _check_year(year, years[position - 1] if position else None, ("years", position), findings)
    if not years and not raw["base"]:
        findings.add(
            ("years",), "empty-list", "全国日历至少要有一年", "A calendar without a base needs a year at least"
        )
    text = Text(raw["name"]["zh"], raw["name"]["en"])
    file = _File(raw["id"], text, name, raw["base"], years, Findings(name, root))
    return file.id, file, (*problems, *findings.sorted())


def _year(raw: Mapping[str, Any]) -> Year:
    def periods(key: str) -> tuple[Period, ...]:
        return tuple(Period(p["from"], p["to"], p["name"]) for p in raw.get(key, ()))

    notice = raw["notice"]
    return Year(
        raw["year"], Standing(raw["standing"]), notice["number"], notice["title"], notice["date"], raw["source"],
        periods("days_off"), tuple(raw["days_worked"]), periods("awaiting"),
    )  # fmt: skip


def _check_year(year: Year, before: Year | None, path: tuple[str | int, ...], findings: Findings) -> None:
    if before and year.year != before.year + 1:
        findings.add(
            (*path, "year"), "year-gap", f"{before.year} 年之后应为 {before.year + 1} 年",
            f"{before.year} must be followed by {before.year + 1}",
        )  # fmt: skip
    for key, periods in (("days_off", year.off), ("awaiting", year.awaiting)):
        for position, period in enumerate(periods):
            here = (*path, key, position)
            if period.first > period.last:
                findings.add(here, "reversed", "起日晚于止日", "The period ends before it begins")
            if {period.first.year, period.last.year} != {year.year}:
                findings.add(here, "wrong-year", f"不在 {year.year} 年内", f"This is not within {year.year}")
    off = {day for period in year.off for day in period.days()}
    for position, day in enumerate(year.work):
        here = (*path, "days_worked", position)
        if day.year != year.year:
            findings.add(here, "wrong-year", f"{day} 不在 {year.year} 年内", f"{day} is not within {year.year}")
        if day in off:
            findings.add(here, "off-and-work", f"{day} 同时列为放假和上班", f"{day} is listed both off and worked")


def _base_stands(file: _File, files: Mapping[str, _File]) -> bool:
    if file.base is None:
        return True
    base = files.get(file.base)
    if base is None:
        file.findings.add(("base",), "unknown-base", f"没有日历 {file.base}", f"There is no calendar {file.base}")
    elif base.base is not None:
        file.findings.add(
            ("base",), "base-of-base", f"{file.base} 本身已有 base，只允许一层",
            f"{file.base} stands on a base itself; only one level is allowed",
        )  # fmt: skip
    else:
        return True
    return False


def _idle_work(file: _File, base: Calendar | None) -> tuple[Finding, ...]:
    """Working weekends that are working days anyway: most often a wrong date."""
    for position, year in enumerate(file.years):
        for n, day in enumerate(year.work):
            covered = base is not None and base.first <= day <= base.last
            if base.is_workday(day) if base and covered else day.weekday() < 5:
                file.findings.add(
                    ("years", position, "days_worked", n), "already-working", f"{day} 本来就是工作日，请核对日期",
                    f"{day} is a working day anyway; check the date",
                )  # fmt: skip
    return file.findings.sorted()

"""What new calendars would change, in words: which year of which region, by which notice, which days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalogue.domain.calendar import Calendar, Period, Standing, Year
from catalogue.domain.registry.diff import Change, Kind
from catalogue.domain.text import Text

STANDINGS: dict[Standing, Text] = {
    Standing.OFFICIAL: Text("官方通知", "by notice"),
    Standing.COMPILED: Text("据公开日历汇编", "compiled from published tables"),
    Standing.AWAITED: Text("待通知", "notice awaited"),
    Standing.PROVISIONAL: Text("暂定", "provisional"),
}


def calendar_difference(old: Mapping[str, Calendar] | None, new: Mapping[str, Calendar]) -> tuple[Change, ...]:
    """Every change from the old calendars to the new, by calendar and year."""
    return tuple(_changes(old or {}, new))


def _changes(old: Mapping[str, Calendar], new: Mapping[str, Calendar]) -> Iterator[Change]:
    for id in [*new, *(id for id in old if id not in new)]:
        was, now = old.get(id), new.get(id)
        shown = now or was
        assert shown is not None
        name = Text(f"{shown.name.zh}工作日历", f"Calendar of {shown.name.en}")
        if was is None or now is None:
            kind: Kind = "added" if was is None else "removed"
            zh, en = ("新增", "added") if was is None else ("删除", "removed")
            text = Text(f"{zh}工作日历：{shown.name.zh}", f"Calendar {en}: {shown.name.en}")
            yield Change(kind, "calendar", id, name, "", None if was is None else id, None if now is None else id, text)
            continue
        before, after = ({year.year: year for year in calendar.years} for calendar in (was, now))
        for number in sorted({*before, *after}):
            if before.get(number) != after.get(number):
                yield _year(id, name, number, before.get(number), after.get(number))


def _year(id: str, name: Text, number: int, was: Year | None, now: Year | None) -> Change:
    kind: Kind = "added" if was is None else "removed" if now is None else "changed"
    if now is None:
        said = Text("删除", "removed")
    else:
        said = Text(
            f"{STANDINGS[now.standing].zh}{_notice(now, '（', '）')}，放假 {_spans(now.off, '、') or '无'}"
            + (f"，上班 {'、'.join(_day(day) for day in now.work)}" if now.work else "")
            + (f"，待定 {_spans(now.awaiting, '、')}" if now.awaiting else ""),
            f"{STANDINGS[now.standing].en}{_notice(now, ' (', ')')}, off {_spans(now.off, ', ') or 'none'}"
            + (f", worked {', '.join(_day(day) for day in now.work)}" if now.work else "")
            + (f", awaited {_spans(now.awaiting, ', ')}" if now.awaiting else ""),
        )
    text = Text(f"{name.zh}：{number} 年{said.zh}", f"{name.en}: {number} {said.en}")
    return Change(kind, "calendar", id, name, f"years[{number}]", _plain(was), _plain(now), text)


def _notice(year: Year, left: str, right: str) -> str:
    words = year.notice_number or year.notice_title
    return f"{left}{words}{right}" if words else ""


def _day(day: Any) -> str:
    return f"{day.month}-{day.day}"


def _spans(periods: tuple[Period, ...], between: str) -> str:
    return between.join(
        f"{p.name} {_day(p.first)}" + (f"–{_day(p.last)}" if p.last != p.first else "") for p in periods
    )


def _plain(year: Year | None) -> dict[str, Any] | None:
    if year is None:
        return None
    return {
        "standing": year.standing.value,
        "notice": year.notice_number,
        "days_off": [[p.first.isoformat(), p.last.isoformat(), p.name] for p in year.off],
        "days_worked": [day.isoformat() for day in year.work],
        "awaiting": [[p.first.isoformat(), p.last.isoformat(), p.name] for p in year.awaiting],
    }

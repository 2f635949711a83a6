"""两地用时: who had the case when, day by working day, as a picture; x in percent and y in pixels like the line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from html import escape

from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case
from catalogue.domain.days import CHINA, local_day
from catalogue.domain.problems import CalendarExhausted
from catalogue.domain.text import Language, Text
from catalogue.domain.vocabulary import label
from catalogue.web.pages.render import markup

LONGEST = 60
"""Working days the picture holds; a longer story is told by its figures alone."""
MOST_LABELS = 6
TOP, ROW, BAR = 58, 50, 16
OPENS, CLOSES = 9.0, 17.0
"""Office hours, between which a moment stands within its day."""
_WEEK = {"zh": "一二三四五六日", "en": ("Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun ")}
ROWS = ("accepting", "applicant", "home", "way_back")


def working_days(case: Case, calendar: Calendar, now: datetime) -> tuple[date, ...]:
    """The days of the picture: from receipt to the last limit or today, whichever is later, and a day more."""
    start = local_day(case.received_at)
    ends = [day for day in (case.promised_by, case.statutory_by, case.deliver_by) if day is not None]
    last = max([local_day(now) if case.closed_on is None else case.closed_on, *ends])
    found: list[date] = []
    day = start
    while len(found) <= LONGEST and (day <= last or len(found) < 3):
        if calendar.is_workday(day) or day == start:
            found.append(day)
        day += timedelta(days=1)
    return tuple(found)


def _x(days: Sequence[date], moment: datetime) -> float:
    """Where a moment stands, in percent: within its working day by office hours, a day off at the seam before it."""
    local = moment.astimezone(CHINA)
    before = sum(1 for day in days if day < local.date())
    hours = local.hour + local.minute / 60
    within = min(max((hours - OPENS) / (CLOSES - OPENS), 0.0), 1.0) if local.date() in days else 0.0
    return min((before + within) / len(days), 1.0) * 100


def _end(days: Sequence[date], day: date) -> float:
    return sum(1 for one in days if one <= day) / len(days) * 100


def draw(case: Case, calendar: Calendar, now: datetime, places: dict[str, str], told: str, tongue: Language) -> str:
    """The picture as SVG; empty where the calendar does not reach or the story is too long. ``places``: row -> name."""
    try:
        days = working_days(case, calendar, now)
    except CalendarExhausted:
        return ""
    if len(days) > LONGEST:
        return ""
    rows = [row for row in ROWS if row != "way_back" or any(hold.account == row for hold in case.holds)]
    bottom = TOP + ROW * (len(rows) - 1) + 26
    parts = [
        f'<svg role="img" aria-labelledby="gantt-title" height="{bottom + 56}" width="100%">',
        f'<title id="gantt-title">{escape(told)}</title>',
    ]
    step = -(-len(days) // MOST_LABELS)
    width = 100 / len(days)
    for index, day in enumerate(days):
        if index:
            gap = (day - days[index - 1]).days > 1
            parts.append(_upright("g-gap" if gap else "g-rail", index * width, 24, bottom - 6))
        if index % step == 0:
            week = _WEEK[tongue][day.weekday()]
            words = f"{'周' if tongue == 'zh' else ''}{week}{' ' if tongue == 'zh' else ''}{day.month}-{day.day}"
            x, anchor = ((index + 0.5) * width, "middle") if index else (0.0, "start")
            between = ' class="g-between"' if index // step % 2 else ""
            parts.append(f'<text{between} x="{x:.2f}%" y="14" text-anchor="{anchor}">{words}</text>')
    for y in range(TOP, bottom, ROW):
        parts.append(f'<line class="g-rail" x1="0" x2="100%" y1="{y}" y2="{y}"/>')
    parts += _bars(case, days, rows, now)
    parts += _limits(case, days, now, bottom, tongue)
    for n, row in enumerate(rows):
        # Last, on a ground of their own: on the first days the marks of now and of a limit pass beneath them.
        name = f"{label('accounts', row).in_language(tongue)} {places.get(row, '')}".strip()
        parts.append(f'<text class="lab" x="0" y="{TOP + ROW * n - 15}">{escape(name)}</text>')
    parts.append("</svg>")
    return "".join(parts)


def _upright(css: str, x: float, y1: int, y2: int) -> str:
    return f'<line class="{css}" x1="{x:.2f}%" x2="{x:.2f}%" y1="{y1}" y2="{y2}"/>'


def _bars(case: Case, days: Sequence[date], rows: Sequence[str], now: datetime) -> list[str]:
    parts = []
    for index, hold in enumerate(case.holds):
        if hold.account not in rows:
            continue
        last = index + 1 == len(case.holds)
        start = _x(days, hold.since)
        end = _x(days, now if last else case.holds[index + 1].since)
        y = TOP + ROW * rows.index(hold.account) - BAR // 2
        css = "g-bar g-bar--live" if last else "g-bar"
        parts.append(
            f'<rect class="{css}" x="{start:.2f}%" y="{y}" width="{max(end - start, 0.6):.2f}%" height="{BAR}"/>'
        )
    return parts


def _limits(case: Case, days: Sequence[date], now: datetime, bottom: int, tongue: Language) -> list[str]:
    """Now and the two limits, each with its words in a row of its own so that none lies on another."""
    marks: list[tuple[str, float, Text]] = []
    if case.closed_on is None:
        marks.append(("now", _x(days, now), Text("现在", "now")))
    limits = (
        ("amber", case.promised_by, "承诺 {} 止", "promised {}"),
        ("red", case.statutory_by, "法定 {} 止", "statutory {}"),
    )
    for css, day, zh, en in limits if case.decided_on is None else ():
        if day is not None:
            said = f"{day.month}-{day.day}"
            marks.append((css, _end(days, day), Text(zh.format(said), en.format(said))))
    parts = []
    for n, (css, x, words) in enumerate(marks):
        parts.append(_upright(f"g-{css}", x, 24, bottom + 3 + 16 * n))
        parts.append(_words(f"t-{css}", x, bottom + 16 + 16 * n, words, tongue))
    return parts


def _words(css: str, x: float, y: int, words: Text, tongue: Language) -> str:
    anchor = "start" if x < 12 else "end" if x > 80 else "middle"
    return f'<text class="{css}" x="{x:.2f}%" y="{y}" text-anchor="{anchor}">{escape(words.in_language(tongue))}</text>'


time_svg = markup(draw)

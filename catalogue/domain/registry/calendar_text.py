"""One year of a calendar file written or replaced, everything else of the file left as it stands, comments included."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from catalogue.domain.calendar import Standing
from catalogue.domain.registry.writer import quoted
from catalogue.domain.value import Value

_YEAR = re.compile(r"- year: (\d{4})\b")
_NONE = re.compile(r"^years: \[\]\s*$", re.MULTILINE)


class Span(Value, frozen=True):
    """Days from ``first`` to ``last`` and what they are for."""

    first: date
    last: date
    name: str


class YearEntry(Value, frozen=True):
    """A year as a notice settles it; what the notice does not say is None."""

    year: int
    standing: Standing
    number: str | None
    title: str | None
    noticed_on: date | None
    source: str | None
    off: Sequence[Span]
    work: Sequence[date]
    awaiting: Sequence[Span]


def with_year(text: str, entry: YearEntry) -> str:
    """The file with that year in its place. Whether the dates hold is judged by reading it."""
    block = _block(entry)
    text = _NONE.sub("years:", text)
    lines = text.rstrip("\n").split("\n")
    starts = [(n, int(found[1])) for n, line in enumerate(lines) if (found := _YEAR.match(line))]
    for position, (start, year) in enumerate(starts):
        end = starts[position + 1][0] if position + 1 < len(starts) else len(lines)
        if year == entry.year:
            return "\n".join([*lines[:start], *block, *lines[end:]]) + "\n"
        if year > entry.year:
            return "\n".join([*lines[:start], *block, *lines[start:]]) + "\n"
    return "\n".join([*lines, *block]) + "\n"


def _block(entry: YearEntry) -> list[str]:
    notice = f"number: {_text(entry.number)}, title: {_text(entry.title)}, date: {entry.noticed_on or 'null'}"
    return [
        f"- year: {entry.year}",
        f"  standing: {entry.standing.value}",
        f"  notice: {{{notice}}}",
        f"  source: {_text(entry.source)}",
        *_spans("days_off", entry.off),
        f"  days_worked: [{', '.join(day.isoformat() for day in entry.work)}]",
        *(_spans("awaiting", entry.awaiting) if entry.awaiting else ()),
    ]


def _spans(key: str, spans: Sequence[Span]) -> list[str]:
    if not spans:
        return [f"  {key}: []"]
    rows = (f"  - {{from: {s.first}, to: {s.last}, name: {quoted(s.name, in_row=True)}}}" for s in spans)
    return [f"  {key}:", *rows]


def _text(value: str | None) -> str:
    return "null" if not value else quoted(value, in_row=True)

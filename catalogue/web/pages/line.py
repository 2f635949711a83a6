"""The line 线路图: the stations of the programme north to south, and where a case is on it.

Upper track: papers out. Lower track: the result back. x is in percent and y in pixels, without a viewBox, so that
letters and strokes never shrink. Everything the picture says stands in its title too.
"""

from __future__ import annotations

import re
from html import escape
from itertools import pairwise

from catalogue.domain.registry.model import Level, Office, Registry
from catalogue.domain.text import Language, Text
from catalogue.domain.value import Value
from catalogue.web.pages.render import markup

NORTH, SOUTH = 11.0, 89.0
OUT, BACK, MIDDLE = 46, 66, 56

_TRAIN = (
    '<path class="ln-mark" fill-rule="evenodd" d="M0-9c4 0 6.500 2.500 6.500 7v7c0 2-1 3-2.800 3h-7.400'
    "c-1.800 0-2.800-1-2.800-3v-7c0-4.500 2.500-7 6.500-7zm0 2.400c-2.600 0-4.200 1.500-4.300 4.600h8.600"
    'c-.1-3.100-1.700-4.600-4.300-4.600zm-3.300 9.100a1.300 1.300 0 1 0 .01 0zm6.600 0a1.300 1.300 0 1 0 .01 0z"/>'
    '<path class="ln-mark" d="M-4.500 9.500h2.200l-1 1.800h-2.200zM4.500 9.500h-2.200l1 1.800h2.200z"/>'
)


class Journey(Value, frozen=True):
    """Where a case came from, where it goes and where it is.

    ``now``: accepting, outward (between), home, collecting, none where the case has ended, plan or example
    where there is no case. ``held``: the clock is
    stopped. ``outward`` and ``back``: gone, ahead or none.
    """

    accepting: str
    home: str | None
    now: str
    held: bool
    outward: str
    back: str
    accepting_place: Text | None = None
    home_place: Text | None = None


_AT_WINDOW = frozenset({"received", "bounced", "unroutable"})
_READY = frozenset({"cert_ready", "posted", "mail_returned", "mail_lost", "decided_refuse"})
_COLLECTED = frozenset({"collected", "closed", "archived"})
_ENDED = frozenset({"returned_at_window", "returned", "not_supplied", "not_accepted", "withdrawn", "terminated"})


def journey(
    state: str,
    accepting: str,
    home: str | None,
    *,
    stopped: bool = False,
    accepting_place: Text | None = None,
    home_place: Text | None = None,
) -> Journey:
    """The journey of a case by its state."""
    now, outward, back = "home", "gone", "ahead"
    if state in _AT_WINDOW:
        now, outward = "accepting", "ahead"
    elif state == "forwarded":
        now, outward = "outward", "ahead"
    elif state in _READY:
        now, back = "collecting", "gone"
    elif state in _COLLECTED:
        now, back = "none", "gone"
    elif state in _ENDED:
        now, back = "none", "none"
        outward = "none" if state == "returned_at_window" else "gone"
    if home is None:
        outward = back = "none"
    return Journey(
        accepting, home, now, stopped or state == "correction_notice", outward, back, accepting_place, home_place
    )


_PEOPLES = re.compile(r"^(.{2,}?)(?:.{1,3}族)+自治[县州]$")


def short_name(name: Text) -> Text:
    """A place as people say it: 江城 for 江城哈尼族彝族自治县, Jinghong for Jinghong City."""
    found = _PEOPLES.match(name.zh)
    return Text(found[1] if found else name.zh, name.en.split(" ")[0])


def place_name(registry: Registry, office: Office) -> Text:
    """The place an office stands for: its county, or its city where it is the city's own."""
    if office.level is not Level.CITY and office.division in registry.divisions:
        return short_name(registry.divisions[office.division][0].name)
    return registry.regions[office.region].short


def _positions(registry: Registry) -> dict[str, float]:
    regions = list(registry.regions)
    step = (SOUTH - NORTH) / max(len(regions) - 1, 1)
    return {region: NORTH + step * index for index, region in enumerate(regions)}


def _at(x: float, y: int, inner: str) -> str:
    return f'<svg x="{x:.1f}%" y="{y}" overflow="visible">{inner}</svg>'


def _segment(css: str, x1: float, x2: float, y: int) -> str:
    return f'<line class="{css}" x1="{x1:.1f}%" x2="{x2:.1f}%" y1="{y}" y2="{y}"/>'


def _track(x1: float, x2: float, y: int, state: str, middles: list[float]) -> str:
    """One track of the journey with its arrowheads between stations."""
    if state == "none" or x1 == x2:
        return ""
    flip = 1 if x2 > x1 else -1
    parts = [_segment("ln-clear", x1, x2, y), _segment("ln-done" if state == "gone" else "ln-ahead", x1, x2, y)]
    for middle in middles:
        if state == "gone":
            arrow = (
                f'<circle r="8" class="ln-st--been"/><path class="ln-arrow" transform="scale({flip},1)" '
                'd="M-2.200-4 2.300 0-2.200 4"/>'
            )
        else:
            arrow = (
                '<rect class="ln-arrow-bg" x="-9" y="-7" width="18" height="14"/>'
                f'<path class="ln-arrow ln-arrow--ahead" transform="scale({flip},1)" d="M-2.500-5 3 0-2.500 5"/>'
            )
        parts.append(_at(middle, y, arrow))
    return "".join(parts)


def _station(kind: str) -> str:
    if kind == "pass":
        return '<rect class="ln-st ln-st--pass" x="-7" y="-17" width="14" height="34" rx="7"/>'
    capsule = 'x="-13" y="-23" width="26" height="46" rx="13"'
    halo = '<rect class="ln-halo" x="-21" y="-31" width="42" height="62" rx="21"/>'
    if kind == "now":
        return f'{halo}<rect class="ln-st ln-st--now" {capsule}/>{_TRAIN}'
    if kind == "held":
        return f'{halo}<rect class="ln-st ln-st--held" {capsule}/><path class="ln-held" d="M-4-6v12M4-6v12"/>'
    been = '<circle r="5" class="ln-st--been"/>' if kind == "been" else ""
    return f'<rect class="ln-st" {capsule}/>{been}'


def _roles(trip: Journey, region: str, tongue: Language) -> str:
    words = []
    if region == trip.accepting:
        words.append(Text("交件·领证", "Hand in, collect") if region != trip.home else Text("交件", "Hand in"))
    if region == trip.home:
        words.append(Text("决定", "Decides"))
    return "·".join(word.in_language(tongue) for word in words)


def plan(accepting: str, home: str, accepting_place: Text | None = None, home_place: Text | None = None) -> Journey:
    """The journey that a case would make."""
    return Journey(accepting, home, "plan", False, "ahead", "ahead", accepting_place, home_place)


def told(registry: Registry, trip: Journey, tongue: Language) -> str:
    """The whole picture in one sentence."""
    here = _named(registry, trip.accepting, trip.accepting_place, tongue)
    there = _named(registry, trip.home, trip.home_place, tongue)
    zh = tongue == "zh"
    sentences = {
        "accepting": (f"材料在{here}的收件窗口。", f"The papers are at the window in {here}."),
        "outward": (f"材料正从{here}送往{there}。", f"The papers are on their way from {here} to {there}."),
        "home": (
            f"材料已从{here}到{there}，由那里决定。",
            f"The papers have gone from {here} to {there}, where it is decided.",
        ),
        "collecting": (f"结果已送回{here}。", f"The result is back in {here}."),
        "none": (f"在{here}收件的办件已经结束。", f"The case received in {here} has ended."),
        "plan": (f"在{here}交件，由{there}决定。", f"Handed in at {here}, decided in {there}."),
    }
    sentence = sentences["plan" if trip.now == "example" else trip.now][0 if zh else 1]
    if trip.held:
        sentence += "计时已停。" if zh else " The clock is stopped."
    if trip.now in ("accepting", "outward", "home", "plan") and trip.home is not None:
        sentence += f"办好后送回{here}。" if zh else f" The result comes back to {here}."
    return sentence


def _named(registry: Registry, region: str | None, place: Text | None, tongue: Language) -> str:
    known = registry.regions.get(region or "")
    city = known.short.in_language(tongue) if known else region or ""
    if place is None:
        return city
    county = short_name(place).in_language(tongue)
    return f"{city}{county}" if tongue == "zh" else f"{county}, {city}"


def draw(registry: Registry, trip: Journey, tongue: Language, name: str = "line", title: str | None = None) -> str:
    """The line as SVG. ``name`` makes its ids unique within a page; ``title`` says more than the journey knows."""
    positions = _positions(registry)
    start = positions.get(trip.accepting, NORTH)
    end = positions.get(trip.home or trip.accepting, start)
    low, high = sorted((start, end))
    stops = sorted(positions.values())
    middles = [(a + b) / 2 for a, b in pairwise(stops) if low <= a and b <= high]
    said = escape(title or told(registry, trip, tongue))
    parts = [
        f'<svg role="img" aria-labelledby="{name}-title" height="152" width="100%">',
        f'<title id="{name}-title">{said}</title><g aria-hidden="true">',
    ]
    for y in (OUT, BACK):
        parts += [_segment("ln-case", NORTH, SOUTH, y), _segment("ln-gap", NORTH, SOUTH, y)]
    if trip.now == "outward" and start != end:
        half = (start + end) / 2
        behind = [x for x in middles if min(start, half) < x < max(start, half)]
        parts.append(_track(start, half, OUT, "gone", behind))
        parts.append(_track(half, end, OUT, "ahead", [x for x in middles if x not in behind and x != half]))
    else:
        parts.append(_track(start, end, OUT, trip.outward, middles))
    parts.append(_track(end, start, BACK, trip.back, middles))
    for region in registry.regions.values():
        parts.append(_stop(registry, trip, region.id, positions[region.id], tongue))
    if trip.now == "outward" and start != end:
        train = (
            '<rect class="ln-halo" x="-20" y="-15" width="40" height="30" rx="15"/>'
            f'<rect class="ln-st--now" x="-14" y="-10" width="28" height="20" rx="10"/>{_TRAIN}'
        )
        parts.append(_at((start + end) / 2, OUT, train))
    parts.append("</g></svg>")
    return "".join(parts)


def _stop(registry: Registry, trip: Journey, region: str, x: float, tongue: Language) -> str:
    part = region in (trip.accepting, trip.home)
    here = _is_here(trip, region)
    kind = "pass"
    if part:
        kind = "been" if region == trip.accepting else "stop"
    if here:
        kind = "held" if trip.held else "now"
    name = escape(registry.regions[region].short.in_language(tongue))
    parts = [
        _at(x, MIDDLE, _station(kind)),
        f'<text class="ln-name{"" if part else " ln-name--pass"}" x="{x:.1f}%" y="107">{name}</text>',
    ]
    if part:
        place = trip.home_place if region == trip.home else trip.accepting_place
        if place is not None:
            parts.append(
                f'<text class="ln-sub" x="{x:.1f}%" y="127">{escape(short_name(place).in_language(tongue))}</text>'
            )
        parts.append(f'<text class="ln-role" x="{x:.1f}%" y="14">{escape(_roles(trip, region, tongue))}</text>')
    if here and trip.now != "example":
        words = Text("计时已停", "clock stopped") if trip.held else Text("现在在这里", "now here")
        parts.append(f'<text class="ln-now" x="{x:.1f}%" y="147">{escape(words.in_language(tongue))}</text>')
    return "".join(parts)


def _is_here(trip: Journey, region: str) -> bool:
    if trip.now in ("accepting", "collecting"):
        return region == trip.accepting
    if trip.now == "outward":
        return trip.home == trip.accepting and region == trip.home
    return trip.now in ("home", "example") and region == trip.home


line_svg = markup(draw)

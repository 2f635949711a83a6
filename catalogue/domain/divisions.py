"""Finding the place that counts: divisions of the programme by code, name or pinyin, and any place of China by code.

Sources: GB/T 2260 through the registry; places outside the programme from python-stdnum's list, which also knows
codes that are no longer in use.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from catalogue.domain.registry.model import Division, Region, Registry
from catalogue.domain.text import Text
from catalogue.domain.value import Value

AreaKind = Literal["city", "county", "locality"]


class Area(Value, frozen=True):
    """A place that may be named in routing. ``place`` is what routing takes; ``matched`` says what the query met."""

    place: str
    code: str
    name: Text
    region: str
    kind: AreaKind
    former_codes: tuple[str, ...]
    matched: str


class _Entry(Value, frozen=True):
    area: Area
    names: tuple[str, ...]
    pinyin: tuple[str, ...]
    initials: tuple[str, ...]


def plain_pinyin(text: str) -> str:
    """Pinyin without tones, spaces, apostrophes and case: "Pǔ'ěr Shì" gives "puershi"."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", text).lower())


def locality_stem(locality: str) -> str:
    """A town's own name without its kind: 磨憨 for 磨憨镇."""
    for ending in ("街道办事处", "街道", "镇", "乡"):
        if locality.endswith(ending) and len(locality) > len(ending):
            return locality.removesuffix(ending)
    return locality


class Areas:
    """The index of one registry; made once per revision."""

    def __init__(self, registry: Registry) -> None:
        self._entries = tuple(_entries(registry))

    def search(self, query: str, limit: int = 20) -> tuple[Area, ...]:
        """Places that meet the query, the nearest first; an empty query gives the first of all places."""
        asked = unicodedata.normalize("NFKC", query).strip().lower()
        letters = plain_pinyin(asked) if not re.search(r"[^\x00-ɏ̀-ͯ‘’]", asked) else ""
        found: list[tuple[int, int, Area]] = []
        for position, entry in enumerate(self._entries):
            rank, matched = _rank(entry, asked, letters)
            if matched:
                area = entry.area
                found.append((rank, position, _matched(area, matched)))
        found.sort(key=lambda one: one[:2])
        return tuple(area for _, _, area in found[:limit])


def _matched(area: Area, matched: str) -> Area:
    return Area(area.place, area.code, area.name, area.region, area.kind, area.former_codes, matched)


def _rank(entry: _Entry, asked: str, letters: str) -> tuple[int, str]:
    area = entry.area
    if not asked:
        return 0, "all"
    if asked == area.place or (asked == area.code and area.kind != "locality"):
        return 0, "code"
    if asked in area.former_codes:
        return 1, "former_code"
    if any(name == asked for name in entry.names):
        return 1, "name"
    if asked.isdigit():
        return (3, "code") if area.code.startswith(asked) else (0, "")
    if any(name.startswith(asked) for name in entry.names):
        return 2, "name"
    if any(asked in name for name in entry.names):
        return 4, "name"
    if letters:
        if any(word.startswith(letters) for word in entry.pinyin):
            return 3, "pinyin"
        if any(word.startswith(letters) for word in entry.initials):
            return 5, "initials"
        if len(letters) > 3 and any(letters in word for word in entry.pinyin):
            return 6, "pinyin"
    return 0, ""


def _entries(registry: Registry) -> Iterator[_Entry]:
    for region in registry.regions.values():
        city = Area(region.division, region.division, region.name, region.id, "city", region.former_codes, "")
        yield _entry(city, (region.name.zh, region.short.zh), (region.pinyin, region.name.en, region.short.en))
        for division in region.divisions:
            area = Area(division.code, division.code, division.name, region.id, "county", division.former_codes, "")
            yield _entry(area, (division.name.zh,), (division.pinyin, division.name.en))
    for region in registry.regions.values():
        for special in region.jurisdictions:
            code, _, locality = special.place.partition("/")
            if locality:
                area = Area(special.place, code, special.name, region.id, "locality", (), "")
                yield _entry(area, (special.name.zh, locality), (special.name.en,))


def _entry(area: Area, names: tuple[str, ...], romanised: tuple[str, ...]) -> _Entry:
    # imported here because its dictionaries take time to load and only the index needs them
    from pypinyin import Style, lazy_pinyin

    spelled = [lazy_pinyin(name) for name in names]
    letters = ["".join(lazy_pinyin(name, style=Style.FIRST_LETTER)) for name in names]
    return _Entry(
        area,
        tuple(dict.fromkeys(name.lower() for name in names)),
        tuple(dict.fromkeys([*map(plain_pinyin, romanised), *(plain_pinyin("".join(word)) for word in spelled)])),
        tuple(dict.fromkeys(plain_pinyin(word) for word in letters)),
    )


_INDEXES: dict[int, tuple[Registry, Areas]] = {}
_KEPT = 8


def areas(registry: Registry, query: str, limit: int = 20) -> tuple[Area, ...]:
    """Places of the programme that meet the query; the index of each registry is made at its first use."""
    held = _INDEXES.get(id(registry))
    if held is None or held[0] is not registry:
        if len(_INDEXES) >= _KEPT:
            _INDEXES.clear()
        held = _INDEXES[id(registry)] = (registry, Areas(registry))
    return held[1].search(query, limit)


def present_division(registry: Registry, former: str) -> tuple[Division, Region] | None:
    """The division of the programme that a former code stands for today."""
    return next((pair for pair in registry.divisions.values() if former in pair[0].former_codes), None)


def present_city(registry: Registry, former: str) -> Region | None:
    """The city of the programme that a former code stands for today."""
    return next((region for region in registry.regions.values() if former in region.former_codes), None)


_SPAN = re.compile(r"\[[\d-]*\]")
_NOT_A_NAME = frozenset({"市辖区", "县", "市", "省直辖县级行政单位", "自治区直辖县级行政单位", "省直辖县级行政区划"})


def _listed(code: str) -> str | None:
    """The last name the list gives to exactly that code."""
    # Imported here: the package brings what reads the registers of other countries, and few codes are looked up.
    from stdnum import numdb

    parts = numdb.get("cn/loc").info(code)
    if len(parts) != 2 or not (named := parts[1][1].get("county")):
        return None
    return _SPAN.sub("", named.split(",")[-1]).strip() or None


@lru_cache(maxsize=4096)
def known_place(code: str) -> str | None:
    """The full Chinese name of any division of China by its six-digit code, present or former; None if there is none.

    ``532901`` gives 云南省大理白族自治州大理市.
    """
    if not re.fullmatch(r"[1-9]\d{5}", code, re.ASCII) or (own := _listed(code)) is None:
        return None
    levels = (f"{code[:2]}0000", f"{code[:4]}00", code)
    names = [_listed(level) for level in dict.fromkeys(levels[:-1]) if level != code]
    return "".join(dict.fromkeys(name for name in (*names, own) if name and (name not in _NOT_A_NAME or name == own)))

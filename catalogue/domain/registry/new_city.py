"""A new city 新增城市: the first block of a region from what a person knows of it, and a calendar to begin with.

Behaviour is that of the ``standard`` handler, which needs no module: it follows the registry's rules.
A module ``regions/<name>.py`` is wanted only where a city acts differently; whoever writes it names it in ``handler``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from catalogue.domain.problems import Fault
from catalogue.domain.registry.schema import CATEGORY_ID, DIVISION
from catalogue.domain.text import Text

REQUIRED = ("id", "zh", "en", "short_zh", "short_en", "pinyin", "division", "bureau_zh", "bureau_en")
STANDARD = "standard"


def calendar_id(region: str) -> str:
    """The id of a city's own calendar."""
    return region.replace("-", "_")


def national_calendar(region: str, zh: str, en: str) -> str:
    """A calendar that follows the national notices and has no days of its own yet."""
    return f"id: {calendar_id(region)}\nname: {{zh: {zh}, en: {en}}}\nbase: national\nyears: []\n"


def city_block(typed: Mapping[str, str], calendar: str, taken: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """The region that a form says, or what is wrong at which field. ``taken``: the cities there are.

    One bureau of city level and one for each division are made by the name given; what nobody typed stays unknown.
    """
    faults = [Fault(key, "missing", Text("必填", "Required")) for key in REQUIRED if not typed.get(key)]
    id, division = typed.get("id", ""), typed.get("division", "")
    if id and not re.fullmatch(CATEGORY_ID, id):
        faults.append(Fault("id", "bad-form", Text("代号用小写字母，如 honghe", "Small letters, like honghe")))
    elif id in taken:
        faults.append(Fault("id", "duplicate-id", Text(f"代号 {id} 已被用", f"The id {id} is taken")))
    if division and not re.fullmatch(DIVISION, division):
        faults.append(Fault("division", "bad-form", Text("行政区划代码是6位数字", "A division code has six digits")))
    divisions = _divisions(typed.get("divisions", ""), faults)
    windows = _windows(typed.get("windows", ""), faults)
    bureau = Text(typed.get("bureau_zh", ""), typed.get("bureau_en", ""))
    city: dict[str, Any] = {
        "id": division,
        **_named(typed.get("zh", ""), typed.get("short_en", ""), bureau),
        "level": "city",
        "phone": None,
    }
    if windows:
        city["windows"] = windows
    counties = [
        {"id": one["id"], **_named(one["zh"], one["en"], bureau), "level": "county", "parent": division, "phone": None}
        for one in divisions
    ]
    block = {
        "id": id,
        "zh": typed.get("zh", ""),
        "en": typed.get("en", ""),
        "short": {"zh": typed.get("short_zh", ""), "en": typed.get("short_en", "")},
        "pinyin": typed.get("pinyin", ""),
        "division": division,
        "handler": typed.get("handler") or STANDARD,
        "calendar": calendar,
        "city_office": division,
        "acceptance": typed.get("acceptance") or "home",
        "divisions": divisions,
        "offices": [city, *counties],
    }
    return block, faults


def _named(zh: str, en: str, bureau: Text) -> dict[str, str]:
    return {"zh": f"{zh}{bureau.zh}", "en": f"{en} {bureau.en}"}


def _divisions(text: str, faults: list[Fault]) -> list[dict[str, str]]:
    found = []
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.split("|")]
        if cells == [""]:
            continue
        if len(cells) != 4 or not all(cells) or not re.fullmatch(DIVISION, cells[0]):
            message = Text("每行写：代码 | 中文 | 英文 | 拼音", "A line: code | Chinese | English | pinyin")
            faults.append(Fault("divisions", "bad-line", message))
            continue
        found.append(dict(zip(("id", "zh", "en", "pinyin"), cells, strict=True)))
    return found


def _windows(text: str, faults: list[Fault]) -> list[dict[str, str]]:
    found = []
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.split("|")]
        if cells == [""]:
            continue
        if len(cells) not in (3, 4) or not all(cells[:3]):
            message = Text("每行写：代号 | 中文 | 英文 | 电话（可空）", "A line: id | Chinese | English | telephone")
            faults.append(Fault("windows", "bad-line", message))
            continue
        found.append({key: cell for key, cell in zip(("id", "zh", "en", "phone"), cells, strict=False) if cell})
    return found

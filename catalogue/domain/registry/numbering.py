"""Rules by which numbers are formed 编号规则: the 文号 of a document, the number of a certificate.

A form is text with places to fill: ``{office}`` the office's short name (景洪市市监), ``{nature}`` the nature 性质 of a
document, ``{city}``, ``{division}``, ``{year}`` and ``{serial}``. The serial of documents runs by authority and year
through all kinds, so whatever the rules say now or said before, no authority gives one number twice; certificates of
a ``series`` of an authority count by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalogue.domain.registry.findings import Finding
from catalogue.domain.registry.model import NumberRule, Office, Registry
from catalogue.domain.text import Text

DOCUMENT, CERTIFICATE = "document", "certificate"

HOUSE_RULE = NumberRule("house", DOCUMENT, "{office}{nature}〔{year}〕{serial}号")
"""What a document of an authority is numbered by where neither its city nor the registry says anything else:
地区简称 + 性质 + 〔年〕 + 序号, the customary form of notices of acceptance."""

LONGEST_SERIAL = 12
"""Digits; house rule against slips."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_PLACES = {
    DOCUMENT: ("office", "nature", "city", "division", "year", "serial"),
    CERTIFICATE: ("office", "city", "division", "year", "serial"),
}
_BUREAU = "市场监督管理局"


def form_fault(of: str, form: str, width: int, *, one_office: bool) -> tuple[str, str] | None:
    """What is wrong with a form, zh and en; None where it gives every office numbers of its own.

    ``one_office``: it serves a single office, whose name may stand in its words.
    """
    places = _PLACE.findall(form)
    words = _PLACE.sub("", form)
    known = _PLACES[of]
    strange = next((place for place in places if place not in known), None)
    if strange is not None:
        shown = "、".join(f"{{{place}}}" for place in known)
        return (f"没有 {{{strange}}}，可用：{shown}", f"There is no {{{strange}}}; one of: {shown.replace('、', ', ')}")
    if "{" in words or "}" in words:
        return ("花括号不成对", "A brace has no partner")
    if places.count("year") != 1 or places.count("serial") != 1 or places.index("serial") < places.index("year"):
        return (
            "须先写一次 {year}、后写一次 {serial}，否则编号会重复",
            "It needs {year} once and {serial} once after it, else numbers repeat",
        )
    if re.search(r"\d", words) or re.search(r"\{serial\}\{division\}", form):
        return (
            "文字里不能有数字，{serial} 后不能紧跟 {division}，否则与年份、序号分不清",
            "Its words must hold no digits and {division} not follow {serial}: nobody could tell them from the serial",
        )
    if "office" not in places and not one_office:
        return (
            "须写 {office}，或者用 offices 只指定一个机关，否则两个机关会有同一编号",
            "It needs {office}, or `offices` with one office only, else two offices give the same number",
        )
    if width > LONGEST_SERIAL:
        return (f"序号位数不能超过{LONGEST_SERIAL}", f"The serial has {LONGEST_SERIAL} digits at most")
    return None


def short_name(office: Office) -> str:
    """What stands for an office in its numbers: 地区 + 市监, or its full name; no two offices share it."""
    name = office.name.zh
    return f"{name.removesuffix(_BUREAU)}市监" if name.endswith(_BUREAU) else name


def rule_for(registry: Registry, office: Office, of: str, kind: str) -> NumberRule | None:
    """The first rule that fits: the city's own, then the registry's; documents end at the house rule.

    ``kind``: the kind of document, or the matter whose certificate it is.
    """
    region = registry.regions.get(office.region)
    for rule in (*(region.numbers if region else ()), *registry.numbers):
        if rule.of == of and kind in (rule.kinds or (kind,)) and office.id in (rule.offices or (office.id,)):
            return rule
    return HOUSE_RULE if of == DOCUMENT else None


def formed(rule: NumberRule, registry: Registry, office: Office, nature: str, year: int, serial: int) -> str:
    """The number that a rule gives."""
    region = registry.regions.get(office.region)
    filled = {
        "office": short_name(office),
        "nature": nature,
        "city": region.short.zh if region else "",
        "division": office.division,
        "year": str(year),
        "serial": f"{serial:0{rule.width}d}",
    }
    return _PLACE.sub(lambda place: filled[place[1]], rule.form)


def shared_numbers(registry: Registry, file: str) -> Iterator[Finding]:
    """Every rule under which one office would give a number that another one gives too."""
    heads: dict[tuple[str, str], str] = {}
    for region in registry.regions.values():
        own = [(f"regions.{region.id}.numbers.{rule.id}", rule) for rule in region.numbers]
        all_ = [(f"registry.numbers.{rule.id}", rule) for rule in registry.numbers]
        for path, rule in (*own, *all_, (f"regions.{region.id}", HOUSE_RULE)):
            for office in region.offices:
                if office.id not in (rule.offices or (office.id,)):
                    continue
                # A serial longer than any width, so that forms of different widths meet.
                number = formed(rule, registry, office, "", 2000, 10**LONGEST_SERIAL)
                first = heads.setdefault((f"{rule.of} {rule.series or ''}", number), office.id)
                if first != office.id:
                    yield Finding(
                        file,
                        None,
                        path,
                        "shared-number",
                        Text(
                            f"按此编号规则，{first} 与 {office.id} 会编出同一编号，请改写法",
                            f"Under this rule {first} and {office.id} give the same number; change its form",
                        ),
                    )

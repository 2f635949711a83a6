"""Small hand-built values for tests of the domain: no file of the registry is read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from catalogue.domain.calendar import Calendar, read_calendars
from catalogue.domain.registry.model import (
    Acceptance,
    Choice,
    Codes,
    Confidence,
    DecidedBy,
    Division,
    Fee,
    Jurisdiction,
    Level,
    LevelRule,
    Limits,
    Matter,
    Mode,
    Office,
    Overlay,
    Particular,
    PlaceRule,
    Procedure,
    Provenance,
    Province,
    Region,
    Registry,
)
from catalogue.domain.registry.revision import Revision
from catalogue.domain.text import Text

CALENDARS = Path(__file__).parents[2] / "regions" / "calendars"


def text(word: str) -> Text:
    """The same word in both languages."""
    return Text(word, word)


@cache
def shipped_calendars() -> Mapping[str, Calendar]:
    """The calendars as they are shipped."""
    calendars, findings = read_calendars({path.name: path.read_bytes() for path in CALENDARS.glob("*.yaml")})
    assert not findings
    return calendars


KIND = Particular(
    "company_type",
    Text("公司类型", "Type of company"),
    (Choice("limited", Text("有限责任公司", "Limited")), Choice("joint_stock", Text("股份有限公司", "Joint stock"))),
)


def rule(level: Level, confidence: Confidence = Confidence.OFFICIAL, **when: str) -> LevelRule:
    """A level rule with one accepted value a key."""
    return LevelRule(level, {key: (value,) for key, value in when.items()}, Provenance(confidence, ("LAW",)))


def matter(id: str = "company-establish", *levels: LevelRule, **changes: Any) -> Matter:
    """A registration decided at county level, joint-stock companies at city level, unless told otherwise."""
    rules = levels or (rule(Level.CITY, company_type="joint_stock"), rule(Level.COUNTY, Confidence.ASSUMED))
    plain = Matter(
        id=id,
        name=Text("演示事项", "Demo matter"),
        aliases=(),
        category="registration",
        type="confirmation",
        procedure=Procedure.REGISTRATION,
        mode=Mode.ONLINE,
        fallback_mode=Mode.PROXY,
        codes=Codes(),
        legal_basis=(),
        limits=Limits(statutory_days=3, promised_days=1, extension_days=3),
        decided_by=DecidedBy(PlaceRule.SEAT, rules),
        applicant_kinds=("natural_person", "legal_person"),
        particulars=(KIND,),
        form=(),
        materials=(),
        results=(),
        fee=Fee(False),
        on_the_spot=True,
        substance_check=False,
        separate_decider=False,
        verify_people=True,
        family=None,
        provenance={},
    )
    return replace(plain, **changes)


def region(
    id: str,
    city: str,
    counties: Mapping[str, str],
    *,
    name: str | None = None,
    handler: str = "standard",
    calendar: str | None = None,
    former: Mapping[str, tuple[str, ...]] | None = None,
    offices: tuple[Office, ...] = (),
    jurisdictions: tuple[Jurisdiction, ...] = (),
    overlays: Mapping[str, Overlay] | None = None,
    acceptance: Acceptance = Acceptance.HOME,
) -> Region:
    """A city with a bureau of its own and one for each county (code -> Chinese name)."""
    former = former or {}
    shown = name or id
    bureaus = tuple(
        Office(code, Text(f"{county}市场监督管理局", f"{county} bureau"), Level.COUNTY, code, id)
        for code, county in counties.items()
    )
    return Region(
        id=id,
        name=text(shown),
        short=text(shown),
        pinyin=id.title(),
        division=city,
        former_codes=former.get(city, ()),
        handler=handler,
        calendar=calendar or id,
        city_office=city,
        acceptance=acceptance,
        divisions=tuple(Division(c, text(n), n, former.get(c, ())) for c, n in counties.items()),
        offices=(
            Office(city, Text(f"{shown}市场监督管理局", f"{shown} bureau"), Level.CITY, city, id, phone=None),
            *bureaus,
            *offices,
        ),
        jurisdictions=jurisdictions,
        overlays=overlays or {},
    )


def four_cities() -> tuple[Region, ...]:
    """The four cities with a few of their counties."""
    return (
        region("kunming", "530100", {"530102": "五华区", "530114": "呈贡区"}, name="昆明市",
               former={"530114": ("530121",)}),
        region("yuxi", "530400", {"530402": "红塔区"}, name="玉溪市"),
        region("puer", "530800", {"530802": "思茅区", "530821": "宁洱哈尼族彝族自治县"}, name="普洱市",
               former={"530800": ("532700",)}),
        region("xishuangbanna", "532800", {"532801": "景洪市", "532822": "勐海县", "532823": "勐腊县"},
               name="西双版纳傣族自治州"),
    )  # fmt: skip


def registry(regions: tuple[Region, ...] | None = None, matters: tuple[Matter, ...] = ()) -> Registry:
    """A registry of these regions and matters."""
    return Registry(
        title=text("演示清单"),
        note=text("演示"),
        as_of=date(2026, 11, 23),
        province=Province("530000", Text("云南省", "Yunnan"), Text("省级市场监督管理部门", "The provincial authority")),
        sources={},
        regions={r.id: r for r in (four_cities() if regions is None else regions)},
        matters={m.id: m for m in (matters or (matter(),))},
        digest="0" * 64,
    )


def revision(of: Registry | None = None, calendars: Mapping[str, Calendar] | None = None, number: int = 1) -> Revision:
    """A published revision with the shipped calendars."""
    return Revision(
        number=number,
        registry=of or registry(),
        calendars=shipped_calendars() if calendars is None else calendars,
        effective_from=datetime(2026, 1, 1, tzinfo=UTC),
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        author="演示",
        digest="0" * 64,
        note=None,
    )

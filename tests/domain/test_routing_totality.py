"""Routing is total: over any registry, every question has an answer or a named problem."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import regions
from catalogue.domain.calendar import read_calendars
from catalogue.domain.handler import Handler, StandardHandler
from catalogue.domain.problems import MissingParticulars, Problem
from catalogue.domain.registry.model import (
    Acceptance,
    Choice,
    Confidence,
    DecidedBy,
    Jurisdiction,
    Level,
    LevelRule,
    Limits,
    Material,
    Matter,
    Office,
    Overlay,
    Particular,
    PlaceRule,
    Provenance,
    Region,
    Registry,
)
from catalogue.domain.registry.reader import read_registry
from catalogue.domain.registry.revision import Revision
from catalogue.domain.routing import Answer, Outside, Route, Unroutable, route, route_json
from tests.domain.builders import CALENDARS, matter, region, registry, revision, shipped_calendars, text
from tests.domain.conftest import DAY

KEYS, VALUES = ("type", "size"), ("a", "b", "c")
COUNTIES = {
    "kunming": ("530100", ("530102", "530103", "530114")),
    "yuxi": ("530400", ("530402",)),
    "xishuangbanna": ("532800", ("532801", "532823")),
}
PLACES = (
    *itertools.chain.from_iterable((city, *counties) for city, counties in COUNTIES.values()),
    "532823/磨憨镇", "532823/磨憨镇/村", "530121", "532400", "530101", "530000", "532901", "110101", "999999", "x", "",
)  # fmt: skip

conditions = st.dictionaries(
    st.sampled_from(KEYS), st.lists(st.sampled_from(VALUES), min_size=1, max_size=2, unique=True).map(tuple)
)
rules = st.builds(
    LevelRule,
    st.sampled_from(Level),
    conditions,
    st.builds(Provenance, st.sampled_from(Confidence), st.just(("LAW",))),
)
days = st.none() | st.integers(0, 400)
limits = st.builds(Limits, days, days, days, days, days)
materials = st.lists(
    st.builds(Material, st.sampled_from("pqrst"), st.just(text("材料")), st.booleans(), conditions), max_size=3
).map(tuple)


@st.composite
def matters(draw: st.DrawFn) -> Matter:
    """A matter with any rules of level, well ordered or not, over two closed particulars."""
    named = draw(st.sets(st.sampled_from(KEYS)))
    return matter(
        "m",
        decided_by=DecidedBy(draw(st.sampled_from(PlaceRule)), tuple(draw(st.lists(rules, min_size=1, max_size=4)))),
        limits=draw(limits),
        materials=draw(materials),
        particulars=tuple(Particular(key, text(key), tuple(Choice(v, text(v)) for v in VALUES)) for key in named),
    )


@st.composite
def cities(draw: st.DrawFn, id: str) -> Region:
    """A city with stations, a special jurisdiction and an overlay, each perhaps; the office named may not exist."""
    city, counties = COUNTIES[id]
    stations = tuple(
        Office(f"{county}-s{n}", text(f"{county}所{n}"), Level.STATION, county, id)
        for county in counties
        for n in range(draw(st.integers(0, 2)))
    )
    special = st.builds(
        Jurisdiction,
        st.sampled_from(["532823/磨憨镇", "532823/磨憨镇/村", "532801", "530102"]),
        st.sampled_from(["530100", "532823", "530114", "000000"]),
        st.just(text("特别")),
        st.builds(Provenance, st.sampled_from(Confidence), st.just(("SOURCE",))),
        matters=st.sampled_from([(), ("m",), ("n",)]),
    )
    overlay = st.builds(
        Overlay,
        st.booleans(),
        days,
        materials,
        st.none() | st.sampled_from(Acceptance),
    )
    return region(
        id,
        city,
        {county: f"县{county}" for county in counties},
        former={city: (f"{city[:2]}24{city[4:]}",), "530114": ("530121",)},
        handler=draw(st.sampled_from(["standard", id, "absent"])),
        calendar=draw(st.sampled_from([id, id, "absent"])),
        offices=stations,
        jurisdictions=tuple(draw(st.lists(special, max_size=3))),
        overlays=draw(st.dictionaries(st.just("m"), overlay)),
        acceptance=draw(st.sampled_from(Acceptance)),
    )


registries = st.builds(
    lambda regions, matter: registry(regions, (matter,)),
    st.tuples(*(cities(id) for id in COUNTIES)),
    matters(),
)


def asked(
    of: Revision, handlers: Mapping[str, Handler], matter: str, place: str, particulars: Mapping[str, str], on: date
) -> Answer | Problem:
    """The answer, or the named problem; any other exception is a failure."""
    try:
        return route(of, handlers, matter, place, particulars, on)
    except Problem as problem:
        return problem


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(
    of=registries,
    place=st.sampled_from(PLACES),
    particulars=st.dictionaries(st.sampled_from((*KEYS, "other")), st.sampled_from((*VALUES, "z", ""))),
    on=st.dates(date(2017, 12, 1), date(2028, 2, 1)),
    known=st.sampled_from(["m", "m", "m", "n"]),
)
def test_every_question_has_an_answer_or_a_named_problem(
    handlers: Mapping[str, Handler], of: Registry, place: str, particulars: dict[str, str], on: date, known: str
) -> None:
    in_force = revision(of)
    answer = asked(in_force, handlers, known, place, particulars, on)
    if isinstance(answer, Problem):
        assert answer.detail.zh
        assert answer.detail.en
        assert bool(answer.extra.get("missing")) is isinstance(answer, MissingParticulars)
        return
    assert answer.explanation
    assert all(step.reason.zh and step.reason.en for step in answer.explanation)
    assert asked(in_force, handlers, known, place, particulars, on) == answer
    assert "explanation" in route_json(answer, "zh")
    if isinstance(answer, Route):
        assert of.offices[answer.office.id] is answer.office
        assert answer.region == answer.office.region
        assert answer.level is answer.office.level is not Level.PROVINCE
        assert answer.conditional <= {material.id for material in answer.materials}
        assert all(day is None or day >= on for day in (answer.expected.promised_by, answer.expected.statutory_by))
    else:
        assert isinstance(answer, (Outside, Unroutable))


def conditions_of(matter: Matter) -> Iterator[dict[str, str]]:
    """Every combination of the particulars that the levels of a matter name."""
    keys = sorted({key for rule in matter.decided_by.levels for key in rule.when})
    choices = [[c.value for p in matter.particulars if p.key == key for c in p.choices] for key in keys]
    for values in itertools.product(*choices):
        yield dict(zip(keys, values, strict=True))


def every_answer(of: Revision, handlers: Mapping[str, Handler]) -> Iterator[Answer]:
    """Every matter, division and condition of a registry."""
    for one in of.registry.matters.values():
        for particulars in conditions_of(one):
            for place in of.registry.divisions:
                yield route(of, handlers, one.id, place, particulars, DAY)


def test_the_shipped_registry_is_total(shipped: Registry, handlers: Mapping[str, Handler]) -> None:
    answers = list(every_answer(revision(shipped), handlers))
    assert len(answers) >= 61 * 36
    assert not any(isinstance(answer, Unroutable) for answer in answers)
    offices = {answer.office.id for answer in answers if isinstance(answer, Route)}
    assert offices >= set(shipped.divisions)


FIFTH_BLOCK = """
  - id: dali
    zh: 大理白族自治州
    en: Dali Bai Autonomous Prefecture
    short: {zh: 大理, en: Dali}
    pinyin: Dali Baizu Zizhizhou
    division: "532900"
    former_codes: []
    handler: dali
    calendar: dali
    city_office: "532900"
    acceptance: home
    divisions:
      - {id: "532901", zh: 大理市, en: Dali City, pinyin: Dali Shi}
    offices:
      - id: "532900"
        zh: 大理白族自治州演示机关
        en: Demo authority of Dali Prefecture
        level: city
        phone: null
      - id: "532901"
        zh: 大理市演示机关
        en: Demo authority of Dali City
        level: county
        parent: "532900"
        phone: null
    jurisdictions: []
    overlays: {}
"""
FIFTH_MODULE = '''"""A fifth city for a test."""

from catalogue.domain.handler import StandardHandler

handler = StandardHandler(id="dali", version="2026.1")
'''
FIFTH_CALENDAR = """id: dali
name: {zh: 大理, en: Dali}
base: national
years:
- year: 2026
  standing: official
  notice: {number: null, title: null, date: null}
  source: null
  days_off:
  - {from: 2026-11-24, to: 2026-11-25, name: 演示}
  days_worked: []
- year: 2027
  standing: provisional
  notice: {number: null, title: null, date: null}
  source: null
  days_off: []
  days_worked: []
"""


def test_a_fifth_city_is_one_block_of_yaml_one_module_and_one_calendar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handlers: Mapping[str, Handler]
) -> None:
    path = Path(__file__).parents[2] / "matters.yaml"
    before, _, after = path.read_text("utf-8").partition("\nlaws:")
    shipped, findings = read_registry(f"{before}{FIFTH_BLOCK}\nlaws:{after}".encode(), "matters.yaml")
    assert shipped is not None, findings
    (tmp_path / "dali.py").write_text(FIFTH_MODULE, "utf-8")
    monkeypatch.setattr(regions, "__path__", [*regions.__path__, str(tmp_path)])
    module = importlib.import_module("regions.dali")
    handler: StandardHandler = module.handler
    files = {file.name: file.read_bytes() for file in CALENDARS.glob("*.yaml")}
    calendars, findings = read_calendars({**files, "dali.yaml": FIFTH_CALENDAR.encode()})
    assert not findings
    of = revision(shipped, calendars)
    answers = list(every_answer(of, {**handlers, "dali": handler}))
    assert not any(isinstance(answer, Unroutable) for answer in answers)
    here = [answer for answer in answers if isinstance(answer, Route) and answer.region == "dali"]
    assert {answer.office.id for answer in here} == {"532900", "532901"}
    assert {answer.handler_version for answer in here} == {"2026.1"}
    del sys.modules["regions.dali"]
    first = next(answer for answer in here if answer.matter == "company-establishment")
    assert first.expected.statutory_by == date(2026, 11, 30)  # its own two days off in between
    assert shipped_calendars().keys() | {"dali"} == calendars.keys()

"""The contract every city's handler keeps, and what each city's eyes see."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import regions
from catalogue.domain.handler import ApplicationFacts, Choice, Handler, Question, StandardHandler
from catalogue.domain.registry.model import Acceptance, Level, Office, Region
from tests.domain.builders import four_cities, matter, text

MODULES = sorted(module.name for module in pkgutil.iter_modules(regions.__path__))
HANDLERS: dict[str, Handler] = {"standard": StandardHandler()} | {
    name: importlib.import_module(f"regions.{name}").handler for name in MODULES
}


def city(id: str) -> Region:
    return next(one for one in four_cities() if one.id == id)


def facts(region: str, place: str, locality: str | None = None, **form: str) -> ApplicationFacts:
    return ApplicationFacts(
        matter(), city(region), place, locality, {}, "legal_person", "unified_code", form, frozenset()
    )


def question(*candidates: Office, usual: Office | None = None, locality: str | None = None) -> Question:
    return Question(matter(), city("xishuangbanna"), "532801", locality, Level.STATION, candidates, usual, {})


def station(name: str) -> Office:
    return Office(f"532801-{name}", text(f"演示局{name}所"), Level.STATION, "532801", "xishuangbanna")


def test_every_city_has_its_module() -> None:
    assert MODULES == ["kunming", "puer", "xishuangbanna", "yuxi"]


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_is_called_by_its_id_and_has_a_version_and_a_channel(name: str) -> None:
    handler = HANDLERS[name]
    assert handler.id == name
    assert handler.version
    assert handler.channel in ("desk", "webhook")


@pytest.mark.parametrize("name", HANDLERS)
@settings(deadline=None)
@given(
    names=st.lists(st.sampled_from("甲乙丙磨"), max_size=3, unique=True),
    usual=st.booleans(),
    locality=st.sampled_from([None, "甲镇", "乙乡", "丁街道", "磨憨镇", "镇", "甲镇/村"]),
)
def test_a_handler_chooses_a_candidate_or_none(name: str, names: list[str], usual: bool, locality: str | None) -> None:
    candidates = tuple(station(one) for one in names)
    asked = question(*candidates, usual=candidates[0] if usual and candidates else None, locality=locality)
    choice = HANDLERS[name].choose(asked)
    assert choice.office is None or choice.office in candidates
    assert choice.reason.zh
    assert choice.reason.en
    assert HANDLERS[name].choose(asked) == choice


@pytest.mark.parametrize("name", HANDLERS)
def test_acceptance_is_never_delegated_unless_declared(name: str) -> None:
    assert HANDLERS[name].acceptance(matter(), Acceptance.HOME) is Acceptance.HOME


@pytest.mark.parametrize("name", HANDLERS)
@settings(deadline=None)
@given(
    place=st.sampled_from(["530102", "530821", "532801", "532823", "000000"]),
    locality=st.none() | st.text(max_size=4) | st.just("磨憨镇"),
    form=st.dictionaries(
        st.sampled_from(["address", "scope"]), st.text(max_size=8) | st.integers() | st.just("勐腊县磨憨镇 思茅地区")
    ),
)
def test_local_eyes_never_stop_an_intake(name: str, place: str, locality: str | None, form: dict[str, object]) -> None:
    for region in four_cities():
        seen = HANDLERS[name].look(replace(facts(region.id, place, locality), form=form))
        for finding in seen:
            assert finding.severity in ("note", "warning")
            assert finding.message.zh
            assert finding.message.en


def codes(handler: str, asked: ApplicationFacts) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.path) for finding in HANDLERS[handler].look(asked)]


def test_an_address_in_another_division_of_the_city_is_pointed_out() -> None:
    for name in ("standard", "xishuangbanna"):
        assert codes(name, facts("xishuangbanna", "532801", address="勐海县演示路1号")) == [
            ("address-elsewhere", "form.address")
        ]
        assert codes(name, facts("xishuangbanna", "532801", address="景洪市勐海县路1号")) == []
        assert codes(name, facts("xishuangbanna", "532801", address="演示路1号")) == []


def test_xishuangbanna_asks_about_mohan_where_only_the_county_was_given() -> None:
    assert codes("xishuangbanna", facts("xishuangbanna", "532823", address="勐腊县磨憨镇1号")) == [
        ("mohan-premises", "form.address")
    ]
    assert codes("xishuangbanna", facts("xishuangbanna", "532823", "磨憨镇", address="勐腊县磨憨镇1号")) == []
    assert codes("xishuangbanna", facts("xishuangbanna", "532801", address="景洪市磨憨路1号")) == []


def test_kunming_asks_for_a_second_look_at_the_town_in_trusteeship() -> None:
    assert codes("kunming", facts("kunming", "532823", "磨憨镇")) == [("trusteeship-unconfirmed", "place")]
    assert codes("kunming", facts("kunming", "530102")) == []


def test_puer_takes_papers_of_the_former_prefecture() -> None:
    assert codes("puer", facts("puer", "530802", address="思茅地区演示路")) == [("former-prefecture", "form.address")]


def test_autonomous_counties_get_a_note_on_their_calendar() -> None:
    assert codes("puer", facts("puer", "530821")) == [("autonomous-county-calendar", "place")]
    assert codes("puer", facts("puer", "530802")) == []


def test_xishuangbanna_finds_the_station_by_the_town() -> None:
    one, other = station("甲"), station("乙")
    handler = HANDLERS["xishuangbanna"]
    assert handler.choose(question(one, other, locality="乙镇")).office == other
    assert handler.choose(question(one, other, locality="丙镇")).office is None
    assert handler.choose(question(one, other, locality="丙镇", usual=one)).office == one
    assert isinstance(HANDLERS["standard"].choose(question(one, other)), Choice)

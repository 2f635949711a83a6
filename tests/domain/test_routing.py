"""Routing: which office decides, and why; what is asked for, outside scope or unroutable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from catalogue.domain.handler import Choice as HandlerChoice
from catalogue.domain.handler import Handler, Question, StandardHandler
from catalogue.domain.problems import (
    CalendarExhausted,
    InvalidInput,
    MatterNotOffered,
    MissingParticulars,
    UnknownMatter,
    UnknownPlace,
)
from catalogue.domain.registry.model import (
    Acceptance,
    Confidence,
    Jurisdiction,
    Level,
    Limits,
    Material,
    Mode,
    Office,
    Overlay,
    Provenance,
    Region,
    Registry,
)
from catalogue.domain.registry.revision import Revision
from catalogue.domain.routing import Answer, Outside, Route, Unroutable, route, route_json, route_to
from catalogue.domain.text import Text
from tests.domain.builders import four_cities, matter, region, registry, revision, rule, shipped_calendars, text
from tests.domain.conftest import DAY

LIMITED = {"company_type": "limited"}
JOINT_STOCK = {"company_type": "joint_stock"}
STANDARD: Mapping[str, Handler] = {"standard": StandardHandler()}


def ask(
    place: str,
    particulars: Mapping[str, str] = LIMITED,
    *,
    of: Registry | None = None,
    handlers: Mapping[str, Handler] = STANDARD,
    on: date = DAY,
) -> Answer:
    return route(revision(of), handlers, "company-establish", place, particulars, on)


def found(answer: Answer) -> Route:
    assert isinstance(answer, Route)
    return answer


def with_region(changed: Region) -> Registry:
    return registry(tuple(changed if old.id == changed.id else old for old in four_cities()))


def city(id: str) -> Region:
    return next(one for one in four_cities() if one.id == id)


def test_the_founding_case_is_decided_in_jinghong() -> None:
    answer = found(ask("532801"))
    assert (answer.region, answer.office.id, answer.level) == ("xishuangbanna", "532801", Level.COUNTY)
    assert (answer.acceptance, answer.mode) == (Acceptance.HOME, Mode.ONLINE)
    assert answer.expected.promised_by == date(2026, 11, 24)
    assert answer.expected.statutory_by == date(2026, 11, 26)
    assert not answer.expected.provisional
    assert (answer.calendar, answer.revision) == ("xishuangbanna", 1)


def test_djxz_4_joint_stock_companies_belong_to_the_city() -> None:
    answer = found(ask("532801", JOINT_STOCK))
    assert (answer.office.id, answer.level) == ("532800", Level.CITY)
    assert found(ask("532800", JOINT_STOCK)).office.id == "532800"


def test_every_rule_that_was_looked_at_is_explained() -> None:
    steps = found(ask("532801")).explanation
    assert [step.rule for step in steps] == [
        "matter",
        "decided_by.place",
        "place",
        "jurisdiction",
        "availability",
        "decided_by.levels[0]",
        "decided_by.levels[1]",
        "handler",
        "office",
        "overlay",
        "acceptance",
        "calendar",
    ]
    assert {step.rule for step in steps if not step.matched} == {"jurisdiction", "decided_by.levels[0]", "overlay"}
    assert all(step.reason.zh and step.reason.en for step in steps)
    assert any("standard 1" in step.reason.zh for step in steps)


def test_a_working_assumption_is_marked() -> None:
    answer = found(ask("532801"))
    assert answer.assumed == ("decided_by.levels[1]",)
    assert any("工作假定" in step.reason.zh and "assumption" in step.reason.en for step in answer.explanation)
    assert found(ask("532801", JOINT_STOCK)).assumed == ()
    facts = {"limits.promised_days": Provenance(Confidence.ASSUMED), "codes": Provenance(Confidence.UNKNOWN)}
    of = registry(matters=(matter(provenance=facts),))
    assert found(ask("532801", JOINT_STOCK, of=of)).assumed == ("limits.promised_days",)


def test_missing_particulars_are_asked_for_and_not_guessed() -> None:
    for particulars in ({}, {"company_type": ""}):
        with pytest.raises(MissingParticulars) as error:
            ask("532801", particulars)
        missing = error.value.extra["missing"]
        assert [(entry["key"], [c["value"] for c in entry["choices"]]) for entry in missing] == [
            ("company_type", ["limited", "joint_stock"])
        ]
        assert missing[0]["label"] == {"zh": "公司类型", "en": "Type of company"}
        json.dumps(error.value.extra)


def test_a_particular_that_decides_nothing_is_not_asked_for() -> None:
    of = registry(matters=(matter("company-establish", rule(Level.COUNTY)),))
    assert found(ask("532801", {}, of=of)).office.id == "532801"


def test_unknown_particulars_and_values_are_named() -> None:
    with pytest.raises(InvalidInput) as error:
        ask("532801", {"company_type": "guild", "colour": "red"})
    assert [(fault.path, fault.code) for fault in error.value.errors] == [
        ("particulars.company_type", "unknown-value"),
        ("particulars.colour", "unknown-particular"),
    ]


def test_unknown_matter_and_place_are_named_problems() -> None:
    with pytest.raises(UnknownMatter):
        route(revision(), STANDARD, "nothing", "532801", {}, DAY)
    for place in ("999999", "", "景洪", "53280", "532801x", "/", "００"):
        with pytest.raises(UnknownPlace):
            ask(place)


def test_a_place_may_be_typed_in_full_width_and_with_a_locality() -> None:
    answer = found(ask(" ５３２８０１／ 嘎洒镇 "))
    assert (answer.office.id, answer.place) == ("532801", "532801/嘎洒镇")


def test_a_former_code_leads_to_the_present_division_and_says_so() -> None:
    answer = found(ask("530121"))
    assert (answer.office.id, answer.place) == ("530114", "530114")
    assert any(step.rule == "former_code" and "530121" in step.reason.zh for step in answer.explanation)
    assert found(ask("532700", JOINT_STOCK)).office.id == "530800"


def test_a_city_as_place_needs_its_county_where_counties_decide() -> None:
    with pytest.raises(MissingParticulars) as error:
        ask("532800")
    missing = error.value.extra["missing"][0]
    assert (missing["key"], [c["value"] for c in missing["choices"]]) == ("place", ["532801", "532822", "532823"])
    assert error.value.errors[0].path == "place"
    with pytest.raises(MissingParticulars):
        ask("530000")


@pytest.mark.parametrize("place", ["532901", "532900", "110101", "440305", "522301", "810000"])
def test_a_place_outside_the_four_cities_is_outside_scope_with_its_authority(place: str) -> None:
    answer = ask(place)
    assert isinstance(answer, Outside)
    assert "市场监督管理部门" in answer.authority.zh
    assert "局" not in answer.authority.zh  # the name of an office is not invented
    assert answer.explanation[-1].matched is False


def test_what_the_province_decides_is_outside_scope() -> None:
    of = registry(matters=(matter("company-establish", rule(Level.PROVINCE)),))
    answer = ask("532801", {}, of=of)
    assert isinstance(answer, Outside)
    assert answer.authority == of.province.authority
    assert isinstance(ask("532800", {}, of=of), Outside)


def test_a_known_place_without_office_is_unroutable_and_owned_by_its_city() -> None:
    answer = ask("530101")  # 市辖区 of Kunming: a code, not an authority
    assert isinstance(answer, Unroutable)
    assert answer.region == "kunming"
    of = registry(matters=(matter("company-establish", rule(Level.STATION)),))
    answer = ask("532801", {}, of=of)
    assert isinstance(answer, Unroutable)
    assert (answer.region, answer.explanation[-1].rule) == ("xishuangbanna", "unroutable")


def test_no_rule_that_holds_is_unroutable() -> None:
    of = registry(matters=(matter("company-establish", rule(Level.CITY, company_type="joint_stock")),))
    assert isinstance(ask("532801", of=of), Unroutable)


def test_a_matter_that_a_city_does_not_offer_is_refused_there_only() -> None:
    closed = replace(city("puer"), overlays={"company-establish": Overlay(available=False)})
    of = with_region(closed)
    with pytest.raises(MatterNotOffered) as error:
        ask("530802", of=of)
    assert error.value.extra == {"region": "puer", "matter": "company-establish"}
    assert found(ask("532801", of=of)).region == "xishuangbanna"


# --- special jurisdictions --------------------------------------------------------------------------------------------

MOHAN = Jurisdiction("532823/磨憨镇", "530100", text("磨憨镇"), Provenance(Confidence.ASSUMED, ("MOHAN",)))


def special(*jurisdictions: Jurisdiction, offices: tuple[Office, ...] = ()) -> Registry:
    home = city("xishuangbanna")
    return with_region(replace(home, jurisdictions=jurisdictions, offices=(*home.offices, *offices)))


@pytest.mark.parametrize("place", ["532823/磨憨镇", "532823/磨憨", "532823/磨憨镇/尚勇村"])
def test_a_town_in_trusteeship_answers_to_the_trustee(place: str) -> None:
    answer = found(ask(place, of=special(MOHAN)))
    assert (answer.region, answer.office.id, answer.calendar) == ("kunming", "530100", "kunming")
    assert "jurisdictions.532823/磨憨镇" in answer.assumed


@pytest.mark.parametrize("place", ["532823", "532823/勐腊镇", "532801/磨憨镇"])
def test_other_places_keep_their_division(place: str) -> None:
    answer = found(ask(place, of=special(MOHAN)))
    assert (answer.region, answer.office.id) == ("xishuangbanna", place[:6])
    assert not any(step.rule == "jurisdiction" and step.matched for step in answer.explanation)


def test_the_longest_special_place_wins() -> None:
    zone = Office("532823-zone", text("演示园区分局"), Level.COUNTY, "532823", "xishuangbanna")
    inner = Jurisdiction(
        "532823/磨憨镇/演示园区", "532823-zone", text("演示园区"), Provenance(Confidence.DERIVED, ("DEMO",))
    )
    of = special(MOHAN, inner, offices=(zone,))
    assert found(ask("532823/磨憨镇/演示园区", of=of)).office.id == "532823-zone"
    assert found(ask("532823/磨憨镇/别处", of=of)).office.id == "530100"
    assert found(ask("532823/磨憨镇/演示园区", JOINT_STOCK, of=of)).office.id == "532800"  # the level is the city's


def test_a_special_jurisdiction_may_hold_for_some_matters_only() -> None:
    of = special(replace(MOHAN, matters=("another",)))
    assert found(ask("532823/磨憨镇", of=of)).office.id == "532823"


def test_a_special_jurisdiction_without_its_office_is_unroutable() -> None:
    assert isinstance(ask("532823/磨憨镇", of=special(replace(MOHAN, office="000000"))), Unroutable)


# --- handlers ---------------------------------------------------------------------------------------------------------


class Wayward(StandardHandler):
    """Chooses an office that is not among the declared."""

    def choose(self, question: Question) -> HandlerChoice:
        return HandlerChoice(Office("1", text("别处"), Level.COUNTY, "1", "kunming"), text("因为"))


class Undecided(StandardHandler):
    """Never knows."""

    def choose(self, question: Question) -> HandlerChoice:
        return HandlerChoice(None, text("不知"))


@pytest.mark.parametrize("handler", [Wayward(id="standard"), Undecided(id="standard")])
def test_a_handler_chooses_among_declared_offices_or_the_case_is_unroutable(handler: Handler) -> None:
    answer = ask("532801", handlers={"standard": handler})
    assert isinstance(answer, Unroutable)
    assert answer.region == "xishuangbanna"


def test_a_missing_handler_is_unroutable_and_not_a_crash() -> None:
    assert isinstance(ask("532801", handlers={}), Unroutable)
    assert isinstance(ask("532823/磨憨镇", of=special(MOHAN), handlers={}), Unroutable)


def test_a_station_is_chosen_by_its_city_where_the_registry_declares_several(handlers: Mapping[str, Handler]) -> None:
    stations = tuple(
        Office(f"532801-{key}", text(f"景洪市市场监督管理局{name}所"), Level.STATION, "532801", "xishuangbanna")
        for key, name in (("a", "甲"), ("b", "乙"))
    )
    home = city("xishuangbanna")
    home = replace(home, offices=(*home.offices, *stations), handler="xishuangbanna")
    of = registry((home,), (matter("company-establish", rule(Level.STATION)),))
    assert found(ask("532801/乙镇", {}, of=of, handlers=handlers)).office.id == "532801-b"
    answer = ask("532801", {}, of=of, handlers=handlers)
    assert isinstance(answer, Unroutable)
    assert "2" in answer.reason.en


# --- overlays, limits, materials, dates -------------------------------------------------------------------------------


def test_an_overlay_changes_what_it_declares_and_nothing_else() -> None:
    extra = Material("lease", text("租赁合同"), required=True)
    overlay = Overlay(promised_days=2, extra_materials=(extra,), acceptance=Acceptance.DELEGATED, mode=Mode.PROXY)
    of = with_region(replace(city("xishuangbanna"), overlays={"company-establish": overlay}))
    answer = found(ask("532801", of=of))
    assert answer.limits == Limits(statutory_days=3, promised_days=2, extension_days=3)
    assert (answer.acceptance, answer.mode) == (Acceptance.DELEGATED, Mode.PROXY)
    assert answer.materials == (extra,)
    assert answer.expected.promised_by == date(2026, 11, 25)
    assert found(ask("530102", of=of)).limits.promised_days == 1


def test_materials_follow_the_particulars() -> None:
    of = registry(
        matters=(
            matter(
                "company-establish",
                rule(Level.COUNTY),
                materials=(
                    Material("form", text("申请书"), required=True),
                    Material("capital", text("验资"), required=True, when={"company_type": ("joint_stock",)}),
                    Material("promoters", text("发起"), required=False, when={"company_type": ("joint_stock",)}),
                    Material("raised", text("募集"), False, {"company_type": ("joint_stock",)}, text("募集设立的")),
                    Material("approval", text("批准"), required=False, condition=text("须批准的")),
                ),
            ),
        )
    )

    def papers(particulars: Mapping[str, str]) -> tuple[list[str], set[str]]:
        answer = found(ask("532801", particulars, of=of))
        return [material.id for material in answer.materials], set(answer.conditional)

    assert papers(LIMITED) == (["form", "approval"], {"approval"})
    assert papers(JOINT_STOCK) == (["form", "capital", "promoters", "raised", "approval"], {"raised", "approval"})
    # what cannot be told yet is shown as conditional, not dropped
    assert papers({}) == (
        ["form", "capital", "promoters", "raised", "approval"],
        {"capital", "promoters", "raised", "approval"},
    )


def test_an_unknown_limit_gives_no_date() -> None:
    of = registry(matters=(matter("company-establish", limits=Limits(statutory_days=None, promised_days=None)),))
    expected = found(ask("532801", of=of)).expected
    assert (expected.promised_by, expected.statutory_by, expected.provisional) == (None, None, False)


def test_dates_follow_the_calendar_of_the_home_region() -> None:
    of = registry(matters=(matter("company-establish", limits=Limits(promised_days=5)),))
    in_april = date(2026, 4, 10)
    kunming, banna = (found(ask(place, of=of, on=in_april)).expected for place in ("530102", "532801"))
    assert (kunming.promised_by, kunming.provisional) == (date(2026, 4, 17), False)
    assert banna.provisional


def test_a_calendar_that_ends_is_an_error_with_its_file() -> None:
    with pytest.raises(CalendarExhausted, match=r"national\.yaml"):
        ask("530102", on=date(2027, 12, 31))
    with pytest.raises(CalendarExhausted):
        route(revision(calendars={}), STANDARD, "company-establish", "532801", LIMITED, DAY)


# --- an office named by a person --------------------------------------------------------------------------------------


def to(office: str, place: str = "532801") -> Answer:
    return route_to(revision(), STANDARD, "company-establish", place, {}, DAY, office)


def test_a_person_may_name_the_office() -> None:
    answer = found(to("532822"))
    assert (answer.region, answer.office.id, answer.calendar) == ("xishuangbanna", "532822", "xishuangbanna")
    assert any("指定" in step.reason.zh for step in answer.explanation)
    assert found(to("530102", "530101")).office.id == "530102"
    with pytest.raises(InvalidInput) as error:
        to("000000")
    assert error.value.errors[0].path == "office"
    with pytest.raises(UnknownPlace):
        to("532822", "999999")


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_json_has_the_documented_shape() -> None:
    body = route_json(ask("532801"), "en")
    assert json.loads(json.dumps(body)) == body
    assert body["office"] == {"id": "532801", "name": "景洪市 bureau", "level": "county", "phone": None}
    assert body["expected"] == {"promised_by": "2026-11-24", "statutory_by": "2026-11-26", "provisional": False}
    assert {
        "region",
        "handler",
        "acceptance",
        "mode",
        "limits",
        "materials",
        "revision",
        "explanation",
        "assumed",
    } <= set(body)
    assert set(body["explanation"][0]) == {"rule", "matched", "reason"}
    assert route_json(ask("532801"), "zh")["office"]["name"] == "景洪市市场监督管理局"
    outside = route_json(ask("532901"), "zh")
    assert set(outside["outside_scope"]) == {"authority", "reason"}
    unroutable = route_json(ask("530101"), "zh")
    assert unroutable["unroutable"]["region"] == "kunming"


# --- the shipped registry ---------------------------------------------------------------------------------------------


def test_the_shipped_registry_routes_the_founding_case(shipped: Registry, handlers: Mapping[str, Handler]) -> None:
    of = Revision(1, shipped, shipped_calendars(), *(revision().effective_from,) * 2, "演示", shipped.digest)
    answer = found(route(of, handlers, "company-establishment", "532801", LIMITED, DAY))
    assert (answer.region, answer.office.id, answer.handler) == ("xishuangbanna", "532801", "xishuangbanna")
    assert answer.expected.statutory_by == date(2026, 11, 26)
    mohan = found(route(of, handlers, "company-establishment", "532823/磨憨镇", LIMITED, DAY))
    assert mohan.region == "kunming"
    assert mohan.assumed


def test_a_fifth_city_is_one_block_one_module_and_one_calendar() -> None:
    fifth = region("dali", "532900", {"532901": "大理市"}, name="大理白族自治州", handler="dali")
    own = next(iter(shipped_calendars().values()))
    calendars = {**shipped_calendars(), "dali": replace(own, id="dali", name=Text("大理", "Dali"))}
    handlers = {**STANDARD, "dali": StandardHandler(id="dali", version="7")}
    of = revision(registry((*four_cities(), fifth)), calendars)
    answer = found(route(of, handlers, "company-establish", "532901", LIMITED, DAY))
    assert (answer.region, answer.office.id, answer.handler_version, answer.calendar) == ("dali", "532901", "7", "dali")
    assert found(route(of, handlers, "company-establish", "532801", LIMITED, DAY)).region == "xishuangbanna"

"""The contract of the shipped ``matters.yaml``: counts, places, provenance, and nothing invented."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from stdnum.cn import ric

from catalogue.domain.calendar import read_calendars
from catalogue.domain.handler import StandardHandler
from catalogue.domain.registry.check import CheckReport, check_registry
from catalogue.domain.registry.model import Confidence, Level, Matter, Mode, PlaceRule, Procedure, Registry
from catalogue.domain.registry.reader import read_registry
from catalogue.domain.registry.schema import FACTS
from catalogue.domain.registry.writer import format_registry

ROOT = Path(__file__).parents[2]
FILE = ROOT / "matters.yaml"


@cache
def shipped() -> Registry:
    """The registry as it is shipped."""
    registry, found = read_registry(FILE.read_bytes(), FILE.name)
    assert registry is not None, found
    return registry


@cache
def checked() -> CheckReport:
    """The shipped registry checked with the shipped calendars and the four cities' handlers."""
    folder = ROOT / "regions" / "calendars"
    calendars, found = read_calendars({path.name: path.read_bytes() for path in folder.glob("*.yaml")})
    assert not found
    handlers = {name: import_module(f"regions.{name}").handler for name in shipped().regions}
    return check_registry(shipped(), calendars, {"standard": StandardHandler(), **handlers})


def matters() -> list[Matter]:
    return list(shipped().matters.values())


def test_counts_are_those_of_the_programme() -> None:
    assert len(shipped().matters) == 61
    assert list(shipped().regions) == ["kunming", "yuxi", "puer", "xishuangbanna"]
    assert len(shipped().divisions) == 36
    assert len(shipped().offices) >= 40
    assert [len(region.divisions) for region in shipped().regions.values()] == [14, 9, 10, 3]


def test_the_file_is_in_canonical_form() -> None:
    data = FILE.read_bytes()
    assert format_registry(data, FILE.name).encode() == data


def test_the_file_says_what_it_is() -> None:
    head = FILE.read_text(encoding="utf-8").split("registry:")[0]
    assert "not the bureaus' own list" in head
    assert "公开资料" in shipped().note.zh
    assert "not the list of 61" in shipped().note.en


def test_every_division_and_city_has_its_bureau() -> None:
    for region in shipped().regions.values():
        city = shipped().offices[region.city_office]
        assert (city.level, city.division, city.name.zh) == (
            Level.CITY, region.division, f"{region.name.zh}市场监督管理局",
        )  # fmt: skip
        for division in region.divisions:
            bureau = shipped().offices[division.code]
            assert bureau.level is Level.COUNTY
            assert bureau.name.zh == f"{division.name.zh}市场监督管理局"
            assert bureau.parent == region.city_office
            assert bureau.phone is None


def test_division_names_agree_with_the_published_codes() -> None:
    for code, (division, region) in shipped().divisions.items():
        known = ric.get_birth_place(f"{code}202401010000")
        assert known["county"].endswith(division.name.zh), (code, known)
        assert region.division[:4] == code[:4]


def test_every_fact_says_where_it_comes_from() -> None:
    for matter in matters():
        assert set(matter.provenance) == set(FACTS), matter.id
        for fact, basis in matter.provenance.items():
            assert set(basis.sources) <= set(shipped().sources), (matter.id, fact)
            if basis.confidence is Confidence.OFFICIAL:
                assert basis.sources, (matter.id, fact)


@pytest.mark.parametrize("name", ["notice_days", "statutory_days", "promised_days", "extension_days", "deliver_days"])
def test_an_unknown_limit_is_null_and_a_known_one_has_a_source(name: str) -> None:
    for matter in matters():
        basis = matter.provenance[f"limits.{name}"]
        value = getattr(matter.limits, name)
        if basis.confidence is Confidence.UNKNOWN:
            assert value is None, (matter.id, name)
        if value is not None:
            assert basis.sources, (matter.id, name)


def test_no_code_of_another_province_stands_in_the_file() -> None:
    text = re.sub(r"(?m)^ +ref: .*$", "", FILE.read_text(encoding="utf-8"))
    assert not re.findall(r"\b(?:51|43)[0-9A-Z]{6,}\b", text)
    assert not re.findall(r"\b11(?:51|43|53)[0-9A-Z]{10,}\b", text)
    for matter in matters():
        for code in (matter.codes.item, matter.codes.sub_item, matter.codes.business_item):
            assert code is None or re.fullmatch(r"(?:00|53)\d{2}(?:31|72)\d{3}[0-9Y]{3,5}", code), (matter.id, code)


def test_only_the_equity_pledge_has_a_code_of_yunnan() -> None:
    own = {matter.family for matter in matters() if (matter.codes.item or "").startswith("53")}
    assert own == {"equity-pledge"}


def test_a_cancellation_gives_a_notice_and_no_certificate() -> None:
    ending = [matter for matter in matters() if matter.id.endswith(("-deregistration", "-cancellation"))]
    assert len(ending) == 12
    for matter in ending:
        assert not matter.certificates, matter.id
        assert [result.kind for result in matter.results] == ["notice"], matter.id


def test_registration_runs_three_and_three_working_days_from_receipt() -> None:
    """市场主体登记管理条例 §19; no period for corrections, so no limit of notice."""
    registered = [matter for matter in matters() if matter.procedure is Procedure.REGISTRATION]
    assert len(registered) == 27
    for matter in registered:
        assert matter.on_the_spot
        assert matter.verify_people
        assert matter.limits.notice_days is None
        if matter.id != "business-licence-reissue":
            assert (matter.limits.statutory_days, matter.limits.extension_days) == (3, 3), matter.id


def test_permits_have_five_days_for_the_notice_and_ten_to_deliver() -> None:
    """行政许可法 §§32, 44."""
    for matter in matters():
        if matter.procedure is Procedure.PERMIT:
            assert (matter.limits.notice_days, matter.limits.deliver_days) == (5, 10), matter.id


def test_joint_stock_companies_are_decided_by_the_city() -> None:
    """市场主体登记管理条例实施细则 §4."""
    for name in ("establishment", "change", "filing", "deregistration"):
        levels = {
            value: rule.level
            for rule in shipped().matters[f"company-{name}"].decided_by.levels
            for value in rule.when.get("company_type", ("limited",))
        }
        assert levels == {"provincial": Level.PROVINCE, "joint_stock": Level.CITY, "limited": Level.COUNTY}


def test_relocation_is_handled_by_two_registrars_and_decided_by_the_new_one() -> None:
    """市场主体登记管理条例 §27."""
    relocation = shipped().matters["entity-relocation"]
    assert relocation.mode is Mode.JOINT
    assert relocation.decided_by.place is PlaceRule.NEW_SEAT
    assert [matter.id for matter in matters() if matter.mode is Mode.JOINT] == ["entity-relocation"]


def test_branches_are_registered_where_they_are() -> None:
    """市场主体登记管理条例 §23."""
    branches = [matter for matter in matters() if matter.id.startswith("branch-")]
    assert {matter.decided_by.place for matter in branches} == {PlaceRule.BRANCH}


def test_two_officers_and_a_separate_decider_where_substance_is_checked() -> None:
    """行政许可法 §34."""
    for matter in matters():
        assert matter.separate_decider == matter.substance_check, matter.id
        assert not (matter.substance_check and matter.on_the_spot), matter.id


def test_no_paper_may_follow_later_where_nobody_said_so() -> None:
    assert not [material for matter in matters() for material in matter.materials if material.deferrable]


def test_personal_data_is_never_searchable() -> None:
    for matter in matters():
        assert not [field.key for field in matter.form if field.personal and field.searchable], matter.id
        for field in matter.form:
            if field.key in ("representative", "operator", "pledgor", "pledgee", "contact_phone", "pharmacist"):
                assert field.personal, (matter.id, field.key)


def test_names_are_in_both_languages() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for matter in matters():
        labels = [matter.name, *(m.name for m in matter.materials), *(f.label for f in matter.form)]
        labels += [result.document for result in matter.results]
        labels += [material.condition for material in matter.materials if material.condition]
        for label in labels:
            assert chinese.search(label.zh), label
            assert not chinese.search(label.en), label
    assert len({matter.name.zh for matter in matters()}) == 61


def test_people_find_a_matter_by_the_words_they_use() -> None:
    words = {alias for matter in matters() for alias in matter.aliases}
    assert words >= {"开公司", "注册公司", "办个体户", "食品经营许可证", "股权质押", "叉车证", "公司迁移"}
    assert all(matter.aliases for matter in matters())


def test_every_place_has_one_office_for_every_matter() -> None:
    report = checked()
    assert not report.problems
    assert report.routes_checked > 61 * 41
    assert (report.matters, report.regions, report.offices) == (61, 4, 40)
    assert set(report.matrix) == set(shipped().matters)
    assert {cell for row in report.matrix.values() for cell in row.values()} == {"city", "county", "city+county"}


def test_sources_are_used_and_named() -> None:
    text = FILE.read_text(encoding="utf-8")
    for key, source in shipped().sources.items():
        assert source.what, key
        assert key == "KMD" or len(re.findall(rf"\b{key}\b", text)) > 1, key

"""Documents and the events they stand for."""

from __future__ import annotations

from dataclasses import replace

from catalogue.domain.documents import KINDS, document_number, kinds_of, numbered_kind
from catalogue.domain.registry.model import Level, NumberRule, Office
from catalogue.domain.registry.schema import NUMBERED
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import NATURES, WORDS
from tests.registry.samples import small


def _office(name: str) -> Office:
    return Office("532801", Text(name, name), Level.COUNTY, "532801", "xishuangbanna")


def test_a_registrar_calls_its_decisions_by_their_own_names() -> None:
    assert [kind.code for kind in kinds_of("granted", "registration", "decided_grant")] == ["registration_notice"]
    assert [kind.code for kind in kinds_of("refused", "registration", "decided_refuse")] == ["registration_refusal"]
    assert [kind.code for kind in kinds_of("granted", "permit", "decided_grant")] == ["grant_decision"]


def test_a_cancellation_yields_a_notice_to_collect_and_no_certificate() -> None:
    assert [kind.code for kind in kinds_of("granted", "registration", "cert_ready")] == [
        "registration_notice",
        "collection_notice",
    ]


def test_a_windows_slip_takes_no_number_of_the_authority() -> None:
    assert numbered_kind("received", "permit", "received") is None
    assert numbered_kind("returned_at_window", "permit", "returned_at_window") is None
    assert numbered_kind("accepted", "permit", "accepted") is KINDS["acceptance"]


def test_a_number_names_place_nature_year_and_serial() -> None:
    number = document_number(small(), _office("景洪市市场监督管理局"), KINDS["acceptance"], 2026, 12)
    assert number == ("景洪市市监受〔2026〕12号", "house")


def test_two_offices_of_one_division_do_not_share_a_prefix() -> None:
    station = _office("景洪市市场监督管理局演示所")
    assert (
        document_number(small(), station, KINDS["acceptance"], 2026, 1)[0] == "景洪市市场监督管理局演示所受〔2026〕1号"
    )


def test_the_first_rule_that_fits_forms_the_number_the_citys_own_before_the_registrys() -> None:
    registry = small()
    east = replace(
        registry.regions["east"],
        numbers=(
            NumberRule("grants", "document", "甲{nature}字〔{year}〕{serial}号", 4, ("grant_decision",), ("530102",)),
        ),
    )
    registry = replace(
        registry,
        regions={**registry.regions, "east": east},
        numbers=(NumberRule("all", "document", "{city}{office}{division}-{year}-{serial}", 3),),
    )
    first, bureau = registry.offices["530102"], registry.offices["530100"]
    assert document_number(registry, first, KINDS["grant_decision"], 2026, 7) == ("甲准字〔2026〕0007号", "grants")
    assert document_number(registry, first, KINDS["acceptance"], 2026, 7) == ("东甲区局530102-2026-007", "all")
    assert document_number(registry, bureau, KINDS["grant_decision"], 2026, 7) == ("东东市局530100-2026-007", "all")
    assert document_number(registry, bureau, KINDS["grant_decision"], 2026, 12345)[0].endswith("-12345")


def test_rules_of_numbers_name_the_kinds_that_bear_one() -> None:
    assert set(NUMBERED) == {kind.code for kind in KINDS.values() if kind.word}


def test_every_kind_has_a_name_in_the_vocabulary() -> None:
    assert set(KINDS) <= set(WORDS["documents"])


def test_the_nature_of_a_number_is_a_word_of_the_vocabulary() -> None:
    assert {code for code, kind in KINDS.items() if kind.word} == set(NATURES)
    assert {code: kind.word for code, kind in KINDS.items() if kind.word} == NATURES
    assert len(set(NATURES.values())) == len(NATURES), "two kinds of one nature could not be told apart"


def test_a_city_writes_its_own_nature_into_the_form_of_its_rule() -> None:
    own = NumberRule("own", "document", "{office}受理〔{year}〕{serial}号", kinds=("acceptance",))
    registry = small()
    office = _office("景洪市市场监督管理局")
    registry = replace(registry, numbers=(own,))
    assert document_number(registry, office, KINDS["acceptance"], 2026, 12)[0] == "景洪市市监受理〔2026〕12号"
    assert document_number(registry, office, KINDS["correction_notice"], 2026, 13)[0] == "景洪市市监补〔2026〕13号"

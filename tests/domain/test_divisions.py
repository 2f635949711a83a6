"""Places by code, name, pinyin and initials; places of China beyond the programme."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.domain.divisions import areas, known_place
from catalogue.domain.registry.model import Registry
from tests.domain.builders import registry

PLAIN = registry()


@pytest.mark.parametrize(
    ("query", "code", "matched"),
    [
        ("532801", "532801", "code"),
        ("５３２８０１", "532801", "code"),
        ("530121", "530114", "former_code"),
        ("532700", "530800", "former_code"),
        ("景洪", "532801", "name"),
        ("景洪市", "532801", "name"),
        ("jinghong", "532801", "pinyin"),
        ("Jing Hong", "532801", "pinyin"),
        ("JHS", "532801", "initials"),
        ("Pu'er", "530800", "pinyin"),
        ("Pǔ’ěr", "530800", "pinyin"),
        ("puer", "530800", "pinyin"),
        ("xsbn", "532800", "initials"),
        ("ning'er", "530821", "pinyin"),
        ("nehnzyzzzx", "530821", "initials"),
    ],
)
def test_a_place_is_found_first(query: str, code: str, matched: str) -> None:
    first = areas(PLAIN, query)[0]
    assert (first.code, first.matched) == (code, matched)


def test_part_of_a_name_or_code_finds_all_that_have_it() -> None:
    assert [area.code for area in areas(PLAIN, "勐")] == ["532822", "532823"]
    assert [area.code for area in areas(PLAIN, "5328")] == ["532800", "532801", "532822", "532823"]
    assert {area.kind for area in areas(PLAIN, "5328")} == {"city", "county"}
    assert areas(PLAIN, "没有") == ()
    assert areas(PLAIN, "999") == ()


def test_an_empty_query_lists_places_up_to_the_limit() -> None:
    assert len(areas(PLAIN, " ", limit=5)) == 5


@given(st.text(max_size=12))
def test_any_query_has_an_answer(query: str) -> None:
    assert all(area.matched for area in areas(PLAIN, query))


def test_every_shipped_division_is_found_by_its_own_words(shipped: Registry) -> None:
    for code, (division, region) in shipped.divisions.items():
        for query in (code, division.name.zh, division.pinyin, division.pinyin.replace("'", "").lower(),
                      *division.former_codes):  # fmt: skip
            found = areas(shipped, query)
            assert any(area.code == code and area.region == region.id for area in found), query


def test_a_town_with_its_own_jurisdiction_is_found(shipped: Registry) -> None:
    assert areas(shipped, "磨憨")[0].place == "532823/磨憨镇"


def test_registries_do_not_mix() -> None:
    small = registry((PLAIN.regions["yuxi"],))
    assert areas(small, "景洪") == ()
    assert areas(PLAIN, "景洪") != ()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("532901", "云南省大理白族自治州大理市"),
        ("110101", "北京市东城区"),
        ("522301", "贵州省黔西南布依族苗族自治州兴义市"),
        ("440305", "广东省深圳市南山区"),
        ("530000", "云南省"),
        ("810000", "香港特别行政区"),
        ("530101", "云南省昆明市市辖区"),
        ("999999", None),
        ("539999", None),
        ("53280", None),
        ("景洪市", None),
        ("", None),
    ],
)
def test_any_place_of_china_is_known_by_its_code(code: str, name: str | None) -> None:
    assert known_place(code) == name


def test_every_shipped_division_is_a_known_place(shipped: Registry) -> None:
    for code, (division, _) in shipped.divisions.items():
        assert (known_place(code) or "").endswith(division.name.zh)

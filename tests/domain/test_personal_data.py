"""Check digits, shapes, masks and normal forms of personal data."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from catalogue.domain import personal_data
from catalogue.domain.personal_data import DocumentType
from catalogue.domain.vocabulary import WORDS

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("code", ["91110000600037341L", "91110000101623741K", "12441500196720244T"])
def test_gb_32100_known_codes_pass(code: str) -> None:
    assert personal_data.doubt_unified_code(code) is None
    assert personal_data.doubt_unified_code(f" {code[:4]} {code[4:].lower()}") is None
    assert uscc.is_valid(code)


def test_gb_32100_a_real_code_with_a_wrong_check_warns_and_does_not_block() -> None:
    doubt = personal_data.doubt_document("unified_code", "91350211M0000XUF46", TODAY)
    assert doubt is not None
    assert (doubt.code, doubt.blocking) == ("unified-code-check", False)


@pytest.mark.parametrize("prefix", ["A1530102", "N1530102", "Y1530102"])
def test_gb_32100_codes_may_begin_with_a_letter(prefix: str) -> None:
    body = prefix + "MA6K00000"
    assert personal_data.doubt_unified_code(body + personal_data.unified_code_check(body)) is None


@pytest.mark.parametrize("code", ["", "9111000060003734", "91110000600037341I", "9111000060003734中L"])
def test_gb_32100_a_wrong_shape_warns(code: str) -> None:
    doubt = personal_data.doubt_unified_code(code)
    assert doubt is not None
    assert not doubt.blocking


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9), st.integers(10_000_000, 99_999_999))
def test_gb_32100_check_is_that_of_the_library_where_it_knows_the_code(subject: str, head: int) -> None:
    body = f"{head}{subject}"
    assert personal_data.unified_code_check(body) == uscc.calc_check_digit(body)


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014", "11010519491231002x"])
def test_gb_11643_known_numbers_pass(number: str) -> None:
    assert personal_data.doubt_resident_id(number, TODAY) is None
    assert ric.calc_check_digit(number.upper()) == number.upper()[-1]


def _resident(address: str, born: str, serial: str = "001") -> str:
    body = address + born + serial
    return body + personal_data.resident_id_check(body)


@pytest.mark.parametrize("address", ["530121", "532721", "532328", "999999"])
def test_gb_11643_the_address_code_is_not_compared_with_todays_list(address: str) -> None:
    assert personal_data.doubt_resident_id(_resident(address, "19800101"), TODAY) is None


@pytest.mark.parametrize("born", ["19800230", "20261124", "00000101", "19801301"])
def test_gb_11643_the_birth_date_exists_and_is_not_in_the_future(born: str) -> None:
    doubt = personal_data.doubt_resident_id(_resident("530102", born), TODAY)
    assert doubt is not None
    assert (doubt.code, doubt.blocking) == ("resident-id-birth-date", True)


def test_gb_11643_born_today_is_not_in_the_future() -> None:
    assert personal_data.doubt_resident_id(_resident("530102", "20261123"), TODAY) is None


@given(st.integers(0, 16), st.integers(1, 9))
def test_gb_11643_every_single_wrong_digit_is_found(position: int, shift: int) -> None:
    number = "11010519491231002X"
    wrong = number[:position] + str((int(number[position]) + shift) % 10) + number[position + 1 :]
    assert personal_data.doubt_resident_id(wrong, TODAY) is not None


def test_only_the_resident_id_blocks() -> None:
    for kind in DocumentType:
        doubt = personal_data.doubt_document(kind, "G1234567", TODAY)
        assert (doubt is not None and doubt.blocking) == (kind is DocumentType.RESIDENT_ID)
        empty = personal_data.doubt_document(kind, "  ", TODAY)
        assert empty is not None
        assert empty.blocking


@pytest.mark.parametrize(
    "text",
    ["13800001234", "138 0000 1234", "+86 138-0000-1234", "１３８００００１２３４", "0871-63100000", "0691 2120000",
     "+856 20 5555 1234", "0085620555512", "0871-63100000转801"],
)  # fmt: skip
def test_usual_telephone_numbers_pass(text: str) -> None:
    assert personal_data.doubt_phone(text) is None


@pytest.mark.parametrize("text", ["", "12345", "12800001234", "电话"])
def test_unusual_telephone_numbers_warn(text: str) -> None:
    doubt = personal_data.doubt_phone(text)
    assert doubt is not None
    assert not doubt.blocking


def test_telephone_numbers_are_compared_as_digits() -> None:
    for text in ("138 0000 1234", "+8613800001234", "008613800001234", "１３８－００００－１２３４"):
        assert personal_data.normal_phone(text) == "13800001234"


def test_names_are_compared_in_one_width_case_and_with_one_middle_dot() -> None:
    for text in ("演示·甲乙", "演示 • 甲乙", "演示・甲乙", "演 示･甲乙", " 演示·甲乙　", "演示‧甲乙"):
        assert personal_data.normal_name(text) == "演示·甲乙"
    assert personal_data.normal_name("Ｄｅｍｏ  PERSON") == personal_data.normal_name("demo person") == "demo person"
    assert personal_data.normal_name("䶮") != personal_data.normal_name("龑")


@given(st.text("演示甲乙DemoPERSON0189", min_size=1))
def test_a_plain_name_is_compared_as_any_other(text: str) -> None:
    # Marks that the normal form drops keep the same name from being taken for a plain one.
    assert personal_data.normal_name(text) == personal_data.normal_name(f" {text} ")


@given(st.from_regex(r"\A\+?[0-9]{1,14}\Z"))
def test_a_plain_telephone_number_is_compared_as_any_other(text: str) -> None:
    assert personal_data.normal_phone(text) == personal_data.normal_phone(f"{text} ")


@given(st.text())
def test_normal_forms_are_stable(text: str) -> None:
    for normal in (personal_data.normal_name, personal_data.normal_document, personal_data.normal_phone):
        assert normal(normal(text)) == normal(text)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("演示甲", "演**"),
        ("䶮某", "䶮**"),
        ("\U00020bb7某", "\U00020bb7**"),
        ("葛\U000e0100某", "葛\U000e0100**"),
        ("Demo Person", "D**"),
        ("E\u0301mile", "E\u0301**"),
        ("\U0001f469\u200d\U0001f52c演示", "\U0001f469\u200d\U0001f52c**"),
        ("", ""),
    ],
)
def test_a_name_shows_its_first_character_only(name: str, masked: str) -> None:
    assert personal_data.mask_name(name) == masked


def test_numbers_show_their_ends_only() -> None:
    assert personal_data.mask_document("11010519491231002x") == "110*************2X"
    assert personal_data.mask_document("G12345678") == "G1*****78"
    assert personal_data.mask_document("12") == "**"
    assert personal_data.mask_phone("138 0000 1234") == "138****1234"
    assert personal_data.mask_phone("0871-63100000") == "087*******00"
    assert personal_data.mask_address("云南省昆明市五华区演示路1号") == "云南省昆明市****"


@given(st.text(min_size=1))
def test_masks_hide_at_least_half(text: str) -> None:
    document = personal_data.normal_document(text)
    assert personal_data.mask_document(text).count("*") * 2 >= len(document)
    shown = personal_data.mask_name(text)
    assert shown == "" or shown.endswith("**")


def test_combining_marks_stay_with_their_character() -> None:
    assert personal_data.mask_name(unicodedata.normalize("NFD", "Édith")) == unicodedata.normalize("NFD", "É") + "**"


def test_vocabulary_and_code_name_the_same_documents() -> None:
    assert set(WORDS["document_types"]) == {str(kind) for kind in DocumentType}

"""Case references, query codes and certificate ids."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_10, mod_37_36

from catalogue.domain import numbers

DAY = date(2026, 11, 23)
BODIES = st.text("0123456789", min_size=15, max_size=15)


def _draw(seed: int = 7) -> numbers.Draw:
    return random.Random(seed).randrange


def test_a_reference_is_region_day_chance_and_check() -> None:
    reference = numbers.draw_reference("530100", DAY, lambda n: 42)
    assert reference[:15] == "530126112300042"
    assert reference[15] == mod_11_10.calc_check_digit(reference[:15])
    assert numbers.grouped(reference) == f"5301 2611 2300 042{reference[15]}"
    assert numbers.reference_region(reference) == "530100"


def test_a_reference_does_not_reveal_volume() -> None:
    draw = _draw()
    serials = [int(numbers.draw_reference("530100", DAY, draw)[10:15]) for _ in range(200)]
    assert serials != sorted(serials)
    assert max(serials) - min(serials) > 50_000


@given(BODIES)
def test_check_digit_is_that_of_the_standard(body: str) -> None:
    assert numbers.check_digit(body) == mod_11_10.calc_check_digit(body)


@given(BODIES, st.integers(0, 15), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(body: str, position: int, shift: int) -> None:
    number = body + numbers.check_digit(body)
    wrong = str((int(number[position]) + shift) % 10)
    assert numbers.parse_reference(number[:position] + wrong + number[position + 1 :]) is None


def test_nearly_every_swap_of_neighbours_is_found() -> None:
    draw = random.Random(1)
    swaps = missed = 0
    for _ in range(2_000):
        body = "".join(draw.choices("0123456789", k=15))
        number = body + numbers.check_digit(body)
        for i in range(15):
            if number[i] != number[i + 1]:
                swaps += 1
                missed += numbers.parse_reference(number[:i] + number[i + 1] + number[i] + number[i + 2 :]) is not None
    assert missed / swaps < 0.03


@given(BODIES)
def test_a_reference_is_read_as_it_is_printed_and_typed(body: str) -> None:
    number = body + numbers.check_digit(body)
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in number)
    for typed in (number, numbers.grouped(number), numbers.grouped(number, "-"), f"　{full_width} ", number + "​"):
        assert numbers.parse_reference(typed) == number


@given(st.text())
def test_anything_may_be_typed_for_a_number(text: str) -> None:
    for parse in (numbers.parse_reference, numbers.parse_query_code, numbers.parse_certificate_id):
        assert parse(text) is None or parse(text) == numbers.compact(text)


def test_other_digits_than_ascii_are_no_reference() -> None:
    assert numbers.parse_reference("٥" * 16) is None


def test_a_query_code_has_no_look_alikes() -> None:
    assert not set("01OILZ5SBU") & set(numbers.UNMISTAKABLE)
    draw = _draw()
    code = numbers.draw_query_code(draw)
    assert len(code) == 8
    assert numbers.parse_query_code(code.lower()) == code
    assert numbers.parse_query_code(f" {code[:4]} {code[4:]} ") == code
    assert numbers.parse_query_code("".join(chr(ord(c) + 0xFEE0) for c in code)) == code
    assert numbers.parse_query_code(code[:7] + "0") is None
    assert numbers.parse_query_code(code[:7]) is None


def test_every_character_of_a_code_is_as_likely_as_the_other() -> None:
    def first(byte: int) -> numbers.Draw:
        """All other bytes stand for the first character."""
        return lambda n: byte * (n >> 8)

    codes = [numbers.draw_query_code(first(byte)) for byte in range(256)]
    usual, *others = (sum(code[0] == character for code in codes) for character in numbers.UNMISTAKABLE)
    assert set(others) == {256 // 26}
    assert usual == 256 // 26 + 256 % 26


def test_what_gives_the_same_bytes_for_ever_is_no_chance() -> None:
    with pytest.raises(ValueError, match="no chance"):
        numbers.draw_query_code(lambda n: n - 1)


@given(st.integers(0, 2**32))
def test_a_certificate_id_carries_its_check(seed: int) -> None:
    number = numbers.draw_certificate_id("532800", DAY, random.Random(seed).randrange)
    assert len(number) == 16
    assert number.startswith("532826")
    assert mod_37_36.is_valid(number)
    assert set(number[6:]) <= set(numbers.UNMISTAKABLE)
    assert numbers.parse_certificate_id(numbers.grouped(number.lower(), "-")) == number


@given(st.integers(0, 2**32), st.integers(0, 15), st.integers(1, 35))
def test_every_single_wrong_character_of_a_certificate_id_is_found(seed: int, position: int, shift: int) -> None:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    number = numbers.draw_certificate_id("530100", DAY, random.Random(seed).randrange)
    wrong = alphabet[(alphabet.index(number[position]) + shift) % 36]
    assert numbers.parse_certificate_id(number[:position] + wrong + number[position + 1 :]) is None


def test_electronic_certificate_ids_use_the_same_check() -> None:
    assert numbers.check_character("A12425GABC1234002") == mod_37_36.calc_check_digit("A12425GABC1234002")

"""Numbers that people read aloud and machines check: case references, query codes, certificate ids.

Chance comes from outside: a ``Draw`` takes ``n`` and gives an integer in ``0 … n-1`` (``secrets.randbelow`` in
service). Collisions are the caller's: it draws again, and reports ``NumbersExhausted`` when a day is full.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache

Draw = Callable[[int], int]

REFERENCE_LENGTH = 16
SERIALS_PER_DAY = 100_000
"""References one accepting region can have in one day; beyond it the day is full."""

UNMISTAKABLE = "2346789ACDEFGHJKMNPQRTVWXY"
"""Letters and digits of which none is taken for another in print or by telephone: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V."""

QUERY_CODE_LENGTH = 8
CERTIFICATE_ID_LENGTH = 16
_CERTIFICATE_CHANCE = 9
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = {character: value for value, character in enumerate(_ALPHANUMERIC)}


def compact(text: str) -> str:
    """What was meant by a number as typed: full-width forms folded, upper case, spaces and hyphens dropped."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in folded if not (c.isspace() or unicodedata.category(c) in ("Pd", "Cf") or c == "−"))


def grouped(number: str, separator: str = " ") -> str:
    """The number in groups of four, as it is printed and read out."""
    return separator.join(number[i : i + 4] for i in range(0, len(number), 4))


def _carried(text: str, modulus: int, product: int) -> int:
    """What an ISO 7064 hybrid system, MOD ``modulus``+1,``modulus``, carries on after these characters."""
    for character in text:
        total = (product + _VALUES[character]) % modulus or modulus
        product = total * 2 % (modulus + 1)
    return product


def _check(modulus: int, product: int) -> str:
    return _ALPHANUMERIC[(modulus + 1 - product) % modulus]


def check_digit(digits: str) -> str:
    """The check digit of a string of decimal digits by ISO 7064 MOD 11,10.

    It finds every wrong digit and nearly every swap of neighbours.
    """
    return _check(10, _carried(digits, 10, 10))


def check_character(text: str) -> str:
    """The check character of a string of 0–9 and A–Z by ISO 7064 MOD 37,36."""
    return _check(36, _carried(text, 36, 36))


def draw_reference(region_code: str, day: date, draw: Draw) -> str:
    """A case reference 流水号 of 16 digits: accepting region, day of receipt, five by chance, check digit.

    ``region_code`` is the division code of the accepting city, of which the first four digits count.
    The five digits are drawn, not counted, so that a number says nothing about how many cases there are.
    """
    beginning, carried = _of_the_day(region_code[:4], day)
    chance = f"{draw(SERIALS_PER_DAY):05d}"
    return beginning + chance + _check(10, _carried(chance, 10, carried))


@lru_cache(maxsize=64)
def _of_the_day(region: str, day: date) -> tuple[str, int]:
    """How every reference of that day begins, and what its check digit carries on from there."""
    beginning = f"{region}{day:%y%m%d}"
    return beginning, _carried(beginning, 10, 10)


def parse_reference(text: str) -> str | None:
    """The 16 digits of a reference as typed, or None where it is not one (length, digits, check digit)."""
    number = compact(text)
    if len(number) != REFERENCE_LENGTH or not (number.isascii() and number.isdigit()):
        return None
    return number if check_digit(number[:-1]) == number[-1] else None


def reference_month(reference: str) -> int:
    """The month of receipt that a reference holds, as year and month in four digits: 2202 for February 2022."""
    return int(reference[4:8])


def reference_region(reference: str) -> str:
    """The division code of the accepting city that a reference begins with."""
    return reference[:4] + "00"


@cache
def _by_byte(alphabet: str) -> tuple[bytes, bytes]:
    """Byte -> character, each character as often as any other, and the bytes that are then left over."""
    letters = alphabet.encode("ascii")
    fair = 256 // len(letters) * len(letters)
    return (letters * 256)[:256], bytes(range(fair, 256))


_TRIES = 100
"""One draw in some millions is short; a hundred are never."""


def _drawn(alphabet: str, length: int, draw: Draw) -> str:
    """``length`` characters by chance, all from the bytes of one number. Raises ValueError for a ``draw`` that is no
    chance: always the same bytes, none of which counts."""
    table, left_over = _by_byte(alphabet)
    size = length + length // 4 + 8
    for _ in range(_TRIES):
        letters = draw(1 << 8 * size).to_bytes(size).translate(table, left_over)
        if len(letters) >= length:
            return letters[:length].decode("ascii")
    raise ValueError("what is drawn here is no chance")


def draw_query_code(draw: Draw) -> str:
    """A query code 查询码 of 8 unmistakable characters (about 37 bits)."""
    return _drawn(UNMISTAKABLE, QUERY_CODE_LENGTH, draw)


def parse_query_code(text: str) -> str | None:
    """The query code as typed in any width and case, or None where it cannot be one."""
    code = compact(text)
    return code if len(code) == QUERY_CODE_LENGTH and all(c in UNMISTAKABLE for c in code) else None


STATUS_TOKEN_LENGTH = 32
_LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def draw_status_token(draw: Draw) -> str:
    """The long token of a QR link to the public status: 32 letters and digits (about 190 bits), never typed."""
    return _drawn(_LETTERS_AND_DIGITS, STATUS_TOKEN_LENGTH, draw)


def parse_status_token(text: str) -> str | None:
    """The token as scanned, or None where it cannot be one."""
    return text if len(text) == STATUS_TOKEN_LENGTH and all(c in _LETTERS_AND_DIGITS for c in text) else None


def draw_certificate_id(region_code: str, day: date, draw: Draw) -> str:
    """Our own id of a certificate record: issuing region (4), year (2), nine by chance, check character.

    The 统一社会信用代码 survives changes and so names no single certificate; this id does. The check character is
    ISO 7064 MOD 37,36, the system of the electronic certificate id of GB/T 36904; chance is drawn again until the
    check character, too, is an unmistakable one.
    """
    while True:
        chance = _drawn(UNMISTAKABLE, _CERTIFICATE_CHANCE, draw)
        body = f"{region_code[:4]}{day:%y}{chance}"
        check = check_character(body)
        if check in UNMISTAKABLE:
            return body + check


def parse_certificate_id(text: str) -> str | None:
    """The certificate id as typed, or None where it is not one (length, characters, check character)."""
    number = compact(text)
    if len(number) != CERTIFICATE_ID_LENGTH or any(c not in _ALPHANUMERIC for c in number):
        return None
    return number if check_character(number[:-1]) == number[-1] else None

"""Personal data 个人信息 that windows type: check digits and shapes, the normal forms that are compared, masks.

Sources: GB 32100-2015 (统一社会信用代码), GB 11643-1999 (公民身份号码). Only a resident identity card can block; a code
that fails its check is a warning, because real codes with a wrong check character are in use.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from enum import StrEnum

from catalogue.domain.text import Text
from catalogue.domain.value import Value


class DocumentType(StrEnum):
    """Kinds of identity document that a window takes (labels in the vocabulary)."""

    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    FOREIGN_PERMANENT_RESIDENT = "foreign_permanent_resident"
    HK_MACAO_TAIWAN_RESIDENCE = "hk_macao_taiwan_residence"
    UNIFIED_CODE = "unified_code"
    OTHER = "other"


class Doubt(Value, frozen=True):
    """What is wrong with a number. ``blocking`` ones stop the intake, the others are warnings to look twice."""

    code: str
    message: Text
    blocking: bool


# --- numbers of documents -------------------------------------------------------------------------------------------

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUES = {c: value for value, c in enumerate(_USCC_ALPHABET)}
_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_RESIDENT_WEIGHTS = tuple(pow(2, 17 - i, 11) for i in range(17))
_RESIDENT_CHECKS = "10X98765432"


def unified_code_check(body: str) -> str:
    """The check character for the first 17 characters of a 统一社会信用代码 (GB 32100-2015)."""
    total = sum(_USCC_VALUES[c] * weight for c, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def doubt_unified_code(text: str) -> Doubt | None:
    """A warning where a 统一社会信用代码 does not look right, else None; never blocking.

    Letters are allowed in the first eight characters (A1…, N1…, Y1…).
    """
    code = normal_document(text)
    if len(code) != 18 or any(c not in _USCC_VALUES for c in code):
        return Doubt(
            "unified-code-shape",
            Text(
                "统一社会信用代码应为18位数字或大写字母（不含I、O、S、V、Z），请再核对一次",
                "A unified social credit code has 18 digits or capitals without I, O, S, V and Z; please look again",
            ),
            blocking=False,
        )
    if unified_code_check(code[:17]) != code[17]:
        return Doubt(
            "unified-code-check",
            Text(
                "统一社会信用代码校验位不符，请对照证照再核对一次；确与证照一致的可以继续",
                "The check character of the unified social credit code does not fit; compare it with the licence, "
                "and go on if it is the same",
            ),
            blocking=False,
        )
    return None


def resident_id_check(body: str) -> str:
    """The check character for the first 17 digits of a 公民身份号码 (GB 11643-1999)."""
    return _RESIDENT_CHECKS[sum(int(c) * weight for c, weight in zip(body, _RESIDENT_WEIGHTS, strict=True)) % 11]


def birth_date(resident_id: str) -> date | None:
    """The birth date in a resident id number, or None where no such day exists."""
    try:
        return date(int(resident_id[6:10]), int(resident_id[10:12]), int(resident_id[12:14]))
    except ValueError:
        return None


def doubt_resident_id(text: str, today: date) -> Doubt | None:
    """Why this is no 公民身份号码 as of ``today``, else None; always blocking.

    The address code is not compared with any list: old cards carry codes of divisions that are no more.
    """
    number = normal_document(text)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        message = Text(
            "居民身份证号码应为18位，前17位为数字，末位为数字或X",
            "A resident identity number has 17 digits and a last digit or X",
        )
        return Doubt("resident-id-shape", message, blocking=True)
    born = birth_date(number)
    if born is None or born > today:
        message = Text(
            "居民身份证号码中的出生日期不存在或晚于今天，请核对",
            "The birth date in the resident identity number does not exist or lies in the future; please check",
        )
        return Doubt("resident-id-birth-date", message, blocking=True)
    if resident_id_check(number[:17]) != number[17]:
        message = Text(
            "居民身份证号码校验位不符，请对照证件核对",
            "The check digit of the resident identity number does not fit; compare it with the card",
        )
        return Doubt("resident-id-check", message, blocking=True)
    return None


def doubt_document(kind: str, number: str, today: date) -> Doubt | None:
    """What is doubtful about a document number of that type; only the resident id is ever checked to block."""
    if not normal_document(number):
        message = Text("请填写证件号码", "Enter the number of the document")
        return Doubt("document-number-empty", message, blocking=True)
    if kind == DocumentType.RESIDENT_ID:
        return doubt_resident_id(number, today)
    if kind == DocumentType.UNIFIED_CODE:
        return doubt_unified_code(number)
    return None


_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = r"0[0-9]{9,11}(?:X[0-9]{1,5})?"
_FOREIGN = r"\+[0-9]{6,15}"
_PHONE = re.compile(f"{_MOBILE.pattern}|{_LANDLINE}|{_FOREIGN}")


def doubt_phone(text: str) -> Doubt | None:
    """A warning where this has not the shape of a mobile, landline or foreign (+…) number, else None."""
    if _PHONE.fullmatch(normal_phone(text)):
        return None
    return Doubt(
        "phone-shape",
        Text(
            "电话号码格式不常见，请核对：手机11位，座机加区号，境外号码以+开头",
            "Unusual telephone number, please check: mobile of 11 digits, landline with area code, foreign with +",
        ),
        blocking=False,
    )


_EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,190}\.[A-Za-z]{2,24}")


def doubt_email(text: str) -> Doubt | None:
    """A warning where this has not the shape of an e-mail address, else None."""
    if _EMAIL.fullmatch(text.strip()):
        return None
    message = Text("电子邮箱格式不常见，请核对", "Unusual e-mail address, please check")
    return Doubt("email-shape", message, blocking=False)


# --- normal forms: what is compared and digested ---------------------------------------------------------------------

_MIDDLE_DOTS = dict.fromkeys(map(ord, "·•・‧∙⋅●．᛫ꞏ･"), "·")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")


PLAIN_NAME = re.compile(r"[\u4e00-\u9fff0-9A-Za-z]+")
"""Names in their commonest form, of which folding changes nothing but the case; the rest is worked out."""
_PLAIN_PHONE = re.compile(r"\+?[0-9]+")


def _settled(step: Callable[[str], str], text: str) -> str:
    """The text when a step changes it no more: dropping a space may let two signs compose anew."""
    while (after := step(text)) != text:
        text = after
    return text


_AROUND_DOTS = re.compile(r" ?· ?")
_BESIDE_CHINESE = re.compile(r"(?<=[^\x00-\u024f]) | (?=[^\x00-\u024f])")


def _name_step(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.translate(_MIDDLE_DOTS).casefold()).translate(_MIDDLE_DOTS)
    return _BESIDE_CHINESE.sub("", _AROUND_DOTS.sub("·", " ".join(folded.split())))


def normal_name(text: str) -> str:
    """A name as it is compared: one width and case, one middle dot, single spaces and none beside Chinese.

    「演示 • 甲乙」 and 「演示·甲乙」 are one name; so are "Demo  PERSON" and "Ｄｅｍｏ Person".
    """
    if PLAIN_NAME.fullmatch(text):
        return text.lower()
    return _settled(_name_step, text)


def _document_step(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES).upper()
    return "".join(c for c in folded if not (c.isspace() or c == "-" or unicodedata.category(c) == "Cf"))


def normal_document(text: str) -> str:
    """A document number as it is stored and compared: one width, capitals (x becomes X), no spaces or hyphens."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return _settled(_document_step, text)


_EXTENSION = re.compile(r"(?:转|EXT\.?|#)")
_NOT_DIALLED = re.compile(r"[^0-9+X]")
_HOME_COUNTRY = re.compile(r"^(?:\+|00)86(?=[1-9])")
_ABROAD = re.compile(r"^00(?=[1-9])")


def normal_phone(text: str) -> str:
    """A telephone number as it is compared: digits and a leading +; the country code of China is dropped."""
    kept = text
    if not _PLAIN_PHONE.fullmatch(text):
        folded = unicodedata.normalize("NFKC", text).translate(_DASHES).upper()
        kept = _NOT_DIALLED.sub("", _EXTENSION.sub("X", folded))
    elif not text.startswith(("+", "00")):
        return text
    return _ABROAD.sub("+", _HOME_COUNTRY.sub("", kept))


# --- masks -----------------------------------------------------------------------------------------------------------

_JOINER = "‍"


def _first_character(text: str) -> str:
    """The first character as a reader sees it, with its marks, variation selectors and joined parts."""
    end = 1
    while end < len(text) and (
        unicodedata.combining(text[end])
        or unicodedata.category(text[end]) in ("Mn", "Mc", "Me")
        or text[end] == _JOINER
        or text[end - 1] == _JOINER
        or 0x1F3FB <= ord(text[end]) <= 0x1F3FF
    ):
        end += 1
    return text[:end]


def mask_name(name: str) -> str:
    """A person's name with only its first character shown; the mask does not tell how long the name is."""
    shown = name.strip()
    return f"{_first_character(shown)}**" if shown else ""


def _mask_middle(text: str, head: int, tail: int) -> str:
    return f"{text[:head]}{'*' * (len(text) - head - tail)}{text[len(text) - tail :]}"


def mask_document(number: str) -> str:
    """A document number with its beginning and end shown, at least half of it hidden."""
    shown = normal_document(number)
    quarter = len(shown) // 4
    return _mask_middle(shown, min(3, quarter), min(2, quarter))


def mask_phone(number: str) -> str:
    """A telephone number: a mobile shows the first three and last four, others less."""
    shown = normal_phone(number)
    if _MOBILE.fullmatch(shown):
        return _mask_middle(shown, 3, 4)
    quarter = len(shown) // 4
    return _mask_middle(shown, min(3, quarter), min(2, quarter))


def mask_email(address: str) -> str:
    """An e-mail address with its first character and its server shown."""
    name, at, server = address.strip().rpartition("@")
    return f"{name[:1]}***@{server}" if at and name else "***"


def mask_address(address: str) -> str:
    """An address: the first six characters, which are the division, and nothing finer."""
    shown = address.strip()
    return f"{shown[: min(6, len(shown) // 2)]}****" if shown else ""

"""The shape of ``matters.yaml``: which keys stand where, in which order, and what each may hold.

One table serves reading (strictness), writing (order of keys, rows) and the suggestions in error messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import field

from catalogue.domain.registry.model import Acceptance, Confidence, Level, Mode, PlaceRule, Procedure
from catalogue.domain.value import Value

CATEGORY_ID = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
NAME = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"
DIVISION = r"[1-9]\d{5}"
OFFICE_ID = r"[1-9]\d{5}(-[a-z0-9]+)*"
SOURCE_KEY = r"[A-Z][A-Z0-9]*"
PLACE = r"[1-9]\d{5}(/\S+)?"
CODE = r"[0-9A-Z]+"

TYPES = ("permit", "confirmation", "filing", "other_power", "public_service")
APPLICANTS = ("natural_person", "legal_person", "other_organisation")
RESULTS = ("licence", "certificate", "notice", "record")
FIELD_TYPES = ("text", "long_text", "number", "money", "date", "choice", "division", "uscc", "phone")

NUMBERED = (
    "acceptance", "correction_notice", "return_notice", "non_acceptance", "special_notice", "extension_notice",
    "grant_decision", "refusal_decision", "registration_notice", "registration_refusal", "termination_notice",
    "annulment_notice", "annulment_decision", "withdrawal_decision", "cancellation_decision",
)  # fmt: skip
"""The kinds of document that bear a number 文号 of their authority (``domain.documents`` knows what they are)."""

FACTS = (
    "name", "type", "procedure", "mode", "codes", "legal_basis", "limits.notice_days", "limits.statutory_days",
    "limits.promised_days", "limits.extension_days", "limits.deliver_days", "decided_by", "applicant_kinds", "form",
    "materials", "results", "fee", "on_the_spot", "substance_check", "separate_decider", "verify_people",
)  # fmt: skip
"""The facts of a matter that each say where they come from."""


class Plain(Value, frozen=True):
    """A single value. ``of``: text, count (whole number from ``least``), switch (true/false) or day."""

    of: str = "text"
    nullable: bool = False
    values: tuple[str, ...] = ()
    pattern: str | None = None
    least: int = 0


class Many(Value, frozen=True):
    """A list; ``unique`` names the key that tells its items apart."""

    item: Kind
    unique: str | None = None
    least: int = 0


class Keyed(Value, frozen=True):
    """A mapping with free keys of one pattern; ``order`` names those that come first, the rest stays as written."""

    value: Kind
    key: str = NAME
    row: bool = False
    order: tuple[str, ...] = ()


class Entry(Value, frozen=True):
    """One key of a shape."""

    kind: Kind
    required: bool = True


class Shape(Value, frozen=True):
    """A mapping with fixed keys, in canonical order. A ``row`` is written on one line where it fits."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    row: bool = False


Kind = Plain | Many | Keyed | Shape


def _options(enum: type[StrEnum]) -> tuple[str, ...]:
    return tuple(member.value for member in enum)


def _optional(kind: Kind) -> Entry:
    return Entry(kind, required=False)


TEXT = Plain()
NULL_TEXT = Plain(nullable=True)
SWITCH = Plain("switch")
DAY = Plain("day")
DAYS = Plain("count", nullable=True)
COPIES = Plain("count", nullable=True)
YEARS = Plain("count", nullable=True, least=1)
ID = Plain(pattern=CATEGORY_ID)
KEY = Plain(pattern=NAME)
DIVISION_CODE = Plain(pattern=DIVISION)
BASIS = Plain()
"""``confidence SOURCE SOURCE — remark``."""

NAMES: dict[str, Entry] = {"zh": Entry(TEXT), "en": Entry(TEXT)}
WORDS = Shape(NAMES, row=True)
CONDITION = Keyed(Many(KEY, least=1), NAME, row=True)

NUMBER_RULE = Shape(
    {
        "id": Entry(KEY),
        "of": Entry(Plain(values=("document", "certificate"))),
        "form": Entry(TEXT),
        "width": _optional(Plain("count", least=1)),
        "kinds": _optional(Many(TEXT, least=1)),
        "offices": _optional(Many(Plain(pattern=OFFICE_ID), least=1)),
        "series": _optional(KEY),
        "provenance": Entry(BASIS),
    }
)
NUMBERS = _optional(Many(NUMBER_RULE, "id"))
REGISTRY = Shape({"title": Entry(WORDS), "note": Entry(WORDS), "as_of": Entry(DAY), "numbers": NUMBERS})
PROVINCE = Shape({"code": Entry(DIVISION_CODE), **NAMES, "authority": Entry(WORDS)})
CATEGORY = Shape({"id": Entry(ID), **NAMES}, row=True)

MATERIAL = Shape(
    {
        "id": Entry(KEY),
        **NAMES,
        "required": _optional(SWITCH),
        "when": _optional(CONDITION),
        "condition": _optional(WORDS),
        "originals": _optional(COPIES),
        "copies": _optional(COPIES),
        "deferrable": _optional(SWITCH),
        "pledge_check_days": _optional(DAYS),
    },
    row=True,
)
CHOICE = Shape({"value": Entry(KEY), **NAMES}, row=True)
PARTICULAR = Shape({"key": Entry(KEY), **NAMES, "choices": Entry(Many(CHOICE, "value", least=1))})
FIELD = Shape(
    {
        "key": Entry(KEY),
        **NAMES,
        "type": _optional(Plain(values=FIELD_TYPES)),
        "required": _optional(SWITCH),
        "searchable": _optional(SWITCH),
        "personal": _optional(SWITCH),
        "choices": _optional(Many(CHOICE, "value", least=1)),
    },
    row=True,
)
RESULT = Shape(
    {**NAMES, "kind": Entry(Plain(values=RESULTS)), "validity_years": _optional(YEARS), "replaces": _optional(SWITCH)},
    row=True,
)
LAW = Shape(
    {"id": Entry(Plain(pattern=SOURCE_KEY)), "title": Entry(TEXT), "valid_from": Entry(Plain("day", nullable=True)),
     "provenance": Entry(BASIS)}
)  # fmt: skip
LEGAL_BASIS = Shape(
    {"law": Entry(Plain(pattern=SOURCE_KEY)), "articles": Entry(Many(TEXT)), "provenance": _optional(BASIS)}, row=True
)
LEVEL_RULE = Shape(
    {"level": Entry(Plain(values=_options(Level))), "when": _optional(CONDITION), "provenance": Entry(BASIS)}
)
DECIDED_BY = Shape(
    {"place": Entry(Plain(values=_options(PlaceRule))), "levels": Entry(Many(LEVEL_RULE, least=1))}
)  # fmt: skip
LIMITS = Shape(
    {name: _optional(DAYS) for name in
     ("notice_days", "statutory_days", "promised_days", "extension_days", "deliver_days")}, row=True,
)  # fmt: skip
CODES = Shape(
    {
        "item": _optional(Plain(nullable=True, pattern=CODE)),
        "item_name": _optional(NULL_TEXT),
        "sub_item": _optional(Plain(nullable=True, pattern=CODE)),
        "business_item": _optional(Plain(nullable=True, pattern=CODE)),
        "note": _optional(NULL_TEXT),
    },
    row=True,
)
FEE = Shape({"charged": Entry(Plain("switch", nullable=True)), "note": _optional(WORDS)}, row=True)
PROVENANCE = Keyed(BASIS, r"[a-z_]+(\.[a-z_]+)?", order=FACTS)

FACT_ENTRIES: dict[str, Entry] = {
    "type": Entry(Plain(values=TYPES)),
    "procedure": Entry(Plain(values=_options(Procedure))),
    "mode": Entry(Plain(values=_options(Mode))),
    "fallback_mode": _optional(Plain(nullable=True, values=_options(Mode))),
    "codes": Entry(CODES),
    "legal_basis": Entry(Many(LEGAL_BASIS)),
    "limits": Entry(LIMITS),
    "decided_by": Entry(DECIDED_BY),
    "applicant_kinds": Entry(Many(Plain(values=APPLICANTS), least=1)),
    "particulars": _optional(Many(PARTICULAR, "key")),
    "form": Entry(Many(FIELD, "key")),
    "materials": Entry(Many(MATERIAL, "id")),
    "results": Entry(Many(RESULT)),
    "fee": Entry(FEE),
    "on_the_spot": Entry(SWITCH),
    "substance_check": Entry(SWITCH),
    "separate_decider": Entry(SWITCH),
    "verify_people": Entry(SWITCH),
}
"""What a family may state for its matters, and what every matter has once merged."""

FAMILY = Shape(
    {
        "id": Entry(ID),
        **NAMES,
        "category": _optional(ID),
        **{key: _optional(entry.kind) for key, entry in FACT_ENTRIES.items()},
        "provenance": _optional(PROVENANCE),
    }
)
MATTER = Shape(
    {
        "id": Entry(ID),
        **NAMES,
        "aliases": _optional(Many(TEXT)),
        "category": _optional(ID),
        "family": _optional(ID),
        **{key: _optional(entry.kind) for key, entry in FACT_ENTRIES.items()},
        "provenance": _optional(PROVENANCE),
    }
)
MERGED_BY_KEY = ("codes", "limits", "provenance")
"""Mappings of which a matter overrides single keys; of everything else it overrides the whole."""

DIVISION_SHAPE = Shape(
    {"id": Entry(DIVISION_CODE), **NAMES, "pinyin": Entry(TEXT),
     "former_codes": _optional(Many(DIVISION_CODE))}, row=True,
)  # fmt: skip
WINDOW = Shape({"id": Entry(KEY), **NAMES, "phone": _optional(NULL_TEXT)}, row=True)
OFFICE = Shape(
    {
        "id": Entry(Plain(pattern=OFFICE_ID)),
        **NAMES,
        "level": Entry(Plain(values=_options(Level))),
        "division": _optional(DIVISION_CODE),
        "parent": _optional(Plain(nullable=True, pattern=OFFICE_ID)),
        "phone": Entry(NULL_TEXT),
        "address": _optional(NULL_TEXT),
        "hours": _optional(WORDS),
        "windows": _optional(Many(WINDOW, "id")),
        "successor": _optional(Plain(nullable=True, pattern=OFFICE_ID)),
    },
    row=True,
)
JURISDICTION = Shape(
    {
        "place": Entry(Plain(pattern=PLACE)),
        **NAMES,
        "office": Entry(Plain(pattern=OFFICE_ID)),
        "matters": _optional(Many(ID)),
        "provenance": Entry(BASIS),
    }
)
OVERLAID = (
    "available", "promised_days", "extra_materials", "acceptance", "mode", "contact", "system_of_record",
)  # fmt: skip
"""The facts that a city may declare differently, each of which may say where it comes from."""
OVERLAY_BASES = Keyed(BASIS, "|".join(OVERLAID), order=OVERLAID)
OVERLAY = Shape(
    {
        "available": _optional(SWITCH),
        "promised_days": _optional(DAYS),
        "extra_materials": _optional(Many(MATERIAL, "id")),
        "acceptance": _optional(Plain(nullable=True, values=_options(Acceptance))),
        "mode": _optional(Plain(nullable=True, values=_options(Mode))),
        "contact": _optional(NULL_TEXT),
        "note": _optional(NULL_TEXT),
        "system_of_record": _optional(Plain(nullable=True, values=("here", "external"))),
        "provenance": _optional(OVERLAY_BASES),
    }
)
HOTLINES = Shape(
    {
        "consultation": Entry(NULL_TEXT),
        "complaints": Entry(NULL_TEXT),
        "supervision": Entry(NULL_TEXT),
        "provenance": Entry(BASIS),
    }
)
LEGS = Shape({name: _optional(DAYS) for name in ("to_home_days", "back_days", "file_days")}, row=True)
REGION = Shape(
    {
        "id": Entry(ID),
        **NAMES,
        "short": Entry(WORDS),
        "pinyin": Entry(TEXT),
        "division": Entry(DIVISION_CODE),
        "former_codes": _optional(Many(DIVISION_CODE)),
        "handler": Entry(KEY),
        "calendar": Entry(KEY),
        "city_office": Entry(Plain(pattern=OFFICE_ID)),
        "acceptance": Entry(Plain(values=_options(Acceptance))),
        "hotlines": _optional(HOTLINES),
        "legs": _optional(LEGS),
        "numbers": NUMBERS,
        "divisions": Entry(Many(DIVISION_SHAPE, "id")),
        "offices": Entry(Many(OFFICE, "id", least=1)),
        "jurisdictions": _optional(Many(JURISDICTION)),
        "overlays": _optional(Keyed(OVERLAY, CATEGORY_ID)),
    }
)
SOURCE = Shape({"what": Entry(TEXT), "ref": Entry(NULL_TEXT), "kind": Entry(NULL_TEXT)})

DOCUMENT = Shape(
    {
        "registry": Entry(REGISTRY),
        "province": Entry(PROVINCE),
        "categories": Entry(Many(CATEGORY, "id", least=1)),
        "regions": Entry(Many(REGION, "id", least=1)),
        "laws": Entry(Many(LAW, "id")),
        "families": _optional(Many(FAMILY, "id")),
        "matters": Entry(Many(MATTER, "id", least=1)),
        "sources": Entry(Keyed(SOURCE, SOURCE_KEY)),
    }
)

CONFIDENCES = _options(Confidence)

"""From plain values without errors to the frozen ``Registry``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from catalogue.domain.registry.merging import merged, read_basis
from catalogue.domain.registry.model import (
    Acceptance,
    Category,
    Choice,
    Codes,
    Condition,
    Confidence,
    DecidedBy,
    Division,
    Family,
    Fee,
    Field,
    Hotlines,
    Jurisdiction,
    Law,
    LegalBasis,
    Legs,
    Level,
    LevelRule,
    Limits,
    Material,
    Matter,
    Mode,
    NumberRule,
    Office,
    Overlay,
    Particular,
    PlaceRule,
    Procedure,
    Provenance,
    Province,
    Region,
    Registry,
    Result,
    Source,
    Window,
)  # fmt: skip
from catalogue.domain.text import Text

Block = Mapping[str, Any]
_K = TypeVar("_K")
_V = TypeVar("_V")


def build_registry(document: Block, digest: str) -> Registry:
    """The registry of a document in which ``check_document`` found nothing."""
    builder = Builder(document)
    return Registry(
        **builder.head(),
        **builder.shared(),
        regions=_frozen((item["id"], builder.region(item)) for item in document["regions"]),
        matters=_frozen((item["id"], builder.matter(item)) for item in document["matters"]),
        digest=digest,
    )


class Builder:
    """Builds the parts of a registry, which may be asked for one by one."""

    def __init__(self, document: Block) -> None:
        self._document = document
        self._families = {family["id"]: family for family in document.get("families", ())}
        self._laws = {law["id"]: law for law in document["laws"]}
        self._bases = _Bases()

    def head(self) -> dict[str, Any]:
        """What stands at the top, by the names of ``Registry``."""
        document = self._document
        head = document["registry"]
        return {
            "title": _text(head["title"]),
            "note": _text(head["note"]),
            "as_of": head["as_of"],
            "numbers": _numbers(head.get("numbers"), self._bases),
            "province": _province(document["province"]),
            "categories": _frozen((item["id"], Category(item["id"], _text(item))) for item in document["categories"]),
            "sources": _frozen(
                (key, Source(key, item["what"], item["ref"], item["kind"])) for key, item in document["sources"].items()
            ),
        }

    def shared(self) -> dict[str, Any]:
        """What matters refer to: laws and families."""
        return {
            "laws": _frozen(
                (key, Law(key, item["title"], item["valid_from"], self._bases(item["provenance"])))
                for key, item in self._laws.items()
            ),
            "families": _frozen((key, Family(key, _text(item), _facts(item))) for key, item in self._families.items()),
        }

    def matter(self, block: Block) -> Matter:
        """A matter with what its family states."""
        return _matter(merged(block, self._families.get(block.get("family"))), self._laws, self._bases)

    def region(self, block: Block) -> Region:
        """A city with its offices and overlays."""
        return _region(block, self._bases)


def _frozen(pairs: Iterable[tuple[_K, _V]]) -> Mapping[_K, _V]:
    return MappingProxyType(dict(pairs))


class _Bases:
    """Provenance by its text; the same words mean the same value."""

    def __init__(self) -> None:
        self._known: dict[str, Provenance] = {}

    def __call__(self, text: str) -> Provenance:
        basis = self._known.get(text)
        if basis is None:
            basis = read_basis(text) or Provenance(Confidence.UNKNOWN)
            self._known[text] = basis
        return basis


def _text(block: Block) -> Text:
    return Text(block["zh"], block["en"])


def _facts(block: Block) -> dict[str, Any]:
    """What a family states besides its name."""
    return {key: value for key, value in block.items() if key not in ("id", "zh", "en")}


def _optional_text(block: Block | None) -> Text | None:
    return _text(block) if block else None


def _condition(block: Mapping[str, list[str]] | None) -> Condition:
    return MappingProxyType({key: tuple(values) for key, values in (block or {}).items()})


def _province(block: Block) -> Province:
    return Province(block["code"], _text(block), _text(block["authority"]))


def _material(block: Block) -> Material:
    return Material(
        id=block["id"],
        name=_text(block),
        required=block.get("required", True),
        when=_condition(block.get("when")),
        condition=_optional_text(block.get("condition")),
        originals=block.get("originals"),
        copies=block.get("copies"),
        deferrable=block.get("deferrable", False),
        pledge_check_days=block.get("pledge_check_days"),
    )


def _choices(blocks: Iterable[Block]) -> tuple[Choice, ...]:
    return tuple(Choice(block["value"], _text(block)) for block in blocks)


def _field(block: Block) -> Field:
    return Field(
        key=block["key"],
        label=_text(block),
        type=block.get("type", "text"),
        required=block.get("required", False),
        choices=_choices(block.get("choices", ())),
        searchable=block.get("searchable", False),
        personal=block.get("personal", False),
    )


def _level_rule(block: Block, bases: _Bases) -> LevelRule:
    return LevelRule(Level(block["level"]), _condition(block.get("when")), bases(block["provenance"]))


def _legal_basis(block: Block, laws: Mapping[str, Block], bases: _Bases) -> LegalBasis:
    law = laws[block["law"]]
    basis = bases(block.get("provenance", law["provenance"]))
    return LegalBasis(
        title=law["title"],
        articles=tuple(block["articles"]),
        valid_from=law["valid_from"],
        sources=basis.sources,
        confidence=basis.confidence,
        note=basis.note,
    )


def _matter(block: Block, laws: Mapping[str, Block], bases: _Bases) -> Matter:
    fallback = block.get("fallback_mode")
    decided_by = block["decided_by"]
    fee = block["fee"]
    return Matter(
        id=block["id"],
        name=_text(block),
        aliases=tuple(block.get("aliases", ())),
        category=block["category"],
        type=block["type"],
        procedure=Procedure(block["procedure"]),
        mode=Mode(block["mode"]),
        fallback_mode=Mode(fallback) if fallback else None,
        codes=Codes(**block["codes"]),
        legal_basis=tuple(_legal_basis(basis, laws, bases) for basis in block["legal_basis"]),
        limits=Limits(**block["limits"]),
        decided_by=DecidedBy(
            PlaceRule(decided_by["place"]), tuple(_level_rule(rule, bases) for rule in decided_by["levels"])
        ),
        applicant_kinds=tuple(block["applicant_kinds"]),
        particulars=tuple(
            Particular(item["key"], _text(item), _choices(item["choices"])) for item in block.get("particulars", ())
        ),
        form=tuple(_field(item) for item in block["form"]),
        materials=tuple(_material(item) for item in block["materials"]),
        results=tuple(
            Result(_text(item), item["kind"], item.get("validity_years"), item.get("replaces", False))
            for item in block["results"]
        ),
        fee=Fee(fee["charged"], _optional_text(fee.get("note"))),
        on_the_spot=block["on_the_spot"],
        substance_check=block["substance_check"],
        separate_decider=block["separate_decider"],
        verify_people=block["verify_people"],
        family=block.get("family"),
        provenance=_frozen((fact, bases(text)) for fact, text in block.get("provenance", {}).items()),
    )


def _overlay(block: Block, bases: _Bases) -> Overlay:
    acceptance, mode = block.get("acceptance"), block.get("mode")
    return Overlay(
        available=block.get("available", True),
        promised_days=block.get("promised_days"),
        extra_materials=tuple(_material(item) for item in block.get("extra_materials", ())),
        acceptance=Acceptance(acceptance) if acceptance else None,
        mode=Mode(mode) if mode else None,
        contact=block.get("contact"),
        note=block.get("note"),
        system_of_record=block.get("system_of_record"),
        provenance=_frozen((key, bases(text)) for key, text in block.get("provenance", {}).items()),
    )


def _jurisdiction(block: Block, bases: _Bases) -> Jurisdiction:
    return Jurisdiction(
        place=block["place"],
        office=block["office"],
        name=_text(block),
        basis=bases(block["provenance"]),
        matters=tuple(block.get("matters", ())),
    )


def _office(block: Block, region: str) -> Office:
    return Office(
        id=block["id"],
        name=_text(block),
        level=Level(block["level"]),
        division=block.get("division", block["id"].partition("-")[0]),
        region=region,
        phone=block["phone"],
        address=block.get("address"),
        parent=block.get("parent"),
        hours=_optional_text(block.get("hours")),
        windows=tuple(Window(item["id"], _text(item), item.get("phone")) for item in block.get("windows", ())),
        successor=block.get("successor"),
    )


def _region(block: Block, bases: _Bases) -> Region:
    return Region(
        id=block["id"],
        name=_text(block),
        short=_text(block["short"]),
        pinyin=block["pinyin"],
        division=block["division"],
        former_codes=tuple(block.get("former_codes", ())),
        handler=block["handler"],
        calendar=block["calendar"],
        city_office=block["city_office"],
        acceptance=Acceptance(block["acceptance"]),
        divisions=tuple(
            Division(item["id"], _text(item), item["pinyin"], tuple(item.get("former_codes", ())))
            for item in block["divisions"]
        ),
        offices=tuple(_office(item, block["id"]) for item in block["offices"]),
        jurisdictions=tuple(_jurisdiction(item, bases) for item in block.get("jurisdictions", ())),
        legs=Legs(**(block.get("legs") or {})),
        overlays=_frozen((matter, _overlay(item, bases)) for matter, item in (block.get("overlays") or {}).items()),
        hotlines=_hotlines(block["hotlines"], bases) if block.get("hotlines") else Hotlines(),
        numbers=_numbers(block.get("numbers"), bases),
    )


def _numbers(blocks: Iterable[Block] | None, bases: _Bases) -> tuple[NumberRule, ...]:
    return tuple(
        NumberRule(
            id=block["id"],
            of=block["of"],
            form=block["form"],
            width=block.get("width", 1),
            kinds=tuple(block.get("kinds", ())),
            offices=tuple(block.get("offices", ())),
            series=block.get("series"),
            basis=bases(block["provenance"]),
        )
        for block in blocks or ()
    )


def _hotlines(block: Block, bases: _Bases) -> Hotlines:
    return Hotlines(
        block["consultation"], block["complaints"], block["supervision"], bases(block["provenance"])
    )  # fmt: skip

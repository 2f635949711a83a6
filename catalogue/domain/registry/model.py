"""The registry of matters, regions and offices as one frozen value.

Law is data: who decides, within how many working days and on what papers stands here and nowhere in code.
Everything is immutable; a revision of the registry is one ``Registry`` with its number and digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec

from catalogue.domain.text import Text
from catalogue.domain.value import Value


class Procedure(StrEnum):
    """Which law of procedure a matter follows, hence which clocks run."""

    PERMIT = "permit"  # 许可: 行政许可法 §§32, 42, 44
    REGISTRATION = "registration"  # 登记: 市场主体登记管理条例 §19
    FILING = "filing"  # 备案
    SERVICE = "service"  # 服务


class Mode(StrEnum):
    """The three ways of 通办 of 国办发〔2020〕35号."""

    ONLINE = "online"  # 全程网办
    PROXY = "proxy"  # 异地代收代办
    JOINT = "joint"  # 多地联办


class Level(StrEnum):
    """行使层级 of an office."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    STATION = "station"


class Acceptance(StrEnum):
    """Who performs 受理: the home authority, or the window by delegation."""

    HOME = "home"
    DELEGATED = "delegated"


class PlaceRule(StrEnum):
    """Whose place counts for jurisdiction."""

    PREMISES = "premises"  # 经营场所
    SEAT = "seat"  # 住所
    BRANCH = "branch"  # 分支机构所在地
    NEW_SEAT = "new_seat"  # 迁入地
    ISSUER = "issuer"  # 原发证机关所在地
    RESIDENCE = "residence"  # 申请人住所


class Confidence(StrEnum):
    """How well a fact is founded."""

    OFFICIAL = "official"
    DERIVED = "derived"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


class Provenance(Value, frozen=True):
    """Where one fact comes from: confidence, keys of ``Registry.sources``, a remark."""

    confidence: Confidence
    sources: tuple[str, ...] = ()
    note: str | None = None


NOT_KNOWN = Provenance(Confidence.UNKNOWN)


class Source(Value, frozen=True):
    """A document that facts refer to by key."""

    key: str
    what: str
    ref: str | None
    kind: str | None


Condition = Mapping[str, tuple[str, ...]]
"""Particular key -> accepted values; all keys must match, any of the values. Empty means always."""


class Choice(Value, frozen=True):
    """One admissible value of a particular or a choice field."""

    value: str
    label: Text


class Particular(Value, frozen=True):
    """A fact about the application that conditions name; always a closed choice, so totality can be proved."""

    key: str
    label: Text
    choices: tuple[Choice, ...]


class Field(Value, frozen=True):
    """A field of the matter's own form.

    ``type``: text, long_text, number, money, date, choice, division, uscc, phone.
    """

    key: str
    label: Text
    type: str = "text"
    required: bool = False
    choices: tuple[Choice, ...] = ()
    searchable: bool = False
    """The clear name of an enterprise: listed and searched. Never true for a natural person's data."""
    personal: bool = False
    """Personal data: masked in every answer until unmasked."""


class Material(Value, frozen=True):
    """One paper of an application. ``when`` is a machine condition, ``condition`` the same or a finer one in words."""

    id: str
    name: Text
    required: bool
    when: Condition = msgspec.field(default_factory=dict)
    condition: Text | None = None
    originals: int | None = None
    copies: int | None = None
    deferrable: bool = False
    """容缺: may follow later where the home authority agrees."""
    pledge_check_days: int | None = None
    """告知承诺: a commitment may stand in for it, and is checked within so many working days of the grant; None: no."""


class LegalBasis(Value, frozen=True):
    """A law or rule a matter rests on; ``valid_from`` unknown is None."""

    title: str
    articles: tuple[str, ...]
    valid_from: date | None
    sources: tuple[str, ...]
    confidence: Confidence
    note: str | None = None


class LevelRule(Value, frozen=True):
    """Which level decides when the condition holds; rules are read in order and the last has no condition."""

    level: Level
    when: Condition
    basis: Provenance

    @property
    def source(self) -> str | None:
        """The first source named."""
        return self.basis.sources[0] if self.basis.sources else None

    @property
    def confidence(self) -> Confidence:
        return self.basis.confidence

    @property
    def note(self) -> str | None:
        return self.basis.note


class DecidedBy(Value, frozen=True):
    """Whose place counts and at which level."""

    place: PlaceRule
    levels: tuple[LevelRule, ...]


class Limits(Value, frozen=True):
    """Limits in working days; None is unknown and never zero.

    ``notice_days``: one-off correction notice or non-acceptance (K1). ``statutory_days``/``promised_days``: decision.
    ``extension_days``: once, by the head. ``deliver_days``: making and delivering the result (K4).
    """

    notice_days: int | None = None
    statutory_days: int | None = None
    promised_days: int | None = None
    extension_days: int | None = None
    deliver_days: int | None = None


class Codes(Value, frozen=True):
    """National codes as far as read; a foreign province's own codes never stand here."""

    item: str | None = None
    item_name: str | None = None
    sub_item: str | None = None
    business_item: str | None = None
    note: str | None = None


class Result(Value, frozen=True):
    """A result document. ``kind``: licence, certificate (both are certificates), notice, record."""

    document: Text
    kind: str
    validity_years: int | None = None
    replaces: bool = False
    """变更、延续、补发: takes the place of the certificate the holder has, which is superseded."""

    @property
    def is_certificate(self) -> bool:
        return self.kind in ("licence", "certificate")


class Fee(Value, frozen=True):
    """``charged`` None is unknown."""

    charged: bool | None
    note: Text | None = None


class Matter(Value, frozen=True):
    """One of the matters, as merged from its family and itself."""

    id: str
    name: Text
    aliases: tuple[str, ...]
    category: str
    type: str
    """事项类型: permit, confirmation, filing, other_power, public_service (labels in the vocabulary)."""
    procedure: Procedure
    mode: Mode
    fallback_mode: Mode | None
    codes: Codes
    legal_basis: tuple[LegalBasis, ...]
    limits: Limits
    decided_by: DecidedBy
    applicant_kinds: tuple[str, ...]
    """natural_person, legal_person, other_organisation."""
    particulars: tuple[Particular, ...]
    form: tuple[Field, ...]
    materials: tuple[Material, ...]
    results: tuple[Result, ...]
    fee: Fee
    on_the_spot: bool
    """即办: one officer may decide at once."""
    substance_check: bool
    """Review of substance: two officers (行政许可法 §34)."""
    separate_decider: bool
    """The reviewer of a case is not its decider."""
    verify_people: bool
    """Every person named must be verified before a grant (登记管理条例实施细则 §16)."""
    family: str | None
    provenance: Mapping[str, Provenance]
    """Path of a fact (``codes``, ``limits.statutory_days`` …) to where it comes from."""

    @property
    def certificates(self) -> tuple[Result, ...]:
        """The results that are certificates; none for a cancellation."""
        return tuple(result for result in self.results if result.is_certificate)


class Division(Value, frozen=True):
    """A county-level division (GB/T 2260)."""

    code: str
    name: Text
    pinyin: str
    former_codes: tuple[str, ...] = ()


class Window(Value, frozen=True):
    """A counter of an office where papers are taken."""

    id: str
    name: Text
    phone: str | None = None


class Office(Value, frozen=True):
    """An authority or one of its stations. ``phone`` unknown is None."""

    id: str
    name: Text
    level: Level
    division: str
    region: str
    phone: str | None = None
    address: str | None = None
    parent: str | None = None
    hours: Text | None = None
    """When it is open, in words."""
    windows: tuple[Window, ...] = ()
    successor: str | None = None
    """Set once the office is closed: who answers in its place 承接机关. Its name stays for old cases."""


class Jurisdiction(Value, frozen=True):
    """A special jurisdiction: places under ``place`` (longest match wins) answer to ``office``.

    ``place`` is a division code, optionally ``CODE/LOCALITY``; ``matters`` empty means all.
    """

    place: str
    office: str
    name: Text
    basis: Provenance
    matters: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The first source named; there is always one."""
        return self.basis.sources[0]

    @property
    def confidence(self) -> Confidence:
        return self.basis.confidence


class Legs(Value, frozen=True):
    """Limits in working days of the ways between two windows; None is unknown and never zero.

    ``to_home_days``: paper originals to the home region; ``back_days``: the result on its way back; ``file_days``: the
    old registrar's handing over of a file (relocation).
    """

    to_home_days: int | None = None
    back_days: int | None = None
    file_days: int | None = None


NO_LEGS = Legs()


class NumberRule(Value, frozen=True):
    """How numbers are formed 编号规则. ``of``: document or certificate; ``form`` is read by ``registry.numbering``.

    ``kinds`` are kinds of document, or matters where it is of certificates; ``offices`` and ``kinds`` empty mean all.
    ``series``: certificates count by it; the documents of an authority always count together.
    """

    id: str
    of: str
    form: str
    width: int = 1
    """Least digits of the serial; zeros stand before it."""
    kinds: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    series: str | None = None
    basis: Provenance = NOT_KNOWN


class Overlay(Value, frozen=True):
    """What one city declares differently for one matter. None means as the matter says."""

    available: bool = True
    promised_days: int | None = None
    extra_materials: tuple[Material, ...] = ()
    acceptance: Acceptance | None = None
    mode: Mode | None = None
    contact: str | None = None
    note: str | None = None
    system_of_record: str | None = None
    """``here`` or ``external``; None: registrations external, everything else here."""
    provenance: Mapping[str, Provenance] = MappingProxyType({})
    """Where what the city declares comes from, by field; what is not among them is unknown."""


class Hotlines(Value, frozen=True):
    """Telephones of a city for anybody: 咨询, 投诉举报, 监督. Unknown is None."""

    consultation: str | None = None
    complaints: str | None = None
    supervision: str | None = None
    basis: Provenance = NOT_KNOWN


class Region(Value, frozen=True):
    """A city of the programme: its divisions, offices, overlays, calendar and handler."""

    id: str
    name: Text
    short: Text
    pinyin: str
    division: str
    former_codes: tuple[str, ...]
    handler: str
    """``standard`` or the name of a module of ``regions``."""
    calendar: str
    city_office: str
    acceptance: Acceptance
    divisions: tuple[Division, ...]
    offices: tuple[Office, ...]
    jurisdictions: tuple[Jurisdiction, ...]
    overlays: Mapping[str, Overlay]
    legs: Legs = NO_LEGS
    hotlines: Hotlines = Hotlines()
    numbers: tuple[NumberRule, ...] = ()
    """The city's own rules of numbers, read before those of the registry."""


class Law(Value, frozen=True):
    """A law or rule that matters rest on; ``valid_from`` unknown is None."""

    id: str
    title: str
    valid_from: date | None
    basis: Provenance


class Family(Value, frozen=True):
    """What a group of matters shares. Its facts are merged into each matter; here they stand as the file has them."""

    id: str
    name: Text
    facts: Mapping[str, Any]


class Category(Value, frozen=True):
    """A group of matters as the catalogue shows them."""

    id: str
    name: Text


class Province(Value, frozen=True):
    """The level above the programme; what it decides is outside scope."""

    code: str
    name: Text
    authority: Text


@dataclass(frozen=True)
class Registry:
    """The whole registry. Look-ups are built once; the value never changes."""

    title: Text
    note: Text
    """The provenance note shown wherever the catalogue is shown whole."""
    as_of: date
    province: Province
    sources: Mapping[str, Source]
    regions: Mapping[str, Region]
    matters: Mapping[str, Matter]
    digest: str
    """SM3 of the text it was read from, hexadecimal; the shipped and every published text is canonical."""
    categories: Mapping[str, Category] = field(default_factory=dict)
    numbers: tuple[NumberRule, ...] = ()
    laws: Mapping[str, Law] = field(default_factory=dict)
    families: Mapping[str, Family] = field(default_factory=dict)
    offices: Mapping[str, Office] = field(init=False)
    divisions: Mapping[str, tuple[Division, Region]] = field(init=False)
    """County code -> (division, region)."""

    def __post_init__(self) -> None:
        offices = {office.id: office for region in self.regions.values() for office in region.offices}
        divisions = {
            division.code: (division, region) for region in self.regions.values() for division in region.divisions
        }
        object.__setattr__(self, "offices", MappingProxyType(offices))
        object.__setattr__(self, "divisions", MappingProxyType(divisions))

    def region_of_city(self, code: str) -> Region | None:
        """The region whose own (prefecture-level) division code this is."""
        return next((region for region in self.regions.values() if region.division == code), None)

    def system_of_record(self, region: str, matter: str) -> str:
        """Where the city keeps the record of such a case: ``here``, or ``external`` in a system of the registrar."""
        declared = self.overlay(region, matter).system_of_record
        if declared is not None:
            return declared
        return "external" if self.matters[matter].procedure is Procedure.REGISTRATION else "here"

    def papers(self, matter: str, region: str | None) -> frozenset[str]:
        """The papers a case of that matter may hold, those of its home region included."""
        listed = {paper.id for paper in self.matters[matter].materials}
        if region is not None:
            listed |= {paper.id for paper in self.overlay(region, matter).extra_materials}
        return frozenset(listed)

    def overlay(self, region: str, matter: str) -> Overlay:
        """What that city declares for that matter; an empty overlay where it declares nothing."""
        return self.regions[region].overlays.get(matter, NO_OVERLAY)


NO_OVERLAY = Overlay()

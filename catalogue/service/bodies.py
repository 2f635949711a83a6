"""The bodies that people and machines send, as Pydantic models: one for an application, one for each command.

Strict where a mistake would be silent (unknown keys, wrong types), lenient where strictness helps nobody (spaces around
a name). ``read`` turns every fault into a bilingual sentence with its path; nothing of the input is echoed back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS, canonical

_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters other than tab and newline, and halves of surrogate pairs."""

_PLAIN_NAME = re.compile(r"[0-9A-Za-z\u4e00-\u9fff（）()·. -]+")
"""What most names are made of; others are looked at character by character."""


def _clean(value: str) -> str:
    """NFC, without control characters and unpaired surrogates, which no form and no database takes."""
    if _UNFIT.search(value):
        raise PydanticCustomError("control_character", "control character")
    return unicodedata.normalize("NFC", value)


def _name(value: str) -> str:
    """A name of a person or an enterprise: letters of any script incl. rare ideographs, but no symbols and emoji."""
    if _PLAIN_NAME.fullmatch(value):
        return value
    value = _clean(value)
    if any(unicodedata.category(c) in ("So", "Cn", "Co") or c in "\n\t" for c in value):
        raise PydanticCustomError("symbol_in_name", "symbol in a name")
    return value


def _text_only(value: Any) -> Any:
    """Days and times arrive as text; a bare number would pass for seconds since 1970."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "must be text")
    return value


def _one_of(section: str) -> AfterValidator:
    """A code of that section of the vocabulary, also by its label or an alias."""

    def check(value: str) -> str:
        code = canonical(section, value)
        if code is None:
            raise PydanticCustomError("unknown_code", "unknown code")
        return code

    return AfterValidator(check)


def _listed(section: str) -> Any:
    """The codes of that section, for the schema."""
    return Field(json_schema_extra={"enum": list(WORDS[section])})


ApplicantKind = Annotated[str, _one_of("applicant_kinds"), _listed("applicant_kinds")]
DocumentType = Annotated[str, _one_of("document_types"), _listed("document_types")]
PersonRole = Annotated[str, _one_of("person_roles"), _listed("person_roles")]
DeliveryMethod = Annotated[str, _one_of("delivery_methods"), _listed("delivery_methods")]
BounceCode = Annotated[str, _one_of("bounce_codes"), _listed("bounce_codes")]
Advice = Annotated[str, _one_of("advice"), _listed("advice")]
SpecialKind = Annotated[str, _one_of("special_procedures"), _listed("special_procedures")]
Relation = Annotated[str, _one_of("relations"), _listed("relations")]

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_clean)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_name)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True), AfterValidator(_clean)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._/-]+$")]
Count = Annotated[int, Field(ge=0, le=99)]
Days = Annotated[int, Field(ge=1, le=400)]
Day = Annotated[date, Field(strict=False), BeforeValidator(_text_only)]
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_text_only)]
Place = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True), AfterValidator(_clean)]


class Body(BaseModel):
    """Base of all bodies: unknown keys are errors, values are not coerced from other types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


# An application


class IdentityCheck(Body):
    """How and when identity was checked; images of faces are never stored."""

    method: Line
    at: Moment
    system: Line | None = None
    result: Line | None = None


class Applicant(Body):
    kind: ApplicantKind
    name: Name
    document_type: DocumentType
    document_number: Line
    phone: Line
    unified_code: Line | None = None


class Agent(Body):
    """代理人 with the document of authority."""

    name: Name
    document_type: DocumentType
    document_number: Line
    phone: Line | None = None
    scope: Prose | None = None
    valid_until: Line | None = None
    identity_check: IdentityCheck | None = None


class PaperTaken(Body):
    """A paper as received. ``taken_as``: a code such as original, copy, electronic or shared."""

    id: Code
    originals: Count = 0
    copies: Count = 0
    taken_as: Code | None = None
    deferred_until: Day | None = None


class PersonNamed(Body):
    """A person the law wants verified: legal representative, shareholder, agent …"""

    role: PersonRole
    name: Name
    document_type: DocumentType
    document_number: Line
    share: float | int | Line | None = None
    identity_check: IdentityCheck | None = None
    signature: Line | bool | dict[Code, Line | bool | None] | None = None


class Delivery(Body):
    """How the result shall reach the applicant; ``window`` is the office where it is collected."""

    method: DeliveryMethod = "window"
    window: Code | None = None
    address: Prose | None = None


class Surrendered(Body):
    """An old licence handed in, or not and why."""

    kind: Line
    copy_no: Count | Line | None = None
    received: bool
    reason: Prose | None = None


class ApplicationBody(Body):
    """What the window sends: ``POST /api/cases``."""

    matter: Code
    place: Place
    particulars: dict[Code, Line] = {}
    applicant: Applicant
    agent: Agent | None = None
    materials: Annotated[tuple[PaperTaken, ...], Field(max_length=100, strict=False)] = ()
    form: dict[Code, Prose | int | float | bool | None] = {}
    people: Annotated[tuple[PersonNamed, ...], Field(max_length=200, strict=False)] = ()
    identity_check: IdentityCheck
    delivery: Delivery = Delivery()
    surrendered: Annotated[tuple[Surrendered, ...], Field(max_length=20, strict=False)] = ()
    resubmits: Line | None = None
    ticket_no: Line | None = None
    consent: Literal[True]
    revision: int | None = None
    """The registry revision the client saw; 409 with the new routing card when it no longer holds."""
    window: Line | None = None


# Commands


class Remark(Body):
    """A command that needs nothing said; a reason or a note may be."""

    reason: Prose | None = None
    note: Prose | None = None


class WithReason(Body):
    reason: Prose


class Item(Body):
    """One thing that is missing or wrong; ``material`` is the id of a paper."""

    material: Code | None = None
    text: Prose


Items = Annotated[tuple[Item, ...], Field(min_length=1, max_length=100, strict=False)]


class ReturnAtWindow(Body):
    items: Annotated[tuple[Item, ...], Field(max_length=100, strict=False)] = ()
    reason: Prose | None = None


class Reroute(Body):
    place: Place | None = None
    particulars: dict[Code, Line] = {}
    office: Code | None = None
    reason: Prose


class Suggestion(Body):
    region: Code | None = None
    office: Code | None = None
    place: Place | None = None
    text: Prose | None = None


class Bounce(Body):
    code: BounceCode
    reason: Prose
    suggestion: Suggestion | None = None


class ReturnForResubmission(Body):
    items: Items


class RequestCorrection(Body):
    items: Items
    days: Days | None = None


class SupplyCorrection(Body):
    items: Annotated[tuple[Item, ...], Field(max_length=100, strict=False)] = ()
    materials: Annotated[tuple[PaperTaken, ...], Field(max_length=100, strict=False)] = ()
    note: Prose | None = None


class DeclineAcceptance(Body):
    reason: Prose
    basis: Prose | None = None
    authority: Line | None = None


class Assign(Body):
    to: Line
    reason: Prose


class Review(Body):
    opinion: Prose
    advice: Advice


class SiteCheck(Body):
    officers: Annotated[tuple[Line, ...], Field(min_length=1, max_length=10, strict=False)]
    result: Prose
    at: Moment | None = None


class StartSpecial(Body):
    kind: SpecialKind
    basis: Prose
    days: Days


class EndSpecial(Body):
    result: Prose | None = None


class Opinion(Body):
    opinion: Prose


class Refuse(Body):
    reasons: Prose
    basis: Prose
    remedies: Prose


class CopyMade(Body):
    kind: Line
    copy_no: Count | Line | None = None
    blank_no: Line | None = None


class MakeCertificate(Body):
    number: Line | None = None
    copies: Annotated[tuple[CopyMade, ...], Field(max_length=50, strict=False)] = ()


class HandOver(Body):
    collector: Name
    document_type: DocumentType
    document_number: Line
    relation: Relation


class Post(Body):
    carrier: Line
    tracking: Line
    address: Prose


class ReportPost(Body):
    outcome: Literal["delivered", "returned", "lost"]
    at: Moment | None = None
    note: Prose | None = None


class CorrectEntry(Body):
    path: Annotated[
        str, StringConstraints(min_length=1, max_length=200, pattern=r"^/?[A-Za-z0-9_]+([./][A-Za-z0-9_-]+)*$")
    ]
    value: Any
    evidence: Prose


class Note(Body):
    text: Prose


class SupplyDeferred(Body):
    material: Code


class Unmask(Body):
    reason: Prose


COMMAND_BODIES: dict[str, type[Body]] = {
    "forward": Remark,
    "recall": Remark,
    "return-at-window": ReturnAtWindow,
    "reroute": Reroute,
    "supply-correction": SupplyCorrection,
    "bounce": Bounce,
    "receive-at-home": Remark,
    "request-correction": RequestCorrection,
    "close-unsupplied": Remark,
    "return-for-resubmission": ReturnForResubmission,
    "accept": Remark,
    "decline-acceptance": DeclineAcceptance,
    "claim": Remark,
    "release": Remark,
    "assign": Assign,
    "review": Review,
    "send-back": WithReason,
    "record-site-check": SiteCheck,
    "start-special-procedure": StartSpecial,
    "end-special-procedure": EndSpecial,
    "request-extension": WithReason,
    "approve-extension": Remark,
    "decide-at-once": Opinion,
    "grant": Opinion,
    "refuse": Refuse,
    "terminate": WithReason,
    "make-certificate": MakeCertificate,
    "hand-over": HandOver,
    "post": Post,
    "report-post": ReportPost,
    "withdraw": Remark,
    "correct-entry": CorrectEntry,
    "supply-deferred": SupplyDeferred,
    "note": Note,
}
"""Command -> the body it takes."""

_MESSAGES: dict[str, Text] = {
    "missing": Text("必填，请补充", "Required: please give it"),
    "extra_forbidden": Text("没有这一项，请删去", "No such field: please leave it out"),
    "string_too_short": Text("不能为空", "Must not be empty"),
    "string_too_long": Text("内容过长，请缩短", "Too long: please shorten it"),
    "string_type": Text("应为文字", "Must be text"),
    "int_type": Text("应为整数", "Must be a whole number"),
    "bool_type": Text("应为 true 或 false", "Must be true or false"),
    "control_character": Text("含有不可用的控制字符，请删去", "Contains control characters: please remove them"),
    "symbol_in_name": Text("姓名或名称中不能有表情或符号", "A name cannot contain emoji or symbols"),
    "unknown_code": Text("没有这个代码，请从代码表中选", "Not a known code: choose one of the list"),
    "literal_error": Text("不是可选的值", "Not one of the admitted values"),
    "timezone_aware": Text("时间须带时区，如 +08:00", "The time needs an offset such as +08:00"),
}
_FALLBACK = Text("格式不正确，请核对", "Not in the expected form: please check")

B = TypeVar("B", bound=Body)


def read(model: type[B], raw: Any, prefix: str = "") -> B:
    """The body as a model. Raises InvalidInput naming every fault at once."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise InvalidInput(errors=faults_of(error, prefix)) from None


def faults_of(error: ValidationError, prefix: str = "") -> tuple[Fault, ...]:
    """Every fault with its path in dots, its code and a sentence in both languages."""
    faults = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        path = ".".join(str(part) for part in detail["loc"])
        code = detail["type"].replace("_", "-")
        faults.append(Fault(f"{prefix}{path}", code, _MESSAGES.get(detail["type"], _FALLBACK)))
    return tuple(faults)


def as_body(model: Body) -> dict[str, Any]:
    """JSON-ready values without what was not given."""
    body: dict[str, Any] = model.model_dump(mode="json", exclude_none=True)
    return body


def command_body(command: str, raw: Mapping[str, Any] | None) -> dict[str, Any]:
    """The validated body of a command. Raises InvalidInput."""
    return as_body(read(COMMAND_BODIES[command], {} if raw is None else raw))

"""What all bodies are made of: strict models, cleaned text, codes of the vocabulary; and faults in two languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, LiteralString, TypeVar

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

from catalogue.domain.days import is_day, is_moment
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS, canonical
from catalogue.service.bodies.plain import plain_reader

_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters other than tab and newline, and halves of surrogate pairs."""

_PLAIN_NAME = re.compile(r"[0-9A-Za-z\u4e00-\u9fff（）()·. -]+")
"""What most names are made of; others are looked at character by character."""


def _clean(value: str) -> str:
    """NFC, without control characters and unpaired surrogates, which no form and no database takes."""
    if value.isascii() and value.isprintable():
        return value
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


def _written(fits: Callable[[str], bool], fault: LiteralString) -> BeforeValidator:
    """Days and times arrive as text in one form: a number, in quotes or not, would pass for seconds since 1970."""

    def check(value: Any) -> Any:
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "must be text")
        if not fits(value):
            raise PydanticCustomError(fault, "not as it is written")
        return value

    return BeforeValidator(check)


def _agreed(value: Any) -> Any:
    """``true`` and nothing that merely counts as it: a 1 is no consent."""
    if value is not True:
        raise PydanticCustomError("literal_error", "must be true")
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
Result = Annotated[str, _one_of("results"), _listed("results")]
SpecialKind = Annotated[str, _one_of("special_procedures"), _listed("special_procedures")]
ClaimOutcome = Annotated[str, _one_of("claim_outcomes"), _listed("claim_outcomes")]
PrintOutcome = Annotated[str, _one_of("print_outcomes"), _listed("print_outcomes")]
Penalty = Annotated[str, _one_of("penalties"), _listed("penalties")]
ServiceMethod = Annotated[str, _one_of("service_methods"), _listed("service_methods")]
Satisfaction = Annotated[str, _one_of("satisfaction"), _listed("satisfaction")]
RatingReason = Annotated[str, _one_of("rating_reasons"), _listed("rating_reasons")]
RatingChannel = Annotated[str, _one_of("rating_channels"), _listed("rating_channels")]
Relation = Annotated[str, _one_of("relations"), _listed("relations")]

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_clean)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_name)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True), AfterValidator(_clean)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._/-]+$")]
Signature = Annotated[str, StringConstraints(max_length=60_000, pattern=r"^[MLml0-9 .,-]+$")]
"""Strokes of a signature: the path data of an SVG, moves and lines only."""
Count = Annotated[int, Field(ge=0, le=99)]
Days = Annotated[int, Field(ge=1, le=400)]
Day = Annotated[date, Field(strict=False), _written(is_day, "not_a_day")]
Moment = Annotated[AwareDatetime, Field(strict=False), _written(is_moment, "not_a_moment")]
Consent = Annotated[Literal[True], BeforeValidator(_agreed)]
Place = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True), AfterValidator(_clean)]


class Body(BaseModel):
    """Base of all bodies: unknown keys are errors, values are not coerced from other types."""

    # Each is put together when the first such body comes: a process starts without the sixty of them.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


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
    "not_a_day": Text("日期写作 2026-12-01", "A day is written 2026-12-01"),
    "not_a_moment": Text("时间写作 2026-12-01T09:00:00+08:00", "A time is written 2026-12-01T09:00:00+08:00"),
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
    """Every field at fault once, with its path in dots, a code and a sentence in both languages.

    Where a field may hold one of several types, Pydantic tells of each branch; what was sent is a value of one field,
    so the first branch speaks, or the one that got as far as looking at the value.
    """
    found: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        path = ".".join(_steps(detail["loc"]))
        if path not in found or (found[path] in _OTHER_TYPE and detail["type"] not in _OTHER_TYPE):
            found[path] = detail["type"]
    return tuple(
        Fault(f"{prefix}{path}", code.replace("_", "-"), _MESSAGES.get(code, _FALLBACK)) for path, code in found.items()
    )


_OTHER_TYPE = frozenset({"string_type", "int_type", "float_type", "bool_type", "dict_type", "model_type", "tuple_type"})
"""That the value is of another type than a branch takes."""

_BRANCHES = frozenset({"str", "int", "float", "bool", "constrained-str", "constrained-int"})
"""What Pydantic calls the branches of several types; those of more parts have brackets, such as ``dict[…]``."""


def _steps(place: tuple[int | str, ...]) -> list[str]:
    """The steps of a path as it leads through what was sent, without the branches of the types."""
    steps = [str(part) for part in place]
    if len(steps) > 1 and steps[-1] in _BRANCHES:
        steps.pop()
    return [step for step in steps if not step.endswith("]")]


def body_of(model: type[Body], raw: Any) -> dict[str, Any]:
    """The body as JSON-ready values without what was not given. Raises InvalidInput naming every fault at once."""
    reader = plain_reader(model)
    if reader is not None:
        try:
            return reader(raw)
        except ValidationError:
            # The model says what is wrong, if anything is.
            pass
    body: dict[str, Any] = read(model, raw).model_dump(mode="json", exclude_none=True)
    return body

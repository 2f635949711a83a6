"""Bodies on their short way: it gives what their models give, and says what they say."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_serializer, model_validator

from catalogue.domain.problems import Fault, InvalidInput
from catalogue.service.bodies import COMMAND_BODIES, ApplicationBody, Body, RateBody, Unmask, body_of, read
from catalogue.service.bodies.plain import plain_reader

MODELS: list[type[Body]] = [RateBody, Unmask, *COMMAND_BODIES.values()]

ODD = (
    st.none()
    | st.booleans()
    | st.integers(-2, 500)
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(
        ("😀", " 䶮 ", "e\u0301", "a\x00", "\ud800", "", "1", "2026-02-30", "x" * 4001, [], {}, [None], {"x": 1})
    )
)
"""What may come in the place of anything."""


def sent(schema: dict[str, Any], models: dict[str, Any], odd: st.SearchStrategy[Any] | None) -> st.SearchStrategy[Any]:
    """Values of a JSON schema, with what is ``odd`` in between."""
    usual: st.SearchStrategy[Any]
    match schema:
        case {"$ref": name}:
            return sent(models[name.rsplit("/", 1)[1]], models, odd)
        case {"anyOf": branches}:
            usual = st.one_of(
                [sent(one, models, odd) for one in branches if odd is not None or one != {"type": "null"}]
            )
        case {"type": "object", "properties": fields}:
            parts = {name: sent(one, models, odd) for name, one in fields.items()}
            required = {name: parts.pop(name) for name in schema.get("required", ())}
            usual = st.fixed_dictionaries(required, optional=parts)
        case {"type": "object"}:
            (values,) = schema.get("patternProperties", {"": schema.get("additionalProperties")}).values()
            usual = st.dictionaries(st.sampled_from(("a", "b-c", "1")), sent(values, models, odd), max_size=2)
        case {"type": "array", "items": items}:
            usual = st.lists(sent(items, models, odd), min_size=schema.get("minItems", 0), max_size=2)
        case _:
            usual = leaf(schema)
    return usual if odd is None else st.one_of(usual, usual, usual, usual, odd)


def leaf(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that hold no others."""
    match schema:
        case {"enum": values}:
            return st.sampled_from(values)
        case {"const": value}:
            return st.just(value)
        case {"type": "integer"}:
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 9))
        case {"type": "number"}:
            return st.floats(allow_nan=False, allow_infinity=False)
        case {"type": "boolean"}:
            return st.booleans()
        case {"format": "date"}:
            return st.dates().map(lambda one: one.isoformat())
        case {"format": "date-time"}:
            return st.sampled_from(
                ("2026-12-01T09:00:00+08:00", "2026-12-01T09:00:00.123456Z", "1999-01-01T00:00:00-00:30")
            )
        case {"type": "string"}:
            return st.sampled_from(("1", "2") if "pattern" in schema else ("1", "a", "景洪"))
    return ODD


@cache
def bodies(model: type[BaseModel], odd: st.SearchStrategy[Any] | None) -> st.SearchStrategy[Any]:
    schema = model.model_json_schema()
    return sent(schema, schema.get("$defs", {}), odd)


def by_the_model(model: type[Body], raw: Any) -> dict[str, Any]:
    return read(model, raw).model_dump(mode="json", exclude_none=True)


def outcome(
    reading: Callable[[type[Body], Any], dict[str, Any]], model: type[Body], raw: Any
) -> str | tuple[Fault, ...]:
    """What reading gives to the letter, or the faults it tells of."""
    try:
        return repr(reading(model, raw))
    except InvalidInput as problem:
        return problem.errors


@given(st.data(), st.just(ApplicationBody) | st.sampled_from(MODELS))
@settings(max_examples=400)
def test_every_body_gives_what_its_model_gives(data: st.DataObject, model: type[Body]) -> None:
    raw = data.draw(bodies(model, ODD))
    before = deepcopy(raw)
    assert outcome(body_of, model, raw) == outcome(by_the_model, model, raw)
    assert repr(raw) == repr(before)


@given(bodies(ApplicationBody, None))
def test_an_application_without_faults_takes_the_short_way(raw: Any) -> None:
    reader = plain_reader(ApplicationBody)
    assert reader is not None
    assert repr(reader(raw)) == repr(by_the_model(ApplicationBody, raw))


def test_what_a_default_fills_in_is_nobody_elses() -> None:
    class Filled(Body):
        particulars: dict[str, str] = Field(default_factory=dict)

    body_of(Filled, {})["particulars"]["a"] = "b"
    assert body_of(Filled, {}) == {"particulars": {}}


class Aliased(Body):
    name: str = Field(validation_alias=AliasChoices("name", "label"))


class Checked(Body):
    name: str

    @model_validator(mode="after")
    def whole(self) -> Checked:
        return self


class Written(Body):
    name: str

    @field_serializer("name")
    def loud(self, value: str) -> str:
        return value.upper()


class Open(Body):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int]


class Within(Body):
    inner: Within | None = None


@pytest.mark.parametrize("model", [Aliased, Checked, Written, Open, Within], ids=lambda model: model.__name__)
def test_a_model_that_does_more_than_hold_fields_is_left_to_itself(model: type[Body]) -> None:
    assert plain_reader(model) is None

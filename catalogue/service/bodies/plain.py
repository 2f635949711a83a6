"""The short way for a usual body: from what was sent to JSON-ready values, without models between.

Pydantic's schema of a model is turned into one of dictionaries. That one takes a part of what the model takes, and
gives the same for it; whatever it does not take is left to the model, which knows what to say. Measured: a fortieth of
a submission.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache, partial
from typing import Any, cast

from pydantic import BaseModel
from pydantic_core import SchemaSerializer, SchemaValidator

Schema = dict[str, Any]
Models = dict[str, Schema]

_SCALARS = frozenset({"str", "int", "float", "bool", "literal"})
_ANY = SchemaSerializer({"type": "any"})


class _NotPlain(Exception):
    """This schema has something that dictionaries might take otherwise."""


@cache
def plain_reader(model: type[BaseModel]) -> Callable[[Any], dict[str, Any]] | None:
    """What reads the usual bodies of that model and raises pydantic's ValidationError for any other; None where the
    schema of the model has no plain form."""
    model.model_rebuild()
    try:
        schema = _plain(cast(Schema, model.__pydantic_core_schema__), {})
    except _NotPlain:
        return None
    return SchemaValidator(cast(Any, schema)).validate_python


def _plain(schema: Schema, models: Models) -> Schema:
    """The schema that gives what the model's own would give once dumped without None, or refuses."""
    known, make = _KINDS.get(schema["type"], ("", None))
    _only(schema, known)
    return schema if make is None else make(schema, models)


def _only(schema: Schema, known: str) -> None:
    """Refuse what might give another value in a model than here."""
    if not known or schema.keys() - {"type", "metadata", *known.split()}:
        raise _NotPlain


def _all_models(schema: Schema, models: Models) -> Schema:
    return _plain(schema["schema"], {one["ref"]: one for one in schema["definitions"]})


def _named_model(schema: Schema, models: Models) -> Schema:
    # Known no longer inside itself: that would have no end.
    rest = dict(models)
    return _plain(rest.pop(schema["schema_ref"], {"type": "itself"}), rest)


def _model(schema: Schema, models: Models) -> Schema:
    fields = schema["schema"]
    if schema["custom_init"] or schema["root_model"] or fields["type"] != "model-fields":
        raise _NotPlain
    _only(fields, "computed_fields fields model_name")
    if fields["computed_fields"]:
        raise _NotPlain
    made = {name: _field(field, models) for name, field in fields["fields"].items()}
    return {"type": "typed-dict", "fields": made, "config": schema["config"]}


def _field(field: Schema, models: Models) -> Schema:
    _only(field, "schema")
    inner = field["schema"]
    if inner["type"] != "default":
        return {"type": "typed-dict-field", "schema": _plain(inner, models), "required": True}
    _only(inner, "schema default default_factory default_factory_takes_data")
    schema = _plain(inner["schema"], models)
    if inner.get("default_factory_takes_data"):
        raise _NotPlain
    filled = inner["default"] if "default" in inner else inner["default_factory"]()
    # What was not given and has no value of its own is left out.
    if filled is not None:
        schema = {"type": "default", "schema": schema, "default_factory": partial(deepcopy, _dumped(filled))}
    return {"type": "typed-dict-field", "schema": schema, "required": False}


def _given(schema: Schema, models: Models) -> Schema:
    """Null is for the model: it means what was not given."""
    return _plain(schema["schema"], models)


def _list(schema: Schema, models: Models) -> Schema:
    if schema.get("variadic_item_index") != 0 or len(schema["items_schema"]) != 1:
        raise _NotPlain
    made: Schema = {"type": "list", "items_schema": _plain(schema["items_schema"][0], models), "strict": True}
    return made | {bound: schema[bound] for bound in ("min_length", "max_length") if bound in schema}


def _dict(schema: Schema, models: Models) -> Schema:
    return {**schema, **{part: _plain(schema[part], models) for part in ("keys_schema", "values_schema")}}


def _union(schema: Schema, models: Models) -> Schema:
    """Of kinds that have no value in common: what one of them leaves to the model no other takes."""
    choices = [_plain(one, models) for one in schema["choices"]]
    if {_innermost(one) for one in choices} - {*_SCALARS, "dict"}:
        raise _NotPlain
    return {**schema, "choices": choices}


def _checked(schema: Schema, models: Models) -> Schema:
    """A function of ours around a value that is the same here and in the model."""
    if _innermost(schema) in _SCALARS:
        return {**schema, "schema": _plain(schema["schema"], models)}
    if schema["type"] == "function-before" and schema["schema"]["type"] in ("date", "datetime"):
        return _written(schema, models)
    raise _NotPlain


def _written(schema: Schema, models: Models) -> Schema:
    """A day or a moment as the text that its model is dumped with."""
    return {"type": "function-after", "schema": schema, "function": {"type": "no-info", "function": _dumped}}


def _dumped(value: Any) -> Any:
    return _ANY.to_python(value, mode="json", exclude_none=True)


def _innermost(schema: Schema) -> str:
    while schema["type"].startswith("function-"):
        schema = schema["schema"]
    return str(schema["type"])


_KINDS: dict[str, tuple[str, Callable[[Schema, Models], Schema] | None]] = {
    "definitions": ("schema definitions", _all_models),
    "definition-ref": ("schema_ref", _named_model),
    "model": ("cls config custom_init ref root_model schema", _model),
    "nullable": ("schema", _given),
    "tuple": ("items_schema max_length min_length strict variadic_item_index", _list),
    "dict": ("keys_schema values_schema strict", _dict),
    "union": ("choices", _union),
    "function-after": ("function schema", _checked),
    "function-before": ("function schema", _checked),
    "date": ("strict", _written),
    "datetime": ("strict microseconds_precision tz_constraint", _written),
    "float": ("strict", None),
    "str": ("max_length min_length pattern strip_whitespace strict", None),
    "int": ("ge le strict", None),
    "bool": ("strict", None),
    "literal": ("expected", None),
}
"""Kind -> what may stand in a schema of it, and what makes its plain form; None where it is that already."""

"""The registry compiled to JSON: the quick way to load a published revision, many times faster than its YAML.

It is derived from the YAML text and never published in its place: the text is what is read, compared and signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec

from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.pausing import collector_paused
from catalogue.domain.registry.sm3 import sm3

_GIVEN = tuple(part.name for part in fields(Registry) if part.init)


@cache
def _parts() -> tuple[type[msgspec.Struct], dict[str, Any]]:
    """What a registry is made of, without the look-ups it builds itself: as one type, and the type of each."""
    hints = get_type_hints(Registry)
    return msgspec.defstruct("_Parts", [(name, hints[name]) for name in _GIVEN]), hints


def _shape(hint: Any, seen: frozenset[Any] = frozenset()) -> str:
    """The shape of a type in words: names and types of all that it is made of."""
    if hint in seen:
        return str(hint)
    parts = "".join(_shape(part, seen) for part in get_args(hint))
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        seen |= {hint}
        parts += "".join(f"{part.name}:{_shape(hints[part.name], seen)};" for part in fields(hint) if part.init)
    return f"{hint}({parts})"


@cache
def shape_mark() -> str:
    """Tells this shape of a registry from that of other releases, whose compiled form is not read."""
    _, hints = _parts()
    return sm3("".join(f"{name}:{_shape(hints[name])};" for name in _GIVEN).encode())[:16]


def as_plain(value: Any) -> Any:
    """Any value of the registry as dicts, lists and scalars of JSON; days are ISO dates."""
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=_mapping))


def compile_registry(registry: Registry) -> bytes:
    """The registry as JSON; ``load_compiled`` gives an equal value back."""
    return msgspec.json.encode({name: getattr(registry, name) for name in _GIVEN}, enc_hook=_mapping)


def load_compiled(data: bytes) -> Registry:
    """The registry of ``compile_registry``. Raises ValueError where the JSON is not of that shape."""
    with collector_paused():
        parts = msgspec.json.decode(data, type=_parts()[0])
        return Registry(**{name: getattr(parts, name) for name in _GIVEN})


def _mapping(value: Any) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(f"no plain form of {type(value).__name__}")

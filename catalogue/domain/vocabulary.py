"""The fixed words of the system with their labels, read once from ``vocabulary.json`` beside this module.

States, queues, roles, event types and the others, in Chinese and English. API, pages and documents take their labels
from there and from nowhere else. ``aliases`` are other names under which machines send a code; answers always carry the
code. JSON, because every process reads it at its start: as YAML it took a fiftieth of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from catalogue.domain.text import Text


def _plain(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")


def _read() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    document: dict[str, dict[str, dict[str, Any]]] = msgspec.json.decode(
        Path(__file__).with_name("vocabulary.json").read_bytes()
    )
    return MappingProxyType(document)


_DOCUMENT = _read()

WORDS: Mapping[str, Mapping[str, Text]] = MappingProxyType(
    {
        section: MappingProxyType({code: Text(entry["zh"], entry["en"]) for code, entry in entries.items()})
        for section, entries in _DOCUMENT.items()
    }
)
"""Section -> code -> label."""

STOPPING_PROCEDURES = frozenset(code for code, entry in _DOCUMENT["special_procedures"].items() if entry["stops"])
"""Kinds of special procedure that stop the clock (行政许可法 §45); a site check is not one."""

NATURES: Mapping[str, str] = MappingProxyType(
    {code: str(entry["nature"]) for code, entry in _DOCUMENT["documents"].items() if "nature" in entry}
)
"""Kind of document -> the nature 性质 that its number 文号 bears. A city whose numbers use other words writes them into
the form of its own rule (``numbers`` of the registry, limited to that kind)."""


def _names(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return (entry["zh"], entry["en"], *entry.get("aliases", ()))


_CODES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        section: {
            **{_plain(name): code for code, entry in entries.items() for name in _names(entry)},
            **{_plain(code): code for code in entries},
        }
        for section, entries in _DOCUMENT.items()
    }
)


def canonical(section: str, name: str) -> str | None:
    """The code meant by a code, a label in either language or an alias; None where it is none of them."""
    codes = _CODES[section]
    return codes.get(name) or codes.get(_plain(name))


def label(section: str, code: str) -> Text:
    """The label of a code; an unknown code labels itself rather than hiding."""
    return WORDS[section].get(code) or Text(code, code)

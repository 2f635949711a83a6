"""Every field that the registry can hold has words in both languages when it changes; no change is without words."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from catalogue.domain.registry import model
from catalogue.domain.registry.build import build_registry
from catalogue.domain.registry.diff import difference
from catalogue.domain.registry.schema import (
    BASIS,
    CONDITION,
    DOCUMENT,
    FACTS,
    PROVENANCE,
    Keyed,
    Kind,
    Many,
    Plain,
    Shape,
)
from catalogue.domain.registry.words import FIELDS

Path = tuple[str | int, ...]
WORD = re.compile(r"[一-鿿]")


def value(kind: Kind, key: str, n: int) -> Any:
    """A value of a shape with everything in it, another one for each ``n``."""
    if kind is BASIS:
        return f"{('official', 'assumed')[n]} S{n} — 说明{n}"
    if kind is CONDITION:
        return {"size": [("small", "large")[n]]}
    if kind is PROVENANCE:
        return {fact: value(BASIS, fact, n) for fact in FACTS}
    if isinstance(kind, Shape):
        return {name: value(entry.kind, name, n) for name, entry in kind.entries.items()}
    if isinstance(kind, Many):
        return [value(kind.item, key, n)]
    if isinstance(kind, Keyed):
        return {KEYS.get(key, "S0"): value(kind.value, key, n)}
    return plain(kind, key, n)


KEYS = {"overlays": "one", "sources": "S0"}


def plain(kind: Plain, key: str, n: int) -> Any:
    """A single value; the names that tell items apart are the same for every ``n``."""
    if kind.of == "count":
        return 3 + n
    if kind.of == "switch":
        return bool(n)
    if kind.of == "day":
        return date(2026, 1, 1 + n)
    if kind.values:
        return kind.values[n]
    if key in ("id", "law", "family", "key", "category"):
        return "one"
    if key == "value":
        return ("small", "large")[n]
    return f"{'文' if key == 'zh' else 'w'}{key.replace('_', '')}{n}"


def document(n: int = 0) -> dict[str, Any]:
    """A registry in which every field there is stands, particulars with two choices included."""
    whole = {section: value(entry.kind, section, n) for section, entry in DOCUMENT.entries.items()}
    for block in (*whole["matters"], *whole["families"]):
        block["particulars"][0]["key"] = "size"
        block["particulars"][0]["choices"] = [
            {"value": code, "zh": f"选{code}", "en": code} for code in ("small", "large")
        ]
    return whole


IDENTITY = ("id", "key", "value", "law", "family")


def leaves(block: Any, path: Path = ()) -> Iterator[Path]:
    """Every single value; names of items and the choices of particulars aside, which references need."""
    if isinstance(block, Mapping):
        for name, inner in block.items():
            if name not in IDENTITY and not (name == "category" and path[0] != "categories") and name != "particulars":
                yield from leaves(inner, (*path, name))
    elif isinstance(block, list) and block and not isinstance(block[0], Mapping):
        yield path
    elif isinstance(block, list):
        for position, inner in enumerate(block):
            yield from leaves(inner, (*path, position))
    else:
        yield path


def at(block: Any, path: Path) -> Any:
    for step in path:
        block = block[step]
    return block


def put(block: Any, path: Path, new: Any) -> Any:
    changed = copy.deepcopy(block)
    at(changed, path[:-1])[path[-1]] = new
    return changed


FIRST, SECOND = document(0), document(1)
NAMES = {("province", "code"), *(("regions", 0, "jurisdictions", 0, key) for key in ("place", "matters"))}
"""What tells a part from others: another value there is another part, added in place of the one removed."""
PLACES = [path for path in leaves(FIRST) if path not in NAMES]


def nullable(path: Path) -> bool:
    kind: Any = DOCUMENT
    for step in path:
        kind = (
            kind.item if isinstance(kind, Many) else kind.value if isinstance(kind, Keyed) else kind.entries[step].kind
        )
    return isinstance(kind, Plain) and kind.nullable


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_a_changed_field_is_said_in_both_languages(path: Path) -> None:
    changes = difference(build_registry(FIRST, ""), build_registry(put(FIRST, path, at(SECOND, path)), ""))
    assert changes, "nothing is said of it"
    for change in changes:
        said = change.sentence
        assert "由" in said.zh or "新增" in said.zh
        before, _, after = said.zh.rpartition("改为")
        assert not before or before.rpartition("由")[2] != after, said.zh
        before, _, after = said.en.rpartition(" to ")
        assert not before or before.rpartition(" from ")[2] != after, said.en
        label = said.zh.partition("：")[2].partition("由")[0]
        assert WORD.search(label), f"the field has no name: {said.zh}"
        assert not re.search(r"[a-z]+_[a-z]+", said.en), f"a name of the file stands in {said.en}"


@pytest.mark.parametrize("path", [path for path in PLACES if nullable(path)], ids=lambda path: ".".join(map(str, path)))
def test_what_becomes_unknown_is_said_too(path: Path) -> None:
    (*_, change) = difference(build_registry(FIRST, ""), build_registry(put(FIRST, path, None), ""))
    assert change.sentence.zh.endswith(("未知", "无"))


def test_every_field_of_the_file_and_of_the_model_has_a_name() -> None:
    named = {"zh", "en", "size"}
    in_file = {str(step) for path in PLACES for step in path if isinstance(step, str)} - set(DOCUMENT.entries)
    in_model = {
        part.name
        for name in (
            "Matter",
            "Region",
            "Office",
            "Material",
            "Field",
            "Overlay",
            "Result",
            "LegalBasis",
            "Law",
            "Window",
        )
        for part in fields(getattr(model, name))
    }
    unnamed = {name for name in in_file | in_model if name not in FIELDS and name not in named}
    assert {name for name in unnamed if "." not in name and name not in ("one", "S0")} == set()


def test_another_order_of_the_matters_is_a_change() -> None:
    twice = copy.deepcopy(FIRST)
    twice["matters"].append({**copy.deepcopy(FIRST["matters"][0]), "id": "two"})
    turned = {**twice, "matters": twice["matters"][::-1]}
    (change,) = difference(build_registry(twice, ""), build_registry(turned, ""))
    assert (change.path, change.sentence.zh) == ("matters", "事项的排列顺序有变")

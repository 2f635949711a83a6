"""The shared lists of the registry: categories, families, laws and sources, which matters and cities refer to, and the
rules of numbers, which the city's own go before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.domain.registry.merging import read_basis
from catalogue.domain.registry.pieces import ITEMIZED, Pieces, names, read_piece, write_piece
from catalogue.domain.registry.schema import (
    CATEGORY,
    CATEGORY_ID,
    FAMILY,
    LAW,
    NAME,
    NUMBER_RULE,
    SOURCE,
    SOURCE_KEY,
    Shape,
)
from catalogue.domain.text import Text


@dataclass(frozen=True, slots=True)
class SharedList:
    """One list. ``pattern`` is the form of its ids; ``keyed`` where the id stands outside the item.

    ``inside`` the block that holds it where it is no part by itself; ``ordered`` where the first item that fits counts,
    so that a new one goes before the others.
    """

    section: str
    name: Text
    help: Text
    shape: Shape
    pattern: str
    keyed: bool = False
    inside: str = ""
    ordered: bool = False

    def path(self, id: str) -> str:
        """How findings name an item."""
        return ".".join(part for part in (self.inside, self.section, id) if part)


LISTS: dict[str, SharedList] = {
    one.section: one
    for one in (
        SharedList(
            "categories", Text("类别", "Categories"),
            Text("目录里事项归的类", "How the catalogue groups matters"), CATEGORY, CATEGORY_ID,
        ),
        SharedList(
            "families", Text("事项组", "Families"),
            Text("同类事项共同的内容，改一处，组内各事项都变", "What a group shares: a change reaches all"), FAMILY,
            CATEGORY_ID,
        ),
        SharedList(
            "laws", Text("法律", "Laws"),
            Text("设定依据引用的法律、法规、规章", "The laws and rules that matters rest on"), LAW, SOURCE_KEY,
        ),
        SharedList(
            "sources", Text("来源", "Sources"),
            Text("每项内容注明出处时引用的文件", "The documents that facts name as their source"), SOURCE, SOURCE_KEY,
            keyed=True,
        ),
        SharedList(
            "numbers", Text("编号规则", "Rules of numbers"),
            Text(
                "文号和证照编号的写法，第一条符合的算数，新增的排在最前；一市自己的规则在该市页面，先于这里",
                "How numbers are formed: the first that fits counts, a new one goes first; a city’s own, on its page, "
                "go before these",
            ),
            NUMBER_RULE, NAME, inside="registry", ordered=True,
        ),
    )
}  # fmt: skip


def items(pieces: Pieces, section: str) -> dict[str, dict[str, Any]]:
    """The items of a list by id, as plain values."""
    if section in ITEMIZED:
        found = {id: read_piece(f"{section}/{id}", pieces[f"{section}/{id}"])[0] for id in names(pieces, section)}
        return {id: value for id, value in found.items() if isinstance(value, dict)}
    piece = LISTS[section].inside or section
    value = read_piece(piece, pieces[piece])[0] if piece in pieces else None
    if LISTS[section].inside:
        value = (value or {}).get(section)
    if LISTS[section].keyed:
        return dict(value or {})
    return {item["id"]: item for item in value or ()}


def with_item(pieces: Pieces, section: str, id: str, value: Mapping[str, Any] | None) -> dict[str, str | None]:
    """The edits that put an item into its list, or take it out where ``value`` is None."""
    if section in ITEMIZED:
        name = f"{section}/{id}"
        return {name: None if value is None else write_piece(name, value, pieces.get(name))}
    held = items(pieces, section)
    if value is None:
        held.pop(id, None)
    elif LISTS[section].ordered and id not in held:
        held = {id: dict(value), **held}
    else:
        held[id] = dict(value)
    return _written(pieces, section, held)


def moved(pieces: Pieces, section: str, id: str, by: int) -> dict[str, str | None]:
    """The edits that move an item of a list so many places down (up where negative), as far as the list goes."""
    held = items(pieces, section)
    order = [one for one in held if one != id]
    place = min(max(list(held).index(id) + by, 0), len(order))
    order.insert(place, id)
    return _written(pieces, section, {one: held[one] for one in order})


def _written(pieces: Pieces, section: str, held: dict[str, dict[str, Any]]) -> dict[str, str | None]:
    whole = held if LISTS[section].keyed else list(held.values())
    if inside := LISTS[section].inside:
        block = {**read_piece(inside, pieces[inside])[0], section: whole}
        if not whole:
            del block[section]
        return {inside: write_piece(inside, block, pieces[inside])}
    return {section: write_piece(section, whole, pieces.get(section))}


def users(pieces: Pieces, section: str, id: str) -> list[str]:
    """The pieces that refer to an item, by which its removal is refused: ``matters/…``, ``families/…`` …"""
    found: list[str] = []
    if section not in _FIELD and section != "sources":
        return found
    word = re.compile(rf"(?<![A-Za-z0-9_-]){re.escape(id)}(?![A-Za-z0-9_-])")
    for name, text in pieces.items():
        if not name or name in (section, f"{section}/{id}") or not word.search(text):
            continue
        value = read_piece(name, text)[0]
        if any(_refers(section, id, key, held) for key, held in _values(value)):
            found.append(name)
    return found


def _values(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every single text of a value with the field it stands in; of provenance each basis."""
    if isinstance(value, Mapping):
        for inner, held in value.items():
            yield from _values(held, "provenance" if key == "provenance" else str(inner))
    elif isinstance(value, list):
        for held in value:
            yield from _values(held, key)
    elif isinstance(value, str):
        yield key, value


_FIELD = {"categories": "category", "families": "family", "laws": "law"}


def _refers(section: str, id: str, key: str, text: str) -> bool:
    if section != "sources":
        return key == _FIELD[section] and text == id
    basis = read_basis(text) if key == "provenance" else None
    return basis is not None and id in basis.sources

"""A registry text in pieces: each matter, family, region, law and section by itself, so that a draft keeps what it
changes and nothing else, and ten thousand matters are edited without reading ten thousand.

A piece is named ``matters/company-change`` or, where a section is one piece, ``categories``. Its text is the canonical
text of that item; ``join`` of all pieces is the whole file again, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from catalogue.domain.problems import InvalidRegistry
from catalogue.domain.registry.findings import Finding, Findings
from catalogue.domain.registry.schema import DOCUMENT, Kind, Many, Shape
from catalogue.domain.registry.source import read_nodes
from catalogue.domain.registry.structure import read_structure
from catalogue.domain.registry.writer import format_registry, item_text

HEADER = ""
ITEMIZED = ("regions", "laws", "families", "matters")
"""Sections whose items are pieces of their own."""
_TOP = re.compile(r"([a-z_]+):")
_ITEM = re.compile(r"  - (?:id: |\{id: )\"?([^\s\",}]+)")

Pieces = dict[str, str]
"""Name -> text, in the order of the file; the name ``""`` is the comment at the top."""


def split(text: str) -> Pieces:
    """The pieces of a canonical text. Of any other text ``join`` gives something else back, which tells them apart."""
    pieces: Pieces = {}
    section = HEADER
    name = HEADER
    held: list[str] = []
    waiting: list[str] = []
    """Comments and empty lines, which belong to the item after them."""

    def close() -> None:
        if held or name == HEADER:
            pieces[name] = "\n".join(held).rstrip("\n")
        held.clear()

    for line in text.split("\n"):
        top = _TOP.match(line)
        item = _ITEM.match(line) if section in ITEMIZED else None
        if top:
            close()
            section = name = top[1]
            if section in ITEMIZED:
                if line.rstrip().endswith("[]"):
                    held.append(line)
                waiting.clear()
                continue
            held.append(line)
        elif item and section in ITEMIZED:
            close()
            name = f"{section}/{item[1]}"
            held += [*waiting, line]
            waiting.clear()
        elif section in ITEMIZED and (line.startswith("  #") or not line):
            waiting.append(line)
            if not line:
                waiting.clear()
        else:
            held.append(line)
    close()
    return pieces


def join(pieces: Mapping[str, str]) -> str:
    """The whole text. Sections stand in the order of the shape, items in the order given."""
    parts = [pieces[HEADER]] if pieces.get(HEADER) else []
    by_section: dict[str, list[str]] = {}
    for name, text in pieces.items():
        section = name.partition("/")[0]
        if section and not (section in ITEMIZED and "/" not in name):
            by_section.setdefault(section, []).append(text)
    for section, entry in DOCUMENT.entries.items():
        items = by_section.get(section)
        if items and section in ITEMIZED:
            parts.append(f"{section}:\n" + "\n\n".join(items))
        elif items:
            parts.append(items[0])
        elif section in ITEMIZED and (entry.required or section in pieces):
            parts.append(f"{section}: []")
    return "\n\n".join(parts) + "\n"


def canonical_pieces(data: bytes, file: str, known: Mapping[str, str] | None = None) -> Pieces:
    """The pieces of an uploaded text; only those that are not ``known`` word for word are read and put into form.

    Raises InvalidRegistry with every finding where it cannot be read as YAML.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    found = split(text) if text else {}
    if known is not None and found and join(found) == text:
        strange = [name for name, piece in found.items() if name and known.get(name) != piece]
        if len(strange) < len(found) // 2:
            try:
                return {name: formed(name, piece, file) if name in strange else piece for name, piece in found.items()}
            except InvalidRegistry:
                # The whole file is read below, for findings with the lines of the file.
                pass
    return split(format_registry(data, file))


def formed(name: str, text: str, file: str) -> str:
    """The canonical text of one piece. Raises InvalidRegistry."""
    section = name.partition("/")[0]
    whole = f"{section}:\n{text}\n" if "/" in name else f"{text}\n"
    again = split(format_registry(whole.encode(), file))
    if list(again) != [HEADER, name]:
        raise InvalidRegistry(findings=())
    return again[name]


def kind_of(name: str) -> Kind:
    """The shape of a piece."""
    section, _, item = name.partition("/")
    kind = DOCUMENT.entries[section].kind
    return kind.item if item and isinstance(kind, Many) else kind


def read_piece(name: str, text: str, file: str = "") -> tuple[Any, tuple[Finding, ...]]:
    """The plain value of a piece and what is wrong with its form; the value is None where it cannot be read."""
    value, found = _read(name, text)
    return value, tuple(
        Finding(file or one.file, None if not file else one.line, one.path, one.code, one.message) for one in found
    )


@lru_cache(maxsize=32_768)
def _read(name: str, text: str) -> tuple[Any, tuple[Finding, ...]]:
    section, _, item = name.partition("/")
    whole = f"{section}:\n{text}\n" if item else f"{text}\n"
    _, root, found = read_nodes(whole.encode(), name)
    if root is None:
        return None, found
    findings = Findings(name, root)
    kind = DOCUMENT.entries[section].kind
    shape = Shape({section: DOCUMENT.entries[section]})
    document = read_structure(root, shape, (), findings)
    value = document.get(section)
    if item and isinstance(kind, Many):
        value = value[0] if isinstance(value, list) and len(value) == 1 else None
    return value, (*found, *findings.sorted())


def write_piece(name: str, value: Any, before: str | None = None) -> str:
    """The canonical text of a plain value; comments of the piece it replaces stand before it, so that none is lost."""
    section, _, item = name.partition("/")
    kind = kind_of(name)
    comments = [line.strip() for line in (before or "").split("\n") if line.lstrip().startswith("#")]
    if item:
        lines = [*(f"  {comment}" for comment in comments), item_text(value, kind, 2)]
        return "\n".join(lines)
    whole = item_text({section: value}, Shape({section: DOCUMENT.entries[section]}), 0, mapping=True)
    return "\n".join([*comments, whole])


def document_of(pieces: Mapping[str, str], only: Iterable[str] | None = None) -> dict[str, Any]:
    """The plain document of the pieces that can be read; with ``only`` just those of the names given."""
    document: dict[str, Any] = {section: [] for section in ITEMIZED if section != "families"}
    wanted = None if only is None else set(only)
    for name, text in pieces.items():
        section, _, item = name.partition("/")
        if not section or (section in ITEMIZED and not item) or (wanted is not None and name not in wanted):
            continue
        value, _ = _read(name, text)
        if value is None:
            continue
        if item:
            document.setdefault(section, []).append(value)
        else:
            document[section] = value
    return document


def names(pieces: Mapping[str, str], section: str) -> list[str]:
    """The ids of a section in order."""
    start = f"{section}/"
    return [name[len(start) :] for name in pieces if name.startswith(start)]


# --- changes of a text, piece by piece --------------------------------------------------------------------------------

ORDER = "order/"
"""A piece that holds the ids of a section in their order, where that is not the one of the base."""

Edits = Mapping[str, str | None]
"""Name of a piece -> its new text; None takes it out."""


def edited(base: Mapping[str, str], edits: Edits) -> Pieces:
    """The pieces of a text after those edits; what is new stands at the end of its section."""
    result = dict(base)
    for name, text in edits.items():
        if name.startswith(ORDER):
            continue
        if text is None:
            result.pop(name, None)
        else:
            result[name] = text
    for section in ITEMIZED:
        order = edits.get(f"{ORDER}{section}")
        if order is not None:
            wanted = [f"{section}/{id}" for id in order.split()]
            items = {name: result.pop(name) for name in list(result) if name.startswith(f"{section}/")}
            result |= {name: items[name] for name in wanted if name in items}
            result |= {name: text for name, text in items.items() if name not in result}
    return result


def edits_between(base: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str | None]:
    """The edits that make the new pieces out of the base."""
    edits: dict[str, str | None] = {name: text for name, text in new.items() if base.get(name) != text}
    edits |= {name: None for name in base if name not in new}
    for section in ITEMIZED:
        if names(edited(base, edits), section) != names(new, section):
            edits[f"{ORDER}{section}"] = "\n".join(names(new, section))
    return edits

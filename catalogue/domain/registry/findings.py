"""What is wrong in a registry file: where, under which stable code, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import yaml

from catalogue.domain.text import Text
from catalogue.domain.value import Value

Path = tuple[str | int, ...]
"""Keys and list positions from the root of the file."""


class Finding(Value, frozen=True):
    """One error of a file. ``line`` counts from 1; ``path`` reads ``matters.company-change.limits``."""

    file: str
    line: int | None
    path: str
    code: str
    message: Text

    def as_json(self) -> dict[str, Any]:
        """The shape of ``problems`` in ``catalogue registry check --json``."""
        return {
            "file": self.file,
            "line": self.line,
            "path": self.path,
            "code": self.code,
            "message": self.message.as_json(),
        }


IDENTITIES = ("id", "key", "value", "place", "law")
"""What an item of a list is called by, the first of these that it has."""


class Findings:
    """Collects findings of one file; places are looked up only when something is found.

    Without nodes a ``document`` of plain values names the places; they have no lines then.
    """

    def __init__(self, file: str, root: yaml.Node | None = None, document: Any = None) -> None:
        self.file = file
        self.root = root
        self.document = document
        self._found: list[Finding] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, path: Path, code: str, zh: str, en: str, *, line: int | None = None) -> None:
        """Record one finding at a path; the line is that of the path unless given."""
        where, shown = locate(self.root, path) if self.root is not None else (None, in_words(self.document, path))
        self._found.append(Finding(self.file, line or where, shown, code, Text(zh, en)))

    def sorted(self) -> tuple[Finding, ...]:
        """All findings in the order of the file."""
        return tuple(sorted(self._found, key=lambda finding: finding.line or 0))


def locate(root: yaml.Node | None, path: Path) -> tuple[int | None, str]:
    """The line of a path and the path in words: list items by their id where they have one."""
    node, shown, line = root, "", 1 if root else None
    for step in path:
        if isinstance(step, int):
            item = node.value[step] if isinstance(node, yaml.SequenceNode) and step < len(node.value) else None
            name = _identity(item) or (str(item.value) if isinstance(item, yaml.ScalarNode) else None)
            shown += f".{name}" if isinstance(item, yaml.MappingNode) and name else f"[{step}]"
            node = item
            line = item.start_mark.line + 1 if item is not None else line
        else:
            shown += f".{step}" if shown else step
            pair = _pair(node, step)
            node = pair[1] if pair else None
            line = pair[0].start_mark.line + 1 if pair else line
    return line, shown


def in_words(value: Any, path: Path) -> str:
    """A path through plain values in words, as ``locate`` says it."""
    shown = ""
    for step in path:
        if isinstance(step, int):
            item = value[step] if isinstance(value, list | tuple) and step < len(value) else None
            name = next((str(item[key]) for key in IDENTITIES if key in item), None) if isinstance(item, dict) else None
            name = name or (item if isinstance(item, str) else None)
            shown += f".{name}" if isinstance(item, dict) and name else f"[{step}]"
            value = item
        else:
            shown += f".{step}" if shown else step
            value = value.get(step) if isinstance(value, dict) else None
    return shown


def line_of(root: yaml.Node | None, shown: str) -> int | None:
    """The line of a path in words, as ``locate`` shows it; where only its beginning is there, the line of that."""
    node, line = root, None
    for step in shown.split("."):
        if isinstance(node, yaml.SequenceNode):
            node = next((item for item in node.value if _identity(item) == step), None)
            begin = node
        else:
            pair = _pair(node, step)
            begin, node = pair if pair else (None, None)
        if begin is None:
            break
        line = begin.start_mark.line + 1
    return line


def _pair(node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next(((k, v) for k, v in node.value if isinstance(k, yaml.ScalarNode) and k.value == key), None)


def _identity(node: yaml.Node | None) -> str | None:
    for key in IDENTITIES:
        pair = _pair(node, key)
        if pair and isinstance(pair[1], yaml.ScalarNode):
            return str(pair[1].value)
    return None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def meant(word: str, known: Sequence[str] | Mapping[str, Any], limit: int = 12) -> tuple[str, str]:
    """The tail of a message, zh and en: the nearest known word, else the choice where it is short."""
    close = nearest(word, known)
    if close:
        return f"，是否应为 {close}", f"; did you mean {close}?"
    if len(known) <= limit:
        return f"，可用：{'、'.join(known)}", f"; one of: {', '.join(known)}"
    return "", ""

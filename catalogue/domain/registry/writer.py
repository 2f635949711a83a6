"""The canonical form of ``matters.yaml``: one way to write each value, comments on lines of their own kept."""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from catalogue.domain.problems import InvalidRegistry
from catalogue.domain.registry.findings import Findings
from catalogue.domain.registry.schema import DOCUMENT, Keyed, Kind, Many, Plain, Shape
from catalogue.domain.registry.source import plain, read_nodes, tag

WIDTH = 120
"""Columns of a line; a Chinese character takes two."""
_STEP = 2
_INDICATORS = "-?:,[]{}#&*!|>'\"%@`"
_LOOKS_TYPED = re.compile(
    r"[-+.\d].*|~|null|true|false|yes|no|on|off|y|n|=|<<|\.(inf|nan)", re.IGNORECASE
)  # fmt: skip
_NUMERIC = re.compile(r"[-+]?[\d._:,eExXoOabcdefABCDEF+-]*\d?[\d._:,eExXoOabcdefABCDEF+-]*|\d{4}-\d.*")


def format_registry(data: bytes, file: str) -> str:
    """The text in canonical form; formatting it again changes nothing.

    Raises ``InvalidRegistry`` where the file cannot be read as YAML, holds a key twice or holds a comment that
    would be lost (beside a value or inside a list in brackets): such a comment belongs on a line of its own.
    """
    text, root, found = read_nodes(data, file)
    if root is None or found:
        raise InvalidRegistry(findings=found)
    findings = Findings(file, root)
    _refuse_duplicates(root, findings)
    comments = _Comments(text, root, findings)
    if findings:
        raise InvalidRegistry(findings=findings.sorted())
    writer = _Writer(comments)
    writer.document(root)
    return writer.text()


def item_text(value: Any, kind: Kind, indent: int, *, mapping: bool = False) -> str:
    """A plain value in canonical form, as an item of a list at that indent or as a mapping of its own."""
    writer = _Writer(_Comments("", _NOTHING, Findings("", None)))
    if mapping:
        writer.entries(as_node(value), kind, indent)
    else:
        writer.item(as_node(value), kind, indent)
    return writer.text().rstrip("\n")


def as_node(value: Any) -> yaml.Node:
    """A plain value (text, number, truth, day, None, list, mapping) as a node of YAML."""
    if isinstance(value, Mapping):
        return _placed(
            yaml.MappingNode("tag:yaml.org,2002:map", [(as_node(key), as_node(inner)) for key, inner in value.items()])
        )
    if isinstance(value, list | tuple):
        return _placed(yaml.SequenceNode("tag:yaml.org,2002:seq", [as_node(inner) for inner in value]))
    if value is None:
        return _placed(yaml.ScalarNode("tag:yaml.org,2002:null", "null"))
    if isinstance(value, bool):
        return _placed(yaml.ScalarNode("tag:yaml.org,2002:bool", "true" if value else "false"))
    if isinstance(value, int):
        return _placed(yaml.ScalarNode("tag:yaml.org,2002:int", str(value)))
    if isinstance(value, date):
        return _placed(yaml.ScalarNode("tag:yaml.org,2002:timestamp", value.isoformat()))
    return _placed(yaml.ScalarNode("tag:yaml.org,2002:str", str(value), style='"'))


def _placed(node: yaml.Node) -> yaml.Node:
    node.start_mark = node.end_mark = _HERE
    return node


_HERE = yaml.Mark("", 0, 0, 0, None, 0)
"""Where a node stands that was never in a file."""
_NOTHING = yaml.MappingNode("tag:yaml.org,2002:map", [])


def quoted(value: str, *, in_row: bool) -> str:
    """The scalar as it stands in the file: plain where YAML 1.1 and 1.2 both read it as this text."""
    return value if _plain_is_safe(value, in_row) else _double_quoted(value)


def _plain_is_safe(value: str, in_row: bool) -> bool:
    if not value or value != value.strip() or value[0] in _INDICATORS or value[-1] == ":":
        return False
    if ": " in value or " #" in value or (in_row and any(mark in value for mark in ",[]{}")):
        return False
    if in_row and ":" in value and re.search(r":(?=[\"'])", value):
        return False
    if _LOOKS_TYPED.fullmatch(value) and (value[0] not in "+-.0123456789" or _NUMERIC.fullmatch(value)):
        return False
    return all(_printable(character) for character in value)


def _printable(character: str) -> bool:
    code = ord(character)
    return 0x20 <= code < 0x7F or (
        0xA0 <= code <= 0xFFFD and code not in (0x2028, 0x2029, 0xFEFF) and not 0xD800 <= code <= 0xDFFF
    )


def _double_quoted(value: str) -> str:
    """JSON's escapes are YAML's; what YAML does not print is escaped, everything else stays readable."""
    parts = []
    for character in value:
        code = ord(character)
        if character in '"\\' or code < 0x20:
            parts.append(json.dumps(character)[1:-1])
        elif _printable(character):
            parts.append(character)
        else:
            parts.append(f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}")
    return f'"{"".join(parts)}"'


def width(text: str) -> int:
    """Columns a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _refuse_duplicates(root: yaml.Node, findings: Findings) -> None:
    if isinstance(root, yaml.SequenceNode):
        for child in root.value:
            _refuse_duplicates(child, findings)
    if not isinstance(root, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, child in root.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            findings.add((), "wrong-type", "键应为文字", "A key must be text", line=line)
            continue
        if key.value in seen:
            findings.add((), "duplicate-key", f"键 {key.value} 重复", f"The key {key.value} stands twice", line=line)
        seen.add(key.value)
        _refuse_duplicates(child, findings)


class _Comments:
    """Full-line comments by the block item they stand before."""

    def __init__(self, text: str, root: yaml.Node, findings: Findings) -> None:
        self._lines = text.splitlines()
        if "#" not in text:
            self._starts: list[int] = []
            self._before: dict[int, list[str]] = {}
            self.tail: list[str] = []
            return
        covered: dict[int, list[tuple[int, int]]] = {}
        starts: set[int] = set()
        self._survey(root, covered, starts, in_flow=False)
        self._starts = sorted(starts)
        self._before = {}
        self.tail = []
        inside = _flow_lines(root)
        for number, line in enumerate(self._lines):
            comment = self._comment(number, line, covered)
            if comment is None:
                continue
            if not line.lstrip().startswith("#") or number in inside:
                findings.add(
                    (), "comment-not-kept", "此注释无法保留，请移到该项上方单独一行",
                    "This comment cannot be kept here; move it to a line of its own above the item", line=number + 1,
                )  # fmt: skip
                continue
            position = bisect_left(self._starts, number)
            if position < len(self._starts):
                self._before.setdefault(self._starts[position], []).append(comment)
            else:
                self.tail.append(comment)

    def before(self, line: int) -> list[str]:
        """The comments that stand before the item beginning on this line, once."""
        return self._before.pop(line, [])

    def within(self, first: int, last: int) -> bool:
        """Whether a comment stands before an item that begins after ``first`` and not after ``last``."""
        return any(first < line <= last for line in self._before) if self._before else False

    def _survey(
        self, node: yaml.Node, covered: dict[int, list[tuple[int, int]]], starts: set[int], in_flow: bool
    ) -> None:
        if isinstance(node, yaml.ScalarNode):
            for line in range(node.start_mark.line, node.end_mark.line + 1):
                begin = node.start_mark.column if line == node.start_mark.line else 0
                end = node.end_mark.column if line == node.end_mark.line else 1 << 30
                if end > begin:
                    covered.setdefault(line, []).append((begin, end))
            return
        flow = in_flow or bool(getattr(node, "flow_style", False))
        for child in node.value:
            pair = child if isinstance(child, tuple) else (child,)
            if not flow:
                starts.add(pair[0].start_mark.line)
            for part in pair:
                self._survey(part, covered, starts, flow)

    @staticmethod
    def _comment(number: int, line: str, covered: dict[int, list[tuple[int, int]]]) -> str | None:
        if "#" not in line:
            return None
        spans = covered.get(number, [])
        for column, character in enumerate(line):
            if character == "#" and (column == 0 or line[column - 1] in " \t"):
                if any(begin <= column < end for begin, end in spans):
                    if _block_header(line, column, spans):
                        return line[column:].rstrip()
                    continue
                return line[column:].rstrip()
        return None


def _block_header(line: str, column: int, spans: list[tuple[int, int]]) -> bool:
    """``key: |  # remark``: the remark lies within the scalar's span but is a comment."""
    begin = max((first for first, last in spans if first <= column < last), default=-1)
    return begin >= 0 and bool(re.fullmatch(r"[|>][-+0-9]*[ \t]+", line[begin:column]))


def _flow_lines(node: yaml.Node) -> set[int]:
    """Lines strictly inside a collection in brackets, where a comment has no item to stand before."""
    lines: set[int] = set()
    if isinstance(node, yaml.ScalarNode):
        return lines
    if getattr(node, "flow_style", False):
        return set(range(node.start_mark.line + 1, node.end_mark.line + 1))
    for child in node.value:
        for part in child if isinstance(child, tuple) else (child,):
            lines |= _flow_lines(part)
    return lines


class _Writer:
    def __init__(self, comments: _Comments) -> None:
        self._comments = comments
        self._out: list[str] = []

    def text(self) -> str:
        return "\n".join(self._out) + "\n"

    def item(self, node: yaml.Node, kind: Kind, indent: int) -> None:
        """One item of a list."""
        self._item(node, kind, indent)

    def entries(self, node: yaml.Node, kind: Kind, indent: int) -> None:
        """A mapping whose sections stand at that indent."""
        for key, value in _ordered(node, kind):  # type: ignore[arg-type]
            self._entry(str(key.value), value, _child_kind(kind, str(key.value)), indent, spaced=True)

    def document(self, root: yaml.MappingNode) -> None:
        """Top-level sections with an empty line between; the comment at the top is the file's header."""
        first = min((key.start_mark.line for key, _ in root.value), default=0)
        header = self._comments.before(first)
        if header:
            self._out += [*header, ""]
        for number, (key, value) in enumerate(_ordered(root, DOCUMENT)):
            if number:
                self._out.append("")
            self._remark(key, 0)
            self._entry(str(key.value), value, _child_kind(DOCUMENT, str(key.value)), 0, spaced=True)
        if self._comments.tail:
            self._out += ["", *self._comments.tail]

    def _remark(self, node: yaml.Node, indent: int) -> None:
        self._out += [" " * indent + comment for comment in self._comments.before(node.start_mark.line)]

    def _entry(self, key: str, node: yaml.Node, kind: Kind | None, indent: int, *, spaced: bool = False) -> None:
        lead = " " * indent + quoted(key, in_row=False) + ":"
        if isinstance(node, yaml.ScalarNode):
            self._scalar(lead, node, indent)
        elif (row := self._row(node, kind, width(lead) + 1)) is not None:
            self._out.append(f"{lead} {row}")
        else:
            self._out.append(lead)
            self._block(node, kind, indent + _STEP, spaced=spaced)

    def _block(self, node: yaml.Node, kind: Kind | None, indent: int, *, spaced: bool = False) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in _ordered(node, kind):
                self._remark(key, indent)
                self._entry(str(key.value), value, _child_kind(kind, str(key.value)), indent)
            return
        item_kind = kind.item if isinstance(kind, Many) else None
        separated = spaced and isinstance(item_kind, Shape) and not item_kind.row
        for number, item in enumerate(node.value):
            if separated and number:
                self._out.append("")
            self._remark(item, indent)
            self._item(item, item_kind, indent)

    def _item(self, item: yaml.Node, kind: Kind | None, indent: int) -> None:
        lead = " " * indent + "-"
        if isinstance(item, yaml.ScalarNode):
            self._scalar(lead, item, indent)
            return
        row = self._row(item, kind, width(lead) + 1)
        if row is not None:
            self._out.append(f"{lead} {row}")
            return
        start = len(self._out)
        if isinstance(item, yaml.MappingNode):
            first = _ordered(item, kind)[0][0]
            held = self._comments.before(first.start_mark.line)
            self._out += [" " * indent + comment for comment in held]
            start = len(self._out)
        self._block(item, kind, indent + _STEP)
        self._out[start] = lead + self._out[start][indent + 1 :]

    def _scalar(self, lead: str, node: yaml.ScalarNode, indent: int) -> None:
        value = _scalar(node, in_row=False)
        text = str(node.value)
        if (width(lead) + 1 + width(value) > WIDTH and value[0] not in '"') or _long_quoted(lead, value):
            lines = _folded(text, WIDTH - indent - _STEP)
            if lines and (not plain(node) or tag(node) == "str"):
                self._out.append(f"{lead} >-")
                self._out += [" " * (indent + _STEP) + line for line in lines]
                return
        self._out.append(f"{lead} {value}")

    def _row(self, node: yaml.Node, kind: Kind | None, used: int) -> str | None:
        """The collection on one line, or None where it is none or does not fit."""
        if not node.value:
            return "[]" if isinstance(node, yaml.SequenceNode) else "{}"
        if not _may_be_row(node, kind):
            return None
        last = max(part.end_mark.line for part in _parts(node))
        if self._comments.within(node.start_mark.line, last):
            return None
        text = _flow(node, kind)
        return text if used + width(text) <= WIDTH else None


def _long_quoted(lead: str, value: str) -> bool:
    return value[0] == '"' and "\\" not in value and width(lead) + 1 + width(value) > WIDTH


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    return [part for pair in node.value for part in pair]


def _may_be_row(node: yaml.Node, kind: Kind | None) -> bool:
    if isinstance(kind, Many) and isinstance(node, yaml.SequenceNode):
        return all(isinstance(item, yaml.ScalarNode) for item in node.value)
    return isinstance(kind, Shape | Keyed) and kind.row and isinstance(node, yaml.MappingNode)


def _flow(node: yaml.Node, kind: Kind | None) -> str:
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, in_row=True)
    if isinstance(node, yaml.SequenceNode):
        item = kind.item if isinstance(kind, Many) else None
        return "[" + ", ".join(_flow(child, item) for child in node.value) + "]"
    if not isinstance(node, yaml.MappingNode):
        return "{}"
    return "{" + ", ".join(
        f"{quoted(str(key.value), in_row=True)}: {_flow(value, _child_kind(kind, str(key.value)))}"
        for key, value in _ordered(node, kind)
    ) + "}"  # fmt: skip


def _scalar(node: yaml.ScalarNode, *, in_row: bool) -> str:
    if plain(node) and tag(node) != "str":
        return str(node.value) or "null"
    return quoted(str(node.value), in_row=in_row)


def _child_kind(kind: Kind | None, key: str) -> Kind | None:
    if isinstance(kind, Shape):
        entry = kind.entries.get(key)
        return entry.kind if entry else None
    return kind.value if isinstance(kind, Keyed) else None


def _ordered(node: yaml.MappingNode, kind: Kind | None) -> list[tuple[yaml.Node, yaml.Node]]:
    """The pairs in the order of the shape; keys it does not know stay last, as written."""
    if kind is None or isinstance(kind, Plain | Many):
        return list(node.value)
    order = {key: number for number, key in enumerate(kind.entries if isinstance(kind, Shape) else kind.order)}
    return sorted(node.value, key=lambda pair: order.get(str(pair[0].value), len(order)))


def _folded(text: str, room: int) -> list[str] | None:
    """The text in lines for ``>-``, broken at single spaces only; None where folding could change it."""
    if "\n" in text or "  " in text or "\t" in text or text != text.strip() or not all(map(_printable, text)):
        return None
    lines: list[str] = []
    for word in text.split(" "):
        if lines and width(lines[-1]) + 1 + width(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines if len(lines) > 1 else None

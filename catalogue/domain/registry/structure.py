"""From YAML nodes to plain values by the table of shapes, with every error of form."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any, Final

import yaml

from catalogue.domain.registry.findings import Findings, Path, meant
from catalogue.domain.registry.schema import Keyed, Kind, Many, Plain, Shape
from catalogue.domain.registry.source import plain, tag


class _Missing:
    """A value that could not be read; its error is already recorded."""


MISSING: Final = _Missing()
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Control characters other than tab and newline, marks without width and of direction: in a name or a code they make
two of what looks like one."""
_NUMBER = re.compile(r"0|-?[1-9]\d{0,8}")
_WORDS = {
    "int": ("数字", "a number"),
    "float": ("小数", "a decimal number"),
    "bool": ("是/否", "true or false"),
    "null": ("空值", "nothing"),
    "timestamp": ("日期", "a date"),
    "map": ("键值对", "a mapping"),
    "seq": ("列表", "a list"),
    "str": ("文字", "text"),
}
_EXPECTED = {
    "text": ("文字", "text"),
    "count": ("整数", "a whole number"),
    "switch": ("true 或 false", "true or false"),
    "day": ("YYYY-MM-DD 日期", "a date YYYY-MM-DD"),
}


@lru_cache(maxsize=64)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def read_structure(node: yaml.Node, kind: Kind, path: Path, findings: Findings) -> Any:
    """The plain value of a node, or ``MISSING`` where it could not be read; broken parts are left out."""
    if isinstance(kind, Plain):
        return _read_plain(node, kind, path, findings)
    if isinstance(kind, Many):
        return _read_many(node, kind, path, findings)
    return _read_mapping(node, kind, path, findings)


def _wrong_type(node: yaml.Node, expected: tuple[str, str], path: Path, findings: Findings) -> None:
    got = _WORDS.get(tag(node), (tag(node), tag(node)))
    findings.add(
        path, "wrong-type", f"此处应为{expected[0]}，现为{got[0]}", f"Expected {expected[1]} here, found {got[1]}",
        line=node.start_mark.line + 1,
    )  # fmt: skip


def _read_many(node: yaml.Node, kind: Many, path: Path, findings: Findings) -> Any:
    if not isinstance(node, yaml.SequenceNode):
        _wrong_type(node, ("列表", "a list"), path, findings)
        return MISSING
    if len(node.value) < kind.least:
        findings.add(
            path, "empty-list", "列表不能为空，请至少写一项", "The list must not be empty; give one item at least"
        )
    values: list[Any] = []
    seen: dict[str, int] = {}
    for position, child in enumerate(node.value):
        here = (*path, position)
        value = read_structure(child, kind.item, here, findings)
        values.append(value)
        name = value.get(kind.unique) if kind.unique and isinstance(value, dict) else None
        if isinstance(value, str) and not kind.unique:
            name = value
        if name is None:
            continue
        if name in seen:
            findings.add(
                here, "duplicate-id", f"{name} 已在第 {seen[name]} 行出现，请改名或删除一处",
                f"{name} already stands on line {seen[name]}; rename or remove one of the two",
            )  # fmt: skip
        else:
            seen[name] = child.start_mark.line + 1
    return values


def _read_mapping(node: yaml.Node, kind: Keyed | Shape, path: Path, findings: Findings) -> Any:
    if not isinstance(node, yaml.MappingNode):
        _wrong_type(node, ("键值对", "a mapping"), path, findings)
        return MISSING
    values: dict[str, Any] = {}
    seen: dict[str, int] = {}
    for key_node, child in node.value:
        key = _key(key_node, path, findings)
        if key is None:
            continue
        here = (*path, key)
        line = key_node.start_mark.line + 1
        if key in seen:
            findings.add(
                here, "duplicate-key", f"键 {key} 已在第 {seen[key]} 行出现，请删除一处",
                f"The key {key} already stands on line {seen[key]}; remove one of the two", line=line,
            )  # fmt: skip
            continue
        seen[key] = line
        child_kind = _kind_of(kind, key, here, line, findings)
        if child_kind is not None:
            value = read_structure(child, child_kind, here, findings)
            if value is not MISSING:
                values[key] = value
    if isinstance(kind, Shape):
        for key, entry in kind.entries.items():
            if entry.required and key not in seen:
                findings.add(path, "missing-key", f"缺少 {key}", f"{key} is missing", line=node.start_mark.line + 1)
    return values


def _key(node: yaml.Node, path: Path, findings: Findings) -> str | None:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.ScalarNode):
        findings.add(path, "wrong-type", "键应为文字", "A key must be text", line=line)
        return None
    if tag(node) == "merge":
        findings.add(
            path, "anchor", "不允许使用 << 合并，共同内容请写入 families",
            "The merge key << is not allowed; put what is shared into a family", line=line,
        )  # fmt: skip
        return None
    if tag(node) != "str":
        _trap(node, path, findings)
        return None
    return str(node.value)


def _kind_of(kind: Keyed | Shape, key: str, path: Path, line: int, findings: Findings) -> Kind | None:
    if isinstance(kind, Shape):
        if key in kind.entries:
            return kind.entries[key].kind
        zh, en = meant(key, kind.entries)
        findings.add(path, "unknown-key", f"没有 {key} 这个键{zh}", f"There is no key {key} here{en}", line=line)
        return None
    if not _pattern(kind.key).fullmatch(key):
        findings.add(
            path, "bad-form", f"键 {key} 的写法不符", f"The key {key} is not of the form {kind.key}", line=line
        )
        return None
    return kind.value


def _trap(node: yaml.ScalarNode, path: Path, findings: Findings) -> None:
    got = _WORDS.get(tag(node), (tag(node), tag(node)))
    findings.add(
        path, "yaml-trap", f"{node.value} 会被 YAML 读作{got[0]}，请加引号写成 \"{node.value}\"",
        f"YAML reads {node.value} as {got[1]}; put it in quotes: \"{node.value}\"", line=node.start_mark.line + 1,
    )  # fmt: skip


def _read_plain(node: yaml.Node, kind: Plain, path: Path, findings: Findings) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        _wrong_type(node, _EXPECTED[kind.of], path, findings)
        return MISSING
    if tag(node) == "null" and plain(node):
        return _read_null(node, kind, path, findings)
    if kind.of == "text":
        return _read_text(node, kind, path, findings)
    raw = str(node.value)
    if not plain(node):
        zh, en = _EXPECTED[kind.of]
        findings.add(path, "wrong-type", f"此处应为{zh}，请去掉引号", f"Expected {en} here; remove the quotes")
        return MISSING
    if kind.of == "switch":
        return _read_switch(raw, path, findings)
    return _read_count(raw, kind, path, findings) if kind.of == "count" else _read_day(raw, path, findings)


def _read_null(node: yaml.ScalarNode, kind: Plain, path: Path, findings: Findings) -> Any:
    if node.value != "null":
        findings.add(
            path, "null-spelling", "值为空：未知请写 null，否则请填写或删除此键",
            "There is no value: write null where it is unknown, else fill it in or remove the key",
        )  # fmt: skip
        return None if kind.nullable else MISSING
    if not kind.nullable:
        zh, en = _EXPECTED[kind.of]
        findings.add(path, "missing-value", f"此处不能为 null，应为{zh}", f"null is not allowed here, expected {en}")
        return MISSING
    return None


def _read_switch(raw: str, path: Path, findings: Findings) -> Any:
    if raw in ("true", "false"):
        return raw == "true"
    findings.add(path, "yaml-trap", f"请写 true 或 false，不写 {raw}", f"Write true or false, not {raw}")
    return MISSING


def _read_count(raw: str, kind: Plain, path: Path, findings: Findings) -> Any:
    if not _NUMBER.fullmatch(raw):
        findings.add(
            path,
            "yaml-trap",
            f"{raw} 不是普通整数写法，请写如 10",
            f"{raw} is not a plain whole number; write it like 10",
        )
        return MISSING
    if int(raw) < kind.least:
        findings.add(path, "out-of-range", f"不能小于 {kind.least}", f"It must not be below {kind.least}")
        return MISSING
    return int(raw)


def _read_day(raw: str, path: Path, findings: Findings) -> Any:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", raw):
            return date.fromisoformat(raw)
    except ValueError:
        pass
    findings.add(path, "bad-date", f"{raw} 不是有效日期，请写 YYYY-MM-DD", f"{raw} is not a date; write YYYY-MM-DD")
    return MISSING


def _read_text(node: yaml.ScalarNode, kind: Plain, path: Path, findings: Findings) -> Any:
    raw = str(node.value)
    if plain(node) and (tag(node) != "str" or raw in ("y", "n", "Y", "N")):
        _trap(node, path, findings)
        return MISSING
    if _UNSEEN.search(raw):
        findings.add(
            path, "control-character", "含有看不见的控制字符，请删去",
            "There are control characters that nobody sees; remove them",
        )  # fmt: skip
        return MISSING
    if raw != raw.strip() or not raw:
        findings.add(path, "stray-space", "文字为空或首尾有空格", "The text is empty or has spaces at its ends")
        return MISSING
    if kind.values and raw not in kind.values:
        zh, en = meant(raw, kind.values)
        findings.add(path, "unknown-value", f"没有 {raw} 这个值{zh}", f"There is no value {raw} here{en}")
        return MISSING
    if kind.pattern and not _pattern(kind.pattern).fullmatch(raw):
        findings.add(
            path, "bad-form", f"{raw} 的写法不符（{kind.pattern}）", f"{raw} is not of the form {kind.pattern}"
        )
        return MISSING
    return raw

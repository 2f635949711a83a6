"""The YAML beneath the registry: bytes to nodes with lines, refusing what a reader could misread.

Refused: a BOM, bytes that are not UTF-8, syntax errors, several documents, anchors, aliases and tags.
"""

from __future__ import annotations

import re

import yaml

from catalogue.domain.registry.findings import Finding, Findings
from catalogue.domain.text import Text

_MARKS = re.compile(r"(?:^|[\s\[{,:-])[&*!][^\s&]", re.MULTILINE)
"""What may be an anchor, an alias or a tag; only then the slower look at events is taken."""

if not hasattr(yaml, "CSafeLoader"):  # pragma: no cover - a broken installation
    raise ImportError("PyYAML was built without libyaml; install a wheel that has it")


def read_nodes(data: bytes, file: str) -> tuple[str, yaml.MappingNode | None, tuple[Finding, ...]]:
    """The text, its root mapping (None where it cannot be read) and what is wrong at this level."""
    text, found = _decode(data, file)
    if not text.strip():
        found.append(Finding(file, 1, "", "empty-file", Text("文件为空", "The file is empty")))
        return text, None, tuple(found)
    try:
        if _MARKS.search(text):
            found += _marks(text, file)
        root = yaml.compose(text, yaml.CSafeLoader)
        if any(finding.code == "anchor" for finding in found) and not _readable(root):
            return text, None, tuple(found)
    except yaml.MarkedYAMLError as error:
        found.append(_syntax(error, file))
        return text, None, tuple(found)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        found.append(
            Finding(file, line, "", "control-character", Text(
                "含有不允许的控制字符，请删除", "There is a control character that YAML does not allow; delete it"
            ))
        )  # fmt: skip
        return text, None, tuple(found)
    if not isinstance(root, yaml.MappingNode):
        findings = Findings(file, root)
        code = "empty-file" if root is None else "wrong-type"
        findings.add((), code, "文件内容应为键值对", "The file must hold keys and values at its top level", line=1)
        return text, None, (*found, *findings.sorted())
    return text, root, tuple(found)


READ_AT_MOST = 1_000_000
"""Nodes of a file with anchors that are read on, so that its other errors are told at once; ours have 30,000."""


def _readable(root: yaml.Node | None) -> bool:
    """Whether the tree ends when every alias is followed, and is no larger than a file could be."""
    sizes: dict[int, int] = {}
    begun: set[int] = set()
    waiting = [] if root is None else [root]
    while waiting:
        node = waiting[-1]
        if id(node) in sizes or not isinstance(node, yaml.CollectionNode):
            sizes.setdefault(id(node), 1)
            waiting.pop()
            continue
        inner = [one for item in node.value for one in (item if isinstance(item, tuple) else (item,))]
        missing = [one for one in inner if id(one) not in sizes]
        if id(node) in begun and any(id(one) in begun for one in missing):
            return False
        if not missing:
            sizes[id(node)] = 1 + sum(sizes[id(one)] for one in inner)
            if sizes[id(node)] > READ_AT_MOST:
                return False
            waiting.pop()
            continue
        begun.add(id(node))
        waiting += missing
    return True


def plain(node: yaml.ScalarNode) -> bool:
    """Whether the scalar stands without quotes, so that YAML guesses its type."""
    return not node.style


def tag(node: yaml.Node) -> str:
    """The YAML type: str, int, float, bool, null, timestamp, map, seq …"""
    return str(node.tag).rsplit(":", 1)[-1]


def _decode(data: bytes, file: str) -> tuple[str, list[Finding]]:
    found: list[Finding] = []
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
        found.append(
            Finding(file, 1, "", "bom", Text(
                "文件开头有 BOM，请另存为不带 BOM 的 UTF-8",
                "The file begins with a byte order mark; save it as UTF-8 without BOM",
            ))
        )  # fmt: skip
    try:
        return data.decode("utf-8"), found
    except UnicodeDecodeError:
        pass
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            found.append(
                Finding(file, number, "", "not-utf8", Text(
                    f"第 {error.start + 1} 个字节不是 UTF-8，请以 UTF-8 重新保存",
                    f"Byte {error.start + 1} of this line is not UTF-8; save the file as UTF-8",
                ))
            )  # fmt: skip
    return data.decode("utf-8", "replace"), found


def _marks(text: str, file: str) -> list[Finding]:
    found: list[Finding] = []
    for event in yaml.parse(text, yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        anchor, mark = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor:
            found.append(
                Finding(file, line, "", "anchor", Text(
                    f"不允许使用锚点或别名（{anchor}），共同内容请写入 families",
                    f"Anchors and aliases are not allowed ({anchor}); put what is shared into a family",
                ))
            )  # fmt: skip
        elif mark:
            found.append(
                Finding(file, line, "", "tag", Text(
                    f"不允许使用类型标签 {mark}，请删除", f"Tags are not allowed ({mark}); delete it"
                ))
            )  # fmt: skip
    return found


def _syntax(error: yaml.MarkedYAMLError, file: str) -> Finding:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    column = mark.column + 1 if mark else 1
    what = " ".join(part for part in (error.context, error.problem) if part)
    return Finding(file, line, "", "yaml-syntax", Text(
        f"YAML 语法错误，请检查第 {column} 列附近的缩进、冒号和引号（{what}）",
        f"YAML syntax error near column {column}: check indentation, colons and quotes ({what})",
    ))  # fmt: skip

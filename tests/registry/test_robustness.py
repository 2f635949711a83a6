"""Whatever is in the file: findings, never a traceback, and every finding has its place."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalogue.domain.registry.reader import read_registry
from tests.registry.samples import FILE, SMALL

ODD: list[Any] = [
    None,
    True,
    7,
    -1,
    "",
    "x",
    "530102",
    [],
    ["x"],
    [["x"]],
    {},
    {"x": 1},
    {"zh": 1},
    [None],
    {"id": ["x"]},
]


def places(node: Any) -> list[list[str | int]]:
    """Every path within a tree."""
    found: list[list[str | int]] = [[]]
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in steps:
        found += [[step, *rest] for rest in places(child)]
    return found


PATHS = places(yaml.load(SMALL, yaml.CSafeLoader))[1:]


@given(st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(ODD)), min_size=1, max_size=4))
def test_any_value_anywhere_is_read_or_found(changes: list[tuple[list[str | int], Any]]) -> None:
    document: Any = yaml.load(SMALL, yaml.CSafeLoader)
    for path, value in changes:
        node: Any = document
        for step in path[:-1]:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                break
        if isinstance(node, dict) or path[-1] in range(len(node) if isinstance(node, list) else 0):
            node[path[-1]] = value
    text = yaml.safe_dump(document, allow_unicode=True)
    registry, found = read_registry(text.encode(), FILE)
    assert (registry is None) == bool(found)
    for finding in found:
        assert finding.line is not None
        assert 1 <= finding.line <= text.count("\n") + 1
        assert finding.code
        assert finding.message.zh
        assert finding.message.en


@given(st.binary(max_size=200), st.integers(0, len(SMALL.encode())))
def test_any_bytes_anywhere_are_read_or_found(noise: bytes, at: int) -> None:
    data = SMALL.encode()
    registry, found = read_registry(data[:at] + noise + data[at:], FILE)
    assert (registry is None) == bool(found)


@given(st.integers(0, len(SMALL.encode())))
def test_a_file_cut_off_anywhere_is_found(at: int) -> None:
    registry, found = read_registry(SMALL.encode()[:at], FILE)
    assert (registry is None) == bool(found)


def test_deep_nesting_is_found() -> None:
    for text in ("a: " + "[" * 5000, "a: " + "{a: " * 5000, "\n".join(" " * n + "a:" for n in range(3000))):
        registry, found = read_registry(text.encode(), FILE)
        assert registry is None
        assert found


def test_a_matter_whose_family_could_not_be_read_is_found() -> None:
    """The family's own id is unreadable, so the matter's reference dangles; neither hides the other."""
    registry, found = read_registry(SMALL.replace("  - id: licences\n", "  - id: 7\n").encode(), FILE)
    assert registry is None
    assert {finding.code for finding in found} >= {"yaml-trap", "dangling"}
    registry, found = read_registry(SMALL.replace("    family: licences\n", "").encode(), FILE)
    assert registry is None
    assert {finding.code for finding in found} >= {"missing-key"}

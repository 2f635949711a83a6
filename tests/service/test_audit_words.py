"""Every act that the audit log takes has words in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import catalogue
from catalogue.domain.vocabulary import WORDS

TAKES = {"administered": 1, "_logged": 3}
"""Who writes into the log -> which argument is the act."""


def acts() -> Iterator[tuple[str, str]]:
    """(where, act) of every call; what follows a colon is a detail."""
    for path in sorted(Path(catalogue.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        passing_on = {
            id(node)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) and function.name in TAKES
            for node in ast.walk(function)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or id(node) in passing_on:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
            if name not in TAKES:
                continue
            act = node.args[TAKES[name]]
            first = act.values[0] if isinstance(act, ast.JoinedStr) else act
            where = f"{path.name}:{node.lineno}"
            assert isinstance(first, ast.Constant), f"{where}: an act is written out, so that its words can be found"
            told = str(first.value)
            assert first is act or told.endswith(":"), f"{where}: a detail stands behind a colon"
            yield where, told.rstrip(":")


def test_every_act_of_the_audit_log_has_words_and_no_words_are_left_over() -> None:
    found = list(acts())
    assert len(found) > 20
    assert [(where, act) for where, act in found if act not in WORDS["admin_acts"]] == []
    assert set(WORDS["admin_acts"]) == {act for _, act in found}

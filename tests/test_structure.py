"""What import contracts cannot see: habits of the house that a machine can hold everybody to."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(p for top in ("catalogue", "regions") for p in (ROOT / top).rglob("*.py"))
LOCKS = ("requirements.lock", "deploy/requirements.lock", "bench/requirements.lock")


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """Name of the attribute and line of every method call in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node.lineno


def pins(lock: str) -> dict[str, set[str]]:
    """Releases by package of a lock file; a package may have one for each range of Pythons."""
    found: dict[str, set[str]] = {}
    for name, release in re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", (ROOT / lock).read_text(encoding="utf-8"), re.M):
        found.setdefault(name, set()).add(release)
    return found


def test_only_the_store_commits() -> None:
    strays = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        for name, line in calls(path)
        if name in {"commit", "rollback"} and not path.is_relative_to(ROOT / "catalogue/store")
    ]
    assert not strays


def test_the_domain_reads_no_clock() -> None:
    clocks = {"now", "utcnow", "today", "time", "monotonic"}
    strays = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "catalogue/domain") or path.is_relative_to(ROOT / "regions")
        for name, line in calls(path)
        if name in clocks
    ]
    assert not strays


def test_every_setting_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = {f"CATALOGUE_{field}".upper() for field in Settings.model_fields}
    assert {name for name in names if f"| `{name}` |" not in readme} == set()
    assert set(re.findall(r"^\| `(CATALOGUE_[A-Z_]+)` \|", readme, re.M)) <= names


def test_the_glossary_has_every_word_of_the_vocabulary() -> None:
    spec = importlib.util.spec_from_file_location("glossary", ROOT / "docs/glossary.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.GLOSSARY.read_text(encoding="utf-8") == module.glossary(), "run `make fmt`"


def test_every_word_has_both_languages() -> None:
    vocabulary = json.loads((ROOT / "catalogue/domain/vocabulary.json").read_text(encoding="utf-8"))
    assert not [
        (group, code)
        for group, words in vocabulary.items()
        for code, word in words.items()
        if not (word.get("zh") and word.get("en"))
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_hashes_everything(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|@ ", text)
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in entry, entry


def test_the_locks_agree() -> None:
    everything = pins(LOCKS[0])
    deployed = pins(LOCKS[1])
    assert {name: releases for name, releases in deployed.items() if everything.get(name) != releases} == {}


def test_every_dependency_is_locked_and_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").lower()
    groups = project["dependency-groups"]
    locked = set(pins(LOCKS[0])) | set(pins(LOCKS[2])) | {"uv"}
    for requirement in [*project["project"]["dependencies"], *(one for group in groups.values() for one in group)]:
        name = re.match(r"[A-Za-z0-9_.-]+", requirement)
        assert name is not None
        assert name[0].lower() in listed, name[0]
        assert name[0].lower().replace("_", "-") in locked, name[0]

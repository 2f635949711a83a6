"""What a document of the registry has, for the checks of what refers to it: items by id, words that must name one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from catalogue.domain.registry.findings import Findings, Path, meant
from catalogue.domain.registry.merging import read_basis
from catalogue.domain.registry.model import Confidence
from catalogue.domain.registry.schema import CONFIDENCES, SOURCE_KEY

Block = dict[str, Any]


def items(document: Mapping[str, Any], key: str) -> list[tuple[int, Block]]:
    """The entries of a list of the document that could be read, each with its place in the list."""
    value = document.get(key)
    return [(n, item) for n, item in enumerate(value) if isinstance(item, dict)] if isinstance(value, list) else []


def _ids(listed: Iterable[tuple[int, Block]]) -> dict[str, Block]:
    return {item["id"]: item for _, item in listed if "id" in item}


class Ground:
    """A document as read, and the findings about it."""

    def __init__(self, document: Block, findings: Findings, others: Collection[str]) -> None:
        self.document = document
        self.findings = findings
        self.sources: Mapping[str, Any] = document.get("sources", {})
        self.laws = _ids(items(document, "laws"))
        self.categories = _ids(items(document, "categories"))
        self.families = _ids(items(document, "families"))
        self.matters = _ids(items(document, "matters"))
        self.named = {*self.matters, *others}
        self.regions = items(document, "regions")
        self.offices = {o["id"] for _, region in self.regions for _, o in items(region, "offices") if "id" in o}
        self._bases: dict[str, bool] = {}

    def known(self, word: Any, known: Mapping[str, Any] | set[str], what: tuple[str, str], path: Path) -> None:
        """Record where a word names nothing that is known; ``what`` it should be, in both languages."""
        if isinstance(word, str) and word not in known:
            zh, en = meant(word, sorted(known), limit=6)
            self.findings.add(path, "dangling", f"没有{what[0]} {word}{zh}", f"There is no {what[1]} {word}{en}")

    def basis(self, text: Any, path: Path) -> None:
        """Record what is wrong with a text of provenance."""
        if not isinstance(text, str) or self._bases.get(text):
            return
        basis = read_basis(text)
        if basis is None:
            self.findings.add(
                path, "bad-provenance", f"来源应以 {'、'.join(CONFIDENCES)} 之一开头，例如 official REG — 说明",
                f"Provenance begins with one of {', '.join(CONFIDENCES)}, like: official REG — remark",
            )  # fmt: skip
            return
        bad = [key for key in basis.sources if not re.fullmatch(SOURCE_KEY, key)]
        if bad:
            self.findings.add(
                path, "bad-provenance", f"{bad[0]} 不是来源代号；说明请写在“ — ”之后",
                f"{bad[0]} is not a key of a source; a remark stands after \" — \"",
            )  # fmt: skip
            return
        if basis.confidence is Confidence.OFFICIAL and not basis.sources:
            self.findings.add(
                path,
                "missing-source",
                "official 须写明来源代号",
                "What is official must name a source, like: official REG",
            )
            return
        for key in basis.sources:
            self.known(key, self.sources, ("来源", "source"), path)
        self._bases[text] = all(key in self.sources for key in basis.sources)

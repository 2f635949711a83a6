"""Strict reading of ``matters.yaml``: a registry without any error, or every error at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from catalogue.domain.registry.build import build_registry
from catalogue.domain.registry.consistency import check_document
from catalogue.domain.registry.findings import Finding, Findings, line_of
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.pausing import collector_paused
from catalogue.domain.registry.schema import DOCUMENT
from catalogue.domain.registry.sm3 import sm3
from catalogue.domain.registry.source import read_nodes
from catalogue.domain.registry.structure import read_structure

__all__ = ["read_document", "read_registry", "sm3"]


def read_document(data: bytes, file: str) -> tuple[dict[str, Any] | None, tuple[Finding, ...]]:
    """The plain values as they stand in the file, families unmerged; None where it is not YAML at all."""
    _, root, found = read_nodes(data, file)
    if root is None:
        return None, found
    findings = Findings(file, root)
    document: dict[str, Any] = read_structure(root, DOCUMENT, (), findings)
    check_document(document, findings)
    return document, tuple(sorted((*found, *findings.sorted()), key=lambda finding: finding.line or 0))


def read_registry(data: bytes, file: str) -> tuple[Registry | None, tuple[Finding, ...]]:
    """The registry of a file, or None and everything that is wrong with it.

    ``file`` is the name that findings show. Any number of matters and regions is readable.
    """
    with collector_paused():
        document, found = read_document(data, file)
        if document is None or found:
            return None, found
        return build_registry(document, sm3(data)), ()


def placed(findings: Sequence[Finding], data: bytes, file: str) -> tuple[Finding, ...]:
    """The findings with the line of their path in that file, where they were made without the file at hand."""
    if all(finding.line is not None for finding in findings):
        return tuple(findings)
    _, root, _ = read_nodes(data, file)
    return tuple(
        replace(finding, line=line_of(root, finding.path)) if finding.line is None else finding for finding in findings
    )

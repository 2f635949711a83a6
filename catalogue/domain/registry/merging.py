"""Families and matters: what a matter has once merged, and where each value comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalogue.domain.registry.model import Confidence, Provenance
from catalogue.domain.registry.schema import CONFIDENCES, FACT_ENTRIES, MERGED_BY_KEY

NAMING = ("id", "zh", "en", "aliases", "family")
"""What a matter never takes from its family."""


def merged(matter: Mapping[str, Any], family: Mapping[str, Any] | None) -> dict[str, Any]:
    """The matter with what its family states: limits, codes and provenance key by key, the rest whole."""
    if family is None:
        return dict(matter)
    result = {key: value for key, value in family.items() if key not in NAMING}
    for key, value in matter.items():
        if key in MERGED_BY_KEY and isinstance(result.get(key), dict) and isinstance(value, dict):
            result[key] = {**result[key], **value}
        else:
            result[key] = value
    return result


def stated_facts(block: Mapping[str, Any]) -> Iterator[str]:
    """The facts that a family or matter states itself, as paths of provenance."""
    for key in FACT_ENTRIES:
        if key not in block:
            continue
        if key == "limits" and isinstance(block[key], dict):
            yield from (f"limits.{name}" for name in block[key])
        elif key not in ("fallback_mode", "particulars"):
            yield key


def read_basis(text: str) -> Provenance | None:
    """``confidence SOURCE SOURCE — remark`` as a value; None where it does not begin with a confidence."""
    head, _, note = text.partition(" — ")
    confidence, *sources = head.split()
    if confidence not in CONFIDENCES:
        return None
    return Provenance(Confidence(confidence), tuple(sources), note or None)

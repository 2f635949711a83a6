"""Mending, remarks and the applicant's own act."""

from __future__ import annotations

from typing import Any

from catalogue.domain.acts.base import (
    Acts,
    Body,
    Circumstances,
    Draft,
    closing,
    reason,
)
from catalogue.domain.case import Case
from catalogue.domain.people import Actor
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text


def _withdraw(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("withdrawn", {"state": "withdrawn", **closing(given)}, reason(body)),)


def _supply_deferred(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    if body["material"] not in {line.id for line in case.deferred}:
        raise InvalidInput(
            errors=(
                Fault(
                    "material",
                    "not-deferred",
                    Text("该材料不是容缺材料", "That paper is not a deferred one"),
                ),
            )
        )
    return (Draft("deferred_supplied", {"material": body["material"]}),)


def _note(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("noted", {}, {"text": body["text"]}),)


def _correct_entry(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    clear: dict[str, Any] = {"path": body["path"]}
    parts = body["path"].split(".")
    if len(parts) == 3 and parts[0] == "people" and parts[2] == "identity_check" and body["value"]:
        clear["verified"] = int(parts[1])
    return (Draft("entry_corrected", clear, {key: body[key] for key in ("path", "value", "old", "evidence")}),)


ACTS: Acts = {
    "withdraw": _withdraw,
    "correct-entry": _correct_entry,
    "supply-deferred": _supply_deferred,
    "note": _note,
}

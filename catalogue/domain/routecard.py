"""The routing card 办理去向: what routing answers, with every rule it looked at, and its JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from catalogue.domain.registry.model import Acceptance, Level, Limits, Material, Mode, Office
from catalogue.domain.text import Language, Text
from catalogue.domain.value import Value


class Step(Value, frozen=True):
    """One rule that was looked at, whether it applied, and why."""

    rule: str
    matched: bool
    reason: Text


class Expected(Value, frozen=True):
    """Days by which the decision is promised and due if received on the day asked about; unknown limits give None."""

    promised_by: date | None
    statutory_by: date | None
    provisional: bool


class Route(Value, frozen=True):
    """The office that decides, under which rules and by when."""

    matter: str
    place: str
    """Today's code of the place that counts, with its locality where one was given."""
    region: str
    office: Office
    level: Level
    handler: str
    """The name under which the registry's region calls its handler."""
    handler_version: str
    acceptance: Acceptance
    mode: Mode
    limits: Limits
    expected: Expected
    materials: tuple[Material, ...]
    conditional: frozenset[str]
    """Ids of materials that are needed only if the condition in words holds; the clerk judges."""
    assumed: tuple[str, ...]
    """Facts in force here that are working assumptions, by their path in the registry."""
    explanation: tuple[Step, ...]
    revision: int
    calendar: str


class Outside(Value, frozen=True):
    """Not in the programme: the authority to turn to. Nothing is received."""

    authority: Text
    reason: Text
    explanation: tuple[Step, ...]
    revision: int


class Unroutable(Value, frozen=True):
    """Should be routable and is not; a case without home that somebody must own."""

    reason: Text
    explanation: tuple[Step, ...]
    region: str | None
    revision: int


Answer = Route | Outside | Unroutable


def route_json(answer: Answer, language: Language) -> dict[str, Any]:
    """The body of ``GET /api/routes`` in the reader's language."""
    explanation = [
        {"rule": step.rule, "matched": step.matched, "reason": step.reason.in_language(language)}
        for step in answer.explanation
    ]
    tail = {"revision": answer.revision, "explanation": explanation}
    if isinstance(answer, Outside):
        outside = {
            "authority": answer.authority.in_language(language),
            "reason": answer.reason.in_language(language),
        }
        return {"outside_scope": outside, **tail}
    if isinstance(answer, Unroutable):
        return {"unroutable": {"region": answer.region, "reason": answer.reason.in_language(language)}, **tail}
    return {
        "matter": answer.matter,
        "place": answer.place,
        "region": answer.region,
        "office": {
            "id": answer.office.id,
            "name": answer.office.name.in_language(language),
            "level": answer.level.value,
            "phone": answer.office.phone,
        },
        "handler": answer.handler,
        "handler_version": answer.handler_version,
        "acceptance": answer.acceptance.value,
        "mode": answer.mode.value,
        "limits": {
            "notice_days": answer.limits.notice_days,
            "statutory_days": answer.limits.statutory_days,
            "promised_days": answer.limits.promised_days,
            "extension_days": answer.limits.extension_days,
            "deliver_days": answer.limits.deliver_days,
        },
        "expected": {
            "promised_by": _iso(answer.expected.promised_by),
            "statutory_by": _iso(answer.expected.statutory_by),
            "provisional": answer.expected.provisional,
        },
        "calendar": answer.calendar,
        "materials": [_material_json(m, m.id in answer.conditional, language) for m in answer.materials],
        "assumed": list(answer.assumed),
        **tail,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _material_json(material: Material, conditional: bool, language: Language) -> dict[str, Any]:
    return {
        "id": material.id,
        "name": material.name.in_language(language),
        "conditional": conditional,
        "condition": material.condition.in_language(language) if material.condition else None,
        "originals": material.originals,
        "copies": material.copies,
        "deferrable": material.deferrable,
        "pledge_check_days": material.pledge_check_days,
    }

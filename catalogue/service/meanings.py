"""What the answers of a city's own system mean: the name of what happened there -> the command it is here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.domain.workflow import EDGES
from catalogue.service.letters import OWN_SYSTEM

COMMANDS = frozenset(
    edge.command for edge in EDGES if edge.side != "accepting" and not edge.roles.isdisjoint(OWN_SYSTEM)
)
"""What a city's own system may tell: the acts of its officers."""

MEANS = {
    "received": "receive-at-home",
    "received_at_home": "receive-at-home",
    "accepted": "accept",
    "correction": "request-correction",
    "correction_requested": "request-correction",
    "returned": "return-for-resubmission",
    "returned_for_resubmission": "return-for-resubmission",
    "not_accepted": "decline-acceptance",
    "acceptance_declined": "decline-acceptance",
    "correction_unsupplied": "close-unsupplied",
    "bounced": "bounce",
    "reviewed": "review",
    "sent_back": "send-back",
    "site_checked": "record-site-check",
    "special_procedure_started": "start-special-procedure",
    "special_procedure_ended": "end-special-procedure",
    "extension_requested": "request-extension",
    "extension_approved": "approve-extension",
    "granted": "grant",
    "refused": "refuse",
    "certificate": "make-certificate",
    "certificate_made": "make-certificate",
    "terminated": "terminate",
}
"""The names of what happened -> the command it is here; a command's own name does as well."""


def command_of(kind: str) -> str | None:
    """The command a type of answer means; None where it means none of a city's."""
    name = kind.removeprefix("case.").strip()
    if name == "decision":
        return name
    command = MEANS.get(name.replace("-", "_"), name.replace("_", "-"))
    return command if command in COMMANDS else None


def wanted(kind: str, data: Mapping[str, Any]) -> frozenset[str]:
    """The commands of which one brings about what an answer says; none where it is no answer of a city."""
    command = command_of(kind)
    if command != "decision":
        return frozenset() if command is None else frozenset({command})
    decided: Mapping[Any, frozenset[str]] = {
        "grant": frozenset({"grant", "decide-at-once"}),
        "refuse": frozenset({"refuse"}),
    }
    return decided.get(data.get("decision"), frozenset())

"""The bodies that people and machines send, as Pydantic models: one for an application, one for each command.

Strict where a mistake would be silent (unknown keys, wrong types), lenient where strictness helps nobody (spaces around
a name). ``read`` turns every fault into a bilingual sentence with its path; nothing of the input is echoed back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.service.bodies.application import ApplicationBody
from catalogue.service.bodies.basics import Body, Day, Line, Prose, body_of, faults_of, read
from catalogue.service.bodies.commands import COMMAND_BODIES, Unmask
from catalogue.service.bodies.rating import RateBody

__all__ = [
    "COMMAND_BODIES",
    "ApplicationBody",
    "Body",
    "Day",
    "Line",
    "Prose",
    "RateBody",
    "Unmask",
    "body_of",
    "command_body",
    "faults_of",
    "read",
]


def command_body(command: str, raw: Mapping[str, Any] | None) -> dict[str, Any]:
    """The validated body of a command. Raises InvalidInput."""
    return body_of(COMMAND_BODIES[command], {} if raw is None else raw)

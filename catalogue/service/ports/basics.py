"""What all ports speak of: the clock, idempotent outcomes, messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Clock(Protocol):
    """The one source of time; worker ``--now`` and tests put another in its place."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """Within account and route a key names one outcome; ``body_digest`` tells another body apart."""

    account: str
    route: str
    key: str
    body_digest: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A committed answer, kept (sealed) for 7 days under its idempotency key."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A message for the outbox, in order per case. ``channel``: desk or webhook; ``id`` stable over re-sending."""

    id: str
    channel: str
    region: str
    reference: str
    sequence: int
    type: str
    body: Mapping[str, Any]

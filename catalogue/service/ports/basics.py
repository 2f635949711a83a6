"""What all ports speak of: the clock, idempotent outcomes, messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from catalogue.domain.value import Value


class Clock(Protocol):
    """The one source of time; worker ``--now`` and tests put another in its place."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class IdempotencyKey(Value, frozen=True):
    """Within account and route a key names one outcome; ``body_digest`` tells another body apart."""

    account: str
    route: str
    key: str
    body_digest: str


class Outcome(Value, frozen=True):
    """A committed answer, kept (sealed) for 7 days under its idempotency key."""

    status: int
    body: bytes


class Message(Value, frozen=True):
    """A message for the outbox, in order per case. ``channel``: desk or webhook; ``id`` stable over re-sending."""

    id: str
    channel: str
    region: str
    reference: str
    sequence: int
    type: str
    body: Mapping[str, Any]

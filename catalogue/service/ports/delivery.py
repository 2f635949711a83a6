"""What goes to the home regions and what comes back: outbox, the state of each city's line, answers, differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from msgspec import field

from catalogue.domain.value import Value
from catalogue.service.ports.basics import Message


class Claimed(Value, frozen=True):
    """A message in the hands of one worker. ``claim`` names this taking: a later one makes its word void."""

    message: Message
    claim: str
    attempts: int


class Settled(Value, frozen=True):
    """What became of a claimed message.

    ``outcome``: sent, skipped (a notice to nobody, ``reason`` says why), again (after ``wait``), parked (waits for
    ``owner``) or released (never left: due as before).
    """

    claimed: Claimed
    outcome: str
    reason: str | None = None
    wait: timedelta = timedelta()
    owner: str | None = None


class LineState(Value, frozen=True):
    """The line to one city: what waits, since when, whether it is paused or does not answer."""

    region: str
    counts: Mapping[str, int] = field(default_factory=dict)
    """State of the outbox -> number of messages: waiting, claimed, parked."""
    oldest_at: datetime | None = None
    """When the oldest message that is not sent was written."""
    paused_at: datetime | None = None
    paused_by: str | None = None
    pause_reason: str | None = None
    failing_since: datetime | None = None
    failures: int = 0
    reason: str | None = None
    retry_at: datetime | None = None
    answered_at: datetime | None = None
    sent: int = 0

    @property
    def unsent(self) -> int:
        return sum(self.counts.values())


class Outbox(Protocol):
    """Messages to the home regions. A message that is not sent holds back the later ones of its case and region."""

    def list(
        self, *, state: str | None = None, region: str | None = None, limit: int = 100
    ) -> Sequence[Mapping[str, Any]]: ...

    def lines(self) -> Sequence[LineState]:
        """Every city that a message was ever written for, or whose line was paused."""
        ...

    def failures(self, region: str) -> int:
        """How often in a row that city's system did not answer."""
        ...

    def due(self, now: datetime) -> Sequence[str]:
        """Regions with a message that is due, whose line is neither paused nor waiting to be tried again."""
        ...

    def claim(self, now: datetime, limit: int, region: str | None = None) -> Sequence[Claimed]:
        """Due messages, the oldest unsent of each case and region only, each claimed by one worker."""
        ...

    def settle(self, results: Sequence[Settled], now: datetime) -> None:
        """What became of claimed messages; a word about a claim that ran out meanwhile counts only if it says sent."""
        ...

    def answered(self, region: str, now: datetime) -> None:
        """The city's system has answered: its line is no longer failing."""
        ...

    def unreachable(self, region: str, reason: str, now: datetime, wait: timedelta) -> None:
        """It has not: nothing is tried again before ``wait`` has passed."""
        ...

    def pause(self, region: str, by: str, reason: str, now: datetime) -> None: ...
    def go_on(self, region: str, now: datetime) -> None:
        """End a pause, and try at once."""
        ...

    def resend(self, message_id: str, now: datetime) -> bool: ...
    def resend_parked(self, region: str, now: datetime) -> int:
        """Every parked message of a region again; answers how many."""
        ...

    def resend_case(self, region: str, reference: str, after: int, now: datetime) -> int:
        """Everything that was told of a case beyond that sequence again; answers how many messages."""
        ...

    def add(self, message: Message) -> None:
        """A message that belongs to no event just recorded."""
        ...

    def on_the_way(self, region: str) -> frozenset[str]:
        """References with a message to that region that is not sent."""
        ...

    def held(self, region: str) -> Mapping[str, int]:
        """Reference -> sequence of the last message the region's system has taken."""
        ...

    def replace_differences(self, region: str, found: Sequence[Difference], now: datetime) -> None:
        """What the last comparison found, in the place of what the one before did."""
        ...

    def differences(self, region: str | None = None) -> Sequence[Difference]: ...
    def mended(self, region: str, reference: str, kind: str) -> bool: ...
    def compared(self) -> Mapping[str, datetime]:
        """Region -> when it was last compared."""
        ...


class Difference(Value, frozen=True):
    """One point in which a city's system and this one differ.

    ``kind``: missing (they lack a case), unknown (they hold one we do not), behind (they lack messages), state.
    """

    region: str
    reference: str
    kind: str
    ours: str | None = None
    theirs: str | None = None
    found_at: datetime | None = None


class KeptAnswer(Value, frozen=True):
    """An answer of a city's own system. ``state``: done, waiting, refused, dropped.

    ``sequence`` is the sender's own count on that case, ``told_by`` the account of its token, ``problem`` the code of
    why it was refused; ``body`` is what it said, ``outcome`` what it was told.
    """

    region: str
    id: str
    body_digest: str
    reference: str
    sequence: int | None
    type: str
    state: str
    received_at: datetime
    settled_at: datetime | None = None
    told_by: str | None = None
    problem: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    outcome: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


class Answers(Protocol):
    def get(self, region: str, answer_id: str) -> KeptAnswer | None:
        """The answer kept under that id; in a writing unit of work, one that is being kept is waited for."""
        ...

    def keep(self, answer: KeptAnswer) -> None:
        """Write it, or what became of it."""
        ...

    def last_settled(self, region: str, reference: str) -> int:
        """The sender's count of the last answer that was settled on a case; 0 where none was."""
        ...

    def waiting(self, region: str, reference: str) -> Sequence[KeptAnswer]:
        """Answers of a case that wait for an earlier one, in the sender's order."""
        ...

    def overdue(self, before: datetime, limit: int) -> Sequence[KeptAnswer]:
        """Answers that have waited since then for one that did not come."""
        ...

    def listed(
        self, *, region: str | None = None, state: str | None = None, reference: str | None = None, limit: int = 100
    ) -> Sequence[KeptAnswer]:
        """Answers for inspection, the newest first; without ``state`` those waiting or refused."""
        ...

    def counts(self) -> Mapping[tuple[str, str], int]:
        """(region, state) -> number, of answers waiting or refused."""
        ...

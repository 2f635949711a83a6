"""The unit of work that joins the ports."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol, TypeVar

from catalogue.service.ports.accounts import (
    Accounts,
    Covers,
    SavedFilters,
)
from catalogue.service.ports.basics import IdempotencyKey, Outcome
from catalogue.service.ports.cases import (
    Cases,
)
from catalogue.service.ports.delivery import Answers, Outbox
from catalogue.service.ports.drafts import Drafts, Feed, Moves, OpenCases
from catalogue.service.ports.measures import Measures
from catalogue.service.ports.notices import Notices
from catalogue.service.ports.passing import Passing
from catalogue.service.ports.ratings import Ratings
from catalogue.service.ports.records import (
    AccessLog,
    Audit,
    Certificates,
    Documents,
    Files,
    Marks,
    Revisions,
    Throttle,
)

T = TypeVar("T")


class Work(Protocol):
    """One unit of work: everything the use cases may read and write."""

    @property
    def cases(self) -> Cases: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def covers(self) -> Covers: ...
    @property
    def filters(self) -> SavedFilters: ...
    @property
    def revisions(self) -> Revisions: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def feed(self) -> Feed: ...
    @property
    def moves(self) -> Moves: ...
    @property
    def open_cases(self) -> OpenCases: ...
    @property
    def files(self) -> Files: ...
    @property
    def documents(self) -> Documents: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def ratings(self) -> Ratings: ...
    @property
    def certificates(self) -> Certificates: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def passing(self) -> Passing: ...
    @property
    def answers(self) -> Answers: ...
    @property
    def throttle(self) -> Throttle: ...
    @property
    def access(self) -> AccessLog: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def measures(self) -> Measures: ...
    @property
    def marks(self) -> Marks: ...

    def now(self) -> datetime:
        """The present moment by the database's clock, which all workers share."""
        ...

    def outcome(self, key: IdempotencyKey) -> Outcome | None:
        """The stored outcome of a key; raises IdempotencyKeyReused for another body."""
        ...

    def prune(self) -> int:
        """Forget what has served its time: idempotency keys, ended sessions, counted failures."""
        ...

    def keep_outcome(self, key: IdempotencyKey, outcome: Outcome) -> None: ...


class Database(Protocol):
    """Runs units of work in its own threads; ``write`` resolves after a durable commit.

    A unit of work with an attribute ``opening`` that is not None promises to write that new case and nothing else.
    """

    def read(self, function: Callable[[Work], T]) -> Future[T]: ...
    def write(self, function: Callable[[Work], T]) -> Future[T]: ...
    def close(self) -> None: ...

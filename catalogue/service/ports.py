"""What the use cases need from outside, as protocols that ``catalogue.store`` implements.

One request or one job is one unit of work: the edge hands a function to ``Database.write`` or ``Database.read``;
inside it the function sees a ``Work`` and never commits. ``write`` answers after the commit is durable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from catalogue.domain.case import Case, Event
from catalogue.domain.people import Account, Sight
from catalogue.domain.registry.revision import Revision

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """What a case is found by. ``title``: the clear name of an enterprise; ``label``: what lists show for the
    applicant (an enterprise's name, or a person's name already masked); ``digests``: (kind, normalised value) of
    personal identifiers, stored as keyed digests only: kinds name, document, phone."""

    title: str | None
    label: str
    digests: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Projection:
    """What the row of a case shows beside the state itself, computed by the domain."""

    queue: str | None
    due_on: date | None
    open: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """A new case, ready to be written in one go."""

    case: Case
    events: tuple[Event, ...]
    projection: Projection
    search: SearchEntry
    query_code: str
    revision_in_force: int
    """The write is refused with ``RevisionChanged`` when another revision is in force in its transaction."""
    idempotency: IdempotencyKey | None
    outcome: Outcome
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """New events on a case read at ``before.seq``; refused with problems.StaleRead when it has moved on."""

    before: Case
    after: Case
    events: tuple[Event, ...]
    projection: Projection
    idempotency: IdempotencyKey | None = None
    outcome: Outcome | None = None
    messages: tuple[Message, ...] = ()
    search: SearchEntry | None = None
    """Given only where the entry itself was corrected: replaces title, label and digests."""


class ReferenceTaken(Exception):
    """The drawn reference exists: draw again."""


class RevisionChanged(Exception):
    """Another registry revision is in force than the one the case was routed under."""


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """A page of cases. ``q`` is a reference, a query by name (bigrams) or an exact personal identifier."""

    queue: str | None = None
    state: str | None = None
    matter: str | None = None
    region: str | None = None
    q: str | None = None
    claimed_by: str | None = None
    unclaimed: bool = False
    """Only cases nobody has claimed."""
    turn: bool = False
    """With a queue: only where it is the sight's own office (or region) that has to act."""
    overdue_before: date | None = None
    """Queue ``overdue``: open cases whose statutory date lies before this day."""
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as a list shows it: nothing personal."""

    reference: str
    seq: int
    state: str
    queue: str | None
    matter: str
    procedure: str
    title: str | None
    applicant: str
    accepting_region: str
    accepting_office: str
    home_region: str | None
    home_office: str | None
    received_on: str
    due_on: str | None
    promised_by: str | None
    statutory_by: str | None
    claimed_by: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """``next_cursor`` is None on the last page."""

    lines: tuple[CaseLine, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PublicCase:
    """What the public status needs, read as one row: the clear snapshot and (seq, type, at, office) of each event."""

    case: Case
    code_matches: bool
    events: tuple[tuple[int, str, str, str], ...]


class Cases(Protocol):
    def open(self, opening: Opening) -> Outcome:
        """Write the case. With a key already used for the same body: its stored outcome, nothing written.

        Raises IdempotencyKeyReused (another body), ReferenceTaken, RevisionChanged.
        """
        ...

    def load(self, reference: str, sight: Sight) -> Case | None:
        """The clear state if that sight admits it, else None."""
        ...

    def append(self, change: Change) -> None:
        """Add events and move the projection. Raises StaleRead."""
        ...

    def events(self, reference: str, *, unseal: bool) -> Sequence[Event]:
        """All events in order; sealed parts are empty unless ``unseal`` (or after erasure)."""
        ...

    def page(self, query: CaseQuery, sight: Sight) -> Page: ...

    def counts(self, sight: Sight, today: date, cap: int = 1000, turn: bool = False) -> Mapping[str, int]:
        """Queue -> number of open cases, counted up to ``cap``; ``turn`` as in ``CaseQuery``."""
        ...

    def public(self, reference: str, query_code: str) -> PublicCase | None:
        """One statement; the comparison of codes takes the same time whether or not the reference exists."""
        ...

    def due(self, kind: str, day: date, limit: int) -> Sequence[Case]:
        """Open cases for a repeating job: ``deemed`` (K1 of a permit ran out before ``day``),
        ``warning`` (statutory or promised date on or before ``day``), ``close`` (collected before ``day``)."""
        ...

    def references(self) -> Iterable[str]:
        """Every reference, for rebuild and audit."""
        ...


@dataclass(frozen=True, slots=True)
class Credential:
    """What sign-in needs of an account."""

    account: Account
    password_hash: str | None
    disabled: bool
    failures: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A server-side session; ``id`` is the digest of the cookie's token."""

    id: str
    account: Account
    csrf: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token for machines; ``id`` is the digest of the secret."""

    id: str
    account: Account
    scopes: frozenset[str]
    expires_at: datetime | None
    networks: tuple[str, ...] = ()


class Accounts(Protocol):
    def find(self, username: str) -> Credential | None: ...
    def get(self, account_id: str) -> Account | None: ...
    def list(self) -> Sequence[tuple[Account, bool]]:
        """(account, disabled) of every account."""
        ...

    def colleagues(self, office: str) -> Sequence[Account]:
        """The accounts of one office that are not disabled."""
        ...

    def add(self, account: Account, password_hash: str | None) -> None:
        """Raises InvalidInput when the user name is taken."""
        ...

    def set_password(self, account_id: str, password_hash: str) -> None: ...
    def disable(self, account_id: str) -> None:
        """Also ends its sessions and tokens."""
        ...

    def record_failure(self, account_id: str, failures: int, locked_until: datetime | None) -> None: ...
    def clear_failures(self, account_id: str) -> None: ...
    def open_session(self, session: Session) -> None: ...
    def session(self, session_id: str) -> Session | None: ...
    def touch_session(self, session_id: str, seen_at: datetime) -> None: ...
    def close_session(self, session_id: str) -> None: ...
    def add_token(self, token: Token) -> None: ...
    def token(self, token_id: str) -> Token | None: ...


@dataclass(frozen=True, slots=True)
class Cover:
    """A dated stand-in 代办 (AB岗): ``stand_in`` acts for ``covered`` from ``from_day`` to ``to_day``, both included.

    Accounts by id; ``made_by`` is an account id or the command line. ``ended_at``: called off before its last day.
    """

    id: str
    covered: str
    stand_in: str
    from_day: date
    to_day: date
    reason: str
    made_by: str
    made_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None

    def holds(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.ended_at is None and self.from_day <= day <= self.to_day


class Covers(Protocol):
    def add(self, cover: Cover) -> None: ...
    def get(self, cover_id: str) -> Cover | None: ...
    def end(self, cover_id: str, at: datetime, by: str) -> None: ...
    def held_by(self, account_id: str, day: date) -> Sequence[Cover]:
        """Whom that account stands in for on that day."""
        ...

    def of_office(self, office: str, since: date) -> Sequence[Cover]:
        """The stand-ins within an office that last until that day or longer."""
        ...


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A list an account wants to come back to; ``query`` is the query string of its page, without a cursor."""

    id: str
    account: str
    name: str
    query: str
    made_at: datetime


class SavedFilters(Protocol):
    def list(self, account_id: str) -> Sequence[SavedFilter]: ...
    def add(self, saved: SavedFilter) -> None: ...
    def remove(self, account_id: str, filter_id: str) -> None: ...


class Revisions(Protocol):
    def publish(self, revision: Revision, document: str, based_on: int | None) -> None:
        """Raises RuleForbids when another revision was published since ``based_on``."""
        ...

    def list(self) -> Sequence[Mapping[str, Any]]:
        """number, digest, author, note, effective_from, published_at, newest first."""
        ...

    def document(self, number: int) -> str | None: ...
    def schedule(self) -> Sequence[tuple[int, datetime]]:
        """(number, effective_from) of every revision that was not withdrawn."""
        ...


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A scan or paper of a case; the name is sealed, the content chunked and sealed under the key of the case."""

    id: str
    reference: str
    name: str
    media_type: str
    size: int
    digest: str
    material: str | None
    added_at: datetime
    added_by: str


class Files(Protocol):
    def add(self, file: StoredFile, content: bytes) -> StoredFile:
        """Deduplicated within the case: the same content again answers the file that is there."""
        ...

    def list(self, reference: str) -> Sequence[StoredFile]: ...
    def content(self, reference: str, file_id: str) -> tuple[StoredFile, bytes] | None: ...
    def opened(self, reference: str, file_id: str, account: str, at: datetime) -> None:
        """That account has opened the file; the first time counts."""
        ...

    def openers(self, reference: str) -> Mapping[str, frozenset[str]]:
        """Every file of a case -> the accounts that have opened it."""
        ...


class Certificates(Protocol):
    def add(self, certificate_id: str, reference: str, number: str | None, record: Mapping[str, Any]) -> None:
        """Raises RuleForbids when the number is taken by another case's certificate."""
        ...

    def get(self, certificate_id: str) -> Mapping[str, Any] | None: ...
    def set_status(self, certificate_id: str, status: str) -> None: ...


class Outbox(Protocol):
    def list(self, *, state: str | None = None, limit: int = 100) -> Sequence[Mapping[str, Any]]: ...
    def claim(self, now: datetime, limit: int) -> Sequence[Message]:
        """Due messages, the oldest unsent of each case only, each claimed by one worker."""
        ...

    def sent(self, message_id: str, at: datetime) -> None: ...
    def failed(self, message_id: str, reason: str, retry_at: datetime | None) -> None:
        """``retry_at`` None parks the message."""
        ...

    def resend(self, message_id: str, now: datetime) -> bool: ...


class Throttle(Protocol):
    def failures(self, kind: str, subject: str, since: datetime) -> int: ...
    def record(self, kind: str, subject: str, at: datetime) -> None: ...


class AccessLog(Protocol):
    def unmasked(self, account: Account, reference: str, reason: str, at: datetime) -> None: ...
    def signed_in(self, username: str, success: bool, at: datetime, client: str) -> None: ...
    def administered(self, actor: str, act: str, subject: str, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class BrokenEvent:
    """Where a chain or an anchor does not hold."""

    reference: str
    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    cases: int
    events: int
    broken: tuple[BrokenEvent, ...] = field(default_factory=tuple)


class Audit(Protocol):
    def verify(self, kept: Sequence[Mapping[str, Any]] = ()) -> AuditReport:
        """Every chain and anchor, also against the anchors ``kept`` outside the database."""
        ...

    def anchor(self, at: datetime) -> Mapping[str, Any] | None:
        """The root over all chains grown since the last anchor; None when nothing is new."""
        ...


class Marks(Protocol):
    """What a database says of itself, such as that it holds demonstration data."""

    def get(self, key: str) -> str | None: ...
    def set(self, key: str, value: str) -> None: ...


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
    def files(self) -> Files: ...
    @property
    def certificates(self) -> Certificates: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def throttle(self) -> Throttle: ...
    @property
    def access(self) -> AccessLog: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def marks(self) -> Marks: ...

    def outcome(self, key: IdempotencyKey) -> Outcome | None:
        """The stored outcome of a key; raises IdempotencyKeyReused for another body."""
        ...

    def prune(self) -> int:
        """Forget what has served its time: idempotency keys, ended sessions, counted failures."""
        ...

    def keep_outcome(self, key: IdempotencyKey, outcome: Outcome) -> None: ...


class Database(Protocol):
    """Runs units of work in its own threads; ``write`` resolves after a durable commit.

    A unit of work with a true attribute ``alone`` promises to write by one statement only.
    """

    def read(self, function: Callable[[Work], T]) -> Future[T]: ...
    def write(self, function: Callable[[Work], T]) -> Future[T]: ...
    def close(self) -> None: ...

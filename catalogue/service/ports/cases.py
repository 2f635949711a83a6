"""Cases as the use cases need them kept, listed and found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from catalogue.domain.case import Case, Event
from catalogue.domain.people import Sight
from catalogue.domain.value import Value
from catalogue.service.ports.basics import IdempotencyKey, Message, Outcome


class SearchEntry(Value, frozen=True):
    """What a case is found by. ``title``: the clear name of an enterprise; ``label``: what lists show for the
    applicant (an enterprise's name, or a person's name already masked); ``digests``: (kind, normalised value) of
    personal identifiers, stored as keyed digests only: kinds name, document, phone."""

    title: str | None
    label: str
    digests: tuple[tuple[str, str], ...]


class Projection(Value, frozen=True):
    """What the row of a case shows beside the state itself, computed by the domain."""

    queue: str | None
    due_on: date | None
    open: bool


class Opening(Value, frozen=True):
    """A new case, ready to be written in one go."""

    case: Case
    events: tuple[Event, ...]
    projection: Projection
    search: SearchEntry
    query_code: str
    status_token: str
    """What the QR link of the receipt carries; like the code it is kept as a digest only, beside the sealed event."""
    revision_in_force: int
    """The write is refused with ``RevisionChanged`` when another revision is in force in its transaction."""
    idempotency: IdempotencyKey | None
    outcome: Outcome
    messages: tuple[Message, ...] = ()


class Change(Value, frozen=True):
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


class CaseQuery(Value, frozen=True):
    """A page of cases. ``q`` is a reference, a query by name (bigrams) or an exact personal identifier.

    ``named``: the matters that ``q`` names; cases of theirs are found too.
    """

    queue: str | None = None
    state: str | None = None
    matter: str | None = None
    region: str | None = None
    q: str | None = None
    named: tuple[str, ...] = ()
    claimed_by: str | None = None
    unclaimed: bool = False
    """Only cases nobody has claimed."""
    turn: bool = False
    """With a queue: only where it is the sight's own office (or region) that has to act."""
    overdue_before: date | None = None
    """Queue ``overdue``: open cases whose statutory date lies before this day."""
    late_before: date | None = None
    """Queue ``late_delivery``: decided cases whose result was to be delivered before this day."""
    cursor: str | None = None
    limit: int = 50


class CaseLine(Value, frozen=True):
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


class Page(Value, frozen=True):
    """``next_cursor`` is None on the last page."""

    lines: tuple[CaseLine, ...]
    next_cursor: str | None


class ClosedLink(Value, frozen=True):
    """An event by its place in the chain alone: ``hash`` is SM3 over ``prev`` and the digest of what it says."""

    seq: int
    digest: bytes
    prev: bytes
    hash: bytes


class ChainLink(Value, frozen=True):
    """An event exactly as it is kept and hashed: ``clear`` as text, ``sealed`` as ciphertext."""

    seq: int
    type: str
    at: str
    actor: str
    office: str
    clear: str
    sealed: bytes
    prev: bytes
    hash: bytes
    closed: ClosedLink | None = None
    """The same link without what it says; None where the event was hashed whole, as the first ones were."""


class PublicCase(Value, frozen=True):
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

    def public_by_link(self, token: str) -> PublicCase | None:
        """The same by the token of a QR link, which says as much as number and code together."""
        ...

    def due(self, kind: str, day: date, limit: int) -> Sequence[Case]:
        """Open cases for a repeating job: ``deemed`` (K1 of a permit ran out before ``day``),
        ``warning`` (statutory or promised date on or before ``day``), ``close`` (collected before ``day``)."""
        ...

    def chain(self, reference: str) -> Sequence[ChainLink]:
        """Every event of a case as it is kept and hashed, in order."""
        ...

    def references(self) -> Iterable[str]:
        """Every reference, for rebuild and audit."""
        ...

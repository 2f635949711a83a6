"""What stands beside the cases: revisions, files, certificates, outbox, logs, audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from msgspec import field

from catalogue.domain.people import Account
from catalogue.domain.registry.revision import Revision
from catalogue.domain.value import Value


class Revisions(Protocol):
    def publish(
        self,
        revision: Revision,
        document: str,
        based_on: int | None,
        *,
        publisher: str | None = None,
        draft: str | None = None,
        compiled: tuple[str, bytes] | None = None,
    ) -> None:
        """Raises RuleForbids when another revision was published since ``based_on``, or that one was withdrawn."""
        ...

    def list(self) -> Sequence[Mapping[str, Any]]:
        """number, digest, author, publisher, note, draft, effective_from, published_at, withdrawn_at, withdrawn_by,
        newest first."""
        ...

    def document(self, number: int) -> str | None: ...
    def compiled(self, number: int) -> tuple[str, bytes] | None:
        """(mark of the release that compiled it, the registry compiled), where it was kept."""
        ...

    def withdraw(self, number: int, at: datetime, by: str | None = None) -> bool:
        """Take back a revision before its day; False where it is in force already, withdrawn or unknown."""
        ...

    def schedule(self) -> Sequence[tuple[int, datetime]]:
        """(number, effective_from) of every revision that was not withdrawn."""
        ...


class StoredFile(Value, frozen=True):
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
    kind: str = "scan"
    """scan, or document: a PDF the house itself has set, whose ``material`` is the id of the document."""


class Files(Protocol):
    def add(self, file: StoredFile, content: bytes) -> StoredFile:
        """Deduplicated within the case: the same content again answers the file that is there."""
        ...

    def list(self, reference: str) -> Sequence[StoredFile]: ...
    def content(self, reference: str, file_id: str) -> tuple[StoredFile, bytes] | None: ...
    def document(self, reference: str, document_id: str) -> tuple[StoredFile, bytes] | None:
        """The PDF of a document that was set before."""
        ...

    def opened(self, reference: str, file_id: str, account: str, at: datetime) -> None:
        """That account has opened the file; the first time counts."""
        ...

    def openers(self, reference: str) -> Mapping[str, frozenset[str]]:
        """Every scan of a case -> the accounts that have opened it."""
        ...


class Documents(Protocol):
    def next_serial(self, organ: str, year: int) -> int:
        """The next number of an authority's year, from 1, held by this unit of work until it is committed."""
        ...


class Certificates(Protocol):
    def add(
        self,
        certificate_id: str,
        reference: str,
        number: str | None,
        record: Mapping[str, Any],
        *,
        shared_number: bool = False,
    ) -> None:
        """Raises RuleForbids when the number is taken by another case's certificate, unless numbers of that kind
        survive a change of the certificate (``shared_number``: 统一社会信用代码)."""
        ...

    def number_taken(self, number: str) -> bool:
        """Whether a certificate bears that number already."""
        ...

    def take_blank(self, blank_no: str, reference: str) -> None:
        """Note a blank sheet as used in that case. Raises RuleForbids when another case has used it."""
        ...

    def running_out(self, before: date, limit: int) -> Sequence[tuple[str, str]]:
        """(id, reference) of valid certificates whose last day lies before that day."""
        ...

    def to_renew(self, until: date, limit: int) -> Sequence[tuple[str, str]]:
        """(id, reference) of valid certificates that end by that day and whose holder was not told yet."""
        ...

    def renewal_told(self, certificate_id: str) -> None: ...
    def bearing(self, number: str, limit: int = 20) -> Sequence[str]:
        """The ids of the certificates that bear a number."""
        ...

    def get(self, certificate_id: str) -> Mapping[str, Any] | None: ...
    def set_status(
        self, certificate_id: str, status: str, cause: str | None = None, at: datetime | None = None
    ) -> None: ...
    def supersede(self, certificate_id: str, by: str, at: datetime) -> None:
        """The certificate ``by`` has taken its place; ``get`` then names it as ``superseded_by``."""
        ...


class Throttle(Protocol):
    def failures(self, kind: str, subject: str, since: datetime) -> int: ...
    def record(self, kind: str, subject: str, at: datetime) -> None: ...


class AccessEntry(Value, frozen=True):
    """A line of the access log; ``cursor`` leads to what came before it."""

    at: datetime
    act: str
    actor: str
    subject: str
    detail: str | None
    cursor: str


class AccessLog(Protocol):
    def entries(self, *, act: str | None = None, before: str | None = None, limit: int = 100) -> Sequence[AccessEntry]:
        """The newest first."""
        ...

    def unmasked(self, account: Account, reference: str, reason: str, at: datetime) -> None: ...
    def signed_in(self, username: str, success: bool, at: datetime, client: str) -> None: ...
    def administered(self, actor: str, act: str, subject: str, at: datetime) -> None: ...


class BrokenEvent(Value, frozen=True):
    """Where a chain or an anchor does not hold."""

    reference: str
    seq: int
    reason: str


class AuditReport(Value, frozen=True):
    cases: int
    events: int
    broken: tuple[BrokenEvent, ...] = field(default_factory=tuple)


class CheckedChain(Value, frozen=True):
    """The chain of one case, checked at a moment: how many events it has, and the first that does not hold."""

    events: int
    broken: BrokenEvent | None
    at: datetime


class Audit(Protocol):
    def verify(self, kept: Sequence[Mapping[str, Any]] = ()) -> AuditReport:
        """Every chain and anchor, also against the anchors ``kept`` outside the database."""
        ...

    def check(self, reference: str, at: datetime) -> CheckedChain:
        """The chain of one case against its hashes; anchors are not looked at. Raises NotFound."""
        ...

    def anchors(self, limit: int) -> Sequence[Mapping[str, Any]]:
        """The newest anchors: number, at, chains, root (hexadecimal)."""
        ...

    def anchor(self, at: datetime) -> Mapping[str, Any] | None:
        """The root over all chains grown since the last anchor; None when nothing is new."""
        ...


class Marks(Protocol):
    """What a database says of itself, such as that it holds demonstration data."""

    def get(self, key: str) -> str | None: ...
    def set(self, key: str, value: str) -> None: ...

"""Drafts of the registry, the feed of its published changes, bulk re-routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from catalogue.domain.case import Case, Event
from catalogue.domain.value import Value

OPEN, PUBLISHED, DISCARDED = "open", "published", "discarded"
"""The states of a draft."""


class Draft(Value, frozen=True):
    """A change of the registry in the making. ``version`` counts its savings; ``based_on`` is the revision it changes.

    ``origin``: edit, upload, table (a spreadsheet), reinstated (an older revision again). ``revision``: as published.
    """

    id: str
    title: str
    reason: str | None
    origin: str
    based_on: int
    author: str
    made_at: datetime
    changed_at: datetime
    version: int
    state: str
    revision: int | None = None


class DraftPiece(Value, frozen=True):
    """One piece as the draft has it; ``text`` None takes it out of the registry."""

    text: str | None
    changed_by: str
    changed_at: datetime


class FeedEntry(Value, frozen=True):
    """One published change: what, by whom, put in force by whom, why."""

    revision: int
    n: int
    at: datetime
    kind: str
    part: str
    subject: str
    matter: str | None
    path: str
    before: Any
    after: Any
    zh: str
    en: str
    author: str
    publisher: str
    reason: str | None


class Move(Value, frozen=True):
    """A bulk re-route after a change of rules, or what the system moved because offices were closed.

    ``undone_at`` is set once all that could be taken back was.
    """

    id: str
    at: datetime
    actor: str
    reason: str
    revision: int
    undone_at: datetime | None = None
    undone_by: str | None = None


class MovedCase(Value, frozen=True):
    """A case of a move, with the number of the event that moved it."""

    reference: str
    seq: int
    from_office: str | None
    to_office: str | None
    undone: bool = False


class Drafts(Protocol):
    def add(self, draft: Draft) -> None: ...
    def get(self, draft_id: str) -> Draft | None: ...
    def list(self, state: str | None = None, limit: int = 100) -> Sequence[Draft]:
        """The drafts last changed first."""
        ...

    def pieces(self, draft_id: str) -> Mapping[str, DraftPiece]: ...
    def hands(self, draft_id: str) -> frozenset[str]:
        """The accounts that have written in the draft, its author included."""
        ...

    def save(
        self, draft: Draft, version: int, pieces: Mapping[str, str | None], dropped: Iterable[str], by: str
    ) -> None:
        """The draft as it is now, with these pieces written and those put back to the base.

        Raises RuleForbids where it is no longer open at ``version``.
        """
        ...


class Feed(Protocol):
    def record(self, entries: Iterable[FeedEntry]) -> None: ...
    def entries(
        self,
        *,
        matter: str | None = None,
        revision: int | None = None,
        before: tuple[int, int] | None = None,
        limit: int = 100,
    ) -> Sequence[FeedEntry]:
        """The newest first; ``before`` is (revision, n) of the last one seen."""
        ...

    def count(self, revision: int) -> int: ...


class Moves(Protocol):
    def add(self, move: Move, cases: Iterable[MovedCase]) -> None: ...
    def more(self, move_id: str, cases: Iterable[MovedCase]) -> None:
        """Further cases of a move."""
        ...

    def get(self, move_id: str) -> Move | None: ...
    def list(self, limit: int = 50) -> Sequence[Move]: ...
    def cases(self, move_id: str) -> Sequence[MovedCase]: ...
    def undone(self, move_id: str, references: Iterable[str], at: datetime, by: str, *, whole: bool) -> None: ...


class OpenCases(Protocol):
    """Open cases for an administrator's own acts: no names, only what a change of the registry touches."""

    def count(
        self, *, matters: Iterable[str] | None = None, regions: Iterable[str] | None = None, office: str | None = None
    ) -> int:
        """How many open cases there are of those matters or home regions, or at that office on either side."""
        ...

    def several(self, references: Iterable[str]) -> Sequence[Case]:
        """The cases of those references, open or ended, by reference; what there is none of is left out."""
        ...

    def referring(self, office: str) -> str | None:
        """The reference of one case, open or ended, that names this office on any side; None where none does."""
        ...

    def placed(self, code: str) -> str | None:
        """The reference of one case, open or ended, whose place lies in that division; None where none does."""
        ...

    def histories(self, references: Iterable[str]) -> Mapping[str, Sequence[Event]]:
        """The events of those cases in order, without their sealed parts."""
        ...

    def walk(
        self,
        *,
        matters: Iterable[str] | None = None,
        regions: Iterable[str] | None = None,
        states: Iterable[str] | None = None,
        after: str = "",
        limit: int = 200,
    ) -> Sequence[Case]:
        """Open cases by reference, of those matters or of those home regions; all where neither is given."""
        ...

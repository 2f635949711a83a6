"""Drafts of the registry with their pieces, the feed of published changes, bulk re-routes and their cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, func, insert, or_, select, text, tuple_, update

from catalogue.domain.case import Case, Event
from catalogue.domain.problems import RuleForbids
from catalogue.domain.text import Text
from catalogue.service.ports.drafts import OPEN, Draft, DraftPiece, FeedEntry, Move, MovedCase
from catalogue.store.codec import json_text, moment, read_event, read_json, read_moment, read_snapshot
from catalogue.store.session import Session
from catalogue.store.tables import (
    SIGHT_COLUMNS,
    cases,
    draft_hands,
    draft_pieces,
    drafts,
    events,
    moved_cases,
    moves,
    registry_changes,
)

_MANY = 500
"""Names in one IN; both engines take more, and no statement grows with the registry."""


class StoredDrafts:
    """The port ``Drafts``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute

    def add(self, draft: Draft) -> None:
        """A new draft, without pieces yet."""
        self._execute(insert(drafts).values(id=draft.id, **_draft_row(draft)))
        self._execute(insert(draft_hands).values(draft=draft.id, account=draft.author))

    def get(self, draft_id: str) -> Draft | None:
        """The draft with that id."""
        row = self._execute(select(drafts).where(drafts.c.id == draft_id)).mappings().one_or_none()
        return None if row is None else _draft(row)

    def list(self, state: str | None = None, limit: int = 100) -> Sequence[Draft]:
        """The drafts last changed first."""
        statement = select(drafts).order_by(drafts.c.changed_at.desc(), drafts.c.id).limit(limit)
        if state is not None:
            statement = statement.where(drafts.c.state == state)
        return [_draft(row) for row in self._execute(statement).mappings()]

    def pieces(self, draft_id: str) -> Mapping[str, DraftPiece]:
        """What the draft changes, by name of the piece."""
        rows = self._execute(
            select(draft_pieces).where(draft_pieces.c.draft == draft_id).order_by(draft_pieces.c.piece)
        ).mappings()
        return {
            row["piece"]: DraftPiece(row["text"], row["changed_by"], read_moment(row["changed_at"])) for row in rows
        }

    def hands(self, draft_id: str) -> frozenset[str]:
        """The accounts that have written in the draft."""
        rows = self._execute(select(draft_hands.c.account).where(draft_hands.c.draft == draft_id))
        return frozenset(account for (account,) in rows)

    def save(
        self, draft: Draft, version: int, pieces: Mapping[str, str | None], dropped: Iterable[str], by: str
    ) -> None:
        """Write the draft where it is open and still at ``version``. Raises RuleForbids."""
        written = self._execute(
            update(drafts)
            .where(drafts.c.id == draft.id, drafts.c.version == version, drafts.c.state == OPEN)
            .values(**_draft_row(draft))
        ).rowcount
        if written != 1:
            raise RuleForbids(
                Text(
                    "草案已被他人修改、发布或作废，请重新打开后再改",
                    "Somebody has changed, published or discarded the draft meanwhile; open it again",
                ),
                extra={"rule": "draft-changed"},
            )
        names = [*pieces, *dropped]
        for start in range(0, len(names), _MANY):
            self._execute(
                delete(draft_pieces).where(
                    draft_pieces.c.draft == draft.id, draft_pieces.c.piece.in_(names[start : start + _MANY])
                )
            )
        at = moment(draft.changed_at)
        if pieces:
            self._execute(
                insert(draft_pieces),
                [
                    {"draft": draft.id, "piece": name, "text": text, "changed_by": by, "changed_at": at}
                    for name, text in pieces.items()
                ],
            )
        if by not in self.hands(draft.id) and names:
            self._execute(insert(draft_hands).values(draft=draft.id, account=by))


def _draft_row(draft: Draft) -> dict[str, Any]:
    return {
        "title": draft.title,
        "reason": draft.reason,
        "origin": draft.origin,
        "based_on": draft.based_on,
        "author": draft.author,
        "made_at": moment(draft.made_at),
        "changed_at": moment(draft.changed_at),
        "version": draft.version,
        "state": draft.state,
        "revision": draft.revision,
    }


def _draft(row: RowMapping) -> Draft:
    return Draft(**{**row, "made_at": read_moment(row["made_at"]), "changed_at": read_moment(row["changed_at"])})


class StoredFeed:
    """The port ``Feed``. The table is append-only."""

    def __init__(self, session: Session) -> None:
        self._execute = session.connection.execute

    def record(self, entries: Iterable[FeedEntry]) -> None:
        """Write the changes of a revision."""
        rows = [
            {
                "revision": entry.revision,
                "n": entry.n,
                "at": moment(entry.at),
                "kind": entry.kind,
                "part": entry.part,
                "subject": entry.subject,
                "matter": entry.matter,
                "path": entry.path,
                "before": json_text(entry.before),
                "after": json_text(entry.after),
                "zh": entry.zh,
                "en": entry.en,
                "author": entry.author,
                "publisher": entry.publisher,
                "reason": entry.reason,
            }
            for entry in entries
        ]
        if rows:
            self._execute(insert(registry_changes), rows)

    def entries(
        self,
        *,
        matter: str | None = None,
        revision: int | None = None,
        before: tuple[int, int] | None = None,
        limit: int = 100,
    ) -> Sequence[FeedEntry]:
        """The newest revision first, within it in the order of the file."""
        c = registry_changes.c
        statement = select(registry_changes).order_by(c.revision.desc(), c.n).limit(limit)
        if matter is not None:
            statement = statement.where(c.matter == matter)
        if revision is not None:
            statement = statement.where(c.revision == revision)
        if before is not None:
            statement = statement.where(tuple_(-c.revision, c.n) > tuple_(-before[0], before[1]))
        return [
            FeedEntry(
                **{
                    **row,
                    "at": read_moment(row["at"]),
                    "before": read_json(row["before"]),
                    "after": read_json(row["after"]),
                }
            )
            for row in self._execute(statement).mappings()
        ]

    def count(self, revision: int) -> int:
        """How many changes a revision made."""
        c = registry_changes.c
        return int(self._execute(select(func.count()).where(c.revision == revision)).scalar_one())


class StoredMoves:
    """The port ``Moves``."""

    def __init__(self, session: Session) -> None:
        self._execute = session.connection.execute

    def add(self, move: Move, cases: Iterable[MovedCase]) -> None:
        """A move with its cases."""
        self._execute(
            insert(moves).values(
                id=move.id, at=moment(move.at), actor=move.actor, reason=move.reason, revision=move.revision
            )
        )
        self.more(move.id, cases)

    def more(self, move_id: str, cases: Iterable[MovedCase]) -> None:
        """Further cases of a move."""
        rows = [
            {
                "move": move_id,
                "reference": case.reference,
                "seq": case.seq,
                "from_office": case.from_office,
                "to_office": case.to_office,
            }
            for case in cases
        ]
        if rows:
            self._execute(insert(moved_cases), rows)

    def get(self, move_id: str) -> Move | None:
        """The move with that id."""
        row = self._execute(select(moves).where(moves.c.id == move_id)).mappings().one_or_none()
        return None if row is None else _move(row)

    def list(self, limit: int = 50) -> Sequence[Move]:
        """The newest first."""
        rows = self._execute(select(moves).order_by(moves.c.at.desc()).limit(limit)).mappings()
        return [_move(row) for row in rows]

    def cases(self, move_id: str) -> Sequence[MovedCase]:
        """The cases of a move by reference."""
        c = moved_cases.c
        rows = self._execute(select(moved_cases).where(c.move == move_id).order_by(c.reference)).mappings()
        return [
            MovedCase(row["reference"], row["seq"], row["from_office"], row["to_office"], bool(row["undone"]))
            for row in rows
        ]

    def undone(self, move_id: str, references: Iterable[str], at: datetime, by: str, *, whole: bool) -> None:
        """Mark cases as taken back, and the move itself where nothing of it is left to undo."""
        for reference in references:
            self._execute(
                update(moved_cases)
                .where(moved_cases.c.move == move_id, moved_cases.c.reference == reference)
                .values(undone=1)
            )
        if whole:
            self._execute(update(moves).where(moves.c.id == move_id).values(undone_at=moment(at), undone_by=by))


def _move(row: RowMapping) -> Move:
    undone = None if row["undone_at"] is None else read_moment(row["undone_at"])
    return Move(
        row["id"], read_moment(row["at"]), row["actor"], row["reason"], row["revision"], undone, row["undone_by"]
    )


class StoredOpenCases:
    """The port ``OpenCases``."""

    def __init__(self, session: Session) -> None:
        self._execute = session.connection.execute

    def count(
        self, *, matters: Iterable[str] | None = None, regions: Iterable[str] | None = None, office: str | None = None
    ) -> int:
        """Open cases of those matters or home regions, or at that office on either side."""
        named = None if matters is None else set(matters)
        total = 0
        if named is not None or regions is None:
            for conditions in _conditions(named, None, office):
                total += int(self._execute(select(func.count()).select_from(cases).where(*conditions)).scalar_one())
        if regions is not None:
            for conditions in _conditions(None, regions, office):
                rows = self._execute(select(cases.c.matter, func.count()).where(*conditions).group_by(cases.c.matter))
                # Cases of a named matter were counted above.
                total += sum(int(n) for matter, n in rows if matter not in (named or ()))
        return total

    def several(self, references: Iterable[str]) -> Sequence[Case]:
        """The cases of those references, open or ended, by reference."""
        wanted = sorted(set(references))
        found: list[Case] = []
        for start in range(0, len(wanted), _MANY):
            rows = self._execute(
                select(cases.c.snapshot)
                .where(cases.c.reference.in_(wanted[start : start + _MANY]))
                .order_by(cases.c.reference)
            )
            found += [read_snapshot(snapshot) for (snapshot,) in rows]
        return found

    def referring(self, office: str) -> str | None:
        """The reference of one case, open or ended, that names this office on any side."""
        # One statement for each partial index of sight, so that each is a look-up.
        for column in (name for name in SIGHT_COLUMNS if name.endswith("_office")):
            for standing in (1, 0):
                # The state as text: SQLite chooses a partial index by the words of a statement alone.
                found = self._execute(
                    select(cases.c.reference).where(text(f"open = {standing}"), cases.c[column] == office).limit(1)
                ).scalar()
                if found is not None:
                    return str(found)
        return None

    def placed(self, code: str) -> str | None:
        """The reference of one case, open or ended, whose place lies in that division."""
        # Asked when a registry without a known division is published, which is rare: it reads the cases and needs no
        # index of its own. The text is ours and compact, and a quotation mark inside a value is escaped.
        named = cases.c.snapshot.contains(f'"place":"{code}', autoescape=True)
        found = self._execute(select(cases.c.reference).where(named).limit(1)).scalar()
        return None if found is None else str(found)

    def histories(self, references: Iterable[str]) -> Mapping[str, Sequence[Event]]:
        """The events of those cases in order, without their sealed parts."""
        wanted = sorted(set(references))
        found: dict[str, list[Event]] = {}
        c = events.c
        for start in range(0, len(wanted), _MANY):
            rows = self._execute(
                select(c.reference, c.seq, c.type, c.at, c.actor, c.office, c.clear)
                .where(c.reference.in_(wanted[start : start + _MANY]))
                .order_by(c.reference, c.seq)
            )
            for reference, *row in rows:
                found.setdefault(reference, []).append(read_event(reference, (*row, None), None))
        return found

    def walk(
        self,
        *,
        matters: Iterable[str] | None = None,
        regions: Iterable[str] | None = None,
        states: Iterable[str] | None = None,
        after: str = "",
        limit: int = 200,
    ) -> Sequence[Case]:
        """Open cases by reference, a page at a time."""
        found: dict[str, str] = {}
        for conditions in _conditions(matters, regions, None):
            if states is not None:
                conditions.append(cases.c.state.in_(sorted(states)))
            rows = self._execute(
                select(cases.c.reference, cases.c.snapshot)
                .where(*conditions, cases.c.reference > after)
                .order_by(cases.c.reference)
                .limit(limit)
            )
            for reference, snapshot in rows:
                found[reference] = snapshot
        return [read_snapshot(snapshot) for _, snapshot in sorted(found.items())[:limit]]


def _conditions(
    matters: Iterable[str] | None, regions: Iterable[str] | None, office: str | None
) -> Iterable[list[Any]]:
    """What one statement after another asks for: the matters, then the home regions; everything where neither is given.

    A case may answer to one of each.
    """
    wanted: list[Any] = [cases.c.open == 1]
    if office is not None:
        wanted.append(
            or_(cases.c.home_office == office, cases.c.accepting_office == office, cases.c.delivery_office == office)
        )
    if matters is None and regions is None:
        yield wanted
    for column, given in ((cases.c.matter, matters), (cases.c.home_region, regions)):
        names = sorted(set(given or ()))
        for start in range(0, len(names), _MANY):
            yield [*wanted, column.in_(names[start : start + _MANY])]

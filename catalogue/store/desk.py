"""What the desk keeps: stand-ins 代办 (AB岗) and the filters that an account saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from catalogue.service.ports import Cover, SavedFilter
from catalogue.store import tables
from catalogue.store.codec import moment, read_moment
from catalogue.store.session import Session


class StoredCovers:
    """The port ``Covers``."""

    def __init__(self, session: Session) -> None:
        self._execute = session.connection.execute

    def add(self, cover: Cover) -> None:
        """A new stand-in."""
        self._execute(
            insert(tables.covers).values(
                id=cover.id,
                covered=cover.covered,
                stand_in=cover.stand_in,
                from_day=cover.from_day.isoformat(),
                to_day=cover.to_day.isoformat(),
                reason=cover.reason,
                made_by=cover.made_by,
                made_at=moment(cover.made_at),
            )
        )

    def get(self, cover_id: str) -> Cover | None:
        """The stand-in with that id."""
        row = self._execute(select(tables.covers).where(tables.covers.c.id == cover_id)).one_or_none()
        return None if row is None else _cover(row)

    def end(self, cover_id: str, at: datetime, by: str) -> None:
        """It holds no longer; one that has ended keeps its first end."""
        covers = tables.covers
        self._execute(
            update(covers)
            .where(covers.c.id == cover_id, covers.c.ended_at.is_(None))
            .values(ended_at=moment(at), ended_by=by)
        )

    def held_by(self, account_id: str, day: date) -> Sequence[Cover]:
        """Whom that account stands in for on that day."""
        covers, on = tables.covers, day.isoformat()
        rows = self._execute(
            select(covers)
            .where(
                covers.c.stand_in == account_id,
                covers.c.from_day <= on,
                covers.c.to_day >= on,
                covers.c.ended_at.is_(None),
            )
            .order_by(covers.c.from_day, covers.c.id)
        )
        return [_cover(row) for row in rows]

    def of_office(self, office: str, since: date) -> Sequence[Cover]:
        """The stand-ins within an office that last until that day or longer, the earliest first."""
        covers, accounts = tables.covers, tables.accounts
        rows = self._execute(
            select(covers)
            .join(accounts, accounts.c.id == covers.c.covered)
            .where(accounts.c.office == office, covers.c.to_day >= since.isoformat())
            .order_by(covers.c.from_day, covers.c.id)
        )
        return [_cover(row) for row in rows]


def _cover(row: Any) -> Cover:
    return Cover(
        id=row.id,
        covered=row.covered,
        stand_in=row.stand_in,
        from_day=date.fromisoformat(row.from_day),
        to_day=date.fromisoformat(row.to_day),
        reason=row.reason,
        made_by=row.made_by,
        made_at=read_moment(row.made_at),
        ended_by=row.ended_by,
        ended_at=None if row.ended_at is None else read_moment(row.ended_at),
    )


class StoredFilters:
    """The port ``SavedFilters``."""

    def __init__(self, session: Session) -> None:
        self._execute = session.connection.execute

    def list(self, account_id: str) -> Sequence[SavedFilter]:
        """What an account saved, in the order it did."""
        saved = tables.saved_filters.c
        rows = self._execute(
            select(tables.saved_filters).where(saved.account_id == account_id).order_by(saved.made_at, saved.id)
        )
        return [SavedFilter(row.id, row.account_id, row.name, row.query, read_moment(row.made_at)) for row in rows]

    def add(self, saved: SavedFilter) -> None:
        """One more filter."""
        self._execute(
            insert(tables.saved_filters).values(
                id=saved.id,
                account_id=saved.account,
                name=saved.name,
                query=saved.query,
                made_at=moment(saved.made_at),
            )
        )

    def remove(self, account_id: str, filter_id: str) -> None:
        """Forget a filter of that account."""
        saved = tables.saved_filters
        self._execute(delete(saved).where(saved.c.account_id == account_id, saved.c.id == filter_id))

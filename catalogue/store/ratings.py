"""Ratings: clear are level, office and time, sealed under the key of the case what the rater wrote and the reply."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalogue.domain.problems import NotFound, RuleForbids
from catalogue.domain.text import Text
from catalogue.service.ports import Rating
from catalogue.store.codec import json_bytes, moment, read_json, read_moment
from catalogue.store.keys import data_key_of
from catalogue.store.sealing import seal, unseal
from catalogue.store.session import Session
from catalogue.store.tables import rating_due, ratings


class StoredRatings:
    """The port ``Ratings``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute

    def add(self, rating: Rating) -> None:
        """Raises RuleForbids where that target has a rating of that number, NotFound without such a case."""
        data_key = data_key_of(self._session, rating.reference)
        if data_key is None:
            raise NotFound
        refusal = RuleForbids(
            Text("已经评价过了，每件只能评价一次、追评一次", "Rated already: once, and one follow-up"),
            extra={"rule": "rated-already"},
        )
        if self._one(rating.reference, rating.target, rating.nth) is not None:
            raise refusal
        try:
            self._execute(
                insert(ratings).values(
                    reference=rating.reference,
                    target=rating.target,
                    nth=rating.nth,
                    level=rating.level,
                    channel=rating.channel,
                    office=rating.office,
                    officer=rating.officer,
                    at=moment(rating.at),
                    follow=rating.follow,
                    limit_on=None if rating.limit_on is None else rating.limit_on.isoformat(),
                    sealed=seal(data_key, _place(rating), json_bytes([list(rating.reasons), rating.text, None])),
                )
            )
        except IntegrityError as error:
            raise refusal from error

    def of_case(self, reference: str) -> Sequence[Rating]:
        """Every rating of a case, the default first."""
        found = ratings.c
        rows = self._execute(select(ratings).where(found.reference == reference).order_by(found.nth, found.target))
        return [self._read(row) for row in rows]

    def of_offices(self, offices: Sequence[str], limit: int) -> Sequence[Rating]:
        """The ratings of those offices, open follow-ups first, then the newest."""
        found = ratings.c
        here = found.office.in_(list(offices))
        waiting = self._execute(
            select(ratings).where(here, found.follow == "open").order_by(found.at, found.reference).limit(limit)
        ).all()
        rest = self._execute(
            select(ratings)
            .where(here, (found.follow != "open") | found.follow.is_(None))
            .order_by(found.at.desc(), found.reference)
            .limit(limit)
        ).all()
        return [self._read(row) for row in (*waiting, *rest)][:limit]

    def reply(self, reference: str, target: str, nth: int, reply: str, by: str) -> None:
        """Answer a follow-up. Raises NotFound where none is open."""
        row = self._one(reference, target, nth)
        data_key = data_key_of(self._session, reference)
        if row is None or row.follow != "open" or data_key is None:
            raise NotFound(Text("没有待处理的差评", "No follow-up is open there"))
        rating = self._read(row)
        sealed = seal(data_key, _place(rating), json_bytes([list(rating.reasons), rating.text, reply]))
        self._execute(
            update(ratings)
            .where(ratings.c.reference == reference, ratings.c.target == target, ratings.c.nth == nth)
            .values(follow="answered", replied_by=by, sealed=sealed)
        )

    def expect(self, reference: str, until: date) -> None:
        """The case may be rated until that day; then it counts by default."""
        self.no_longer(reference)
        self._execute(insert(rating_due).values(reference=reference, due_on=until.isoformat()))

    def expected(self, before: date, limit: int) -> Sequence[str]:
        """References whose day has passed without a rating."""
        due = rating_due.c
        late = select(due.reference).where(due.due_on < before.isoformat())
        rows = self._execute(late.order_by(due.due_on, due.reference).limit(limit))
        return [str(reference) for reference in rows.scalars()]

    def no_longer(self, reference: str) -> None:
        """Nothing is expected of the case any more."""
        self._execute(delete(rating_due).where(rating_due.c.reference == reference))

    def _one(self, reference: str, target: str, nth: int) -> Any:
        found = ratings.c
        statement = select(ratings).where(found.reference == reference, found.target == target, found.nth == nth)
        return self._execute(statement).one_or_none()

    def _read(self, row: Any) -> Rating:
        data_key = data_key_of(self._session, row.reference)
        rating = Rating(
            row.reference,
            row.target,
            row.nth,
            row.level,
            row.channel,
            row.office,
            row.officer,
            read_moment(row.at),
            follow=row.follow,
            limit_on=None if row.limit_on is None else date.fromisoformat(row.limit_on),
            replied_by=row.replied_by,
        )
        if data_key is None:
            return rating
        reasons, text, reply = read_json(unseal(data_key, _place(rating), row.sealed))
        return Rating(
            rating.reference, rating.target, rating.nth, rating.level, rating.channel, rating.office, rating.officer,
            rating.at, tuple(reasons), text, rating.follow, rating.limit_on, reply, rating.replied_by,
        )  # fmt: skip


def _place(rating: Rating) -> bytes:
    return f"rating {rating.reference} {rating.target} {rating.nth}".encode()

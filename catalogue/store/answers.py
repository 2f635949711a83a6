"""Answers of the cities' own systems, sealed under the key of their case; those on no case of ours under the house's.

A row is written once when the answer comes and again when something becomes of it; the id its sender gave it is its
key, so that an answer sent twice is one answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, select, text, update

from catalogue.service.ports import KeptAnswer
from catalogue.store.codec import json_bytes, moment, read_json, read_moment
from catalogue.store.keys import data_key_of
from catalogue.store.sealing import seal, unseal
from catalogue.store.session import Session
from catalogue.store.tables import answers


class StoredAnswers:
    """The port ``Answers``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute

    def get(self, region: str, answer_id: str) -> KeptAnswer | None:
        """The answer kept under that id; on PostgreSQL one in flight is waited for first."""
        session = self._session
        if session.writing and not session.sqlite:
            name = int.from_bytes(session.keyring.digest("lock answer", region, answer_id)[:8], "big", signed=True)
            self._execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": name})
        row = self._execute(select(answers).where(_place(region, answer_id))).one_or_none()
        return None if row is None else self._read(row)

    def keep(self, answer: KeptAnswer) -> None:
        """Write it, or what became of it."""
        body = json_bytes([answer.body, answer.outcome, answer.status])
        data_key = data_key_of(self._session, answer.reference)
        about = _about(answer.region, answer.id)
        sealed = self._session.keyring.seal_loose(about, body) if data_key is None else seal(data_key, about, body)
        values: dict[str, Any] = {
            "body_digest": answer.body_digest,
            "reference": answer.reference,
            "known": int(data_key is not None),
            "sequence": answer.sequence,
            "type": answer.type,
            "state": answer.state,
            "received_at": moment(answer.received_at),
            "settled_at": None if answer.settled_at is None else moment(answer.settled_at),
            "told_by": answer.told_by,
            "problem": answer.problem,
            "sealed": sealed,
        }
        here = _place(answer.region, answer.id)
        if self._execute(update(answers).where(here).values(values)).rowcount == 0:
            self._execute(insert(answers).values(region=answer.region, id=answer.id, **values))

    def last_settled(self, region: str, reference: str) -> int:
        """The sender's count of the last answer that was settled on a case, whatever became of it."""
        settled = and_(
            answers.c.region == region,
            answers.c.reference == reference,
            answers.c.state.in_(("done", "refused", "dropped")),
        )
        return self._execute(select(func.max(answers.c.sequence)).where(settled)).scalar() or 0

    def waiting(self, region: str, reference: str) -> Sequence[KeptAnswer]:
        """What waits on a case, in the sender's order."""
        here = and_(answers.c.region == region, answers.c.reference == reference, answers.c.state == "waiting")
        return [self._read(row) for row in self._execute(select(answers).where(here).order_by(answers.c.sequence))]

    def overdue(self, before: datetime, limit: int) -> Sequence[KeptAnswer]:
        """What has waited since then."""
        here = and_(answers.c.state == "waiting", answers.c.received_at < moment(before))
        rows = self._execute(select(answers).where(here).order_by(answers.c.received_at).limit(limit))
        return [self._read(row) for row in rows]

    def listed(
        self, *, region: str | None = None, state: str | None = None, reference: str | None = None, limit: int = 100
    ) -> Sequence[KeptAnswer]:
        """For inspection, the newest first."""
        wanted = answers.c.state.in_(("waiting", "refused")) if state is None else answers.c.state == state
        if region is not None:
            wanted = and_(wanted, answers.c.region == region)
        if reference is not None:
            wanted = and_(wanted, answers.c.reference == reference)
        rows = self._execute(
            select(answers).where(wanted).order_by(answers.c.received_at.desc(), answers.c.id).limit(limit)
        )
        return [self._read(row) for row in rows]

    def counts(self) -> Mapping[tuple[str, str], int]:
        """(region, state) -> number of those waiting or refused."""
        rows = self._execute(
            select(answers.c.region, answers.c.state, func.count())
            .where(answers.c.state.in_(("waiting", "refused")))
            .group_by(answers.c.region, answers.c.state)
        )
        return {(region, state): number for region, state, number in rows}

    def _read(self, row: Any) -> KeptAnswer:
        about = _about(row.region, row.id)
        opened: list[Any] = [{}, {}, 200]
        if not row.known:
            opened = read_json(self._session.keyring.unseal_loose(about, bytes(row.sealed)))
        elif (data_key := data_key_of(self._session, row.reference)) is not None:
            opened = read_json(unseal(data_key, about, bytes(row.sealed)))
        return KeptAnswer(
            row.region,
            row.id,
            row.body_digest,
            row.reference,
            row.sequence,
            row.type,
            row.state,
            read_moment(row.received_at),
            None if row.settled_at is None else read_moment(row.settled_at),
            row.told_by,
            row.problem,
            *opened,
        )


def _place(region: str, answer_id: str) -> Any:
    return and_(answers.c.region == region, answers.c.id == answer_id)


def _about(region: str, answer_id: str) -> bytes:
    return "\x1f".join(("answer", region, answer_id)).encode()

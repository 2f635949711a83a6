"""The outbox: messages leave in the order of their case and receiver, each claimed by one worker at a time.

A message that cannot be delivered holds back the later ones of its case to the same region and nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, select, tuple_, update

from catalogue.service.ports import Message
from catalogue.store.codec import moment, read_moment
from catalogue.store.keys import data_key_of
from catalogue.store.messages import read_body
from catalogue.store.session import Session
from catalogue.store.tables import message_ids, outbox

CLAIMED_FOR = timedelta(minutes=2)
"""How long a worker may take over a message before another one may try."""


class StoredOutbox:
    """The port ``Outbox``. States: waiting, claimed, parked, sent, erased."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute

    def list(self, *, state: str | None = None, limit: int = 100) -> Sequence[Mapping[str, Any]]:
        """Messages without their bodies, what is longest due first; without ``state`` all that are not sent."""
        columns = [column for column in outbox.c if column.name != "body"]
        wanted = outbox.c.state != "sent" if state is None else outbox.c.state == state
        rows = self._execute(select(*columns).where(wanted).order_by(outbox.c.due_at, outbox.c.reference).limit(limit))
        times = ("due_at", "sent_at")
        return [
            {key: read_moment(value) if key in times and value is not None else value for key, value in row.items()}
            for row in rows.mappings()
        ]

    def claim(self, now: datetime, limit: int) -> Sequence[Message]:
        """Due messages, the oldest unsent of each case and region only, claimed for two minutes."""
        at = moment(now)
        earlier = outbox.alias("earlier")
        blocked = exists().where(
            earlier.c.reference == outbox.c.reference,
            earlier.c.region == outbox.c.region,
            earlier.c.state.in_(("waiting", "claimed", "parked")),
            tuple_(earlier.c.sequence, earlier.c.id) < tuple_(outbox.c.sequence, outbox.c.id),
        )
        due = (
            select(outbox)
            .where(outbox.c.state.in_(("waiting", "claimed")), outbox.c.state != "sent", outbox.c.due_at <= at)
            .where(~blocked)
            .order_by(outbox.c.due_at, outbox.c.reference)
            .limit(limit)
            .with_for_update(skip_locked=True, of=outbox)
        )
        claimed = []
        for row in self._execute(due).all():
            data_key = data_key_of(self._session, row.reference)
            if data_key is None:
                self._set(row.reference, row.id, state="erased", reason="the case was erased")
                continue
            self._set(
                row.reference, row.id, state="claimed", due_at=moment(now + CLAIMED_FOR), attempts=row.attempts + 1
            )
            body = read_body(row.reference, row.id, data_key, row.body)
            claimed.append(Message(row.id, row.channel, row.region, row.reference, row.sequence, row.type, body))
        return claimed

    def sent(self, message_id: str, at: datetime) -> None:
        """The receiver has taken the message."""
        self._by_id(message_id, state="sent", sent_at=moment(at), reason=None)

    def failed(self, message_id: str, reason: str, retry_at: datetime | None) -> None:
        """It has not: again at ``retry_at``, or parked where that is None."""
        if retry_at is None:
            self._by_id(message_id, state="parked", reason=reason)
        else:
            self._by_id(message_id, state="waiting", reason=reason, due_at=moment(retry_at))

    def resend(self, message_id: str, now: datetime) -> bool:
        """Send once more, whatever became of it; False where there is no such message."""
        return self._by_id(message_id, state="waiting", due_at=moment(now), sent_at=None)

    def _by_id(self, message_id: str, **values: Any) -> bool:
        reference = self._execute(select(message_ids.c.reference).where(message_ids.c.id == message_id)).scalar()
        return reference is not None and self._set(reference, message_id, **values)

    def _set(self, reference: str, message_id: str, **values: Any) -> bool:
        here = and_(outbox.c.reference == reference, outbox.c.id == message_id)
        return self._execute(update(outbox).where(here).values(values)).rowcount == 1

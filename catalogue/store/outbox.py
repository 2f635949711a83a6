"""The outbox: messages leave in the order of their case and receiver, each claimed by one worker at a time.

A message that cannot be delivered holds back the later ones of its case to the same region and nobody else; a city
that does not answer at all is tried again as a whole, so that its messages neither pile up attempts nor are looked
through again and again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)

from catalogue.domain.problems import NotFound
from catalogue.service.ports import Claimed, Difference, LineState, Message, Settled
from catalogue.store.codec import moment, read_moment
from catalogue.store.keys import data_key_of
from catalogue.store.messages import MESSAGE_COLUMNS, message_rows, read_body
from catalogue.store.session import Session
from catalogue.store.tables import differences, lines, message_ids, outbox

CLAIMED_FOR = timedelta(seconds=60)
"""How long a worker may take over a message before another one may try."""

_TIMES = ("due_at", "sent_at", "created_at")
_LINE_TIMES = ("paused_at", "failing_since", "retry_at", "answered_at")


# Written out and not parameters: a partial index is used only where its condition is known to hold.
_UNTOLD = text("state <> 'sent' AND state <> 'skipped'")
_UNSENT = text("state IN ('waiting', 'claimed', 'parked')")
_SKIPPED = text("state = 'skipped'")


class StoredOutbox:
    """The port ``Outbox``. States: waiting, claimed, parked, sent, skipped, erased."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute

    def list(
        self, *, state: str | None = None, region: str | None = None, limit: int = 100
    ) -> Sequence[Mapping[str, Any]]:
        """Messages without their bodies, what is longest due first; without ``state`` all that are still to be sent.
        Of those that were skipped the newest first."""
        columns = [column for column in outbox.c if column.name not in ("body", "claim")]
        wanted: Any = _UNTOLD if state is None else outbox.c.state == state
        order: tuple[Any, ...] = (outbox.c.due_at, outbox.c.reference)
        if state == "skipped":
            # This list only grows.
            wanted = _SKIPPED
            order = (outbox.c.sent_at.desc(), outbox.c.reference.desc())
        if region is not None:
            wanted = and_(wanted, outbox.c.region == region)
        rows = self._execute(select(*columns).where(wanted).order_by(*order).limit(limit))
        return [
            {key: read_moment(value) if key in _TIMES and value is not None else value for key, value in row.items()}
            for row in rows.mappings()
        ]

    def lines(self) -> Sequence[LineState]:
        """Every city's line with what is not sent."""
        counted = select(outbox.c.region, outbox.c.state, func.count(), func.min(outbox.c.created_at)).where(_UNSENT)
        counts: dict[str, dict[str, int]] = {}
        oldest: dict[str, str] = {}
        for region, state, number, first in self._execute(counted.group_by(outbox.c.region, outbox.c.state)):
            counts.setdefault(region, {})[state] = number
            oldest[region] = min(oldest.get(region, first), first)
        states = {row["region"]: dict(row) for row in self._execute(select(lines)).mappings()}
        found = []
        for region in sorted({*counts, *states}):
            row = states.get(region, {})
            row.pop("compared", None)
            times: dict[str, Any] = {
                key: None if row.get(key) is None else read_moment(row.pop(key)) for key in _LINE_TIMES
            }
            rest = {key: value for key, value in row.items() if key not in (*_LINE_TIMES, "region")}
            first_at = oldest.get(region)
            found.append(
                LineState(
                    region,
                    counts.get(region, {}),
                    None if first_at is None else read_moment(first_at),
                    **times,
                    **rest,
                )
            )
        return found

    def failures(self, region: str) -> int:
        """How often in a row that city's system did not answer."""
        return self._execute(select(lines.c.failures).where(lines.c.region == region)).scalar() or 0

    def due(self, now: datetime) -> Sequence[str]:
        """Regions with a message that is due and a line that may be tried."""
        at = moment(now)
        closed = exists().where(
            lines.c.region == outbox.c.region, or_(lines.c.paused_at.is_not(None), lines.c.retry_at > at)
        )
        rows = self._execute(
            select(outbox.c.region)
            .where(outbox.c.state.in_(("waiting", "claimed")), outbox.c.due_at <= at, ~closed)
            .distinct()
        )
        return sorted(region for (region,) in rows)

    def claim(self, now: datetime, limit: int, region: str | None = None) -> Sequence[Claimed]:
        """Due messages, the oldest unsent of each case and region only, claimed for a minute."""
        at = moment(now)
        earlier = outbox.alias("earlier")
        blocked = exists().where(
            earlier.c.reference == outbox.c.reference,
            earlier.c.region == outbox.c.region,
            earlier.c.state.in_(("waiting", "claimed", "parked")),
            tuple_(earlier.c.sequence, earlier.c.id) < tuple_(outbox.c.sequence, outbox.c.id),
        )
        due = select(outbox).where(outbox.c.state.in_(("waiting", "claimed")), outbox.c.due_at <= at).where(~blocked)
        if region is not None:
            due = due.where(outbox.c.region == region)
        due = (
            due.order_by(outbox.c.due_at, outbox.c.reference).limit(limit).with_for_update(skip_locked=True, of=outbox)
        )
        taken = []
        claim = secrets.token_hex(8)
        for row in self._execute(due).all():
            data_key = data_key_of(self._session, row.reference)
            if data_key is None:
                self._set(row.reference, row.id, state="erased", reason="the case was erased")
                continue
            attempts = row.attempts + 1
            until = moment(now + CLAIMED_FOR)
            self._set(row.reference, row.id, state="claimed", claim=claim, due_at=until, attempts=attempts)
            body = read_body(row.reference, row.id, data_key, row.body)
            message = Message(row.id, row.channel, row.region, row.reference, row.sequence, row.type, body)
            taken.append(Claimed(message, claim, attempts))
        return taken

    def settle(self, results: Sequence[Settled], now: datetime) -> None:
        """What became of claimed messages. That one arrived is true whoever says it; the rest needs a valid claim."""
        at = moment(now)
        sent: dict[str, int] = {}
        for result in results:
            message = result.claimed.message
            here = and_(outbox.c.reference == message.reference, outbox.c.id == message.id)
            mine = and_(here, outbox.c.state == "claimed", outbox.c.claim == result.claimed.claim)
            if result.outcome == "sent":
                values: dict[str, Any] = {"state": "sent", "sent_at": at, "reason": None, "owner": None, "claim": None}
                done = self._execute(update(outbox).where(here, outbox.c.state != "sent").values(values)).rowcount
                sent[message.region] = sent.get(message.region, 0) + done
                continue
            values = {"state": "waiting", "claim": None, "reason": result.reason}
            if result.outcome == "skipped":
                values |= {"state": "skipped", "sent_at": at, "owner": None}
            elif result.outcome == "parked":
                values |= {"state": "parked", "owner": result.owner}
            elif result.outcome == "again":
                values["due_at"] = moment(now + result.wait)
            else:
                values |= {"due_at": at, "attempts": result.claimed.attempts - 1}
                values.pop("reason")
            self._execute(update(outbox).where(mine).values(values))
        for region, number in sent.items():
            self._line(region, sent=lines.c.sent + number)

    def answered(self, region: str, now: datetime) -> None:
        """The city's system has answered."""
        self._line(region, failing_since=None, reason=None, retry_at=None, failures=0, answered_at=moment(now))

    def unreachable(self, region: str, reason: str, now: datetime, wait: timedelta) -> None:
        """It has not; the line is tried again after ``wait``."""
        at = moment(now)
        self._line(
            region,
            failing_since=func.coalesce(lines.c.failing_since, at),
            reason=reason,
            retry_at=moment(now + wait),
            failures=lines.c.failures + 1,
        )

    def pause(self, region: str, by: str, reason: str, now: datetime) -> None:
        """Nothing more is sent to that region until somebody lets it go on."""
        self._line(region, paused_at=moment(now), paused_by=by, pause_reason=reason)

    def go_on(self, region: str, now: datetime) -> None:
        """End a pause and any waiting: the next round tries at once."""
        self._line(region, paused_at=None, paused_by=None, pause_reason=None, retry_at=moment(now))

    def resend(self, message_id: str, now: datetime) -> bool:
        """Send once more, whatever became of it; False where there is no such message."""
        return self._by_id(
            message_id, state="waiting", due_at=moment(now), sent_at=None, attempts=0, owner=None, claim=None
        )

    def resend_parked(self, region: str, now: datetime) -> int:
        """Every parked message of a region again."""
        values: dict[str, Any] = {"state": "waiting", "due_at": moment(now), "attempts": 0, "owner": None}
        parked = and_(outbox.c.region == region, outbox.c.state == "parked")
        return self._execute(update(outbox).where(parked).values(values)).rowcount

    def resend_case(self, region: str, reference: str, after: int, now: datetime) -> int:
        """What was told of a case beyond that sequence again, in its order."""
        of = and_(outbox.c.region == region, outbox.c.reference == reference, outbox.c.sequence > after)
        values: dict[str, Any] = {"state": "waiting", "due_at": moment(now), "attempts": 0, "owner": None}
        return self._execute(update(outbox).where(of, outbox.c.state != "erased").values(values)).rowcount

    def add(self, message: Message) -> None:
        """Write a message. Raises NotFound where the case is unknown or erased."""
        data_key = data_key_of(self._session, message.reference)
        if data_key is None:
            raise NotFound
        now = self._session.now()
        row = message_rows([message], data_key, now)[0]
        values = dict(zip(MESSAGE_COLUMNS, row, strict=True))
        self._execute(insert(outbox).values(reference=message.reference, **values))
        self._execute(insert(message_ids).values(id=message.id, reference=message.reference))

    def on_the_way(self, region: str) -> frozenset[str]:
        """References of what is not sent."""
        unsent = and_(outbox.c.region == region, outbox.c.state.in_(("waiting", "claimed", "parked")))
        return frozenset(self._execute(select(outbox.c.reference).where(unsent).distinct()).scalars())

    def held(self, region: str) -> Mapping[str, int]:
        """Reference -> the last sequence that the region's system has taken."""
        rows = self._execute(
            select(outbox.c.reference, func.max(outbox.c.sequence))
            .where(outbox.c.region == region, outbox.c.state == "sent", outbox.c.channel == "webhook")
            .group_by(outbox.c.reference)
        )
        return {row[0]: row[1] for row in rows}

    def replace_differences(self, region: str, found: Sequence[Difference], now: datetime) -> None:
        """The findings of a comparison; a difference found again keeps the day it was first found."""
        before = {(one.reference, one.kind): one.found_at for one in self.differences(region)}
        self._execute(delete(differences).where(differences.c.region == region))
        for one in found:
            since = before.get((one.reference, one.kind)) or now
            values = {"reference": one.reference, "kind": one.kind, "ours": one.ours, "theirs": one.theirs}
            self._execute(insert(differences).values(region=region, found_at=moment(since), **values))
        self._line(region, compared=moment(now))

    def differences(self, region: str | None = None) -> Sequence[Difference]:
        """What the last comparisons found and nobody has mended yet."""
        wanted = select(differences).order_by(differences.c.region, differences.c.reference, differences.c.kind)
        if region is not None:
            wanted = wanted.where(differences.c.region == region)
        return [
            Difference(row.region, row.reference, row.kind, row.ours, row.theirs, read_moment(row.found_at))
            for row in self._execute(wanted)
        ]

    def mended(self, region: str, reference: str, kind: str) -> bool:
        """Strike a difference off; False where it is not listed."""
        here = and_(differences.c.region == region, differences.c.reference == reference, differences.c.kind == kind)
        return self._execute(delete(differences).where(here)).rowcount == 1

    def compared(self) -> Mapping[str, datetime]:
        """Region -> when it was last compared."""
        rows = self._execute(select(lines.c.region, lines.c.compared).where(lines.c.compared.is_not(None)))
        return {region: read_moment(at) for region, at in rows}

    def _line(self, region: str, **values: Any) -> None:
        if self._execute(update(lines).where(lines.c.region == region).values(values)).rowcount == 0:
            # Two workers at once: the second meets the first one's row and this unit of work runs again.
            self._execute(insert(lines).values(region=region))
            self._execute(update(lines).where(lines.c.region == region).values(values))

    def _by_id(self, message_id: str, **values: Any) -> bool:
        reference = self._execute(select(message_ids.c.reference).where(message_ids.c.id == message_id)).scalar()
        return reference is not None and self._set(reference, message_id, **values)

    def _set(self, reference: str, message_id: str, **values: Any) -> bool:
        here = and_(outbox.c.reference == reference, outbox.c.id == message_id)
        return self._execute(update(outbox).where(here).values(values)).rowcount == 1

"""Whether the chains of events still hold, and anchors that fix them from outside the database.

An anchor is the root of a Merkle tree (SM3) over (reference, seq, hash) of every chain that has grown since the last
anchor, chained to that one and signed with Ed25519. Whoever keeps the anchors elsewhere can prove that no event before
them was rewritten, even by somebody who holds the database.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import bindparam, func, insert, select, text, tuple_, update

from catalogue.domain.problems import NotFound
from catalogue.service.ports import AuditReport, BrokenEvent, ChainLink, CheckedChain, ClosedLink
from catalogue.store.codec import GENESIS, follows, linked, moment, read_moment
from catalogue.store.sealing import sm3
from catalogue.store.session import Session
from catalogue.store.tables import anchor_heads, anchors, cases, events

_BATCH = 300
_ANCHORING = 0x616E_6368_6F72_6B79
"""Key of the advisory lock under which one anchor at a time is made on PostgreSQL."""


class StoredAudit:
    """The port ``Audit``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute

    def verify(self, kept: Sequence[Mapping[str, Any]] = ()) -> AuditReport:
        """Every chain against its hashes and its case, every anchor against the chains and those ``kept`` outside."""
        counted = [0, 0]
        broken: list[BrokenEvent] = []
        for reference, head, rows in self._chains():
            counted[0] += 1
            counted[1] += len(rows)
            fault = _fault(reference, head, rows)
            if fault is not None:
                broken.append(fault)
        broken += self._strays()
        broken += self._anchors()
        broken += self._kept(kept)
        return AuditReport(counted[0], counted[1], tuple(broken))

    def check(self, reference: str, at: datetime) -> CheckedChain:
        """The chain of one case against its hashes; anchors are not looked at. Raises NotFound."""
        rows = self._execute(
            select(cases.c.seq.label("last"), cases.c.head, *list(events.c)[1:])
            .outerjoin(events, events.c.reference == cases.c.reference)
            .where(cases.c.reference == reference)
            .order_by(events.c.seq)
        ).all()
        if not rows:
            raise NotFound
        there = [row for row in rows if row.hash is not None]
        return CheckedChain(len(there), _fault(reference, (rows[0].last, rows[0].head), there), at)

    def anchors(self, limit: int) -> Sequence[Mapping[str, Any]]:
        """The newest anchors, for people to compare with those kept outside."""
        query = select(anchors.c.number, anchors.c.at, anchors.c.chains, anchors.c.root)
        rows = self._execute(query.order_by(anchors.c.number.desc()).limit(limit)).all()
        return [
            {"number": row.number, "at": read_moment(row.at), "chains": row.chains, "root": bytes(row.root).hex()}
            for row in rows
        ]

    def anchor(self, at: datetime) -> Mapping[str, Any] | None:
        """The root over all chains grown since the last anchor; None when nothing is new.

        The answer is for keeping outside the database: number, at, chains, root, prev, signature and public_key, the
        last four in base64.
        """
        if not self._session.sqlite:
            self._execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ANCHORING})
        grown = self._execute(
            select(cases.c.reference, cases.c.seq, cases.c.head)
            .where(text("seq > anchored"))
            .order_by(cases.c.reference)
        ).all()
        if not grown:
            return None
        last = self._execute(
            select(anchors.c.number, anchors.c.root).order_by(anchors.c.number.desc()).limit(1)
        ).first()
        number = 1 if last is None else last.number + 1
        prev = GENESIS if last is None else last.root
        root = merkle([_leaf(row.reference, row.seq, row.head) for row in grown])
        signature = self._session.keyring.sign(_statement(number, moment(at), len(grown), root, prev))
        values = {"number": number, "at": moment(at), "chains": len(grown), "root": root, "prev": prev}
        self._execute(insert(anchors).values(**values, signature=signature))
        self._execute(insert(anchor_heads), [{"reference": r.reference, "seq": r.seq, "anchor": number} for r in grown])
        self._execute(
            update(cases).where(cases.c.reference == bindparam("of")).values(anchored=bindparam("to")),
            [{"of": r.reference, "to": r.seq} for r in grown],
        )
        public_key = self._session.keyring.public_key()
        texts = {"root": root, "prev": prev, "signature": signature, "public_key": public_key}
        return {**values, **{key: base64.b64encode(value).decode() for key, value in texts.items()}}

    def _chains(self) -> Iterator[tuple[str, tuple[int, bytes], list[Any]]]:
        """(reference, (seq, head) of the case, its events) for each case.

        Case and events come from one statement, so that a case that moves meanwhile does not look broken.
        """
        last = ""
        while True:
            some = select(cases.c.reference, cases.c.seq, cases.c.head).where(cases.c.reference > last)
            batch = some.order_by(cases.c.reference).limit(_BATCH).subquery()
            rows = self._execute(
                select(batch.c.reference, batch.c.seq.label("last"), batch.c.head, *list(events.c)[1:])
                .outerjoin(events, events.c.reference == batch.c.reference)
                .order_by(batch.c.reference, events.c.seq)
            ).all()
            groups: dict[str, tuple[tuple[int, bytes], list[Any]]] = {}
            for row in rows:
                group = groups.setdefault(row.reference, ((row.last, row.head), []))
                if row.hash is not None:
                    group[1].append(row)
            for last, (head, found) in groups.items():
                yield last, head, found
            if len(groups) < _BATCH:
                return

    def _strays(self) -> Iterator[BrokenEvent]:
        rows = self._execute(
            select(events.c.reference, func.min(events.c.seq))
            .outerjoin(cases, cases.c.reference == events.c.reference)
            .where(cases.c.reference.is_(None))
            .group_by(events.c.reference)
        )
        for reference, seq in rows:
            yield BrokenEvent(reference, seq, "no case has this event")

    def _anchors(self) -> Iterator[BrokenEvent]:
        public_key = Ed25519PublicKey.from_public_bytes(self._session.keyring.public_key())
        prev = GENESIS
        for number, anchor in enumerate(self._execute(select(anchors).order_by(anchors.c.number)).all(), start=1):
            place = f"anchor {number}"
            if anchor.number != number or anchor.prev != prev:
                yield BrokenEvent(place, 0, "the chain of anchors is broken here")
            message = _statement(anchor.number, anchor.at, anchor.chains, anchor.root, anchor.prev)
            try:
                public_key.verify(anchor.signature, message)
            except InvalidSignature:
                yield BrokenEvent(place, 0, "the signature is not that of this keyring")
            heads = self._execute(
                select(anchor_heads.c.reference, anchor_heads.c.seq, events.c.hash)
                .outerjoin(
                    events,
                    tuple_(events.c.reference, events.c.seq) == tuple_(anchor_heads.c.reference, anchor_heads.c.seq),
                )
                .where(anchor_heads.c.anchor == anchor.number)
                .order_by(anchor_heads.c.reference)
            ).all()
            gone = [head for head in heads if head.hash is None]
            for head in gone:
                yield BrokenEvent(head.reference, head.seq, f"anchor {number} names this event and it is missing")
            leaves = [_leaf(head.reference, head.seq, head.hash) for head in heads if head.hash is not None]
            if not gone and (not leaves or merkle(leaves) != anchor.root):
                yield BrokenEvent(place, 0, "the events it covers were changed since")
            prev = anchor.root

    def _kept(self, kept: Sequence[Mapping[str, Any]]) -> Iterator[BrokenEvent]:
        """Anchors kept outside that the database does not hold as they were."""
        if not kept:
            return
        held = {
            row.number: (base64.b64encode(row.root).decode(), base64.b64encode(row.signature).decode())
            for row in self._execute(select(anchors.c.number, anchors.c.root, anchors.c.signature))
        }
        for anchor in kept:
            if held.get(anchor["number"]) != (anchor["root"], anchor["signature"]):
                yield BrokenEvent(f"anchor {anchor['number']}", 0, "the anchor kept outside is another one")


def _fault(reference: str, head: tuple[int, bytes], rows: Sequence[Any]) -> BrokenEvent | None:
    """The first event at which a chain does not hold."""
    prev = GENESIS
    for seq, row in enumerate(rows, start=1):
        if row.seq != seq:
            return BrokenEvent(reference, seq, "the event is missing")
        if row.prev != prev:
            return BrokenEvent(reference, seq, "it does not follow the event before")
        fields = (row.type, row.at, row.actor, row.office, row.clear)
        if not follows(prev, reference, seq, fields, row.sealed, row.hash):
            return BrokenEvent(reference, seq, "its content was changed")
        prev = row.hash
    if head[0] > len(rows):
        return BrokenEvent(reference, len(rows) + 1, "the event is missing")
    if head != (len(rows), prev):
        return BrokenEvent(reference, len(rows), "the case does not end with this event")
    return None


def _leaf(reference: str, seq: int, hashed: bytes) -> bytes:
    return sm3(b"\x00" + reference.encode() + seq.to_bytes(8, "big") + hashed)


def _statement(number: int, at: str, chains: int, root: bytes, prev: bytes) -> bytes:
    return b"anchor " + f"{number} {at} {chains} ".encode() + root + prev


def merkle(leaves: Sequence[bytes]) -> bytes:
    """The root over leaves in order; an odd one out moves up unpaired."""
    level = list(leaves)
    while len(level) > 1:
        pairs = [sm3(b"\x01" + level[n] + level[n + 1]) for n in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def broken_links(reference: str, links: Sequence[ChainLink | ClosedLink]) -> list[BrokenEvent]:
    """Where the history that somebody took along does not hold; nothing but what it says is needed."""
    broken = []
    prev = GENESIS
    for expected, one in enumerate(links, 1):
        if one.seq != expected:
            broken.append(BrokenEvent(reference, one.seq, "missing"))
        elif one.prev != prev:
            broken.append(BrokenEvent(reference, one.seq, "unlinked"))
        elif not _holds(reference, one):
            broken.append(BrokenEvent(reference, one.seq, "changed"))
        prev = one.hash
    return broken


def _holds(reference: str, one: ChainLink | ClosedLink) -> bool:
    if isinstance(one, ClosedLink):
        return linked(one.prev, one.digest) == one.hash
    fields = (one.type, one.at, one.actor, one.office, one.clear)
    return follows(one.prev, reference, one.seq, fields, one.sealed, one.hash)

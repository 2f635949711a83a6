"""Values as the tables keep them: times, days, JSON, events, snapshots of cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from catalogue.domain.case import Case, Event
from catalogue.domain.internal import INTERNAL
from catalogue.store.sealing import seal, sm3, unseal

GENESIS = bytes(32)
"""What the first event of a chain has before it."""


def moment(at: datetime) -> str:
    """An aware time as sortable text: UTC, always with microseconds. Raises ValueError for a naive one."""
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            raise ValueError("a time without zone is no moment")
        at = at.astimezone(UTC)
    return f"{at.isoformat(timespec='microseconds')[:26]}Z"


def read_moment(text: str) -> datetime:
    """The aware time of a stored text."""
    return datetime.fromisoformat(text)


def day(value: date | None) -> str | None:
    """A day as ISO text."""
    return None if value is None else value.isoformat()


def read_day(text: str | None) -> date | None:
    """The day of a stored text."""
    return None if text is None else date.fromisoformat(text)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise NotImplementedError(f"{type(value).__name__} has no place in JSON")


_encoder = msgspec.json.Encoder(enc_hook=_plain, order="deterministic")
_decoder = msgspec.json.Decoder()
_case_decoder = msgspec.json.Decoder(Case)


def json_bytes(value: Any) -> bytes:
    """JSON with keys in order, so that the same value gives the same bytes."""
    return _encoder.encode(value)


def json_text(value: Any) -> str:
    """``json_bytes`` as text."""
    return _encoder.encode(value).decode()


def read_json(text: str | bytes) -> Any:
    """The value of a JSON text."""
    return _decoder.decode(text)


def snapshot(case: Case) -> str:
    """The clear state of a case as its row keeps it."""
    return _encoder.encode(case).decode()


def read_snapshot(text: str | bytes) -> Case:
    """The case of a snapshot."""
    return _case_decoder.decode(text)


# --- events and their chain -------------------------------------------------------------------------------------------


Fields = tuple[str, str, str, str, str]
"""type, at, actor, office and clear of an event, as stored."""


def _parts(reference: str, seq: int, fields: Fields, sealed: bytes) -> bytes:
    """Everything an event says, each part with its length, so that no two events have one text.

    The sealed part goes in as ciphertext: the chain holds after the key of the case was destroyed.
    """
    message = bytearray()
    for part in (reference.encode(), seq.to_bytes(8, "big"), *(text.encode() for text in fields), sealed):
        message += len(part).to_bytes(8, "big")
        message += part
    return bytes(message)


def event_digest(reference: str, seq: int, fields: Fields, sealed: bytes) -> bytes:
    """SM3 of what an event says: all that a reader of the chain needs of an event that stays closed to him."""
    return sm3(_parts(reference, seq, fields, sealed))


def linked(prev: bytes, digested: bytes) -> bytes:
    """The hash of an event: SM3 over the hash of the event before and the digest of this one."""
    return sm3(prev + digested)


def chain(prev: bytes, reference: str, seq: int, fields: Fields, sealed: bytes) -> bytes:
    """The hash of an event that follows ``prev``."""
    return linked(prev, event_digest(reference, seq, fields, sealed))


def undigested(prev: bytes, reference: str, seq: int, fields: Fields, sealed: bytes) -> bytes:
    """The hash as the first events were given it: over the event before and all of this one, without a digest.

    No text is both: this one is always longer than the 64 bytes that ``linked`` takes.
    """
    return sm3(prev + _parts(reference, seq, fields, sealed))


def follows(prev: bytes, reference: str, seq: int, fields: Fields, sealed: bytes, hashed: bytes) -> bool:
    """Whether that is the hash of the event, in either form."""
    return hashed in (chain(prev, reference, seq, fields, sealed), undigested(prev, reference, seq, fields, sealed))


def _place(reference: str, seq: int) -> bytes:
    return f"event {reference} {seq}".encode()


EventRow = tuple[int, str, str, str, str, str, bytes, bytes, bytes]
"""seq, type, at, actor, office, clear, sealed, prev, hash."""


def event_rows(reference: str, data_key: bytes | None, head: bytes, events: tuple[Event, ...]) -> list[EventRow]:
    """The rows of new events that continue a chain at ``head``.

    Without a data key (after erasure) an event may have no sealed part; ValueError where it has. An internal event is
    sealed even where it says nothing: the nonce keeps its digest from being found by trying.
    """
    rows: list[EventRow] = []
    for event in events:
        fields = (event.type, moment(event.at), event.actor, event.office, json_text(event.clear))
        if not event.sealed and (data_key is None or event.type not in INTERNAL):
            sealed = b""
        elif data_key is None:
            raise ValueError("the key of this case was destroyed: nothing more can be sealed under it")
        else:
            sealed = seal(data_key, _place(reference, event.seq), json_bytes(event.sealed))
        hashed = chain(head, reference, event.seq, fields, sealed)
        rows.append((event.seq, *fields, sealed, head, hashed))
        head = hashed
    return rows


def read_event(reference: str, row: Any, data_key: bytes | None) -> Event:
    """The event of a row (seq, type, at, actor, office, clear, sealed); its sealed part only with the data key."""
    seq, kind, at, actor, office, clear, sealed = row
    opened: dict[str, Any] = {}
    if data_key is not None and sealed:
        opened = read_json(unseal(data_key, _place(reference, seq), bytes(sealed)))
    return Event(seq, kind, read_moment(at), actor, office, read_json(clear), opened)

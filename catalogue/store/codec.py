"""Values as the tables keep them: times, days, JSON, events, snapshots of cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from catalogue.domain.case import Case, Event
from catalogue.store.sealing import seal, sm3, unseal

GENESIS = bytes(32)
"""What the first event of a chain has before it."""


def moment(at: datetime) -> str:
    """An aware time as sortable text: UTC, always with microseconds. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a time without zone is no moment")
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


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


def chain(prev: bytes, reference: str, seq: int, fields: tuple[str, str, str, str, str], sealed: bytes) -> bytes:
    """SM3 over the event before and this event; ``fields`` are type, at, actor, office and clear as stored.

    Each part goes in with its length, so that no two events have one text. The sealed part goes in as ciphertext:
    the chain holds after the key of the case was destroyed.
    """
    message = bytearray(prev)
    for part in (reference.encode(), seq.to_bytes(8, "big"), *(text.encode() for text in fields), sealed):
        message += len(part).to_bytes(8, "big")
        message += part
    return sm3(bytes(message))


def _place(reference: str, seq: int) -> bytes:
    return f"event {reference} {seq}".encode()


EventRow = tuple[int, str, str, str, str, str, bytes, bytes, bytes]
"""seq, type, at, actor, office, clear, sealed, prev, hash."""


def event_rows(reference: str, data_key: bytes | None, head: bytes, events: tuple[Event, ...]) -> list[EventRow]:
    """The rows of new events that continue a chain at ``head``.

    Without a data key (after erasure) an event may have no sealed part; ValueError where it has.
    """
    rows: list[EventRow] = []
    for event in events:
        fields = (event.type, moment(event.at), event.actor, event.office, json_text(event.clear))
        if not event.sealed:
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

"""Messages of the outbox as rows; their bodies are sealed under the key of their case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from catalogue.service.ports import Message
from catalogue.store.codec import json_bytes, read_json
from catalogue.store.sealing import seal, unseal

MESSAGE_COLUMNS = ("id", "channel", "region", "sequence", "type", "body", "state", "due_at", "created_at")


def message_rows(messages: Iterable[Message], data_key: bytes, now: str) -> list[tuple[Any, ...]]:
    """The rows of new messages, due at once."""
    return [
        (
            message.id,
            message.channel,
            message.region,
            message.sequence,
            message.type,
            seal(data_key, _place(message.reference, message.id), json_bytes(message.body)),
            "waiting",
            now,
            now,
        )
        for message in messages
    ]


def read_body(reference: str, message_id: str, data_key: bytes, sealed: bytes) -> dict[str, Any]:
    """The body of a stored message. Raises SealBroken."""
    body: dict[str, Any] = read_json(unseal(data_key, _place(reference, message_id), sealed))
    return body


def _place(reference: str, message_id: str) -> bytes:
    return f"message {reference} {message_id}".encode()

"""What a handler answers: bytes that are ready to be sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from litestar.types import Receive, Scope, Send

JSON = b"application/json"
HTML = b"text/html; charset=utf-8"
NO_STORE = (b"cache-control", b"no-store")

Header = tuple[bytes, bytes]

encode = msgspec.json.encode


class Answer:
    """A whole answer as one ASGI application; no model and no copy on the way out."""

    __slots__ = ("body", "headers", "status")

    def __init__(
        self, body: bytes, status: int = 200, media_type: bytes = JSON, headers: Iterable[Header] = ()
    ) -> None:
        self.status = status
        self.body = body
        self.headers: list[Header] = [
            (b"content-type", media_type),
            (b"content-length", str(len(body)).encode()),
            *headers,
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def json_answer(value: Any, status: int = 200, headers: Iterable[Header] = ()) -> Answer:
    """Any JSON-ready value."""
    return Answer(encode(value), status, JSON, headers)


def private_json(value: Any, status: int = 200, headers: Iterable[Header] = ()) -> Answer:
    """JSON that no cache may keep: everything about a case or an account."""
    return Answer(encode(value), status, JSON, (NO_STORE, *headers))


def html_answer(text: str, status: int = 200, headers: Iterable[Header] = ()) -> Answer:
    return Answer(text.encode(), status, HTML, headers)


def empty(status: int = 204, headers: Iterable[Header] = ()) -> Answer:
    """An answer without content."""
    answer = Answer(b"", status, JSON, headers)
    answer.headers = answer.headers[2:] if status in (204, 304) else answer.headers[1:]
    return answer


def see_other(location: str, headers: Iterable[Header] = ()) -> Answer:
    """303 after a form, or on the way to signing in. ``location`` is an address of this house."""
    return empty(303, ((b"location", location.encode("ascii", "ignore")), NO_STORE, *headers))


def cookie(
    name: str, value: str, *, secure: bool, http_only: bool, max_age: int | None = None, path: str = "/"
) -> Header:
    """A ``Set-Cookie`` header; ``max_age`` in seconds, 0 deletes."""
    text = f"{name}={value}; Path={path}; SameSite=Lax"
    if max_age is not None:
        text += f"; Max-Age={max_age}"
    if http_only:
        text += "; HttpOnly"
    if secure:
        text += "; Secure"
    return b"set-cookie", text.encode()

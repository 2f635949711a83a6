"""Logs: one JSON line for each request and for what went wrong; never bodies, cookies, query strings or codes."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec
import structlog


class Lines:
    """Where lines go: standard error, unless told otherwise."""

    def __init__(self) -> None:
        self.stream: BinaryIO | None = None

    def msg(self, message: bytes) -> None:
        """Write one line, whole, and at once."""
        stream = self.stream or sys.stderr.buffer
        stream.write(message + b"\n")
        stream.flush()

    info = warning = error = msg


LINES = Lines()


def log_request(request_id: str, method: str, route: str, status: int, seconds: float, problem: str | None) -> None:
    """The line of one request, written without structlog's chain: it stands on every path, the hottest too."""
    line = {
        "request_id": request_id,
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "problem": problem,
        "event": "request",
        "level": "info",
        "timestamp": datetime.now(UTC),
    }
    LINES.msg(msgspec.json.encode(line))


def _encode(event: dict[str, Any], **_: Any) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)


log: structlog.BoundLogger = structlog.wrap_logger(
    LINES,
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(serializer=_encode),
    ],
    wrapper_class=structlog.BoundLogger,
    context_class=dict,
)

"""Logs: one line of JSON for each request and for what went wrong; never bodies, cookies, query strings or codes."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec


class Log:
    """Writes lines to standard error, unless told otherwise; each whole and at once."""

    def __init__(self) -> None:
        self.stream: BinaryIO | None = None

    def line(self, level: str, event: str, facts: dict[str, Any]) -> None:
        """One line; what JSON does not know is written as its text. One that cannot be written is lost."""
        told = {**facts, "event": event, "level": level, "timestamp": datetime.now(UTC)}
        stream = self.stream or sys.stderr.buffer
        # A disk that is full takes no line, and must not end the thread that would have written it.
        with suppress(OSError):
            stream.write(msgspec.json.encode(told, enc_hook=str) + b"\n")
            stream.flush()

    def info(self, event: str, **facts: Any) -> None:
        """What happened."""
        self.line("info", event, facts)

    def warning(self, event: str, **facts: Any) -> None:
        """What went wrong and was worked round."""
        self.line("warning", event, facts)

    def error(self, event: str, **facts: Any) -> None:
        """What went wrong and wants somebody's eyes."""
        self.line("error", event, facts)


log = Log()
"""The one log of a process."""

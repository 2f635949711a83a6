"""The write-ahead log of SQLite, copied into the database file beside the writer instead of by it.

SQLite leaves the copying to whoever commits once the log is long. With one writer that is a pause for everybody: in
``make bench`` the server stood idle for a seventh of its time at ten thousand cases and a third at a million, not
least for this. Here a thread of its own copies; the writer then copies only what was written meanwhile, whereupon the
log begins anew. Where this fails or falls behind, the limit at which the writer copies by itself still holds
(``engines``).
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine

LONG = 400
"""Units of work after which the log is worth copying: some 40 MiB of it where they are submissions."""

_COPY = "PRAGMA wal_checkpoint(PASSIVE)"
"""Copies what no reader is in the way of, waits for nobody, and lets others write meanwhile."""


class LogCopier:
    """The thread that copies, and what the writer tells it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._units = 0
        self._copied = False
        self._wanted = threading.Semaphore(0)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="copy", daemon=True)
        self._thread.start()

    def written(self, units: int, writer: Any) -> None:
        """The writer has committed that many units of work on its connection; called in its thread."""
        self._units += units
        if self._copied:
            self._copied = False
            with suppress(sqlite3.Error):
                writer.execute(_COPY).fetchall()
        elif self._units >= LONG:
            self._units = 0
            self._wanted.release()

    def close(self) -> None:
        """Finish what is being copied, then end."""
        self._closed = True
        self._wanted.release()
        self._thread.join()

    def _run(self) -> None:
        while self._wanted.acquire() and not self._closed:
            # A disk that is full is told to the writer by its own commit, not by this thread.
            with suppress(Exception), self._engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute(_COPY).fetchall()
                self._copied = True

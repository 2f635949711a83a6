"""What the stand-in keeps: messages as they came, its own list of cases, papers, the answers it owes and has given."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL, sequence INTEGER NOT NULL, type TEXT NOT NULL,
    came_at REAL NOT NULL, times INTEGER NOT NULL DEFAULT 1, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cases (
    reference TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, matter TEXT NOT NULL, applicant TEXT NOT NULL,
    procedure TEXT NOT NULL, office TEXT, state TEXT NOT NULL, sequence INTEGER NOT NULL, active INTEGER NOT NULL,
    counted INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS papers (
    reference TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL, sha256 TEXT NOT NULL,
    content BLOB, PRIMARY KEY (reference, id));
CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL, sequence INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
    due_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL, status INTEGER, reply TEXT);
CREATE INDEX IF NOT EXISTS answers_due ON answers (state, due_at);
CREATE INDEX IF NOT EXISTS answers_case ON answers (reference, sequence);
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Store:
    """One SQLite file, written by one thread at a time; what is acknowledged is on the disk."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything in it or nothing."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """The rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a query."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def setting(self, key: str, default: str = "") -> str:
        """A setting that outlives the process."""
        found = self.row("SELECT value FROM settings WHERE key = ?", key)
        return default if found is None else str(found["value"])

    def set(self, key: str, value: str) -> None:
        """Keep a setting."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value),
            )

    def holdings(self) -> list[dict[str, Any]]:
        """What this side holds, for a comparison."""
        return [dict(row) for row in self.rows("SELECT reference, sequence, state FROM cases ORDER BY reference")]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def loads(text: str | None) -> Any:
    """JSON, None where there is none."""
    return None if text is None else json.loads(text)

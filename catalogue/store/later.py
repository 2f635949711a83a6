"""Rows that nobody reads within their transaction, on SQLite: written last of all, table by table and in order.

A group of submissions that shares a COMMIT then runs each such statement once, and its rows meet on the same pages one
after the other. The search index of titles needs it most: FTS5 writes what it has gathered whenever a row number is not
above the one before, and at each statement that may be undone by itself; in between the others it would begin a piece
of its own for every case. Measured: a twentieth of a submission for that index, a sixtieth for the other tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = tuple[Any, ...]


class Later:
    """What waits for the end of one transaction."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))

    def add(self, sql: str, rows: Iterable[Row]) -> None:
        """Let a statement wait with its rows; no order among statements or rows may matter."""
        self._rows.setdefault(sql, []).extend(rows)

    def write(self, driver: Any) -> None:
        """Write what waits."""
        for sql, rows in self._rows.items():
            rows.sort()
            driver.executemany(sql, rows)
        self._rows.clear()

    def copy(self) -> Later:
        """The same rows, for who may have to come back to them."""
        kept = Later()
        kept._rows = {sql: rows.copy() for sql, rows in self._rows.items()}
        return kept

    def put_back(self, kept: Later) -> None:
        """Let wait what waited when ``kept`` was copied, and nothing else."""
        self._rows = kept._rows

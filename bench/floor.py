"""The floor for writes: pgbench with the inserts of one submission as separate prepared statements in one transaction.

The rows are those that the system itself wrote for one submission: same tables, same indexes, same sizes. Nothing is
validated, routed, sealed, signed in or rendered.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.postgres import Cluster
from catalogue.store.tables import metadata

TABLES = ("idempotency", "cases", "events", "case_keys", "case_digests", "case_titles", "status_links", "outbox")

_REFERENCE = "lpad(CAST(:n AS text), 16, '0')"


def _hex(value: bytes) -> str:
    return f"decode('{value.hex()}', 'hex')"


def _literal(value: Any) -> str:
    """A value as SQL in which pgbench finds no ``:name`` of its own."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes | memoryview):
        return _hex(bytes(value))
    if isinstance(value, int):
        return str(value)
    return f"convert_from({_hex(str(value).encode())}, 'UTF8')"


def _value(column: str, value: Any) -> str:
    if column in ("reference", "key"):
        return _REFERENCE
    if column == "digest":
        return f"substr(sha256(convert_to({_REFERENCE} || '{bytes(value).hex()[:8]}', 'UTF8')), 1, {len(value)})"
    if column == "id":
        return f"({_literal(value)} || {_REFERENCE})"
    if column == "grams":
        return f"CAST({_literal(value)} AS tsvector)"
    return _literal(value)


def script(postgres: Cluster, database: str, reference: str) -> str:
    """The pgbench script that writes the rows of that case under a new reference each time."""
    statements = [r"\set n random(1, 9000000000000000)", "BEGIN;"]
    with postgres.connect(database) as connection:
        for table in TABLES:
            columns = [column.name for column in metadata.tables[table].columns]
            names = ", ".join(columns)
            rows = connection.execute(f"SELECT {names} FROM {table} WHERE reference = %s", [reference]).fetchall()
            tuples = [f"({', '.join(_value(*pair) for pair in zip(columns, row, strict=True))})" for row in rows]
            if tuples:
                statements.append(f"INSERT INTO {table} ({names}) VALUES {', '.join(tuples)};")
    return "\n".join([*statements, "END;", ""])


def write_script(postgres: Cluster, database: str, reference: str, path: Path) -> int:
    """Write the script; answers how many inserts it holds."""
    text = script(postgres, database, reference)
    path.write_text(text, encoding="utf-8")
    return text.count("INSERT INTO")

"""Fills a database with many cases, by copying the cases of the demo under new references.

Rows, events and indexes have the shape and size of real ones. Sealed parts and hashes are copied as they are, so such
a database is for measuring only: ``catalogue audit verify`` would rightly refuse it.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateIndex

from bench.postgres import Cluster
from catalogue.domain.numbers import UNMISTAKABLE, check_digit
from catalogue.store import bigrams
from catalogue.store.indexes import COMPLETE
from catalogue.store.keyring import Keyring
from catalogue.store.tables import CASE_TABLES, NEVER, metadata

OPEN_SHARE = 0.08
"""Of all cases in a register that has run for some years."""

YEARS = 3
FRESH_DAYS = 90
"""The days before today are the demo's and those of the run itself; copies are older, so that no reference meets."""

SEED = 61
SECOND_INDEXES = [index for name in CASE_TABLES for index in COMPLETE.tables[name].indexes]


@dataclass(frozen=True)
class Known:
    """A case whose public status can be asked for."""

    reference: str
    query_code: str


@dataclass(frozen=True)
class Dialects:
    """What the two engines say differently. ``shifted`` moves a day by ``m.shift``, ``noise`` is 16 bytes."""

    text: Dialect
    shifted: str
    noise: str


SQLITE = Dialects(make_url("sqlite://").get_dialect()(), "date({day}, m.shift || ' days')", "randomblob(16)")
POSTGRESQL = Dialects(
    make_url("postgresql://").get_dialect()(),
    "to_char(CAST({day} AS date) + m.shift, 'YYYY-MM-DD')",
    "substr(sha256(convert_to(m.reference || random(), 'UTF8')), 1, 16)",
)

CopyRow = tuple[str, str, bytes, int]
"""New reference, reference it is copied from, digest of the query code, days to shift by."""


def copies(count: int, models: list[tuple[str, bool]], ring: Keyring, known: list[Known]) -> Iterator[CopyRow]:
    """The cases to make, in order of reference; fills ``known`` with some spread evenly over them."""
    chance = random.Random(SEED)
    running = [reference for reference, is_open in models if is_open]
    ended = [reference for reference, is_open in models if not is_open]
    code = UNMISTAKABLE[:8]
    first = datetime.now(UTC).date() - timedelta(days=365 * YEARS + FRESH_DAYS)
    regions = sorted({reference[:4] for reference, _ in models})
    days = 365 * YEARS
    per_day = -(-count // (days * len(regions)))
    every = max(count // 5000, 1)
    made = 0
    for region in regions:
        for n in range(days):
            day = first + timedelta(days=n)
            for serial in sorted(chance.sample(range(100_000), per_day)):
                if made == count:
                    return
                body = f"{region}{day:%y%m%d}{serial:05d}"
                reference = body + check_digit(body)
                if made % every == 0:
                    known.append(Known(reference, code))
                model = chance.choice(running if chance.random() < OPEN_SHARE else ended)
                yield reference, model, ring.digest("query code", reference, code), chance.randrange(-20, 40)
                made += 1


def insert_copies(table: str, speech: Dialects) -> str:
    """The statement that copies one table's rows of every model under the new references."""
    special = {
        "reference": "m.reference",
        "code_digest": "m.code_digest",
        "snapshot": "replace(p.snapshot, m.model, m.reference)",
        "digest": speech.noise,
        "month": "CAST(substr(m.reference, 5, 4) AS integer)",
        "due_on": f"CASE p.due_on WHEN '{NEVER}' THEN p.due_on ELSE {speech.shifted.format(day='p.due_on')} END",
        "id": "p.id || m.reference",
    }
    if table == "outbox":
        special["state"] = "'sent'"
    columns = [column.name for column in metadata.tables[table].columns]
    values = ", ".join(special.get(name, f"p.{name}") for name in columns)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
        f"FROM copies m JOIN {table} p ON p.reference = m.model ORDER BY m.reference"
    )


def _copy(run: Callable[[str], Any], speech: Dialects) -> None:
    """Copy all tables of a case with their second indexes away, then make those anew."""
    for index in SECOND_INDEXES:
        run(f"DROP INDEX IF EXISTS {index.name}")
    for table in CASE_TABLES:
        if table not in ("files", "file_chunks", "anchor_heads"):
            run(insert_copies(table, speech))
    for index in SECOND_INDEXES:
        if not (index.name == "case_titles_grams" and speech is SQLITE):
            run(str(CreateIndex(index).compile(dialect=speech.text)))


def fill_sqlite(path: Path, count: int, ring: Keyring) -> list[Known]:
    """Bring a demo database on SQLite to ``count`` cases more; answers some of them."""
    known: list[Known] = []
    with sqlite3.connect(path, isolation_level=None) as connection:
        run = connection.execute
        # A fault while loading throws the file away, so it need not survive one.
        run("PRAGMA journal_mode = OFF")
        run("PRAGMA synchronous = OFF")
        run("PRAGMA cache_size = -1000000")
        run("PRAGMA temp_store = MEMORY")
        run("CREATE TEMP TABLE copies (reference TEXT PRIMARY KEY, model TEXT, code_digest BLOB, shift INTEGER)")
        models = [(str(reference), bool(is_open)) for reference, is_open in run("SELECT reference, open FROM cases")]
        run("BEGIN")
        connection.executemany("INSERT INTO copies VALUES (?, ?, ?, ?)", copies(count, models, ring, known))
        _copy(run, SQLITE)
        run("CREATE TEMP TABLE words (model TEXT PRIMARY KEY, grams TEXT)")
        titles = run("SELECT reference, folded FROM case_titles WHERE reference NOT IN (SELECT reference FROM copies)")
        words = [(reference, " ".join(bigrams.tokens(folded))) for reference, folded in titles]
        connection.executemany("INSERT INTO words VALUES (?, ?)", words)
        run(
            "INSERT INTO case_grams (rowid, grams) SELECT CAST(m.reference AS INTEGER), w.grams "
            "FROM copies m JOIN words w ON w.model = m.model"
        )
        run("COMMIT")
        # As it is in a register that has grown over years, and as PostgreSQL is vacuumed.
        run("INSERT INTO case_grams (case_grams) VALUES ('optimize')")
        run("ANALYZE")
        run("PRAGMA journal_mode = WAL")
    connection.close()
    return known


def fill_postgresql(postgres: Cluster, database: str, count: int, ring: Keyring) -> list[Known]:
    """Bring a demo database on PostgreSQL to ``count`` cases more; answers some of them."""
    known: list[Known] = []
    with postgres.connect(database, autocommit=False) as connection:
        run = connection.execute
        run("SET work_mem = '512MB'")
        run("SET maintenance_work_mem = '1GB'")
        run("SET synchronous_commit = off")
        run("CREATE TEMP TABLE copies (reference text PRIMARY KEY, model text, code_digest bytea, shift integer)")
        models = [(str(row[0]), bool(row[1])) for row in run("SELECT reference, open FROM cases").fetchall()]
        with connection.cursor().copy("COPY copies FROM STDIN") as rows:
            for row in copies(count, models, ring, known):
                rows.write_row(row)
        run("ANALYZE copies")
        _copy(run, POSTGRESQL)
    with postgres.connect(database) as connection:
        connection.execute("VACUUM ANALYZE")
    postgres.settle()
    return known

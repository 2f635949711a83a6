"""Backup and restore: every table as lines of JSON in one archive, the same from SQLite and from PostgreSQL.

A backup is read from one snapshot while the system runs. It holds everything but the keys, so it opens nothing by
itself: keep the keys file apart from it. Personal data in it are as sealed as in the database. Restore fills an empty
database of either engine and counts what it wrote against the manifest.
"""

from __future__ import annotations

import base64
import io
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, create_engine, func, insert, select, text
from sqlalchemy.pool import NullPool

from catalogue.domain.problems import InvalidInput, RuleForbids
from catalogue.domain.text import Text
from catalogue.store import bigrams, tables
from catalogue.store.engines import is_sqlite, normal_url, sqlite_engine
from catalogue.store.sealing import sm3

FORMAT = 1
BATCH = 1000
TEMPORARY = frozenset({"sessions", "throttle"})
"""Tables that are not worth keeping: who is signed in now, who failed lately."""

_DERIVED = {"case_titles": frozenset({"grams"}), "revisions": frozenset({"compiled", "compiled_by"})}
"""Columns that are made again from others, or on one engine only."""


def _kept() -> list[Table]:
    return [table for table in tables.metadata.sorted_tables if table.name not in TEMPORARY]


def _columns(table: Table) -> list[str]:
    derived = _DERIVED.get(table.name, frozenset())
    return [column.name for column in table.columns if column.name not in derived]


def _engine(url: str) -> Engine:
    if is_sqlite(url):
        return sqlite_engine(url, busy_ms=60_000, poolclass=NullPool)
    return create_engine(normal_url(url), poolclass=NullPool, hide_parameters=True)


def backup(url: str, target: Path) -> dict[str, int]:
    """Write the archive; answers table -> rows. The file appears only when it is complete."""
    engine = _engine(url)
    partial = target.with_name(f"{target.name}.partial")
    counts: dict[str, int] = {}
    digests: dict[str, str] = {}
    try:
        with engine.connect() as connection, tarfile.open(partial, "w:gz") as archive:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                head = _head(connection)
                for table in _kept():
                    counts[table.name], digests[table.name] = _dump(connection, table, archive)
            manifest = {
                "format": FORMAT,
                "made_at": datetime.now(UTC).isoformat(),
                "migration": head,
                "tables": {name: {"rows": counts[name], "sm3": digests[name]} for name in counts},
            }
            content = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
            _add(archive, "manifest.json", io.BytesIO(content), len(content))
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    finally:
        engine.dispose()
    partial.replace(target)
    return counts


def _head(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _dump(connection: Connection, table: Table, archive: tarfile.TarFile) -> tuple[int, str]:
    names = _columns(table)
    rows = connection.execution_options(yield_per=BATCH).execute(select(*(table.c[name] for name in names)))
    count = 0
    with tempfile.TemporaryFile() as lines:
        for row in rows:
            lines.write(msgspec.json.encode({name: _out(value) for name, value in zip(names, row, strict=True)}))
            lines.write(b"\n")
            count += 1
        size = lines.tell()
        lines.seek(0)
        digest = _digest(lines)
        lines.seek(0)
        _add(archive, f"{table.name}.jsonl", lines, size)
    return count, digest


def _digest(lines: IO[bytes]) -> str:
    """SM3 over the digests of the megabytes of a file, so that no table need fit into memory."""
    parts = b"".join(sm3(block) for block in iter(lambda: lines.read(1 << 20), b""))
    return sm3(parts).hex()


def _out(value: Any) -> Any:
    return {"b64": base64.b64encode(value).decode()} if isinstance(value, bytes | memoryview) else value


def _in(value: Any) -> Any:
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    archive.addfile(entry, content)


def restore(url: str, source: Path) -> dict[str, int]:
    """Fill an empty, migrated database from the archive, all or nothing; answers table -> rows.

    Raises RuleForbids where the database holds anything, InvalidInput where the archive is damaged or of another
    release.
    """
    engine = _engine(url)
    try:
        with tarfile.open(source, "r:gz") as archive, engine.begin() as connection:
            manifest = _manifest(archive)
            if manifest["migration"] != _head(connection):
                raise _invalid(
                    f"备份属于另一版本的数据库结构（{manifest['migration']}）",
                    f"The backup belongs to another release of the tables ({manifest['migration']})",
                )
            _must_be_empty(connection)
            counts = {table.name: _load(connection, table, archive, manifest) for table in _kept()}
            _derive(connection)
            return counts
    except (tarfile.TarError, EOFError, OSError, msgspec.DecodeError, KeyError) as error:
        raise _invalid("备份文件读不了或已损坏", "The backup cannot be read or is damaged") from error
    finally:
        engine.dispose()


def _invalid(zh: str, en: str) -> InvalidInput:
    return InvalidInput(Text(zh, en))


def _manifest(archive: tarfile.TarFile) -> Mapping[str, Any]:
    content = archive.extractfile("manifest.json")
    manifest: dict[str, Any] = msgspec.json.decode(content.read() if content else b"")
    if manifest["format"] != FORMAT:
        raise _invalid("备份格式版本不符", "The format of the backup is of another version")
    return manifest


def _must_be_empty(connection: Connection) -> None:
    for table in _kept():
        if connection.execute(select(func.count()).select_from(select(table).limit(1).subquery())).scalar_one():
            raise RuleForbids(
                Text("恢复只写入空数据库", "A backup is restored into an empty database only"),
                extra={"rule": "empty-database", "table": table.name},
            )


def _load(connection: Connection, table: Table, archive: tarfile.TarFile, manifest: Mapping[str, Any]) -> int:
    name = f"{table.name}.jsonl"
    content = archive.extractfile(name)
    stated = manifest["tables"][table.name]
    if content is None or _digest(content) != stated["sm3"]:
        raise _invalid(f"备份中的 {name} 已损坏", f"{name} of the backup is damaged")
    content.seek(0)
    count = 0
    for rows in _batches(content):
        connection.execute(insert(table), rows)
        count += len(rows)
    if count != stated["rows"]:
        raise _invalid(f"备份中的 {name} 行数不符", f"{name} of the backup has another number of rows")
    return count


def _batches(lines: Iterable[bytes]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for line in lines:
        batch.append({name: _in(value) for name, value in msgspec.json.decode(line).items()})
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _derive(connection: Connection) -> None:
    """The search index of this engine, from the folded titles."""
    titles = tables.case_titles
    postgresql = connection.dialect.name == "postgresql"
    last = ""
    while rows := connection.execute(
        select(titles.c.reference, titles.c.folded)
        .where(titles.c.reference > last)
        .order_by(titles.c.reference)
        .limit(BATCH)
    ).all():
        last = rows[-1].reference
        if postgresql:
            connection.execute(
                text(
                    "UPDATE case_titles SET grams = array_to_tsvector(CAST(:grams AS text[])) "
                    "WHERE reference = :reference"
                ),
                [{"reference": row.reference, "grams": bigrams.tokens(row.folded)} for row in rows],
            )
        else:
            connection.execute(
                text("INSERT INTO case_grams (rowid, grams) VALUES (:number, :grams)"),
                [{"number": int(row.reference), "grams": " ".join(bigrams.tokens(row.folded))} for row in rows],
            )

"""The engines: what they are set to, what becomes of their errors, and the rules the tables keep."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import UniqueConstraint, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from catalogue.domain.problems import NotFound, Unavailable
from catalogue.store import Keyring, StoredDatabase, migrate, open_database
from catalogue.store.engines import normal_url, sqlite_engine
from catalogue.store.indexes import COMPLETE
from catalogue.store.tables import CASE_TABLES, metadata
from catalogue.store.work import StoredWork
from tests.conftest import Postgresql
from tests.store.builders import held_writer, load, opening, publish, reference, stock
from tests.units import taking


def test_sqlite_is_set_for_full_durability(sqlite_database: StoredDatabase) -> None:
    def pragmas(work: StoredWork) -> list[Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "secure_delete", "query_only")
        return [work.session.raw(f"PRAGMA {name}", {}).fetchone()[0] for name in names]

    assert sqlite_database.write(pragmas).result() == ["wal", 2, 1, 1, 1, 0]
    assert sqlite_database.read(pragmas).result()[5] == 1


def test_a_reader_cannot_write(database: StoredDatabase) -> None:
    with pytest.raises(Unavailable):
        database.read(publish).result()


def test_no_error_carries_the_text_of_a_driver(database: StoredDatabase) -> None:
    for statement in ("SELECT * FROM no_such_table", "NONSENSE"):
        for run in (database.read, database.write):
            with pytest.raises(Unavailable) as caught:
                run(taking(statement, lambda work, s: work.session.raw(s, {}))).result()
            assert "no_such_table" not in str(caught.value)
            assert "no_such_table" not in caught.value.detail.zh + caught.value.detail.en
    stock(database, opening())
    assert load(database).reference == reference(1)


def test_a_database_locked_by_another_process_is_unavailable_and_recovers(
    sqlite_url: str, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(sqlite_url, keyring)
    database.write(lambda work: work.session.raw("PRAGMA busy_timeout = 50", {})).result()
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    futures = [database.write(lambda work: work.marks.set("a", "1")) for _ in range(3)]
    for future in futures:
        assert isinstance(future.exception(), Unavailable)
    other.execute("ROLLBACK")
    other.close()
    database.write(lambda work: work.marks.set("a", "2")).result()
    assert database.read(lambda work: work.marks.get("a")).result() == "2"
    database.close()


def test_a_file_that_another_program_holds_is_told_as_an_error_of_the_database(sqlite_url: str) -> None:
    # Of SQLAlchemy's kind, by which a migration tells it.
    holding = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    engine = sqlite_engine(sqlite_url, busy_ms=1, poolclass=NullPool)
    with pytest.raises(DBAPIError), engine.begin():
        pass
    holding.close()


def test_a_commit_that_fails_tells_nobody_that_it_was_written(sqlite_url: str, keyring: Keyring) -> None:
    database = open_database(sqlite_url, keyring)

    def dangling(work: StoredWork) -> None:
        # A deferred check fails in the COMMIT itself, after every unit of work of the group went well.
        work.session.raw("PRAGMA defer_foreign_keys = ON", {})
        work.session.raw("INSERT INTO file_chunks (reference, file_id, n, sealed) VALUES ('r', 'none', 0, x'00')", {})

    release = held_writer(database)
    futures = [database.write(lambda work: work.marks.set("a", "1")), database.write(dangling)]
    release()
    assert [type(future.exception()) for future in futures] == [Unavailable, Unavailable]
    assert database.read(lambda work: work.marks.get("a")).result() is None
    database.write(lambda work: work.marks.set("a", "2")).result()
    database.close()


def test_a_unit_that_fails_half_way_fails_alone(sqlite_url: str, keyring: Keyring) -> None:
    database = open_database(sqlite_url, keyring)
    ran = []

    def half(work: StoredWork) -> None:
        ran.append("half")
        work.marks.set("half", "1")
        raise NotFound

    def nothing(work: StoredWork) -> None:
        ran.append("nothing")
        raise NotFound

    release = held_writer(database)
    before = database.write(lambda work: work.marks.set("before", "1"))
    failing = [database.write(nothing), database.write(half)]
    after = database.write(lambda work: work.marks.get("half"))
    last = database.write(lambda work: work.marks.set("after", "1"))
    release()
    assert [type(future.exception()) for future in failing] == [NotFound, NotFound]
    assert (before.result(), after.result(), last.result()) == (None, None, None)
    kept = database.read(lambda work: [work.marks.get(key) for key in ("before", "half", "after")]).result()
    assert kept == ["1", None, "1"]
    # What had written nothing took nothing with it, and was told at once.
    assert ran == ["nothing", "half", "half"]
    database.close()


def test_waiting_writes_share_a_commit(sqlite_url: str, keyring: Keyring) -> None:
    database = open_database(sqlite_url, keyring)
    commits = []
    release = held_writer(database)
    database.write(
        lambda work: work.session._driver.set_trace_callback(
            lambda statement: commits.append(statement) if statement.startswith(("COMMIT", "BEGIN")) else None
        )
    )
    futures = [database.write(taking(n, lambda work, n: work.marks.set(f"m{n}", "1"))) for n in range(40)]
    release()
    for future in futures:
        future.result()
    assert commits.count("COMMIT") <= 2
    database.close()


def test_what_was_answered_is_there_after_a_crash(sqlite_url: str, keyring: Keyring, tmp_path: Path) -> None:
    import shutil

    database = open_database(sqlite_url, keyring)
    stock(database, *(opening(n) for n in range(5)))
    # The files as they lie on the disk at this moment, without any closing.
    source = Path(sqlite_url.removeprefix("sqlite:///"))
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for file in source.parent.glob("catalogue.db*"):
        if not file.name.endswith("-shm"):
            shutil.copy(file, crashed / file.name)
    database.close()
    again = open_database(f"sqlite:///{crashed}/catalogue.db", keyring)
    assert len(again.read(lambda work: list(work.cases.references())).result()) == 5
    again.close()


def test_a_lost_connection_is_made_anew(postgresql: Postgresql, postgresql_database: StoredDatabase) -> None:
    stock(postgresql_database, opening())
    for _ in range(2):
        with psycopg.connect(postgresql.superuser, autocommit=True) as connection:
            # Waits until they are gone: a session that is ended late would be lost in the midst of the write below.
            connection.execute(
                "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE usename = 'catalogue_app'"
            )
        assert load(postgresql_database).reference == reference(1)
        postgresql_database.write(lambda work: work.marks.set("a", "1")).result()


def test_a_server_that_is_not_there_is_unavailable(keyring: Keyring) -> None:
    database = open_database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1", keyring, pool_size=1)
    with pytest.raises(Unavailable):
        database.read(lambda work: work.marks.get("a")).result()
    database.close()
    with pytest.raises(Unavailable):
        migrate("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")


def test_a_closed_database_takes_nothing_more(sqlite_url: str, postgresql: Postgresql, keyring: Keyring) -> None:
    for url in (sqlite_url, postgresql.application):
        database = open_database(url, keyring)
        done = database.write(lambda work: work.marks.set("a", "1"))
        database.close()
        database.close()
        done.result()
        for run in (database.read, database.write):
            with pytest.raises(Unavailable):
                run(lambda work: None).result()


def test_only_a_file_can_be_a_sqlite_database(keyring: Keyring) -> None:
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ValueError, match="file"):
            open_database(url, keyring)
    with pytest.raises(Unavailable):
        open_database("sqlite:////no/such/directory/catalogue.db", keyring)


def test_every_unique_constraint_of_a_case_contains_its_reference() -> None:
    for name in CASE_TABLES:
        table = COMPLETE.tables[name]
        keys = [table.primary_key, *(c for c in table.constraints if isinstance(c, UniqueConstraint))]
        assert all("reference" in {column.name for column in constraint.columns} for constraint in keys), name
        assert not [index.name for index in table.indexes if index.unique], name
        for foreign in table.foreign_key_constraints:
            pairs = {(element.parent.name, element.column.name) for element in foreign.elements}
            assert ("reference", "reference") in pairs, name


def test_no_table_uses_a_sequence(postgresql: Postgresql) -> None:
    with psycopg.connect(postgresql.owner) as connection:
        assert connection.execute("SELECT count(*) FROM pg_sequences").fetchone() == (0,)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_migrations_give_the_tables_of_this_release(engine: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("sqlite_url") if engine == "sqlite" else request.getfixturevalue("postgresql").owner
    made = create_engine(normal_url(url))

    def ours(thing: object, name: str, kind: str, reflected: bool, other: object) -> bool:
        # The bigrams of titles stand in an FTS5 table on SQLite and in an indexed column on PostgreSQL.
        return not (engine == "sqlite" and name.startswith(("case_grams", "case_titles_grams")))

    with made.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        differences = compare_metadata(context, metadata)
    made.dispose()
    assert differences == []


def test_many_workers_may_migrate_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    errors: list[BaseException] = []

    def run() -> None:
        try:
            migrate(url)
        except BaseException as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []

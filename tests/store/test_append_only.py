"""Events are appended, never rewritten: the database itself refuses, and the audit names what was broken."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from psycopg import sql

from catalogue.domain.problems import NotFound
from catalogue.service.ports import CheckedChain
from catalogue.store import StoredDatabase, erase, migrate, open_database, readiness, rebuild, role_warning
from catalogue.store.keyring import Keyring
from catalogue.store.work import StoredWork
from tests.conftest import Postgresql
from tests.store.builders import DAY, DOCUMENT, NOON, PERSON, PHONE, change, load, opening, reference, stock
from tests.units import taking


def filled(database: StoredDatabase) -> None:
    """Two cases, the first with three events."""
    stock(database, opening(1, title="演示商贸有限公司"), opening(2))
    for _ in range(2):
        one = change(load(database), sealed={"note": PERSON})
        database.write(taking(one, lambda work, one: work.cases.append(one))).result()


SQLITE_ACTS = (
    "UPDATE events SET actor = 'somebody'",
    "DELETE FROM events WHERE seq = 1",
    "DELETE FROM events",
    "INSERT OR REPLACE INTO events SELECT reference, seq, type, at, 'x', office, clear, sealed, prev, hash FROM events",
    "REPLACE INTO events SELECT reference, seq, type, at, 'x', office, clear, sealed, prev, hash FROM events",
    "UPDATE OR REPLACE events SET seq = 1",
    "UPDATE anchors SET root = x'00'",
    "DELETE FROM anchor_heads",
)


@pytest.mark.parametrize("act", SQLITE_ACTS)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_sqlite_refuses_to_change_what_was_appended(
    act: str, recursive: str, sqlite_url: str, sqlite_database: StoredDatabase
) -> None:
    filled(sqlite_database)
    sqlite_database.write(lambda work: work.audit.anchor(NOON)).result()
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    connection.execute(f"PRAGMA recursive_triggers = {recursive}")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(act)
    connection.close()
    assert sqlite_database.read(lambda work: work.audit.verify()).result().broken == ()


POSTGRESQL_ACTS = (
    "UPDATE events SET actor = 'somebody'",
    "DELETE FROM events",
    "TRUNCATE events",
    "TRUNCATE events CASCADE",
    "UPDATE anchors SET chains = 0",
    "TRUNCATE anchor_heads",
    "INSERT INTO events SELECT * FROM events ON CONFLICT (reference, seq) DO UPDATE SET actor = 'somebody'",
)


@pytest.mark.parametrize("act", POSTGRESQL_ACTS)
@pytest.mark.parametrize("tables", ["plain_postgresql", "partitioned_postgresql"])
def test_postgresql_refuses_to_change_what_was_appended(
    act: str, tables: str, request: pytest.FixtureRequest, keyring: Keyring
) -> None:
    where: Postgresql = request.getfixturevalue(tables)
    where.empty()
    database = open_database(where.application, keyring, pool_size=2)
    filled(database)
    database.write(lambda work: work.audit.anchor(NOON)).result()
    database.close()
    for url in (where.application, where.owner, where.superuser):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(act)


def test_partitions_refuse_as_well(partitioned_postgresql: Postgresql) -> None:
    with (
        psycopg.connect(partitioned_postgresql.owner) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("TRUNCATE events_0")


def test_the_application_may_only_read_and_append_events(postgresql: Postgresql) -> None:
    with psycopg.connect(postgresql.application) as connection:
        held = connection.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants WHERE table_name = 'events' "
            "AND grantee = current_user ORDER BY 1"
        ).fetchall()
    assert held == [("INSERT",), ("SELECT",)]


def test_one_role_doing_both_is_told(
    postgresql: Postgresql, postgresql_database: StoredDatabase, keyring: Keyring
) -> None:
    assert role_warning(postgresql_database) is None
    assert readiness(postgresql_database) == {"database": "postgresql", "ready": True, "warnings": []}
    both = open_database(postgresql.owner, keyring, pool_size=1)
    assert role_warning(both) is not None
    assert len(readiness(both)["warnings"]) == 1
    both.close()


def tampered(database: StoredDatabase, url: str | Postgresql, statement: str) -> list[tuple[str, int]]:
    """What the audit says after somebody with full power over the database ran that statement."""
    if isinstance(url, Postgresql):
        with psycopg.connect(url.superuser, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(sql.SQL(statement))
    else:
        lite = sqlite3.connect(url.removeprefix("sqlite:///"))
        for (name,) in lite.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            lite.execute(f"DROP TRIGGER {name}")
        lite.execute(statement)
        lite.commit()
        lite.close()
    report = database.read(lambda work: work.audit.verify()).result()
    return [(fault.reference, fault.seq) for fault in report.broken]


TAMPERING = (
    ("UPDATE events SET actor = 'x' WHERE reference = '{r}' AND seq = 2", 2),
    ("UPDATE events SET at = '2020-01-01T00:00:00.000000Z' WHERE reference = '{r}' AND seq = 1", 1),
    ("UPDATE events SET clear = '{{}}' WHERE reference = '{r}' AND seq = 3", 3),
    ("UPDATE events SET sealed = prev WHERE reference = '{r}' AND seq = 2", 2),
    ("DELETE FROM events WHERE reference = '{r}' AND seq = 2", 2),
    ("DELETE FROM events WHERE reference = '{r}' AND seq = 3", 3),
    ("DELETE FROM events WHERE reference = '{r}'", 1),
    ("DELETE FROM cases WHERE reference = '{r}'", 1),
    ("UPDATE events SET seq = 4 WHERE reference = '{r}' AND seq = 3", 3),
)


@pytest.mark.parametrize(("statement", "seq"), TAMPERING)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_audit_names_the_event_that_was_tampered_with(
    statement: str, seq: int, engine: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("sqlite_url" if engine == "sqlite" else "postgresql")
    database = request.getfixturevalue(f"{engine}_database")
    filled(database)
    assert database.read(lambda work: work.audit.verify()).result().broken == ()
    assert tampered(database, url, statement.format(r=reference(1))) == [(reference(1), seq)]
    alone = database.read(lambda work: work.audit.check(reference(1), NOON))
    if "DELETE FROM cases" in statement:
        with pytest.raises(NotFound):
            alone.result()
    else:
        fault = alone.result().broken
        assert fault is not None
        assert (fault.reference, fault.seq) == (reference(1), seq)
    assert database.read(lambda work: work.audit.check(reference(2), NOON)).result() == CheckedChain(1, None, NOON)


def test_an_anchor_holds_against_a_chain_written_anew(sqlite_database: StoredDatabase, sqlite_url: str) -> None:
    filled(sqlite_database)
    anchor = sqlite_database.write(lambda work: work.audit.anchor(NOON)).result()
    assert anchor is not None
    assert anchor["number"] == 1
    assert anchor["chains"] == 2
    assert sqlite_database.write(lambda work: work.audit.anchor(NOON)).result() is None
    one = change(load(sqlite_database))
    sqlite_database.write(lambda work: work.cases.append(one)).result()
    second = sqlite_database.write(lambda work: work.audit.anchor(NOON)).result()
    assert second is not None
    assert second["prev"] == anchor["root"]
    assert second["chains"] == 1
    assert sqlite_database.read(lambda work: work.audit.verify()).result().broken == ()
    # The last event with a hash that fits its forged content, and the case made to end with it.
    lite = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    from catalogue.store.codec import chain

    row = lite.execute("SELECT * FROM events WHERE reference = ? AND seq = 4", (reference(1),)).fetchone()
    forged = chain(row[8], row[0], row[1], (row[2], row[3], "forger", row[5], row[6]), row[7])
    lite.close()
    found = tampered(
        sqlite_database,
        sqlite_url,
        f"UPDATE events SET actor = 'forger', hash = x'{forged.hex()}' WHERE reference = '{reference(1)}' AND seq = 4",
    )
    assert found == [(reference(1), 4), ("anchor 2", 0)]
    assert tampered(
        sqlite_database, sqlite_url, f"UPDATE cases SET head = x'{forged.hex()}' WHERE reference = '{reference(1)}'"
    ) == [("anchor 2", 0)]


def test_an_anchor_of_other_keys_is_not_ours(sqlite_database: StoredDatabase, sqlite_url: str) -> None:
    filled(sqlite_database)
    sqlite_database.write(lambda work: work.audit.anchor(NOON)).result()
    other = open_database(sqlite_url, Keyring.create())
    broken = other.read(lambda work: work.audit.verify()).result().broken
    other.close()
    assert [fault.reason for fault in broken] == ["the signature is not that of this keyring"]


def test_erasure_leaves_events_that_verify_and_rebuild(database: StoredDatabase) -> None:
    filled(database)
    database.write(lambda work: work.audit.anchor(NOON)).result()
    assert erase(database, reference(1))
    assert not erase(database, reference(1))
    events = database.read(lambda work: work.cases.events(reference(1), unseal=True)).result()
    assert [event.sealed for event in events] == [{}, {}, {}]
    assert database.read(lambda work: work.audit.verify()).result().broken == ()
    assert list(rebuild(database)) == []
    kept = database.read(lambda work: work.cases.events(reference(2), unseal=True)).result()
    assert kept[0].sealed["applicant"]["name"] == PERSON
    from catalogue.service.ports import CaseQuery
    from tests.store.builders import ALL

    for q in (PERSON, DOCUMENT, PHONE):
        page = database.read(taking(q, lambda work, q: work.cases.page(CaseQuery(q=q), ALL))).result()
        assert [line.reference for line in page.lines] == [reference(2)]

    def left(work: StoredWork) -> list[int]:
        return [
            work.session.raw(
                f"SELECT count(*) FROM {table} WHERE reference = :reference", {"reference": reference(1)}
            ).fetchone()[0]
            for table in ("case_digests", "case_titles", "case_keys")
        ]

    assert database.read(left).result() == [0, 0, 0]


def test_a_rebuild_names_what_differs_and_mends_it(database: StoredDatabase) -> None:
    stock(database, opening(1), opening(2))
    assert list(rebuild(database)) == []

    def spoil(work: StoredWork) -> None:
        work.session.raw(
            "UPDATE cases SET state = 'closed', due_on = :day WHERE reference = :reference",
            {"day": DAY.isoformat(), "reference": reference(1)},
        )
        work.session.raw("UPDATE cases SET snapshot = '{}' WHERE reference = :reference", {"reference": reference(2)})

    database.write(spoil).result()
    found = list(rebuild(database, repair=True))
    assert {(difference.reference, difference.field) for difference in found} == {
        (reference(1), "state"),
        (reference(1), "due_on"),
        (reference(2), "snapshot"),
    }
    assert list(rebuild(database)) == []
    assert load(database, 2).matter == "company-setup"


def test_migration_runs_again_without_harm(sqlite_url: str, postgresql: Postgresql) -> None:
    migrate(sqlite_url)
    migrate(postgresql.owner, application_url=postgresql.application)

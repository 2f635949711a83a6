"""Personal data never stand in the database in clear; keys rotate; nothing opens in another place."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from catalogue.domain.people import Account, Role
from catalogue.service.ports import StoredFile
from catalogue.store import Keyring, KeyringInvalid, StoredDatabase, open_database, rewrap
from catalogue.store.sealing import SealBroken, seal, sm3, unseal
from catalogue.store.work import StoredWork
from tests.conftest import Postgresql
from tests.store.builders import (
    DOCUMENT,
    NOON,
    PERSON,
    PHONE,
    change,
    key,
    load,
    message,
    opening,
    reference,
    stock,
)

ADDRESS = "演示路九十九号"
CODE = "Q7Q7Q7Q7"
SECRETS = (PERSON, DOCUMENT, PHONE, ADDRESS, CODE, "演示扫描件", "演示文件名", "演示理由")


def everything(database: StoredDatabase) -> None:
    """Every kind of row that carries personal data."""
    sealed = {"applicant": {"name": PERSON, "document_number": DOCUMENT, "phone": PHONE, "address": ADDRESS}}
    first = opening(1, sealed=sealed, code=CODE, key=key(), messages=(message(1, 1),))
    first = replace(first, outcome=replace(first.outcome, body=f'{{"query_code":"{CODE}"}}'.encode()))
    stock(database, first)
    one = change(load(database), sealed={"reason": "演示理由", "name": PERSON}, messages=(message(2, 2),))
    account = Account("clerk-1", "clerk-1", frozenset({Role.WINDOW_CLERK}), "kunming", "530102")

    def write(work: StoredWork) -> None:
        work.cases.append(one)
        file = StoredFile("f1", reference(1), "演示文件名.pdf", "application/pdf", 0, "d", None, NOON, "clerk-1")
        work.files.add(file, "演示扫描件".encode() * 1000)
        work.certificates.add("C1", reference(1), None, {"holder": PERSON, "status": "valid"})
        work.access.unmasked(account, reference(1), "演示理由", NOON)
        work.throttle.record("status", reference(1), NOON)
        work.keep_outcome(key("other"), replace(first.outcome, status=200))

    database.write(write).result()


def test_the_files_of_sqlite_hold_no_personal_data(sqlite_url: str, keyring: Keyring) -> None:
    database = open_database(sqlite_url, keyring)
    everything(database)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    while_open = b"".join(file.read_bytes() for file in path.parent.glob("catalogue.db*"))
    database.close()
    for data in (while_open, path.read_bytes()):
        for secret in SECRETS:
            assert secret.encode() not in data
            assert secret.encode("utf-16-le") not in data
        for raw in (*keyring.masters.values(), keyring.digest_key, keyring.signing_seed):
            assert raw not in data


def test_the_tables_of_postgresql_hold_no_personal_data(
    postgresql: Postgresql, postgresql_database: StoredDatabase
) -> None:
    everything(postgresql_database)
    with psycopg.connect(postgresql.superuser) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for row in connection.execute(f"SELECT * FROM {table}").fetchall():
                for value in row:
                    data = value if isinstance(value, bytes) else str(value).encode()
                    assert not [secret for secret in SECRETS if secret.encode() in data], table


def test_everything_sealed_is_read_back(database: StoredDatabase) -> None:
    everything(database)
    events = database.read(lambda work: work.cases.events(reference(1), unseal=True)).result()
    assert events[0].sealed["applicant"]["address"] == ADDRESS
    assert events[1].sealed["reason"] == "演示理由"
    found = database.read(lambda work: work.files.content(reference(1), "f1")).result()
    assert found is not None
    assert found[0].name == "演示文件名.pdf"
    assert found[1] == "演示扫描件".encode() * 1000
    record = database.read(lambda work: work.certificates.get("C1")).result()
    assert record is not None
    assert record["holder"] == PERSON


def test_rotation_touches_the_wrapped_keys_alone(database: StoredDatabase) -> None:
    everything(database)
    tables = ("cases", "events", "case_digests", "files", "file_chunks", "outbox", "certificates", "case_keys")

    def dump(work: StoredWork) -> dict[str, list[str]]:
        return {table: sorted(map(repr, work.session.raw(f"SELECT * FROM {table}", {}).fetchall())) for table in tables}

    before = database.read(dump).result()
    rotated = database.keyring.rotated()
    database.keyring = rotated
    assert rewrap(database) == 1
    assert rewrap(database) == 0
    after = database.read(dump).result()
    assert [table for table in tables if before[table] != after[table]] == ["case_keys"]
    only_new = replace(rotated, masters={rotated.current: rotated.masters[rotated.current]})
    database.keyring = only_new
    events = database.read(lambda work: work.cases.events(reference(1), unseal=True)).result()
    assert events[0].sealed["applicant"]["name"] == PERSON


def test_a_sealed_part_opens_in_its_own_place_only(sqlite_database: StoredDatabase, sqlite_url: str) -> None:
    stock(sqlite_database, opening(1), opening(2))
    lite = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    lite.execute(
        "UPDATE case_keys SET (key_id, wrapped) = (SELECT key_id, wrapped FROM case_keys WHERE reference = ?) "
        "WHERE reference = ?",
        (reference(1), reference(2)),
    )
    lite.commit()
    lite.close()
    with pytest.raises(SealBroken):
        sqlite_database.read(lambda work: work.cases.events(reference(2), unseal=True)).result()


def test_sm3_and_sm4_are_the_national_ones() -> None:
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    sealed = seal(bytes(16), b"place", b"text")
    assert unseal(bytes(16), b"place", sealed) == b"text"
    for changed in (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"\x02" + sealed[1:], sealed[:20], b""):
        with pytest.raises(SealBroken):
            unseal(bytes(16), b"place", changed)
    with pytest.raises(SealBroken):
        unseal(bytes(16), b"elsewhere", sealed)


def test_a_keyring_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "keyring.json"
    ring = Keyring.open_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keyring.open_or_create(path) == ring
    rotated = ring.rotated()
    rotated.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keyring.open_or_create(path) == rotated
    assert ring.masters[ring.current].hex() not in repr(ring)
    for text in ("", "{}", "[]", '{"current": "a", "masters": {}, "digest": "", "signing": ""}', ring.text()[:-9]):
        with pytest.raises(KeyringInvalid):
            Keyring.from_text(text)


def test_the_same_scan_is_kept_once_within_a_case(database: StoredDatabase) -> None:
    stock(database, opening(1), opening(2))
    content = bytes(range(256)) * 3000

    def add(n: int, name: str) -> StoredFile:
        file = StoredFile(name, reference(n), f"{name}.pdf", "application/pdf", 0, "d", None, NOON, "clerk-1")
        return database.write(lambda work: work.files.add(file, content)).result()

    assert add(1, "a").id == "a"
    assert add(1, "b").id == "a"
    assert add(2, "c").id == "c"
    assert [file.id for file in database.read(lambda work: work.files.list(reference(1))).result()] == ["a"]
    found = database.read(lambda work: work.files.content(reference(1), "a")).result()
    assert found is not None
    assert found[1] == content
    assert found[0].size == len(content)
    assert database.read(lambda work: work.files.content(reference(2), "a")).result() is None

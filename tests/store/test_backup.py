"""A backup holds everything but the keys and fills an empty database of either engine."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from catalogue.domain.problems import InvalidInput, RuleForbids
from catalogue.service.ports import CaseQuery
from catalogue.store import Keyring, StoredDatabase, migrate, open_database, rebuild
from catalogue.store.backup import backup, restore
from tests.conftest import Postgresql
from tests.store.builders import ALL, PERSON, change, load, opening, reference, stock


@pytest.fixture
def filled(database: StoredDatabase) -> StoredDatabase:
    stock(database, opening(1, title="演示普洱茶有限公司"), opening(2))
    database.write(lambda work: work.cases.append(change(load(database), sealed={"note": PERSON}))).result()
    return database


def url_of(database: StoredDatabase, postgresql: Postgresql) -> str:
    return database.url if database.dialect == "sqlite" else postgresql.application


def restored(path: Path, archive: Path, keyring: Keyring) -> StoredDatabase:
    url = f"sqlite:///{path}/restored.db"
    migrate(url)
    restore(url, archive)
    return open_database(url, keyring)


def test_what_was_backed_up_is_there_after_the_restore(
    filled: StoredDatabase, postgresql: Postgresql, tmp_path: Path, keyring: Keyring
) -> None:
    counts = backup(url_of(filled, postgresql), tmp_path / "backup.tar.gz")
    assert counts["cases"] == 2
    again = restored(tmp_path, tmp_path / "backup.tar.gz", keyring)
    assert load(again) == load(filled)
    events = again.read(lambda work: work.cases.events(reference(1), unseal=True)).result()
    assert list(events) == list(filled.read(lambda work: work.cases.events(reference(1), unseal=True)).result())
    assert again.read(lambda work: work.audit.verify()).result().broken == ()
    assert list(rebuild(again)) == []
    page = again.read(lambda work: work.cases.page(CaseQuery(q="普洱茶"), ALL)).result()
    assert [line.reference for line in page.lines] == [reference(1)]
    again.close()


def test_a_backup_of_sqlite_fills_postgresql(
    sqlite_database: StoredDatabase, postgresql: Postgresql, tmp_path: Path, keyring: Keyring
) -> None:
    stock(sqlite_database, opening(1, title="演示普洱茶有限公司"))
    backup(sqlite_database.url, tmp_path / "backup.tar.gz")
    restore(postgresql.owner, tmp_path / "backup.tar.gz")
    again = open_database(postgresql.application, keyring, pool_size=2)
    assert load(again) == load(sqlite_database)
    page = again.read(lambda work: work.cases.page(CaseQuery(q="普洱茶"), ALL)).result()
    assert [line.reference for line in page.lines] == [reference(1)]
    again.close()


def parts_of(archive: tarfile.TarFile) -> dict[str, bytes]:
    """Every file of an archive by its name."""
    parts = {}
    for name in archive.getnames():
        part = archive.extractfile(name)
        assert part is not None, name
        parts[name] = part.read()
    return parts


def test_a_backup_shows_no_personal_data_and_no_key(
    filled: StoredDatabase, postgresql: Postgresql, tmp_path: Path
) -> None:
    backup(url_of(filled, postgresql), tmp_path / "backup.tar.gz")
    with tarfile.open(tmp_path / "backup.tar.gz") as archive:
        content = b"".join(parts_of(archive).values())
    assert PERSON.encode() not in content
    assert "演示普洱茶".encode() in content, "names of enterprises are clear"


def test_a_restore_needs_an_empty_database(filled: StoredDatabase, postgresql: Postgresql, tmp_path: Path) -> None:
    backup(url_of(filled, postgresql), tmp_path / "backup.tar.gz")
    url = filled.url if filled.dialect == "sqlite" else postgresql.owner
    with pytest.raises(RuleForbids):
        restore(url, tmp_path / "backup.tar.gz")


def test_a_damaged_backup_is_refused_whole(sqlite_database: StoredDatabase, tmp_path: Path) -> None:
    stock(sqlite_database, opening(1), opening(2))
    backup(sqlite_database.url, tmp_path / "backup.tar.gz")
    url = f"sqlite:///{tmp_path}/restored.db"
    migrate(url)
    with tarfile.open(tmp_path / "backup.tar.gz") as archive:
        parts = parts_of(archive)
    parts["events.jsonl"] = parts["events.jsonl"].replace(b"received", b"deceived")
    with tarfile.open(tmp_path / "altered.tar.gz", "w:gz") as archive:
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    (tmp_path / "short.tar.gz").write_bytes((tmp_path / "backup.tar.gz").read_bytes()[:2000])
    for name in ("altered.tar.gz", "short.tar.gz"):
        with pytest.raises(InvalidInput):
            restore(url, tmp_path / name)
    restore(url, tmp_path / "backup.tar.gz")

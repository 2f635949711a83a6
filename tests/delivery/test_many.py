"""Ten thousand messages waiting: all arrive, each once, in the order of their case; and a full disk loses none."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalogue.domain.problems import Unavailable
from catalogue.domain.registry.revision import Revision, read_revision
from catalogue.handlers import MissingHandlers, SystemClock, handlers_of, load_handlers
from catalogue.service.delivery import Unreachable, deliver_due
from catalogue.service.house import House
from catalogue.service.ports import Message
from catalogue.store import StoredDatabase
from catalogue.store.sqlite import SqliteDatabase
from tests.revisions import put_in_force
from tests.store.builders import ALL, message, opening, reference, stock

ROOT = Path(__file__).parents[2]


@pytest.fixture
def house(database: StoredDatabase) -> House:
    """The shipped registry in force on an empty database, of either engine."""
    handlers = MissingHandlers(load_handlers(set()))

    def read(row: Mapping[str, Any], document: str) -> Revision:
        revision = read_revision(row, document)
        handlers.update(handlers_of(revision.registry))
        return revision

    made = House(clock=SystemClock(), handlers=handlers, draw=secrets.randbelow, read_revision=read)
    put_in_force(database, made, (ROOT / "matters.yaml").read_bytes())
    return made


def waiting(database: StoredDatabase, cases: int, each: int, region: str = "xishuangbanna", first: int = 0) -> None:
    """So many messages of so many cases, written and not sent."""
    numbers = range(first, first + cases)
    for start in numbers[::100]:
        stock(
            database,
            *(opening(n, messages=tuple(told(n, each, region))) for n in range(start, start + 100) if n in numbers),
        )


def told(n: int, each: int, region: str) -> list[Message]:
    """The first messages of one case."""
    return [replace(message(n * each + k, k + 1, region=region, of=n), channel="desk") for k in range(each)]


class Receiver:
    """Counts what arrives, and in which order a case's messages did."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.last: dict[tuple[str, str], int] = {}
        self.disorder = 0
        self._lock = threading.Lock()

    def __call__(self, one: Message) -> None:
        with self._lock:
            key = (one.reference, one.region)
            self.disorder += one.sequence != self.last.get(key, 0) + 1
            self.last[key] = one.sequence
            self.times[one.id] += 1


def test_ten_thousand_waiting_messages_arrive_once_and_in_order(database: StoredDatabase, house: House) -> None:
    waiting(database, 2_000, 5)
    receiver = Receiver()
    workers = [threading.Thread(target=deliver_due, args=(database, house, {"desk": receiver})) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    deliver_due(database, house, {"desk": receiver})
    assert len(receiver.times) == 10_000, "nothing is lost"
    assert set(receiver.times.values()) == {1}, "nothing is doubled"
    assert receiver.disorder == 0
    assert database.read(lambda work: work.outbox.list()).result() == []


def test_a_region_that_is_down_with_a_long_queue_holds_up_nobody(database: StoredDatabase, house: House) -> None:
    waiting(database, 400, 2, "yuxi")
    waiting(database, 100, 1, "puer", first=1_000)
    receiver = Receiver()
    tried = 0

    def line(one: Message) -> None:
        nonlocal tried
        if one.region == "yuxi":
            tried += 1
            raise Unreachable("ConnectError")
        receiver(one)

    done = deliver_due(database, house, {"desk": line})
    assert (done.sent, len(receiver.times)) == (100, 100)
    assert tried <= 4, "no more than were on their way when the line broke"
    states = {row["state"] for row in database.read(lambda work: work.outbox.list(region="yuxi", limit=1000)).result()}
    assert states == {"waiting"}
    database.write(lambda work: work.outbox.go_on("yuxi", work.now() - timedelta(seconds=1))).result()
    deliver_due(database, house, {"desk": receiver})
    assert len(receiver.times) == 900
    assert receiver.disorder == 0


def test_a_full_disk_loses_no_message_and_marks_none_as_sent(
    sqlite_database: StoredDatabase, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(row: Mapping[str, Any], document: str) -> Revision:
        raise AssertionError("delivery asks the registry for nothing here")

    house = House(clock=SystemClock(), handlers={}, draw=secrets.randbelow, read_revision=unread)
    monkeypatch.setattr("catalogue.service.delivery.owner_of", lambda house, region: None)
    waiting(sqlite_database, 20, 2)
    receiver = Receiver()

    def pages(limit: str) -> None:
        assert isinstance(sqlite_database, SqliteDatabase)
        driver: Any = sqlite_database._writer.connection.driver_connection
        driver.execute(f"PRAGMA max_page_count = {limit}")

    def fills_the_disk(one: Message) -> None:
        receiver(one)
        pages("1")

    with suppress(Unavailable):
        # Small changes may still fit into pages that are there; a new case never does.
        deliver_due(sqlite_database, house, {"desk": fills_the_disk})
    with pytest.raises(Unavailable):
        stock(sqlite_database, opening(500))
    pages("1073741823")
    sqlite_database.write(
        lambda work: work.session.connection.exec_driver_sql(
            "UPDATE outbox SET due_at = created_at WHERE state = 'claimed'"
        )
    ).result()
    again = Receiver()
    deliver_due(sqlite_database, house, {"desk": again})
    assert set(receiver.times) | set(again.times) == {f"m{n}" for n in range(40)}, (
        "what was not written down comes again"
    )
    assert sqlite_database.read(lambda work: work.outbox.list()).result() == []
    assert sqlite_database.read(lambda work: work.cases.load(reference(500), ALL)).result() is None

"""What the desk keeps, on both engines: whose turn it is, stand-ins, saved filters, opened scans."""

from __future__ import annotations

from datetime import timedelta

from catalogue.domain.people import Account, Role, Sight
from catalogue.service.ports import CaseQuery, Cover, SavedFilter, StoredFile, Work
from catalogue.store import StoredDatabase
from tests.store.builders import DAY, NOON, opening, reference, stock
from tests.units import taking

WINDOW, HOME, COLLECTING = Sight("office", "530102"), Sight("office", "532801"), Sight("office", "530402")


def test_a_queue_is_listed_and_counted_for_whose_turn_it_is(database: StoredDatabase) -> None:
    stock(
        database,
        opening(1, state="received"),
        opening(2, state="forwarded"),
        opening(3, state="cert_ready", delivery_office="530402"),
    )

    def turns(sight: Sight, queue: str) -> tuple[int, list[str]]:
        counted = database.read(lambda work: work.cases.counts(sight, DAY, turn=True)).result()[queue]
        page = database.read(lambda work: work.cases.page(CaseQuery(queue=queue, turn=True), sight)).result()
        return counted, [line.reference for line in page.lines]

    assert turns(WINDOW, "to_forward") == (1, [reference(1)])
    assert turns(HOME, "to_forward") == (0, [])
    assert turns(WINDOW, "to_receive") == (0, [])
    assert turns(HOME, "to_receive") == (1, [reference(2)])
    assert turns(HOME, "to_hand_over") == (0, [])
    assert turns(WINDOW, "to_hand_over") == turns(COLLECTING, "to_hand_over") == (1, [reference(3)])
    seen = database.read(lambda work: work.cases.counts(WINDOW, DAY)).result()
    assert seen["to_receive"] == 1, "without the turn, what may be seen"


def officers(work: Work) -> None:
    for name in ("one", "two"):
        work.accounts.add(Account(name, name, frozenset({Role.REVIEWER}), "xishuangbanna", "532801"), None)


def test_a_stand_in_holds_on_its_days_until_it_is_called_off(database: StoredDatabase) -> None:
    cover = Cover("v1", "one", "two", DAY, DAY + timedelta(days=2), "演示", "one", NOON)
    database.write(officers).result()
    database.write(lambda work: work.covers.add(cover)).result()

    def held(days: int) -> list[Cover]:
        return list(database.read(lambda work: work.covers.held_by("two", DAY + timedelta(days=days))).result())

    assert [held(days) for days in (-1, 0, 2, 3)] == [[], [cover], [cover], []]
    assert database.read(lambda work: work.covers.of_office("532801", DAY)).result() == [cover]
    assert database.read(lambda work: work.covers.of_office("530102", DAY)).result() == []
    database.write(lambda work: work.covers.end("v1", NOON, "one")).result()
    assert held(0) == []
    ended = database.read(lambda work: work.covers.get("v1")).result()
    assert ended is not None
    assert (ended.ended_by, ended.holds(DAY)) == ("one", False)


def test_saved_filters_are_those_of_one_account(database: StoredDatabase) -> None:
    database.write(officers).result()
    saved = SavedFilter("s1", "one", "昆明来的", "queue=to_review&region=kunming", NOON)
    database.write(lambda work: work.filters.add(saved)).result()
    assert database.read(lambda work: work.filters.list("one")).result() == [saved]
    assert database.read(lambda work: work.filters.list("two")).result() == []
    database.write(lambda work: work.filters.remove("two", "s1")).result()
    assert database.read(lambda work: work.filters.list("one")).result() == [saved]
    database.write(lambda work: work.filters.remove("one", "s1")).result()
    assert database.read(lambda work: work.filters.list("one")).result() == []


def test_who_opened_a_scan_is_kept_once(database: StoredDatabase) -> None:
    file = StoredFile("f1", reference(1), "a.png", "image/png", 3, "0", None, NOON, "clerk")

    stock(database, opening(1))
    database.write(lambda work: work.files.add(file, b"abc")).result()
    assert database.read(lambda work: work.files.openers(reference(1))).result() == {"f1": frozenset()}
    for account in ("one", "two", "one"):
        database.write(taking(account, lambda work, who: work.files.opened(reference(1), "f1", who, NOON))).result()
    assert database.read(lambda work: work.files.openers(reference(1))).result() == {"f1": frozenset({"one", "two"})}

"""The one writer of SQLite: whom it takes along, and what it writes last of all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from catalogue.domain.problems import InvalidInput
from catalogue.service.ports import CaseQuery, SearchEntry
from catalogue.store import StoredDatabase
from catalogue.store.sqlite_line import WritersLine
from catalogue.store.work import StoredWork
from tests.store.builders import ALL, change, held_writer, opening, publish, reference, stock
from tests.units import taking


def test_who_comes_alone_is_taken_at_once() -> None:
    line: WritersLine[str] = WritersLine(64)
    for name in ("first", "second"):
        line.put(name)
        assert line.take() == [name]
        line.written(1)


def test_those_who_were_answered_last_are_waited_for() -> None:
    line: WritersLine[int] = WritersLine(64, patience=60)
    for n in range(3):
        line.put(n)
    assert line.take() == [0, 1, 2]
    line.put(3)
    # As if the group had taken long, so that the patience is enough for any machine.
    line._taken_at -= 60
    line.written(3)
    taken: list[list[int]] = []
    writer = threading.Thread(target=lambda: taken.append(line.take()))
    writer.start()
    for n in (4, 5, 6):
        assert not taken
        line.put(n)
    writer.join()
    assert taken == [[3, 4, 5, 6]]


def test_nobody_is_waited_for_longer_than_patience_lasts() -> None:
    line: WritersLine[int] = WritersLine(64, patience=0.001)
    line.put(1)
    line.put(2)
    assert line.take() == [1, 2]
    line.written(2)
    line.put(3)
    assert line.take() == [3]


def test_no_more_are_taken_than_may_share_a_commit() -> None:
    line: WritersLine[int] = WritersLine(2)
    for n in range(5):
        line.put(n)
    groups = []
    for _ in range(3):
        groups.append(line.take())
        line.written(len(groups[-1]))
    assert groups == [[0, 1], [2, 3], [4]]


def test_a_closed_line_gives_what_waits_and_then_nothing() -> None:
    line: WritersLine[int] = WritersLine(64)
    line.put(1)
    line.close()
    assert (line.take(), line.take()) == ([1], [])


def test_a_word_that_comes_late_ends_nothing() -> None:
    # Who put a thing into an earlier group may say so when that group was long taken.
    line: WritersLine[int] = WritersLine(64)
    taken: list[list[int]] = []
    writer = threading.Thread(target=lambda: taken.append(line.take()))
    writer.start()
    for _ in range(100):
        line._enough.set()
    line.put(1)
    writer.join()
    assert taken == [[1]]


def test_everybody_is_taken_once_and_in_order_however_many_come_at_once() -> None:
    line: WritersLine[tuple[int, int]] = WritersLine(8, patience=0.001)

    def come(who: int) -> None:
        for n in range(500):
            line.put((who, n))

    clerks = [threading.Thread(target=come, args=(who,)) for who in range(4)]
    for clerk in clerks:
        clerk.start()
    taken: list[tuple[int, int]] = []
    while len(taken) < 2_000:
        group = line.take()
        assert 1 <= len(group) <= 8
        line.written(len(group))
        taken += group
    assert [[n for who, n in taken if who == one] for one in range(4)] == [list(range(500))] * 4


def together(database: StoredDatabase, *functions: Callable[[StoredWork], Any]) -> list[BaseException | None]:
    """Run these units of work in one group; what each failed with."""
    release = held_writer(database)
    futures = [database.write(function) for function in functions]
    release()
    return [future.exception() for future in futures]


def found(database: StoredDatabase, text: str) -> set[str]:
    page = database.read(lambda work: work.cases.page(CaseQuery(q=text), ALL)).result()
    return {line.reference for line in page.lines}


def test_titles_of_one_group_are_found_in_whatever_order_their_numbers_come(sqlite_database: StoredDatabase) -> None:
    sqlite_database.write(publish).result()
    cases = [opening(n, title=f"演示商贸{n}号", digests=()) for n in (7, 3, 9, 1)]
    assert (
        together(sqlite_database, *(taking(one, lambda work, one: work.cases.open(one)) for one in cases)) == [None] * 4
    )
    assert found(sqlite_database, "商贸") == {reference(n) for n in (7, 3, 9, 1)}


def test_a_title_that_changes_twice_within_a_group_is_found_as_it_was_last(sqlite_database: StoredDatabase) -> None:
    stock(sqlite_database, opening(1, title="演示旧名", digests=()), opening(2, title="演示商贸", digests=()))

    def renamed(work: StoredWork, title: str) -> None:
        case = work.cases.load(reference(1), ALL)
        assert case is not None
        one = change(case, "entry_corrected", {}, {}, search=SearchEntry(title, "演**", ()))
        work.cases.append(one)

    together(sqlite_database, *(taking(title, renamed) for title in ("演示中名", "演示新名")))
    assert [found(sqlite_database, text) for text in ("旧名", "中名", "新名")] == [set(), set(), {reference(1)}]


def test_a_case_that_is_erased_in_the_group_that_opened_it_is_not_found(sqlite_database: StoredDatabase) -> None:
    sqlite_database.write(publish).result()
    first, second = (
        opening(n, title="演示商贸", digests=(), token=f"token{n}", sealed={"status_token": f"token{n}"})
        for n in (1, 2)
    )
    together(
        sqlite_database,
        lambda work: work.cases.open(first),
        lambda work: work.cases.open(second),
        lambda work: work.cases.erase(reference(1)),
    )
    assert found(sqlite_database, "商贸") == {reference(2)}
    assert sqlite_database.read(lambda work: work.cases.public_by_link("token1")).result() is None
    assert sqlite_database.read(lambda work: work.cases.public_by_link("token2")).result() is not None


def test_what_fails_half_way_leaves_no_title_behind(sqlite_database: StoredDatabase) -> None:
    sqlite_database.write(publish).result()

    def half(work: StoredWork) -> None:
        work.cases.open(opening(1, title="演示商贸", digests=()))
        raise KeyError

    failed, kept = together(
        sqlite_database, half, lambda work: work.cases.open(opening(2, title="演示商贸", digests=()))
    )
    assert (type(failed), kept) == (KeyError, None)
    assert found(sqlite_database, "商贸") == {reference(2)}
    sqlite_database.write(lambda work: work.cases.open(opening(1, title="演示铁路", digests=()))).result()
    assert found(sqlite_database, "铁路") == {reference(1)}


def test_who_fails_after_he_made_others_be_written_takes_nothing_of_theirs_along(
    sqlite_database: StoredDatabase,
) -> None:
    sqlite_database.write(publish).result()

    def erase_and_fail(work: StoredWork) -> None:
        work.cases.erase(reference(1))
        raise KeyError

    failed = together(
        sqlite_database, lambda work: work.cases.open(opening(1, title="演示商贸", digests=())), erase_and_fail
    )
    assert [type(error) for error in failed] == [type(None), KeyError]
    assert found(sqlite_database, "商贸") == {reference(1)}


def test_a_case_that_cannot_be_sealed_is_told_to_its_own_caller(sqlite_database: StoredDatabase) -> None:
    sqlite_database.write(publish).result()

    class Receiving:
        """As ``Reception`` hands a case over that is worked out already."""

        def __init__(self, n: int, name: str) -> None:
            self.opening = opening(n, title=f"演示商贸{n}号", digests=(("name", name),))

        def __call__(self, work: StoredWork) -> None:
            work.cases.open(self.opening)

    failed = together(sqlite_database, Receiving(1, "演示甲"), Receiving(2, "\ud800"), Receiving(3, "演示丙"))
    assert [type(error) for error in failed] == [type(None), InvalidInput, type(None)]
    assert found(sqlite_database, "商贸") == {reference(1), reference(3)}

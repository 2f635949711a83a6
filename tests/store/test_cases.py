"""Opening, moving and reading cases, on both engines."""

from __future__ import annotations

import threading
from concurrent.futures import wait
from datetime import timedelta

import pytest

from catalogue.domain.case import Case
from catalogue.domain.people import Sight
from catalogue.domain.problems import IdempotencyKeyReused, InvalidInput, StaleRead
from catalogue.service.ports import Outcome, ReferenceTaken, RevisionChanged
from catalogue.store import Keyring, StoredDatabase
from catalogue.store.work import StoredWork
from tests.store.builders import ALL, DAY, NOON, PERSON, change, key, load, opening, publish, reference, stock
from tests.units import taking


def test_an_opened_case_is_read_back_as_it_was_written(database: StoredDatabase) -> None:
    one = opening(title="演示商贸有限公司")
    stock(database, one)
    assert load(database) == one.case
    events = database.read(lambda work: work.cases.events(reference(1), unseal=True)).result()
    assert list(events) == list(one.events)
    closed = database.read(lambda work: work.cases.events(reference(1), unseal=False)).result()
    assert closed[0].sealed == {}
    assert closed[0].clear == one.events[0].clear


def test_a_sight_that_does_not_admit_the_case_reads_nothing(database: StoredDatabase) -> None:
    stock(database, opening())
    for sight, seen in (
        (Sight("office", office="532801"), True),
        (Sight("office", office="530103"), False),
        (Sight("region", region="xishuangbanna"), True),
        (Sight("region", region="yuxi"), False),
        (Sight("none"), False),
    ):
        found = database.read(taking(sight, lambda work, s: work.cases.load(reference(1), s))).result()
        assert (found is not None) is seen


def test_events_follow_each_other_and_the_projection_moves(database: StoredDatabase) -> None:
    stock(database, opening())
    one = change(load(database), sealed={"note": PERSON})
    database.write(lambda work: work.cases.append(one)).result()
    assert load(database) == one.after
    events = database.read(lambda work: work.cases.events(reference(1), unseal=True)).result()
    assert [event.seq for event in events] == [1, 2]
    assert events[1] == one.events[0]


def test_two_events_in_one_unit_of_work_are_both_kept(database: StoredDatabase) -> None:
    stock(database, opening())

    def twice(work: StoredWork) -> None:
        case = load_in(work)
        first = change(case)
        work.cases.append(first)
        work.cases.append(change(first.after, "noted", {}))

    database.write(twice).result()
    assert load(database).seq == 3


def test_a_stale_change_is_refused_and_leaves_nothing(database: StoredDatabase) -> None:
    stock(database, opening())
    before = load(database)
    database.write(lambda work: work.cases.append(change(before))).result()
    with pytest.raises(StaleRead):
        database.write(lambda work: work.cases.append(change(before, sealed={"note": "late"}))).result()
    assert load(database).seq == 2
    assert len(database.read(lambda work: work.cases.events(reference(1), unseal=False)).result()) == 2


def test_of_many_changes_at_once_exactly_one_wins(database: StoredDatabase) -> None:
    stock(database, opening())
    before = load(database)
    futures = [database.write(lambda work: work.cases.append(change(before))) for _ in range(12)]
    wait(futures)
    refused = [future.exception() for future in futures if future.exception() is not None]
    assert len(refused) == 11
    assert all(isinstance(error, StaleRead) for error in refused)


def test_a_key_with_the_same_body_answers_the_same_and_writes_nothing(database: StoredDatabase) -> None:
    stock(database)
    first = opening(1, key=key(), outcome=Outcome(201, b"first"))
    again = opening(2, key=key(), outcome=Outcome(201, b"second"))
    assert database.write(lambda work: work.cases.open(first)).result() is first.outcome
    assert database.write(lambda work: work.cases.open(again)).result() == first.outcome
    assert database.read(lambda work: list(work.cases.references())).result() == [reference(1)]


def test_a_key_with_another_body_is_refused(database: StoredDatabase) -> None:
    stock(database, opening(1, key=key()))
    with pytest.raises(IdempotencyKeyReused):
        database.write(lambda work: work.cases.open(opening(2, key=key(body="b2")))).result()
    with pytest.raises(IdempotencyKeyReused):
        database.read(lambda work: work.outcome(key(body="b2"))).result()


def test_a_key_answers_even_after_another_revision_came_into_force(database: StoredDatabase) -> None:
    first = opening(1, key=key())
    stock(database, first)
    database.write(lambda work: publish(work, 2, 1)).result()
    assert database.write(lambda work: work.cases.open(opening(2, key=key()))).result() == first.outcome


def test_the_same_key_at_once_opens_one_case(database: StoredDatabase) -> None:
    stock(database)
    begin = threading.Barrier(8)
    futures = []

    def send(n: int) -> None:
        begin.wait()
        futures.append(
            database.write(lambda work: work.cases.open(opening(n, key=key(), outcome=Outcome(201, b"%d" % n))))
        )

    threads = [threading.Thread(target=send, args=(n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({future.result() for future in futures}) == 1
    assert len(database.read(lambda work: list(work.cases.references())).result()) == 1


def test_a_key_of_a_failed_unit_of_work_is_free_again(database: StoredDatabase) -> None:
    stock(database)

    def fail(work: StoredWork) -> None:
        work.cases.open(opening(1, key=key()))
        raise RuntimeError("the edge gave up")

    with pytest.raises(RuntimeError):
        database.write(fail).result()
    assert database.read(lambda work: work.outcome(key())).result() is None
    database.write(lambda work: work.cases.open(opening(1, key=key(body="b2")))).result()


def test_a_command_keeps_its_outcome_with_its_event(database: StoredDatabase) -> None:
    stock(database, opening())
    outcome = Outcome(200, "已转办".encode())
    one = change(load(database), idempotency=key("k2"), outcome=outcome)
    database.write(lambda work: work.cases.append(one)).result()
    assert database.read(lambda work: work.outcome(key("k2"))).result() == outcome


def test_an_outcome_of_no_case_is_kept_too(database: StoredDatabase) -> None:
    database.write(lambda work: work.keep_outcome(key(), Outcome(204, b""))).result()
    assert database.write(lambda work: work.outcome(key())).result() == Outcome(204, b"")


def test_outcomes_are_kept_for_seven_days(sqlite_url: str, keyring: Keyring) -> None:
    from catalogue.store import open_database

    clock = [NOON]
    database = open_database(sqlite_url, keyring, now=lambda: clock[0])
    stock(database, opening(1, key=key()))
    clock[0] += timedelta(days=6, hours=23)
    assert database.read(lambda work: work.outcome(key())).result() is not None
    clock[0] += timedelta(hours=2)
    assert database.read(lambda work: work.outcome(key())).result() is None
    database.write(lambda work: work.cases.open(opening(2, key=key(body="b2")))).result()
    clock[0] += timedelta(days=8)
    assert database.write(lambda work: work.prune()).result() == 1
    database.close()


def test_a_drawn_reference_that_exists_is_refused(database: StoredDatabase) -> None:
    stock(database, opening(1))
    with pytest.raises(ReferenceTaken):
        database.write(lambda work: work.cases.open(opening(1, key=key()))).result()
    assert database.read(lambda work: work.outcome(key())).result() is None


def test_a_collision_at_the_same_moment_is_refused_too(database: StoredDatabase) -> None:
    stock(database)
    futures = [database.write(lambda work: work.cases.open(opening(1))) for _ in range(8)]
    wait(futures)
    errors = [future.exception() for future in futures if future.exception() is not None]
    assert len(errors) == 7
    assert all(isinstance(error, ReferenceTaken) for error in errors)


def test_a_case_routed_under_another_revision_is_refused(database: StoredDatabase) -> None:
    stock(database)
    with pytest.raises(RevisionChanged):
        database.write(lambda work: work.cases.open(opening(1, revision=2, key=key()))).result()
    assert database.read(lambda work: work.outcome(key())).result() is None


def test_the_revision_in_force_goes_by_the_time_of_the_database(database: StoredDatabase) -> None:
    stock(database)
    later = NOON + timedelta(days=365_00)
    database.write(lambda work: publish(work, 2, 1, later)).result()
    database.write(lambda work: work.cases.open(opening(1, revision=1))).result()
    with pytest.raises(RevisionChanged):
        database.write(lambda work: work.cases.open(opening(2, revision=2))).result()


def test_64_openings_at_once_lose_none(database: StoredDatabase) -> None:
    stock(database, *(opening(n, key=key(f"k{n}")) for n in range(64)))
    assert len(database.read(lambda work: list(work.cases.references())).result()) == 64
    report = database.read(lambda work: work.audit.verify()).result()
    assert (report.cases, report.events, report.broken) == (64, 64, ())


def test_a_failing_unit_of_work_does_not_hurt_its_neighbours(database: StoredDatabase) -> None:
    stock(database)

    def fail(work: StoredWork) -> None:
        work.cases.open(opening(99))
        raise RuntimeError("one of many")

    futures = [
        database.write(fail if n % 3 == 0 else taking(n, lambda work, n: work.cases.open(opening(n))))
        for n in range(30)
    ]
    wait(futures)
    assert [n for n, future in enumerate(futures) if future.exception() is not None] == list(range(0, 30, 3))
    assert len(database.read(lambda work: list(work.cases.references())).result()) == 20


def test_public_status_is_one_row_and_tells_whether_the_code_fits(database: StoredDatabase) -> None:
    stock(database, opening())
    database.write(lambda work: work.cases.append(change(load_in(work)))).result()
    found = database.read(lambda work: work.cases.public(reference(1), "A2B3C4D6")).result()
    assert found is not None
    assert found.code_matches
    assert found.case.state == "forwarded"
    assert found.events == (
        (1, "received", "2026-11-23T04:00:00.123456Z", "530102"),
        (2, "forwarded", "2026-11-23T04:01:00.123456Z", "530102"),
    )
    wrong = database.read(lambda work: work.cases.public(reference(1), "A2B3C4D7")).result()
    assert wrong is not None
    assert not wrong.code_matches
    assert database.read(lambda work: work.cases.public(reference(2), "A2B3C4D6")).result() is None


def load_in(work: StoredWork) -> Case:
    case = work.cases.load(reference(1), ALL)
    assert case is not None
    return case


def test_what_a_database_cannot_keep_is_an_error_of_the_input(database: StoredDatabase) -> None:
    for nonsense in ("a\ud800b",):
        with pytest.raises(InvalidInput):
            database.read(taking(nonsense, lambda work, n: work.accounts.find(n))).result()


def test_days_and_times_sort_as_text(database: StoredDatabase) -> None:
    stock(database, opening(1, due_on=DAY + timedelta(days=300)), opening(2, due_on=DAY), opening(3, due_on=None))
    from catalogue.service.ports import CaseQuery

    page = database.read(lambda work: work.cases.page(CaseQuery(), ALL)).result()
    assert [line.reference for line in page.lines] == [reference(2), reference(1), reference(3)]
    assert page.lines[2].due_on is None

"""Outbox, accounts, revisions, certificates, throttle and marks, on both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from catalogue.domain.people import Account, Role
from catalogue.domain.problems import InvalidInput, NotFound, RuleForbids
from catalogue.service.ports import Claimed, Session, Settled, Token
from catalogue.store import StoredDatabase, erase
from catalogue.store.work import StoredWork
from tests.store.builders import NOON, PERSON, change, load, message, opening, publish, reference, stock
from tests.units import taking

CLERK = Account("a1", "clerk", frozenset({Role.WINDOW_CLERK, Role.WINDOW_HEAD}), "kunming", "530102")


LATER = NOON + timedelta(days=3650)


def claimed(
    database: StoredDatabase, minutes: float = 0, limit: int = 10, region: str | None = None
) -> dict[str, Claimed]:
    """The messages claimed then, by id."""
    at = LATER + timedelta(minutes=minutes)
    found = database.write(lambda work: work.outbox.claim(at, limit, region)).result()
    return {one.message.id: one for one in found}


def claim(database: StoredDatabase, minutes: int = 0, limit: int = 10) -> list[str]:
    """Ids of the messages claimed then."""
    return list(claimed(database, minutes, limit))


def settle(database: StoredDatabase, one: Claimed, outcome: str, minutes: int = 0, **given: Any) -> None:
    at = LATER + timedelta(minutes=minutes)
    database.write(lambda work: work.outbox.settle([Settled(one, outcome, **given)], at)).result()


def test_messages_leave_in_the_order_of_their_case(database: StoredDatabase) -> None:
    stock(database, opening(1, messages=(message(1, 1),)), opening(2, messages=(message(5, 1, of=2),)))
    one = change(load(database), messages=(message(2, 2), message(3, 3)))
    database.write(lambda work: work.cases.append(one)).result()
    first = claimed(database)
    assert sorted(first) == ["m1", "m5"]
    assert claim(database) == [], "claimed by another worker, and the later ones wait"
    settle(database, first["m1"], "sent")
    second = claimed(database)
    assert list(second) == ["m2"]
    settle(database, second["m2"], "sent")
    assert claim(database) == ["m3"]


def test_a_claim_runs_out_when_its_worker_dies(database: StoredDatabase) -> None:
    stock(database, opening(1, messages=(message(1, 1),)))
    assert claim(database) == ["m1"]
    assert claimed(database, minutes=0.9) == {}
    assert claim(database, minutes=3) == ["m1"]


def test_the_word_of_a_worker_that_slept_through_its_claim_counts_only_if_it_delivered(
    database: StoredDatabase,
) -> None:
    stock(database, opening(1, messages=(message(1, 1), message(2, 2))))
    slept = claimed(database)["m1"]
    second = claimed(database, minutes=3)["m1"]
    settle(database, slept, "parked", reason="late", owner="530100")
    assert database.read(lambda work: work.outbox.list(state="parked")).result() == []
    settle(database, slept, "sent", minutes=3)
    settle(database, second, "again", minutes=3, reason="late", wait=timedelta(minutes=1))
    assert claim(database, minutes=3) == ["m2"], "what has arrived has arrived"


def test_a_paused_or_failing_line_is_not_due_and_the_others_are(database: StoredDatabase) -> None:
    stock(
        database,
        opening(1, messages=(message(1, 1),)),
        opening(2, messages=(message(2, 1, of=2, region="yuxi"),)),
    )

    def due(minutes: int = 0) -> list[str]:
        at = LATER + timedelta(minutes=minutes)
        return list(database.read(lambda work: work.outbox.due(at)).result())

    assert due() == ["xishuangbanna", "yuxi"]
    database.write(lambda work: work.outbox.pause("yuxi", "a1", "演示：割接", LATER)).result()
    for _ in range(2):
        database.write(
            lambda work: work.outbox.unreachable("xishuangbanna", "ConnectError", LATER, timedelta(minutes=5))
        ).result()
    assert due() == []
    lines = {line.region: line for line in database.read(lambda work: work.outbox.lines()).result()}
    assert (lines["yuxi"].paused_by, lines["yuxi"].unsent) == ("a1", 1)
    assert (lines["xishuangbanna"].failures, lines["xishuangbanna"].reason) == (2, "ConnectError")
    assert lines["xishuangbanna"].failing_since == LATER
    assert due(6) == ["xishuangbanna"]
    database.write(lambda work: work.outbox.answered("xishuangbanna", LATER)).result()
    database.write(lambda work: work.outbox.go_on("yuxi", LATER)).result()
    assert due(1) == ["xishuangbanna", "yuxi"]


def test_a_failing_message_holds_back_its_own_case_and_region_only(database: StoredDatabase) -> None:
    stock(
        database,
        opening(1, messages=(message(1, 1), message(2, 2), message(3, 3, region="yuxi"))),
        opening(2, messages=(message(4, 1, of=2),)),
    )
    first = claimed(database)
    assert sorted(first) == ["m1", "m3", "m4"]
    settle(database, first["m1"], "parked", reason="HTTP 422", owner="532800")
    assert claim(database, minutes=60) == ["m3", "m4"]
    parked = database.read(lambda work: work.outbox.list(state="parked")).result()
    assert [(row["id"], row["reason"], row["owner"]) for row in parked] == [("m1", "HTTP 422", "532800")]
    assert database.write(lambda work: work.outbox.resend("m1", NOON)).result()
    assert not database.write(lambda work: work.outbox.resend("nothing", NOON)).result()
    assert "m1" in claim(database, minutes=61)


def test_a_message_is_tried_again_at_its_time(database: StoredDatabase) -> None:
    stock(database, opening(1, messages=(message(1, 1),)))
    settle(database, claimed(database)["m1"], "again", reason="Timeout", wait=timedelta(minutes=30))
    assert claim(database, minutes=29) == []
    assert claim(database, minutes=30) == ["m1"]


def test_the_body_of_a_message_comes_back_whole(database: StoredDatabase) -> None:
    sent = message(1, 1)
    stock(database, opening(1, messages=(sent,)))
    assert claimed(database, limit=1)["m1"].message == sent


def test_workers_at_once_claim_each_message_once(database: StoredDatabase) -> None:
    stock(database, *(opening(n, messages=(message(n, 1, of=n),)) for n in range(40)))
    futures = [database.write(lambda work: work.outbox.claim(LATER, 5)) for _ in range(16)]
    taken = [one.message.id for future in futures for one in future.result()]
    while more := claim(database):
        taken += more
    assert sorted(taken) == sorted(f"m{n}" for n in range(40))


def test_the_messages_of_an_erased_case_are_not_sent(database: StoredDatabase) -> None:
    stock(database, opening(1, messages=(message(1, 1),)))
    erase(database, reference(1))
    assert claim(database) == []
    assert [row["id"] for row in database.read(lambda work: work.outbox.list(state="erased")).result()] == ["m1"]


def test_accounts_are_found_listed_and_disabled(database: StoredDatabase) -> None:
    other = Account("a2", "decider", frozenset({Role.DECIDER}), "xishuangbanna", "532801")

    def write(work: StoredWork) -> None:
        work.accounts.add(CLERK, "hash")
        work.accounts.add(other, None)
        work.accounts.open_session(Session("s1", CLERK, "csrf", NOON, NOON, NOON + timedelta(days=3650)))
        work.accounts.add_token(Token("t1", CLERK, frozenset({"answers"}), None, ("10.0.0.0/8",)))

    database.write(write).result()
    with pytest.raises(InvalidInput):
        database.write(lambda work: work.accounts.add(Account("a3", "clerk", frozenset(), "x", "y"), None)).result()
    found = database.read(lambda work: work.accounts.find("clerk")).result()
    assert found is not None
    assert (found.account, found.password_hash, found.disabled, found.failures) == (CLERK, "hash", False, 0)
    assert database.read(lambda work: work.accounts.find("nobody")).result() is None
    assert database.read(lambda work: work.accounts.get("a2")).result() == other
    session = database.read(lambda work: work.accounts.session("s1")).result()
    assert session == Session("s1", CLERK, "csrf", NOON, NOON, NOON + timedelta(days=3650))
    token = database.read(lambda work: work.accounts.token("t1")).result()
    assert token == Token("t1", CLERK, frozenset({"answers"}), None, ("10.0.0.0/8",))
    database.write(lambda work: work.accounts.record_failure("a1", 5, NOON)).result()
    locked = database.read(lambda work: work.accounts.find("clerk")).result()
    assert locked is not None
    assert (locked.failures, locked.locked_until) == (5, NOON)
    database.write(lambda work: work.accounts.clear_failures("a1")).result()
    database.write(lambda work: work.accounts.touch_session("s1", NOON + timedelta(hours=1))).result()
    assert [a.id for a in database.read(lambda work: work.accounts.colleagues("530102")).result()] == ["a1"]
    database.write(lambda work: work.accounts.disable("a1")).result()
    assert database.read(lambda work: work.accounts.session("s1")).result() is None
    assert database.read(lambda work: work.accounts.token("t1")).result() is None
    assert database.read(lambda work: work.accounts.colleagues("530102")).result() == []
    assert [disabled for _, disabled in database.read(lambda work: work.accounts.list()).result()] == [True, False]


def test_two_administrators_cannot_overwrite_each_other(database: StoredDatabase) -> None:
    database.write(publish).result()
    database.write(lambda work: publish(work, 2, 1)).result()
    for late in ((3, 1), (2, 1), (3, None), (2, 2)):
        with pytest.raises(RuleForbids):
            database.write(taking(late, lambda work, one: publish(work, *one))).result()
    futures = [database.write(lambda work: publish(work, 3, 2)) for _ in range(6)]
    refused = [future.exception() for future in futures if future.exception() is not None]
    assert len(refused) == 5
    assert all(isinstance(error, RuleForbids) for error in refused)
    listed = database.read(lambda work: work.revisions.list()).result()
    assert [row["number"] for row in listed] == [3, 2, 1]
    assert listed[0]["effective_from"] == NOON
    assert database.read(lambda work: work.revisions.document(3)).result() == "{}"
    assert database.read(lambda work: work.revisions.document(9)).result() is None


def test_a_revision_is_withdrawn_before_its_day_only(database: StoredDatabase) -> None:
    start = NOON + timedelta(days=3650)
    database.write(publish).result()
    database.write(lambda work: publish(work, 2, 1, start)).result()
    assert database.read(lambda work: work.revisions.schedule()).result() == [(1, NOON), (2, start)]
    assert not database.write(lambda work: work.revisions.withdraw(1, NOON)).result()
    assert not database.write(lambda work: work.revisions.withdraw(2, start)).result()
    assert database.write(lambda work: work.revisions.withdraw(2, NOON)).result()
    assert database.read(lambda work: work.revisions.schedule()).result() == [(1, NOON)]


def test_a_certificate_number_belongs_to_one_case(database: StoredDatabase) -> None:
    stock(database, opening(1), opening(2))
    record = {"holder": PERSON, "kind": "business_licence"}
    database.write(lambda work: work.certificates.add("C1", reference(1), "N1", record)).result()
    database.write(lambda work: work.certificates.add("C2", reference(1), "N1", record)).result()
    with pytest.raises(RuleForbids):
        database.write(lambda work: work.certificates.add("C3", reference(2), "N1", record)).result()
    with pytest.raises(NotFound):
        database.write(lambda work: work.certificates.add("C4", reference(9), None, record)).result()
    database.write(lambda work: work.certificates.set_status("C1", "revoked")).result()
    found = database.read(lambda work: work.certificates.get("C1")).result()
    own = {"id": "C1", "reference": reference(1), "number": "N1", "status": "revoked"}
    assert found == record | own
    erase(database, reference(1))
    assert database.read(lambda work: work.certificates.get("C1")).result() == own
    assert database.read(lambda work: work.certificates.get("C9")).result() is None


def test_failures_are_counted_per_subject_and_forgotten(database: StoredDatabase) -> None:
    def fail(work: StoredWork) -> None:
        work.throttle.record("status", "a", NOON - timedelta(hours=25))
        for minute in (0, 5):
            work.throttle.record("status", "a", NOON + timedelta(minutes=minute))
        work.throttle.record("status", "b", NOON)

    database.write(fail).result()
    for kind, subject, since, count in (
        ("status", "a", NOON, 2),
        ("status", "a", NOON + timedelta(minutes=1), 1),
        ("status", "a", NOON - timedelta(days=9), 2),
        ("status", "b", NOON, 1),
        ("sign-in", "a", NOON, 0),
    ):
        asked = (kind, subject, since)
        found = database.read(taking(asked, lambda work, asked: work.throttle.failures(*asked))).result()
        assert found == count


def test_marks_are_put_and_replaced(database: StoredDatabase) -> None:
    assert database.read(lambda work: work.marks.get("demo")).result() is None
    database.write(lambda work: work.marks.set("demo", "1")).result()
    database.write(lambda work: work.marks.set("demo", "2")).result()
    assert database.read(lambda work: work.marks.get("demo")).result() == "2"

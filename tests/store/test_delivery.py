"""What delivery keeps beside the messages: answers, differences, lines, misroutes, numbers elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from catalogue.service.ports import Difference, KeptAnswer, Misroute, Settled
from catalogue.store import StoredDatabase, erase
from tests.store.builders import DAY, NOON, PERSON, message, opening, reference, stock
from tests.units import taking

ANSWER = KeptAnswer(
    "puer", "a-1", "digest", reference(1), 1, "accepted", "waiting", NOON, None, "account-1",
    body={"data": {"opinion": PERSON}}, outcome={"expected": 1}, status=202,
)  # fmt: skip


def keep(database: StoredDatabase, *answers: KeptAnswer) -> None:
    for answer in answers:
        database.write(taking(answer, lambda work, one: work.answers.keep(one))).result()


def test_an_answer_is_kept_whole_and_what_became_of_it_takes_its_place(database: StoredDatabase) -> None:
    stock(database, opening(1))
    keep(database, ANSWER)
    assert database.read(lambda work: work.answers.get("puer", "a-1")).result() == ANSWER
    done = replace(ANSWER, state="done", settled_at=NOON, outcome={"etag": "x"}, status=200)
    keep(database, done)
    assert database.write(lambda work: work.answers.get("puer", "a-1")).result() == done
    assert database.read(lambda work: work.answers.get("yuxi", "a-1")).result() is None


def test_answers_wait_in_the_order_their_sender_counted(database: StoredDatabase) -> None:
    stock(database, opening(1))
    keep(
        database,
        replace(ANSWER, id="a-3", sequence=3),
        replace(ANSWER, id="a-2", sequence=2),
        replace(ANSWER, id="a-1", sequence=1, state="done"),
        replace(ANSWER, id="b", sequence=9, region="yuxi"),
    )
    waiting = database.read(lambda work: work.answers.waiting("puer", reference(1))).result()
    assert [one.id for one in waiting] == ["a-2", "a-3"]
    assert database.read(lambda work: work.answers.last_settled("puer", reference(1))).result() == 1
    assert database.read(lambda work: work.answers.last_settled("yuxi", reference(1))).result() == 0
    late = database.read(lambda work: work.answers.overdue(NOON + timedelta(hours=1), 10)).result()
    assert {one.id for one in late} == {"a-2", "a-3", "b"}
    assert database.read(lambda work: work.answers.overdue(NOON, 10)).result() == []
    counts = database.read(lambda work: work.answers.counts()).result()
    assert counts == {("puer", "waiting"): 2, ("yuxi", "waiting"): 1}


def test_the_content_of_an_answer_dies_with_its_case(database: StoredDatabase) -> None:
    stock(database, opening(1))
    keep(database, ANSWER, replace(ANSWER, id="unknown", reference="9999999999999999", state="refused"))
    erase(database, reference(1))
    found = {one.id: one for one in database.read(lambda work: work.answers.listed()).result()}
    assert found["a-1"].body == {}
    assert found["unknown"].body == ANSWER.body, "of no case here: sealed under the house's own key"


def test_a_difference_found_again_keeps_its_first_day(database: StoredDatabase) -> None:
    one = Difference("puer", reference(1), "state", "accepted", "forwarded")
    other = Difference("puer", reference(2), "missing", "2")
    later = NOON + timedelta(days=1)
    database.write(lambda work: work.outbox.replace_differences("puer", [one], NOON)).result()
    database.write(lambda work: work.outbox.replace_differences("puer", [one, other], later)).result()
    found = database.read(lambda work: work.outbox.differences()).result()
    assert [(d.reference, d.found_at) for d in found] == [(reference(1), NOON), (reference(2), later)]
    assert database.read(lambda work: work.outbox.compared()).result() == {"puer": later}
    assert database.write(lambda work: work.outbox.mended("puer", reference(1), "state")).result()
    assert not database.write(lambda work: work.outbox.mended("puer", reference(1), "state")).result()


def test_what_was_told_of_a_case_is_sent_again_from_where_the_other_side_stands(database: StoredDatabase) -> None:
    stock(database, opening(1, messages=tuple(message(n, n, region="puer") for n in (1, 2, 3))))
    later = NOON + timedelta(days=3650)
    for _ in range(3):
        claimed = database.write(lambda work: work.outbox.claim(later, 9)).result()
        database.write(
            taking(claimed, lambda work, found: work.outbox.settle([Settled(one, "sent") for one in found], later))
        ).result()
    assert database.read(lambda work: work.outbox.held("puer")).result() == {reference(1): 3}
    assert database.write(lambda work: work.outbox.resend_case("puer", reference(1), 1, later)).result() == 2
    assert database.read(lambda work: work.outbox.on_the_way("puer")).result() == frozenset({reference(1)})
    told = replace(message(9, 9, region="puer"), id="stated-1", type="case.stated")
    database.write(lambda work: work.outbox.add(told)).result()
    line = next(one for one in database.read(lambda work: work.outbox.lines()).result() if one.region == "puer")
    assert (line.counts, line.sent) == ({"waiting": 3}, 3)


def test_misroutes_are_counted_for_each_case_received(database: StoredDatabase) -> None:
    stock(database, *(opening(n, matter="m1" if n < 4 else "m2") for n in range(1, 7)))

    def refuse(n: int, matter: str, code: str, days: int = 0) -> None:
        one = Misroute(reference(n), 3, matter, "532801", "532801", code, None, DAY - timedelta(days=days))
        database.write(lambda work: work.passing.misrouted(one)).result()

    refuse(1, "m1", "wrong_office")
    refuse(2, "m1", "wrong_level")
    refuse(4, "m2", "wrong_office")
    refuse(5, "m2", "wrong_office", days=400)
    rates = database.read(lambda work: work.passing.rates(DAY - timedelta(days=90))).result()
    assert [(one.matter, one.received, one.bounced) for one in rates] == [("m1", 3, 2), ("m2", 3, 1)]
    assert dict(rates[0].codes) == {"wrong_office": 1, "wrong_level": 1}
    assert len(database.read(lambda work: work.passing.misroutes(DAY, "m1")).result()) == 2


def test_a_number_elsewhere_leads_to_its_cases(database: StoredDatabase) -> None:
    stock(database, opening(1), opening(2))
    for n in (1, 1, 2):
        database.write(taking(n, lambda work, k: work.passing.external("外-1", reference(k)))).result()
    assert database.read(lambda work: work.passing.by_external("外-1")).result() == [reference(1), reference(2)]
    assert database.read(lambda work: work.passing.by_external("外-2")).result() == []

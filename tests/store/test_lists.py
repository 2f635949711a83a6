"""Pages, counts and search: one scope for all of them, the same hits on both engines, every query along an index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from catalogue.domain.people import Sight
from catalogue.domain.problems import InvalidInput
from catalogue.service.ports import CaseQuery, Work
from catalogue.store import StoredDatabase, lists, open_database
from catalogue.store.keyring import Keyring
from catalogue.store.scope import scope
from catalogue.store.tables import cases
from tests.conftest import Postgresql
from tests.store.builders import ALL, DAY, DOCUMENT, PERSON, PHONE, change, load, opening, reference, stock
from tests.units import taking

PLACES = ("r1", "r2")
OFFICES = ("o1", "o2", "o3")
optional_place = st.sampled_from((None, *PLACES))
optional_office = st.sampled_from((None, *OFFICES))
rows = st.tuples(st.sampled_from(PLACES), st.sampled_from(OFFICES), optional_place, optional_office, optional_office)
sights = st.one_of(
    st.just(Sight("all")),
    st.just(Sight("none")),
    st.builds(lambda office: Sight("office", office=office), st.sampled_from(OFFICES)),
    st.builds(lambda region, office: Sight("region", office, region), st.sampled_from(PLACES), optional_office),
)


def pages(database: StoredDatabase, query: CaseQuery, sight: Sight) -> list[str]:
    """The references of all pages of a query."""
    from dataclasses import replace

    found: list[str] = []
    while True:
        page = database.read(taking(query, lambda work, q: work.cases.page(q, sight))).result()
        found += [line.reference for line in page.lines]
        if page.next_cursor is None:
            return found
        query = replace(query, cursor=page.next_cursor)


@pytest.fixture(scope="module")
def sighted(tmp_path_factory: pytest.TempPathFactory, plain_postgresql: Postgresql) -> Any:
    """Both engines with a case for each way to place one."""
    from itertools import product

    from catalogue.store import migrate

    keyring = Keyring.create()
    url = f"sqlite:///{tmp_path_factory.mktemp('sight')}/catalogue.db"
    migrate(url)
    plain_postgresql.empty()
    opened = [open_database(url, keyring), open_database(plain_postgresql.application, keyring, pool_size=4)]
    placed = {
        reference(n): row
        for n, row in enumerate(product(PLACES, OFFICES, (None, *PLACES), (None, *OFFICES), (None, *OFFICES)))
    }
    queues = ("to_forward", "to_receive", None)
    openings = [
        opening(
            n,
            accepting_region=row[0],
            accepting_office=row[1],
            home_region=row[2],
            home_office=row[3],
            delivery_office=row[4],
            queue=queues[n % 3],
            due_on=DAY + timedelta(days=n % 5),
            title="演示商贸有限公司" if n % 2 else None,
        )
        for n, row in enumerate(placed.values())
    ]
    for database in opened:
        stock(database, *openings)
    yield opened, placed
    for database in opened:
        database.close()


@given(sights)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_scope_admits_the_same_cases_as_the_sight(sighted: Any, sight: Sight) -> None:
    opened, placed = sighted
    admitted = {number for number, row in placed.items() if sight.admits(*row)}
    for database in opened:
        found = pages(database, CaseQuery(limit=200), sight)
        assert len(found) == len(set(found)), "no case comes twice"
        assert set(found) == admitted
        counts = database.read(lambda work: work.cases.counts(sight, DAY)).result()
        queued = pages(database, CaseQuery(queue="to_forward", limit=200), sight)
        assert counts["to_forward"] == len(queued)
        named = pages(database, CaseQuery(q="商贸", limit=200), sight)
        assert set(named) == {number for number in admitted if int(number) % 2}
        for number in list(placed)[::17]:
            case = database.read(lambda work: work.cases.load(number, sight)).result()  # noqa: B023 - read at once
            assert (case is not None) is (number in admitted)


def test_the_arms_of_a_scope_are_disjoint(sqlite_database: StoredDatabase) -> None:
    stock(sqlite_database, opening(accepting_office="o1", home_office="o1", delivery_office="o1"))
    clauses = scope(Sight("region", "o1", "kunming")).clauses()
    assert len(clauses) == 6

    def hits(work: Any) -> list[int]:
        return [len(work.session.connection.execute(cases.select().where(clause)).all()) for clause in clauses]

    assert sum(sqlite_database.read(hits).result()) == 1


def test_pages_follow_each_other_without_gap_or_double(database: StoredDatabase) -> None:
    stock(database, *(opening(n, due_on=DAY + timedelta(days=n % 4)) for n in range(23)))
    found = pages(database, CaseQuery(queue="to_forward", limit=5), Sight("office", office="530102"))
    assert found == sorted((reference(n) for n in range(23)), key=lambda number: (int(number) % 1000 % 4, number))
    assert pages(database, CaseQuery(limit=7), ALL) == found


def test_a_cursor_that_is_not_ours_is_an_error_of_the_input(database: StoredDatabase) -> None:
    stock(database, *(opening(n) for n in range(3)))
    page = database.read(lambda work: work.cases.page(CaseQuery(limit=1), ALL)).result()
    assert page.next_cursor is not None
    flipped = ("B" if page.next_cursor[0] != "B" else "C") + page.next_cursor[1:]
    for bad in ("", "x", "非法", "AAAA", flipped, page.next_cursor + "A", page.next_cursor[:-2]):
        if bad == "":
            continue
        with pytest.raises(InvalidInput):
            database.read(taking(bad, lambda work, c: work.cases.page(CaseQuery(limit=1, cursor=c), ALL))).result()
    for limit in (0, 201):
        with pytest.raises(InvalidInput):
            database.read(taking(limit, lambda work, n: work.cases.page(CaseQuery(limit=n), ALL))).result()


def move(database: StoredDatabase, n: int, state: str) -> None:
    """The n-th case in another state."""
    one = change(load(database, n), "noted", {"state": state})
    database.write(lambda work: work.cases.append(one)).result()


TITLES = (
    "演示商贸有限公司",
    "演示䶮发展有限公司",
    "演示𠮷野家餐饮店",
    "演示🚄铁路服务部",
    "DEMO Trading (Kunming) Co., Ltd.",
    "演示 a.b-c 100% _off",
    "商贸",
    "贸商演示",
    "Ａ演示全角１２",
)
QUERIES: tuple[tuple[str, set[int]], ...] = (
    ("商贸", {0, 6}),
    ("贸", {0, 6, 7}),
    ("䶮", {1}),
    ("䶮发", {1}),
    ("𠮷", {2}),
    ("𠮷野家", {2}),
    ("🚄", {3}),
    ("🚄铁路", {3}),
    ("trading", {4}),
    ("TRADING(KUN", {4}),
    ("co., ltd.", {4}),
    ("100%", {5}),
    ("_", {5}),
    ("%", {5}),
    ("'", set()),
    ('"', set()),
    ("商贸有限公司", {0}),
    ("商 贸", {0, 6}),
    ("a演示", {8}),
    ("12", {8}),
    ("有限公司演示", set()),
    ("商贸演示", set()),
    ("* OR a", set()),
    ("\x00", set(range(len(TITLES)))),
)


@pytest.mark.parametrize("common", [lists.COMMON, 0], ids=["rare", "common"])
@pytest.mark.parametrize(("q", "hits"), QUERIES)
def test_search_by_name_finds_the_same_on_both_engines_however_common_the_words_are(
    sought: list[StoredDatabase], q: str, hits: set[int], common: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COMMON", common)
    for database in sought:
        found = pages(database, CaseQuery(q=q), ALL)
        if q == "\x00":
            assert found == []
        else:
            assert set(found) == {reference(n) for n in hits}


@pytest.mark.parametrize("common", [lists.COMMON, 0], ids=["rare", "common"])
def test_a_search_that_names_a_matter_finds_its_cases_too_each_once(
    database: StoredDatabase, common: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COMMON", common)
    stock(
        database,
        opening(1, title="演示商贸有限公司", digests=()),
        opening(2, title="演示商贸有限公司", matter="trade-notice", digests=()),
        opening(3, title="演示铁路服务部", matter="trade-notice", digests=()),
        opening(4, title=None, matter="trade-notice", accepting_office="530103", home_office="530103", digests=()),
        opening(5, title="演示铁路服务部", digests=()),
    )
    both = CaseQuery(q="商贸", named=("trade-notice",))
    found = pages(database, both, ALL)
    assert sorted(found) == [reference(n) for n in (1, 2, 3, 4)]
    assert set(pages(database, CaseQuery(q="商贸"), ALL)) == {reference(1), reference(2)}
    seen = Sight("office", office="530103")
    assert pages(database, both, seen) == [reference(4)]
    assert set(pages(database, CaseQuery(q="商贸", named=("trade-notice",), queue="to_forward", limit=1), ALL)) == set(
        found
    )


@pytest.fixture(scope="module")
def sought(tmp_path_factory: pytest.TempPathFactory, partitioned_postgresql: Postgresql) -> Any:
    """Both engines, PostgreSQL with partitions, with the same titles."""
    from catalogue.store import migrate

    keyring = Keyring.create()
    url = f"sqlite:///{tmp_path_factory.mktemp('search')}/catalogue.db"
    migrate(url)
    partitioned_postgresql.empty()
    opened = [open_database(url, keyring), open_database(partitioned_postgresql.application, keyring, pool_size=4)]
    for database in opened:
        stock(database, *(opening(n, title=title, digests=()) for n, title in enumerate(TITLES)))
    yield opened
    for database in opened:
        database.close()


@given(st.lists(st.text(max_size=6), max_size=3), st.text(min_size=1, max_size=3))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_safe_query(sought: list[StoredDatabase], words: list[str], q: str) -> None:
    del words
    answers = []
    for database in sought:
        try:
            answers.append(pages(database, CaseQuery(q=q), ALL))
        except InvalidInput:
            answers.append([])
    assert answers[0] == answers[1]


def test_a_person_is_found_in_whatever_month_the_case_was_received(database: StoredDatabase) -> None:
    months = ("5301220223000010", "5301251231000024", "5301260101000037", reference(1))
    stock(database, *(opening(n, reference=number) for n, number in enumerate(months)))
    assert set(pages(database, CaseQuery(q=PERSON), ALL)) == set(months)
    assert pages(database, CaseQuery(q="演示丙某"), ALL) == []


def test_personal_identifiers_are_found_by_exact_match_in_their_normal_form(database: StoredDatabase) -> None:
    stock(database, opening(1), opening(2, digests=(("name", "演示乙某"),)))
    for q in (
        PERSON,
        f" {PERSON} ",
        "演示 甲某",
        DOCUMENT,
        DOCUMENT.lower(),
        PHONE,
        "138 0000 1234",
        "+86 13800001234",
    ):
        assert pages(database, CaseQuery(q=q), ALL) == [reference(1)], q
    for q in (PERSON[:-1], DOCUMENT[:-1], PHONE[:-1]):
        assert pages(database, CaseQuery(q=q), ALL) == [], q
    assert pages(database, CaseQuery(q=PERSON), Sight("office", office="530103")) == []


def test_a_reference_is_found_as_people_type_it(database: StoredDatabase) -> None:
    stock(database, opening(1), opening(2))
    number = reference(2)
    for q in (number, f"{number[:4]} {number[4:8]} {number[8:12]} {number[12:]}"):
        assert pages(database, CaseQuery(q=q), ALL) == [number]


def test_a_case_that_matches_twice_is_listed_once(database: StoredDatabase) -> None:
    stock(database, opening(1, title=PERSON))
    assert pages(database, CaseQuery(q=PERSON), ALL) == [reference(1)]


def test_a_corrected_entry_is_found_under_its_new_name_alone(database: StoredDatabase) -> None:
    from catalogue.service.ports import SearchEntry

    stock(database, opening(1, title="演示旧名"))
    corrected = SearchEntry("演示新名", "演**", (("name", "演示丙某"),))
    one = change(load(database), "entry_corrected", {}, {"value": "演示丙某"}, search=corrected)
    database.write(lambda work: work.cases.append(one)).result()
    assert pages(database, CaseQuery(q="旧名"), ALL) == []
    assert pages(database, CaseQuery(q=PERSON), ALL) == []
    assert pages(database, CaseQuery(q="新名"), ALL) == [reference(1)]
    assert pages(database, CaseQuery(q="演示丙某"), ALL) == [reference(1)]


def test_filters_narrow_a_page(database: StoredDatabase) -> None:
    stock(
        database,
        opening(1, queue="to_forward"),
        opening(2, queue="unroutable", state="unroutable", home_region=None, home_office=None),
        opening(3),
        opening(4, matter="tea-licence", home_region="puer", home_office="530802"),
        opening(5, statutory_by=DAY - timedelta(days=1)),
    )
    move(database, 3, "closed")
    for query, hits in (
        (CaseQuery(queue="unroutable"), {2}),
        (CaseQuery(state="closed"), {3}),
        (CaseQuery(state="unroutable"), {2}),
        (CaseQuery(matter="tea-licence"), {4}),
        (CaseQuery(region="puer"), {4}),
        (CaseQuery(queue="overdue", overdue_before=DAY), {5}),
        (CaseQuery(overdue_before=DAY), {5}),
        (CaseQuery(claimed_by="nobody"), set()),
        (CaseQuery(), {1, 2, 3, 4, 5}),
    ):
        assert set(pages(database, query, ALL)) == {reference(n) for n in hits}, query


def test_counts_stop_at_their_cap(database: StoredDatabase) -> None:
    stock(database, *(opening(n, statutory_by=DAY - timedelta(days=1)) for n in range(12)))
    counts = database.read(lambda work: work.cases.counts(ALL, DAY, cap=10)).result()
    assert counts["to_forward"] == 10
    assert counts["overdue"] == 10
    assert counts["to_make"] == 0
    office = database.read(lambda work: work.cases.counts(Sight("office", office="530102"), DAY, cap=100)).result()
    assert office["to_forward"] == 12
    assert set(database.read(lambda work: work.cases.counts(Sight("none"), DAY)).result().values()) == {0}


def test_what_is_due_is_found_for_each_job(database: StoredDatabase) -> None:
    past = DAY - timedelta(days=1)
    stock(
        database,
        opening(1, notice_by=past),
        opening(2, notice_by=DAY),
        opening(3, notice_by=past, procedure="registration"),
        opening(4, promised_by=DAY, statutory_by=DAY + timedelta(days=9)),
        opening(5, promised_by=DAY + timedelta(days=1)),
        opening(6),
    )
    move(database, 6, "collected")

    def due(kind: str, day: Any) -> set[str]:
        found = database.read(lambda work: work.cases.due(kind, day, 10)).result()
        return {case.reference for case in found}

    assert due("deemed", DAY) == {reference(1)}
    assert due("warning", DAY) == {reference(1), reference(2), reference(3), reference(4)}
    assert due("close", DAY) == set()
    assert due("close", DAY + timedelta(days=1)) == {reference(6)}


# --- query plans ------------------------------------------------------------------------------------------------------

Ask = Callable[[Work], object]
OFFICE = Sight("office", office="530102")
REGION = Sight("region", region="xishuangbanna")

NAMED: tuple[tuple[str, Ask], ...] = (
    ("load", lambda work: work.cases.load(reference(1), OFFICE)),
    ("public", lambda work: work.cases.public(reference(1), "A2B3C4D6")),
    ("events", lambda work: work.cases.events(reference(1), unseal=True)),
    ("queue of an office", lambda work: work.cases.page(CaseQuery(queue="to_forward"), OFFICE)),
    ("queue of a region", lambda work: work.cases.page(CaseQuery(queue="to_forward"), REGION)),
    ("queue of all", lambda work: work.cases.page(CaseQuery(queue="to_forward"), ALL)),
    ("everything of an office", lambda work: work.cases.page(CaseQuery(), OFFICE)),
    ("claimed", lambda work: work.cases.page(CaseQuery(claimed_by="officer-1"), OFFICE)),
    ("overdue", lambda work: work.cases.page(CaseQuery(overdue_before=DAY), OFFICE)),
    ("counts", lambda work: work.cases.counts(OFFICE, DAY)),
    ("counts of all", lambda work: work.cases.counts(ALL, DAY)),
    ("search by name", lambda work: work.cases.page(CaseQuery(q="商贸"), OFFICE)),
    ("search by one character", lambda work: work.cases.page(CaseQuery(q="贸"), OFFICE)),
    ("search by matter", lambda work: work.cases.page(CaseQuery(q="商贸", named=("company-setup",)), OFFICE)),
    ("search by reference", lambda work: work.cases.page(CaseQuery(q=reference(1)), OFFICE)),
    ("deemed", lambda work: work.cases.due("deemed", DAY, 50)),
    ("warning", lambda work: work.cases.due("warning", DAY, 50)),
    ("close", lambda work: work.cases.due("close", DAY, 50)),
    ("references", lambda work: list(work.cases.references())),
)


def _explained(session: Any) -> list[str]:
    """Have every statement of a session explained as well; the list fills as they run."""
    seen: list[str] = []
    driver, raw = session._driver, session.raw
    prefix = "EXPLAIN QUERY PLAN" if session.sqlite else "EXPLAIN"
    if not session.sqlite:
        # With two rows PostgreSQL would rather read the table: what matters is whether it must.
        driver.execute("SET enable_seqscan = off")

    def told(rows: Any) -> None:
        seen.extend(" ".join(map(str, row)) for row in rows)

    def core(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        told(driver.execute(f"{prefix} {statement}", parameters).fetchall())

    def hot(statement: str, parameters: Any) -> Any:
        told(raw(f"{prefix} {statement}", parameters).fetchall())
        return raw(statement, parameters)

    event.listen(session.connection, "before_cursor_execute", core)
    session.raw = hot
    return seen


@pytest.mark.parametrize(("name", "ask"), NAMED, ids=[name for name, _ in NAMED])
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_no_named_query_reads_a_whole_table(name: str, ask: Ask, engine: str, request: pytest.FixtureRequest) -> None:
    database: StoredDatabase = request.getfixturevalue(f"{engine}_database")
    stock(database, opening(1, title="演示商贸有限公司"), opening(2))

    def explain(work: Any) -> list[str]:
        seen = _explained(work.session)
        ask(work)
        return seen

    plan = database.read(explain).result()
    assert plan
    whole = [step for step in plan if ("Seq Scan" in step or ("SCAN " in step and not _harmless(step)))]
    assert whole == [], "\n".join(plan)


def _harmless(step: str) -> bool:
    """A scan in SQLite's plan of a subquery, of a virtual table by MATCH, or along an index that is cut off.

    ``months`` and ``found`` are subqueries with names: the months there are, and what was found in them.
    """
    return any(
        word in step
        for word in (
            "SUBQUERY",
            "VIRTUAL TABLE",
            "USING",
            "(subquery",
            "CONSTANT ROW",
            "anon_",
            "SCAN months",
            "SCAN found",
        )
    )


def test_every_authority_above_finds_the_certificate_and_no_other(database: StoredDatabase) -> None:
    stock(database, opening(accepting_office="o1", home_office="o2"))
    clear = {"state": "cert_ready", "certificate": "C1", "number": None, "superiors": ["up1", "up2", "up3"]}
    case = load(database)
    database.write(lambda work: work.cases.append(change(case, "certificate_made", clear))).result()
    for office, found in (("up1", 1), ("up2", 1), ("up3", 1), ("up4", 0)):
        assert len(pages(database, CaseQuery(limit=10), Sight("office", over=office))) == found

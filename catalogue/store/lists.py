"""Pages, counts, search and what is due: every statement goes along an index and none counts without end.

A page is the UNION of the arms of a scope, each cut off at the size of the page in index order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    union,
    union_all,
)

from catalogue.domain.case import Case
from catalogue.domain.days import CHINA
from catalogue.domain.people import Sight
from catalogue.domain.personal_data import normal_document, normal_name, normal_phone
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS
from catalogue.service.ports import CaseQuery, Page
from catalogue.store import bigrams
from catalogue.store.codec import moment, read_snapshot
from catalogue.store.cursors import cursor, read_cursor
from catalogue.store.finding import find_digest, having
from catalogue.store.rows import LINE_COLUMNS, line
from catalogue.store.scope import Scope, scope
from catalogue.store.session import Session
from catalogue.store.tables import SUPERIOR_COLUMNS, case_titles, cases

MAX_PAGE = 200

OVERDUE = "overdue"
"""A queue that is no column: open cases past their statutory date, whatever else they wait for."""

LATE_DELIVERY = "late_delivery"
"""Another: decided cases whose result is past its limit of delivery (XKF §44), in one of these queues."""
_TO_DELIVER = ("to_make", "to_hand_over")

QUEUES = tuple(queue for queue in WORDS["queues"] if queue not in (OVERDUE, LATE_DELIVERY))

_ACCEPTING = frozenset({"accepting_region", "accepting_office"})
_HOME = frozenset({"home_region", "home_office"})

SIDES: Mapping[str, frozenset[str]] = {
    "to_forward": _ACCEPTING,
    "misrouted": _ACCEPTING,
    "unroutable": _ACCEPTING,
    "to_receive": _HOME,
    "to_accept": _HOME,
    "to_review": _HOME,
    "to_decide": _HOME,
    "to_make": _HOME,
    "to_hand_over": _ACCEPTING | {"delivery_office"},
    "to_check": _HOME,
    "to_claim": _ACCEPTING | {"delivery_office"},
    "to_annul": _HOME | frozenset(SUPERIOR_COLUMNS),
}
"""Queue -> the columns of those who have to act in it; everybody who sees the case for a queue not named here."""

# Written out and not parameters: a partial index is used only where its condition is known to hold.
_OPEN = text("open = 1")
_HOMED = cases.c.home_office.is_not(None)
"""A case without a home office has no clock of a home region."""
_ENDED = text("open = 0")

_COLUMNS = tuple(cases.c[name] for name in LINE_COLUMNS)

_FIND = {"name": normal_name, "document": normal_document, "phone": normal_phone}
"""Kind of personal identifier -> its normal form, the one that was digested."""


COMMON = 2000
"""More titles than this with a searched word, and the lists are walked instead of the index."""

MOST_KEPT = 2048
_FIRST_PAGES: dict[tuple[bool, CaseQuery, Sight], Select[tuple[object, ...]] | None] = {}
_COUNTS: dict[tuple[Sight, date, int, bool], Select[tuple[str, int]]] = {}

K = TypeVar("K")
S = TypeVar("S")


def _kept(memory: dict[K, S], question: K, build: Callable[[], S]) -> S:
    """The statement for a question, built once; the memory is emptied when full. Threads at worst build twice."""
    try:
        return memory[question]
    except KeyError:
        statement = build()
        if len(memory) >= MOST_KEPT:
            memory.clear()
        memory[question] = statement
        return statement


class Lists:
    """Lists of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(self, query: CaseQuery, sight: Sight) -> Page:
        """A page in order of (due date, reference). Raises InvalidInput for a cursor or a size out of bounds."""
        if not 1 <= query.limit <= MAX_PAGE:
            message = Text(f"每页条数应在1至{MAX_PAGE}之间", f"A page has 1 to {MAX_PAGE} lines")
            raise InvalidInput(message, errors=(Fault("limit", "out-of-range", message),))
        statement = (
            self._first(query, sight) if query.q is None and query.cursor is None else self._select(query, sight)
        )
        if statement is None:
            return Page((), None)
        rows = self._session.connection.execute(statement).all()
        lines = tuple(line(row) for row in rows[: query.limit])
        if len(rows) <= query.limit:
            return Page(lines, None)
        last = rows[query.limit - 1]
        return Page(lines, cursor(self._session.keyring, last.due_on, last.reference))

    def _first(self, query: CaseQuery, sight: Sight) -> Select[tuple[object, ...]] | None:
        """The statement of a first page, built once for each desk: building costs five times what running it does.

        Searches are not kept: what was searched for may be personal.
        """
        return _kept(_FIRST_PAGES, (self._session.sqlite, query, sight), lambda: self._select(query, sight))

    def _select(self, query: CaseQuery, sight: Sight) -> Select[tuple[object, ...]] | None:
        seen = scope(sight)
        filters = self._filters(query)
        if query.q is not None and query.q.strip():
            arms = self._found(query, query.q, seen)
        elif query.claimed_by is not None:
            arms = [and_(_OPEN, _turn(seen, query.queue if query.turn else None).clause())]
        elif query.queue == OVERDUE or query.overdue_before is not None:
            arms = [and_(_OPEN, cases.c.runs_out_on.is_not(None), seen.clause())]
        else:
            arms = self._listed(query, seen)
        return self._cut([and_(arm, *filters) for arm in arms], query.limit + 1)

    def counts(self, sight: Sight, today: date, cap: int, turn: bool = False) -> Mapping[str, int]:
        """Every queue -> number of open cases, no number above ``cap``; with ``turn``, those the sight must act in."""
        seen = scope(sight)
        if not seen.clauses():
            return dict.fromkeys(WORDS["queues"], 0)
        statement = _kept(_COUNTS, (sight, today, cap, turn), lambda: self._counting(seen, today, cap, turn))
        rows = self._session.connection.execute(statement).all()
        counted = {row.queue: min(row.number, cap) for row in rows}
        return {queue: counted.get(queue, 0) for queue in WORDS["queues"]}

    def _counting(self, seen: Scope, today: date, cap: int, turn: bool) -> Select[tuple[str, int]]:
        overdue = select(literal(OVERDUE).label("queue")).where(
            _OPEN, cases.c.runs_out_on < today.isoformat(), seen.clause()
        )
        parts = [overdue.limit(cap)]
        for queue in _TO_DELIVER:
            for clause in _turn(seen, queue if turn else None).clauses():
                late = select(literal(LATE_DELIVERY).label("queue")).where(
                    _OPEN, cases.c.queue == queue, cases.c.due_on < today.isoformat(), clause
                )
                parts.append(late.limit(cap))
        for queue in QUEUES:
            for clause in _turn(seen, queue if turn else None).clauses():
                one = select(literal(queue).label("queue")).where(_OPEN, cases.c.queue == queue, clause)
                parts.append(one.limit(cap))
        every = union_all(*(select(part.subquery()) for part in parts)).subquery()
        return select(every.c.queue, func.count().label("number")).group_by(every.c.queue)

    def due(self, kind: str, day: date, limit: int) -> Sequence[Case]:
        """Open cases for a repeating job. Raises KeyError for an unknown kind."""
        column, condition = {
            "deemed": (cases.c.notice_by, and_(_OPEN, _HOMED, cases.c.notice_by < day.isoformat())),
            "warning": (cases.c.warn_on, and_(_OPEN, _HOMED, cases.c.warn_on <= day.isoformat())),
            "close": (cases.c.changed_at, and_(text("state = 'collected'"), cases.c.changed_at < _begin(day))),
        }[kind]
        statement = select(cases.c.snapshot).where(condition).order_by(column, cases.c.reference).limit(limit)
        return [read_snapshot(found) for found in self._session.connection.execute(statement).scalars()]

    def _filters(self, query: CaseQuery) -> list[ColumnElement[bool]]:
        filters: list[ColumnElement[bool]] = []
        if query.overdue_before is not None:
            filters.append(cases.c.runs_out_on < query.overdue_before.isoformat())
        if query.late_before is not None:
            filters += [cases.c.queue.in_(_TO_DELIVER), cases.c.due_on < query.late_before.isoformat()]
        if query.queue is not None and query.queue != OVERDUE:
            filters.append(cases.c.queue == query.queue)
        if query.state is not None:
            filters.append(cases.c.state == query.state)
        if query.matter is not None:
            filters.append(cases.c.matter == query.matter)
        if query.region is not None:
            filters.append(or_(cases.c.accepting_region == query.region, cases.c.home_region == query.region))
        if query.claimed_by is not None:
            filters.append(cases.c.claimed_by == query.claimed_by)
        if query.unclaimed:
            filters.append(cases.c.claimed_by.is_(None))
        if query.cursor is not None:
            due_on, reference = read_cursor(self._session.keyring, query.cursor, 2)
            filters.append(tuple_(cases.c.due_on, cases.c.reference) > tuple_(due_on, reference))
        return filters

    def _listed(self, query: CaseQuery, seen: Scope) -> list[ColumnElement[bool]]:
        """One arm per index and queue, so that each runs along its index and stops at the size of the page."""
        if query.queue is not None:
            own = _turn(seen, query.queue if query.turn else None)
            return [and_(_OPEN, cases.c.queue == query.queue, clause) for clause in own.overlapping()]
        if query.late_before is not None:
            return [
                and_(_OPEN, cases.c.queue == queue, clause)
                for queue in _TO_DELIVER
                for clause in _turn(seen, queue if query.turn else None).overlapping()
            ]
        conditions = [*(and_(_OPEN, cases.c.queue == queue) for queue in QUEUES), and_(_ENDED)]
        return [and_(condition, clause) for condition in conditions for clause in seen.overlapping()]

    def _found(self, query: CaseQuery, q: str, seen: Scope) -> list[ColumnElement[bool]]:
        """One arm per way to find: by reference, or by name and by personal identifier."""
        within = seen.clause()
        compact = normal_document(q)
        if len(compact) == 16 and compact.isascii() and compact.isdigit():
            return [and_(cases.c.reference == compact, within)]
        keyring = self._session.keyring
        exact = having(find_digest(keyring, kind, normal(q)) for kind, normal in _FIND.items())
        known = and_(cases.c.reference.in_(exact), within)
        needle = bigrams.folded(q)
        if not needle:
            return [known]
        holds = (func.instr if self._session.sqlite else func.strpos)(case_titles.c.folded, needle) > 0
        indexed = self._indexed(needle)
        if self._common(indexed):
            # Nearly every title has it: walking the lists in their order fills a page soonest.
            here: ColumnElement[bool] = exists().where(case_titles.c.reference == cases.c.reference, holds)
            if query.named:
                here = or_(here, cases.c.matter.in_(query.named))
            return [known, *(and_(arm, here) for arm in self._listed(query, seen))]
        titled = select(case_titles.c.reference).where(case_titles.c.reference.in_(indexed), holds)
        arms = [known, and_(cases.c.reference.in_(titled), within)]
        if query.named:
            # A matter has no index of its own: its cases are met along the lists, as where one filters by it.
            arms += [and_(arm, cases.c.matter.in_(query.named)) for arm in self._listed(query, seen)]
        return arms

    def _common(self, indexed: Select[tuple[str]]) -> bool:
        """Whether the index has more candidates than are worth fetching before they are put in order."""
        counted = select(func.count()).select_from(indexed.limit(COMMON + 1).subquery())
        return self._session.connection.execute(counted).scalar_one() > COMMON

    def _indexed(self, needle: str) -> Select[tuple[str]]:
        """References of titles that the index of bigrams has for a folded text: every match, and some more."""
        single = len(needle) == 1
        wanted = [bigrams.prefix(needle)] if single else bigrams.query_tokens(needle)
        if self._session.sqlite:
            match = " AND ".join(f'"{token}"*' if single else f'"{token}"' for token in wanted)
            return (
                select(text("printf('%016d', rowid) AS reference"))
                .select_from(text("case_grams"))
                .where(text("case_grams MATCH :match").bindparams(match=match))
            )
        # Tokens are hexadecimal digits behind an x: the query's grammar has nothing to read into them.
        wish = " & ".join(f"'{token}':*" if single else f"'{token}'" for token in wanted)
        return select(case_titles.c.reference).where(
            text("case_titles.grams @@ CAST(:wish AS tsquery)").bindparams(wish=wish)
        )

    def _cut(self, arms: list[ColumnElement[bool]], size: int) -> Select[tuple[object, ...]] | None:
        """The first lines of all arms together, each case once.

        Where there are several arms each gives what to sort by, from its index alone, and only the lines of the page
        are then read. Measured: up to a quarter less for a clerk's queue than reading a page of each arm.
        """
        if not arms:
            return None
        order = (cases.c.due_on, cases.c.reference)
        if len(arms) == 1:
            return select(*_COLUMNS).where(*arms).order_by(*order).limit(size)
        # Where the index of SQLite leads without looking the reference up in another one.
        row: ColumnElement[object] = literal_column("cases.rowid") if self._session.sqlite else cases.c.reference
        firsts = (select(*order, row.label("place")).where(arm).order_by(*order).limit(size).subquery() for arm in arms)
        every = union(*(select(first) for first in firsts)).subquery()
        page = select(every).order_by(every.c.due_on, every.c.reference).limit(size).subquery()
        lines = select(*_COLUMNS).join_from(page, cases, row == page.c.place)
        return lines.order_by(page.c.due_on, page.c.reference)


def _turn(seen: Scope, queue: str | None) -> Scope:
    """The part of a scope that has to act in a queue; all of it without one."""
    sides = SIDES.get(queue or "")
    return seen if sides is None else seen.on(sides)


def _begin(day: date) -> str:
    """The first moment of a day in China, as stored."""
    return moment(datetime(day.year, day.month, day.day, tzinfo=CHINA))

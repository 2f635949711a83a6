"""Made-up cases for the tests of the store; every name in them is marked 演示 (demo)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from catalogue.domain.case import Case, Event
from catalogue.domain.folding import apply, opened
from catalogue.domain.people import Sight
from catalogue.domain.registry.revision import Revision
from catalogue.service.ports import (
    Change,
    IdempotencyKey,
    Message,
    Opening,
    Outcome,
    Projection,
    SearchEntry,
    Work,
)
from catalogue.service.views import projection
from catalogue.store import StoredDatabase
from tests.domain.builders import registry
from tests.units import taking

DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 4, 0, 0, 123456, tzinfo=UTC)
PERSON = "演示甲某"
DOCUMENT = "53010219900307123X"
PHONE = "13800001234"
ALL = Sight("all")
DERIVED = object()
"""In the place of a queue or a due date: what the service computes of the case."""
LIMITS = {
    "notice_days": 5,
    "statutory_days": 20,
    "promised_days": 5,
    "extension_days": 10,
    "deliver_days": 10,
}


def reference(n: int) -> str:
    """The n-th reference of these tests."""
    return f"5301261123{n:06d}"


def opening(n: int = 1, **given: Any) -> Opening:
    """An application received in Kunming for an office of Xishuangbanna."""
    seed: dict[str, Any] = {
        "accepting_region": "kunming",
        "accepting_office": "530102",
        "home_region": "xishuangbanna",
        "home_office": "532801",
        "delivery_office": None,
        "state": "received",
        "queue": DERIVED,
        "due_on": DERIVED,
        "title": None,
        "label": "演**",
        "matter": "company-setup",
        "procedure": "permit",
        "notice_by": None,
        "promised_by": None,
        "statutory_by": None,
        "digests": (("name", PERSON), ("document", DOCUMENT), ("phone", PHONE)),
        "sealed": {"applicant": {"name": PERSON, "document_number": DOCUMENT, "phone": PHONE}},
        "key": None,
        "outcome": Outcome(201, b'{"made":true}'),
        "code": "A2B3C4D6",
        "token": f"token{n:027d}",
        "messages": (),
        "revision": 1,
        "reference": reference(n),
    }
    unknown = set(given) - set(seed)
    assert not unknown, unknown
    seed |= given
    clocks = {name: seed[name].isoformat() for name in ("notice_by", "promised_by", "statutory_by") if seed[name]}
    clear = {
        "state": seed["state"],
        "matter": seed["matter"],
        "procedure": seed["procedure"],
        "revision": seed["revision"],
        "place": "532801",
        "particulars": {"kind": "limited"},
        "accepting_region": seed["accepting_region"],
        "window": "1",
        "route": {"region": seed["home_region"], "office": seed["home_office"], "handler": "standard"},
        "limits": LIMITS,
        "clocks": clocks,
        "received_on": DAY.isoformat(),
        "materials": [{"id": "application", "originals": 1, "copies": 0}],
        "people": [{"role": "agent", "verified": False}],
        "applicant_kind": "natural_person",
        "delivery": {"method": "window", "window": seed["delivery_office"]},
    }
    event = Event(1, "received", NOON, "clerk-1", seed["accepting_office"], clear, seed["sealed"])
    case = opened(seed["reference"], event)
    shown = projection(case)
    queue = shown.queue if seed["queue"] is DERIVED else seed["queue"]
    due_on = shown.due_on if seed["due_on"] is DERIVED else seed["due_on"]
    return Opening(
        case=case,
        events=(event,),
        projection=Projection(queue, due_on, queue is not None),
        search=SearchEntry(seed["title"], seed["label"], seed["digests"]),
        query_code=seed["code"],
        status_token=seed["token"],
        revision_in_force=seed["revision"],
        idempotency=seed["key"],
        outcome=seed["outcome"],
        messages=seed["messages"],
    )


def change(
    before: Case,
    kind: str = "forwarded",
    clear: Mapping[str, Any] | None = None,
    sealed: Mapping[str, Any] | None = None,
    *,
    shown: Projection | None = None,
    **given: Any,
) -> Change:
    """One more event on a case."""
    event = Event(
        before.seq + 1,
        kind,
        NOON + timedelta(minutes=before.seq),
        "officer-1",
        "530102",
        {"state": "forwarded"} if clear is None else clear,
        sealed or {},
    )
    after = apply(before, event)
    return Change(before, after, (event,), shown or projection(after), **given)


def key(name: str = "k1", body: str = "b1") -> IdempotencyKey:
    """An idempotency key of one account and route."""
    return IdempotencyKey("clerk-1", "POST /api/cases", name, body)


def message(n: int, sequence: int, region: str = "xishuangbanna", of: int = 1) -> Message:
    """A message of the n-th case of these tests."""
    return Message(f"m{n}", "webhook", region, reference(of), sequence, "case.forwarded", {"name": PERSON, "n": n})


def publish(work: Work, number: int = 1, based_on: int | None = None, start: datetime = NOON) -> None:
    """A revision with an empty registry: the store looks at its number and times only."""
    revision = Revision(number, registry(), {}, start, start, "publisher-1", f"digest-{number}")
    work.revisions.publish(revision, "{}", based_on)


def stock(database: StoredDatabase, *openings: Opening) -> None:
    """Publish revision 1 where nothing is published and open these cases."""
    if not database.read(lambda work: work.revisions.schedule()).result():
        database.write(publish).result()
    for future in [database.write(taking(one, lambda work, one: work.cases.open(one))) for one in openings]:
        future.result()


def held_writer(database: StoredDatabase) -> Callable[[], None]:
    """Holds the writer in a unit of work of its own, begun already, so that all that is written until the call of what
    this returns waits together, however late the threads of a busy machine get their turn."""
    begun, hold = threading.Event(), threading.Event()

    def wait(work: Any) -> None:
        begun.set()
        hold.wait()

    first = database.write(wait)
    begun.wait()

    def release() -> None:
        hold.set()
        first.result()

    return release


def load(database: StoredDatabase, n: int = 1) -> Case:
    """The n-th case."""
    case = database.read(lambda work: work.cases.load(reference(n), ALL)).result()
    assert case is not None
    return case

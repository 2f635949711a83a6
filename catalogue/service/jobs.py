"""Repeating jobs 定时任务: deemed acceptance, limit warnings, closing, the outbox, anchors.

Each job looks at what is due and acts through the same events as everybody else. A case that somebody moved meanwhile
is left for the next round, so any number of workers is harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from catalogue.domain.acts import Draft, deemed, deemed_acceptance
from catalogue.domain.case import Case
from catalogue.domain.clocks import RENEW_BEFORE_DAYS, delivery_limit, runs, way_limits
from catalogue.domain.days import local_day
from catalogue.domain.folding import follow
from catalogue.domain.people import SYSTEM, Sight
from catalogue.domain.problems import Problem, StaleRead
from catalogue.domain.value import Value
from catalogue.domain.workflow import states_for
from catalogue.logs import log
from catalogue.service.answers import settle_overdue
from catalogue.service.delivery import Deliver, Delivered, deliver_due
from catalogue.service.documents import give_numbers
from catalogue.service.handling import messages
from catalogue.service.house import House
from catalogue.service.measuring import remeasure
from catalogue.service.ports import Change, Database, Work
from catalogue.service.rating import rate_by_default
from catalogue.service.settling import settle
from catalogue.service.views import calendar_of, projection

BATCH = 200
WARN_WITHIN = 1
"""Working days before a limit that a warning is given."""

TELL_AHEAD_DAYS = 30
"""Days before the last day to ask for a renewal that its holder is reminded; house rule."""


class Done(Value, frozen=True):
    """What one round did, for the log and the command line."""

    settled: int = 0
    deemed: int = 0
    warned: int = 0
    closed: int = 0
    answered: int = 0
    expired: int = 0
    reminded: int = 0
    rated: int = 0
    sent: int = 0
    failed: int = 0
    anchored: bool = False

    def counts(self) -> dict[str, int]:
        """The figures by name."""
        return {
            "settled": self.settled,
            "deemed": self.deemed,
            "warned": self.warned,
            "closed": self.closed,
            "answered": self.answered,
            "expired": self.expired,
            "reminded": self.reminded,
            "rated": self.rated,
            "sent": self.sent,
            "failed": self.failed,
            "anchored": int(self.anchored),
        }

    @property
    def busy(self) -> bool:
        """Whether anything was done at all."""
        return any(self.counts().values())


KeepAnchor = Callable[[Mapping[str, Any]], None]
"""Writes an anchor down outside the database."""


def run_once(
    database: Database,
    house: House,
    deliver: Mapping[str, Deliver] | None,
    *,
    anchor: bool = True,
    measure: bool = True,
    keep_anchor: KeepAnchor | None = None,
) -> Done:
    """Everything that is due now, each case in a unit of work of its own; ``anchor`` also fixes the chains,
    ``measure`` also reckons how long decisions take. ``deliver`` None leaves the outbox to somebody else."""
    database.read(lambda work: house.refresh(work.revisions)).result()
    if measure:
        database.write(lambda work: remeasure(work, house)).result()
    settled = settle(database, house)
    deemed_now = _each(database, house, "deemed", deem)
    warned = _each(database, house, "warning", warn)
    closed = _each(database, house, "close", close)
    expired = _expire(database, house)
    reminded = _remind(database, house)
    rated = rate_by_default(database, house)
    answered = settle_overdue(database, house)
    # Last, so that what the jobs have just recorded leaves in the same round.
    delivered = Delivered() if deliver is None else deliver_due(database, house, deliver)
    return Done(
        settled=settled,
        deemed=deemed_now,
        warned=warned,
        closed=closed,
        answered=answered,
        sent=delivered.sent,
        failed=delivered.failed,
        expired=expired,
        reminded=reminded,
        rated=rated,
        anchored=anchor and _anchor(database, house, keep_anchor),
    )


def prune(database: Database) -> int:
    """Forget what has served its time; once a day is often enough."""
    return database.write(lambda work: work.prune()).result()


def _anchor(database: Database, house: House, keep: KeepAnchor | None) -> bool:
    made = database.write(lambda work: work.audit.anchor(house.clock.now())).result()
    if made is not None and keep is not None:
        keep(made)
    return made is not None


def _each(database: Database, house: House, kind: str, job: Callable[[House, Case], Sequence[Draft]]) -> int:
    day = local_day(house.clock.now())
    if kind == "warning":
        day += timedelta(days=7)
    cases = database.read(lambda work: work.cases.due(kind, day, BATCH)).result()
    return sum(_one(database, house, case, job) for case in cases)


def _one(database: Database, house: House, case: Case, job: Callable[[House, Case], Sequence[Draft]]) -> bool:
    try:
        drafts = job(house, case)
    except Problem as problem:
        # A calendar that ends must not keep the other cases, and the outbox, from their turn.
        log.error("a job left a case", job=job.__name__, reference=case.reference, problem=problem.code)
        return False
    if not drafts:
        return False
    try:
        database.write(lambda work: write_system(work, house, case, drafts)).result()
    except StaleRead:
        return False
    return True


def write_system(work: Work, house: House, case: Case, drafts: Sequence[Draft]) -> Case:
    """Append what the system itself records, in the name of the home office."""
    before = case
    drafts = give_numbers(work, house, case, drafts)
    now = house.clock.now()
    events = []
    for draft in drafts:
        office = case.home_office or case.accepting_office
        case, event = follow(case, draft.type, now, SYSTEM, office, draft.clear, draft.sealed)
        events.append(event)
    work.cases.append(Change(before, case, tuple(events), projection(case), messages=messages(house, before, events)))
    return case


def deem(house: House, case: Case) -> tuple[Draft, ...]:
    """Deemed acceptance of a permit whose notice period ran out (XKF §32), dated back to receipt."""
    calendar = calendar_of(house, case)
    if calendar is None or not deemed(case, local_day(house.clock.now())):
        return ()
    return (deemed_acceptance(case, calendar),)


def warn(house: House, case: Case) -> tuple[Draft, ...]:
    """Amber at the promised date, red at the statutory one: once each, a working day before or on the day.

    The same for the delivery of what was decided (K4, XKF §44), and for what is on its way between two offices, while
    the case is decided or not.
    """
    calendar = calendar_of(house, case)
    if calendar is None:
        return ()
    today = local_day(house.clock.now())
    horizon = calendar.add(today, WARN_WITHIN).date
    limits: tuple[tuple[str, date | None], ...] = (("delivery", delivery_limit(case)), *way_limits(case))
    if runs(case):
        own = (("promised", case.promised_by), ("statutory", case.statutory_by), ("notice", case.notice_by))
        limits = (*own, *limits)
    found = [
        Draft("limit_warned", {"limit": f"{name}:{day.isoformat()}"})
        for name, day in limits
        if day is not None and day <= horizon and f"{name}:{day.isoformat()}" not in case.warned
    ]
    if case.delivery_method == "window" and case.state in LEFT and any(_is_delivery(draft) for draft in found):
        # What lies at the window is the applicant's to fetch: told with the warning, while the ten days run.
        found.append(Draft("collection_reminded", {"deliver_by": str(case.deliver_by)}))
    return tuple(found)


LEFT = states_for("hand-over")
"""States in which a result lies at the window."""


def _is_delivery(draft: Draft) -> bool:
    return str(draft.clear["limit"]).startswith("delivery:")


def close(house: House, case: Case) -> tuple[Draft, ...]:
    """办结: a collected case closes on the day after."""
    if case.state != "collected" or case.closed_on is None or case.closed_on >= local_day(house.clock.now()):
        return ()
    return (Draft("closed", {"state": "closed"}),)


def _remind(database: Database, house: House) -> int:
    """K10 延续: the holder is told, in time to ask for a renewal thirty days before the term ends (行政许可法 §50)."""
    until = local_day(house.clock.now()) + timedelta(days=RENEW_BEFORE_DAYS + TELL_AHEAD_DAYS)

    def remind(work: Work, certificate: str, reference: str) -> bool:
        record = work.certificates.get(certificate)
        case = work.cases.load(reference, Sight("all"))
        work.certificates.renewal_told(certificate)
        if record is None or case is None or record.get("valid_until") is None or case.certificate_id != certificate:
            return False
        last = date.fromisoformat(record["valid_until"])
        ask_by = last - timedelta(days=RENEW_BEFORE_DAYS)
        clear = {"certificate": certificate, "valid_until": last.isoformat(), "ask_by": ask_by.isoformat()}
        write_system(work, house, case, (Draft("renewal_due", clear),))
        return True

    done = 0
    for certificate, reference in database.read(lambda work: work.certificates.to_renew(until, BATCH)).result():
        done += database.write(lambda work, c=certificate, r=reference: remind(work, c, r)).result()  # type: ignore[misc]
    return done


def _expire(database: Database, house: House) -> int:
    """证照届满: a certificate whose last day is past; the record says so, and the case."""
    today = local_day(house.clock.now())

    def expire(work: Work, certificate: str, reference: str) -> bool:
        record = work.certificates.get(certificate)
        case = work.cases.load(reference, Sight("all"))
        if record is None or case is None or record["status"] != "valid":
            return False
        if case.certificate_id != certificate:
            work.certificates.set_status(certificate, "expired", None, house.clock.now())
            return True
        clear = {"certificate": certificate, "status": "expired", "on": record["valid_until"]}
        write_system(work, house, case, (Draft("certificate_expired", clear),))
        work.certificates.set_status(certificate, "expired", None, house.clock.now())
        return True

    done = 0
    for certificate, reference in database.read(lambda work: work.certificates.running_out(today, BATCH)).result():
        done += database.write(lambda work, c=certificate, r=reference: expire(work, c, r)).result()  # type: ignore[misc]
    return done

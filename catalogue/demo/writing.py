"""The stories of a demonstration written as they happen: by the accounts that would do it, each act at its own time."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import msgspec

from catalogue.app import Joined
from catalogue.demo.applicants import Applicants
from catalogue.demo.stories import (
    FIRST_MATTER,
    FORWARD,
    HAND_OVER,
    PERMITS,
    RECEIVE,
    REGISTRATIONS,
    STORIES,
    TO_RESULT,
    Step,
)
from catalogue.demo.town import DAYS_BACK, OFFICES, DemoClock
from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case
from catalogue.domain.days import CHINA
from catalogue.domain.people import Account, Actor, Sight
from catalogue.domain.registry.model import Matter, Registry
from catalogue.service import jobs, sign_in
from catalogue.service.handling import handle
from catalogue.service.intake import receive
from catalogue.service.ports import IdempotencyKey, ReferenceTaken
from catalogue.service.views import etag

SEED = 20220222


class Writer:
    """Writes the stories, each at its own time."""

    def __init__(self, joined: Joined, clock: DemoClock, accounts: Mapping[tuple[str, str], Account]) -> None:
        self._joined, self._clock, self._accounts = joined, clock, accounts
        self._chance = random.Random(SEED)  # noqa: S311 -- demonstration data, the same on every machine
        self._applicants = Applicants(joined.house, self._chance)
        self._registry: Registry = joined.house.in_force().registry
        self._days = joined.house.in_force().calendars[self._registry.regions["xishuangbanna"].calendar]

    def write(self, cases: int) -> None:
        """The founding case first, then one of each story in turn, then what only the system or the place can do."""
        if cases == 0:
            return
        self._founding()
        stories = cycle(STORIES.values())
        for _ in range(max(cases - 4, 0)):
            kind, steps = next(stories)
            self._story(kind, steps, self._start(steps))
        self._unroutable()
        self._deemed()
        self._closed()

    def _start(self, steps: Sequence[Step] = ()) -> datetime:
        """When a story begins: long enough ago for all of it to have happened, mostly in the last two weeks."""
        takes = 2 * sum(step.days for step in steps) + 3
        back = max(takes, self._chance.uniform(0.5, 14))
        if self._chance.random() < 0.15:
            back = max(takes, self._chance.uniform(20, DAYS_BACK))
        moment = (self._clock.present - timedelta(days=min(back, DAYS_BACK))).astimezone(CHINA)
        moment = moment.replace(hour=self._chance.randrange(9, 17), minute=self._chance.randrange(60))
        return _office_hours(moment, self._days)

    def _actor(self, office: str, name: str) -> Actor:
        return sign_in.actor_of(self._accounts[office, name])

    def _founding(self) -> None:
        """五华区 receives, 景洪市 decides, 五华区 hands over."""
        start = self._clock.present - timedelta(days=12)
        case = self._receive(self._registry.matters[FIRST_MATTER], "532801", "530102", start)
        case = self._run(case, TO_RESULT, start)
        self._clock.set(self._clock.present)
        self._give(case, HAND_OVER, self._actor("530102", "clerk"))

    def _story(self, kind: str, steps: Sequence[Step], start: datetime) -> Case:
        windows = [OFFICES[name] for name in ("wuhua", "hongta", "simao", "jinghong")]
        window = self._chance.choice(windows)
        homes = [OFFICES[name] for name in ("wuhua", "hongta", "simao", "jinghong", "jinghong")]
        place = self._chance.choice([home for home in homes if home != window])
        case = self._receive(self._matter(kind), place, window, start)
        return self._run(case, steps, start)

    def _matter(self, kind: str) -> Matter:
        matters = self._registry.matters
        if kind == "permit":
            pool = [
                matter
                for matter in matters.values()
                if matter.procedure == "permit" and matter.limits.statutory_days and matter.limits.extension_days
            ]
        elif kind == "registration":
            pool = [matters[key] for key in REGISTRATIONS if matters[key].procedure == "registration"]
        elif kind == "certificate":
            pool = [matters[key] for key in (*REGISTRATIONS, *PERMITS) if matters[key].certificates]
        else:
            pool = list(matters.values())
        return self._chance.choice(pool)

    def _unroutable(self) -> None:
        """A place of the four cities that the registry lists no office for."""
        self._receive(self._registry.matters["individual-business-establishment"], "530101", "530402", self._start())

    def _deemed(self) -> None:
        """A permit whose notice period ran out: the worker records the acceptance that the law supposes."""
        permit = self._registry.matters[PERMITS[0]]
        start = self._clock.present - timedelta(days=18)
        case = self._run(self._receive(permit, "532801", "530102", start), (FORWARD, RECEIVE), start)
        self._clock.set(start + timedelta(days=12))
        self._system(case, jobs.deem)

    def _closed(self) -> None:
        start = self._clock.present - timedelta(days=30)
        case = self._receive(self._registry.matters[FIRST_MATTER], "530402", "530102", start)
        case = self._run(case, (*TO_RESULT, HAND_OVER), start)
        self._clock.set(self._clock.present)
        self._system(case, jobs.close)

    def _system(self, case: Case, job: Callable[..., Sequence[Any]]) -> None:
        house = self._joined.house
        drafts = job(house, case)
        self._joined.database.write(lambda work: jobs.write_system(work, house, case, drafts)).result()

    def _receive(self, matter: Matter, place: str, window: str, start: datetime) -> Case:
        self._clock.set(start)
        actor = self._actor(window, "clerk")
        body = self._applicants.body(matter, place)
        key = IdempotencyKey(actor.id, "demo", f"demo-{self._applicants.serial}", "")
        while True:
            try:
                outcome = self._joined.database.write(
                    lambda work: receive(work, self._joined.house, actor, body, key)
                ).result()
            except ReferenceTaken:
                continue
            return self._load(msgspec.json.decode(outcome.body)["reference"])

    def _load(self, reference: str) -> Case:
        case = self._joined.database.read(lambda work: work.cases.load(reference, Sight("all"))).result()
        assert case is not None
        return case

    def _run(self, case: Case, steps: Sequence[Step], start: datetime) -> Case:
        """Give the commands in turn until one would lie in the future."""
        moment = start
        for step in steps:
            moment = _office_hours(moment + timedelta(days=step.days * self._chance.uniform(0.8, 1.3)), self._days)
            if moment > self._clock.present:
                break
            if step.command == "make-certificate" and case.state != "decided_grant":
                continue
            office = case.office_of(step.side)
            if office is None or (office, step.by) not in self._accounts:
                break
            self._clock.set(moment)
            self._give(case, step, self._actor(office, step.by))
            case = self._load(case.reference)
        return case

    def _give(self, case: Case, step: Step, actor: Actor) -> None:
        body = dict(step.body)
        if "officers" in body:
            body["officers"] = [self._actor(actor.office, name).username for name in body["officers"]]
        if body.get("document_number") == "":
            body["document_number"] = self._applicants.resident_id()
        self._joined.database.write(
            lambda work: handle(
                work, self._joined.house, actor, case.reference, step.command, body, if_match=etag(case)
            )
        ).result()


def _office_hours(moment: datetime, calendar: Calendar) -> datetime:
    """Within the working hours of a working day."""
    local = moment.astimezone(CHINA)
    if not 9 <= local.hour < 17:
        local = local.replace(hour=10) + timedelta(days=1 if local.hour >= 17 else 0)
    while not calendar.is_workday(local.date()):
        local += timedelta(days=1)
    return local.astimezone(UTC)

"""A counter in memory: one case, commands given to it, no database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from catalogue.domain import clocks
from catalogue.domain.acts import Circumstances, act, limit_facts, route_facts
from catalogue.domain.case import Case, Event
from catalogue.domain.days import CHINA, local_day
from catalogue.domain.folding import apply, opened
from catalogue.domain.handler import StandardHandler
from catalogue.domain.people import Account, Actor, Role
from catalogue.domain.registry.model import Level, Limits, Matter, Procedure, Registry, Result
from catalogue.domain.registry.revision import Revision
from catalogue.domain.routing import Route, route, route_to
from catalogue.domain.text import Text
from catalogue.domain.workflow import allowed
from tests.domain import builders

WUHUA, JINGHONG, MENGHAI, MENGLA = "530102", "532801", "532822", "532823"
HANDLERS = {"standard": StandardHandler()}
LICENCE = Result(Text("证照", "Licence"), "licence")
NOTICE = Result(Text("通知书", "Notice"), "notice")


def permit(**changes: Any) -> Matter:
    """A permit with the clocks of 行政许可法: 5, 20 + 10, 10."""
    return builders.matter(
        "permit",
        builders.rule(Level.COUNTY),
        **{
            "procedure": Procedure.PERMIT,
            "limits": Limits(notice_days=5, statutory_days=20, promised_days=8, extension_days=10, deliver_days=10),
            "particulars": (),
            "results": (LICENCE,),
            "on_the_spot": False,
            "separate_decider": True,
            "verify_people": False,
            **changes,
        },
    )


def registration(**changes: Any) -> Matter:
    """A registration with the clock of 市场主体登记管理条例 §19: 3 + 3 from receipt."""
    return builders.matter(
        "registration",
        builders.rule(Level.COUNTY),
        **{
            "particulars": (),
            "results": (LICENCE, NOTICE),
            "limits": Limits(statutory_days=3, extension_days=3),
            **changes,
        },
    )


def account(name: str, office: str, *roles: Role) -> Account:
    region = {"5301": "kunming", "5304": "yuxi", "5308": "puer", "5328": "xishuangbanna"}[office[:4]]
    return Account(f"id-{name}", name, frozenset(roles), region, office)


STAFF = {
    one.username: one
    for one in (
        account("clerk", WUHUA, Role.WINDOW_CLERK),
        account("intake", JINGHONG, Role.HOME_INTAKE),
        account("reviewer", JINGHONG, Role.REVIEWER),
        account("reviewer2", JINGHONG, Role.REVIEWER),
        account("decider", JINGHONG, Role.DECIDER),
        account("both", JINGHONG, Role.REVIEWER, Role.DECIDER),
        account("menghai", MENGHAI, Role.HOME_INTAKE),
        account("home-clerk", JINGHONG, Role.WINDOW_CLERK),
        account("auditor", "530100", Role.AUDITOR),
    )
}


def actor(name: str) -> Actor:
    one = STAFF[name]
    return Actor(one.id, one.username, one.roles, one.region, one.office)


class Counter:
    """One case of one matter, taken at 五华区 for a place of 西双版纳."""

    def __init__(
        self,
        matter: Matter,
        received: str = "2026-11-02T10:00:00+08:00",
        *,
        place: str = JINGHONG,
        registry: Registry | None = None,
        people: tuple[Mapping[str, Any], ...] = (),
        materials: tuple[Mapping[str, Any], ...] = (),
    ) -> None:
        self.matter = matter
        self.now = datetime.fromisoformat(received)
        self.revision: Revision = builders.revision(registry or builders.registry(matters=(matter,)))
        self.events: list[Event] = []
        found = route(self.revision, HANDLERS, matter.id, place, {}, self.today)
        assert isinstance(found, Route)
        self.certificates = 0
        clear = {
            "state": "received",
            "matter": matter.id,
            "procedure": matter.procedure.value,
            "revision": 1,
            "place": place,
            "particulars": {},
            "accepting_region": "kunming",
            "route": route_facts(found),
            "limits": limit_facts(found.limits),
            "clocks": clocks.at_receipt(
                self.revision.calendars[found.calendar], matter.procedure.value, found.limits, self.today
            ),
            "received_on": self.today.isoformat(),
            "materials": list(materials),
            "people": list(people),
            "applicant_kind": "natural_person",
            "delivery": {"method": "window"},
        }
        event = Event(1, "received", self.now, "id-clerk", WUHUA, clear, {})
        self.events.append(event)
        self.case: Case = opened("5301261102123456", event)

    @property
    def today(self) -> date:
        return local_day(self.now)

    def at(self, day: str) -> Counter:
        """Ten in the morning of that day."""
        self.now = datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=CHINA)
        return self

    def given(self, who: Actor) -> Circumstances:
        def reroute(place: str, particulars: Mapping[str, str], office: str | None) -> Any:
            if office is not None:
                return 1, route_to(self.revision, HANDLERS, self.matter.id, place, particulars, self.today, office)
            return 1, route(self.revision, HANDLERS, self.matter.id, place, particulars, self.today)

        def certificate() -> str:
            self.certificates += 1
            return f"CERT{self.certificates:04d}"

        calendar = None if self.case.calendar is None else self.revision.calendars[self.case.calendar]
        return Circumstances(
            now=self.now,
            registry=self.revision.registry,
            matter=self.matter,
            calendar=calendar,
            calendars=self.revision.calendars,
            reroute=reroute,
            colleague=lambda name: next(
                (one for one in STAFF.values() if name in (one.id, one.username) and one.office == who.office), None
            ),
            certificate_id=certificate,
        )

    def do(self, command: str, who: str, **body: Any) -> Counter:
        """Give a command; raises what the domain raises and changes nothing then."""
        self.now += timedelta(minutes=1)
        one = actor(who)
        for draft in act(self.case, command, body, one, self.given(one)):
            self._append(draft.type, one.id, one.office, draft.clear, draft.sealed)
        return self

    def _append(self, type: str, by: str, office: str, clear: Mapping[str, Any], sealed: Mapping[str, Any]) -> None:
        event = Event(self.case.seq + 1, type, self.now, by, office, clear, sealed)
        self.case = apply(self.case, event)
        self.events.append(event)

    def system(self, draft: Any) -> Counter:
        self._append(draft.type, "system", JINGHONG, draft.clear, draft.sealed)
        return self

    def allowed(self, who: str) -> tuple[str, ...]:
        return allowed(self.case, self.matter, actor(who))

    # Stretches of the road

    def at_home(self) -> Counter:
        return self.do("forward", "clerk").do("receive-at-home", "intake")

    def accepted(self) -> Counter:
        return self.at_home().do("accept", "intake")

    def reviewed(self, advice: str = "grant") -> Counter:
        return self.accepted().do("review", "reviewer", opinion="演示", advice=advice)

    def granted(self) -> Counter:
        return self.reviewed().do("grant", "decider", opinion="演示")

    def ready(self) -> Counter:
        return self.granted().do("make-certificate", "intake", number="9153")


HANDED = {"collector": "演示", "document_type": "passport", "document_number": "E1", "relation": "self"}

"""Demonstration data: accounts of every role in every city, and cases in every state.

Everything is done through the use cases, by the accounts that would do it, at times of the past weeks; nothing is
written past them. Names are plainly marked 演示; document numbers are made up and only their check digits are right.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import msgspec
from msgspec import field

from catalogue.app import Joined
from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case
from catalogue.domain.days import CHINA, local_day
from catalogue.domain.people import Account, Actor, Role, Sight, resident_id_check, unified_code_check
from catalogue.domain.problems import MissingParticulars, RuleForbids
from catalogue.domain.registry.model import Matter, Registry
from catalogue.domain.routing import Route, route
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service import jobs, sign_in
from catalogue.service.handling import handle
from catalogue.service.intake import receive
from catalogue.service.ports import IdempotencyKey, ReferenceTaken, Work
from catalogue.service.publish import publish
from catalogue.service.views import etag

SEED = 20220222
FIRST_MATTER = "company-establishment"
DAYS_BACK = 60

CASE_ROLES = {
    "clerk": Role.WINDOW_CLERK,
    "head": Role.WINDOW_HEAD,
    "intake": Role.HOME_INTAKE,
    "reviewer": Role.REVIEWER,
    "reviewer2": Role.REVIEWER,
    "decider": Role.DECIDER,
}
CITY_ROLES = {
    "supervisor": Role.SUPERVISOR,
    "editor": Role.REGISTRY_EDITOR,
    "publisher": Role.REGISTRY_PUBLISHER,
    "admin": Role.SYSTEM_ADMIN,
    "security": Role.SECURITY_ADMIN,
    "auditor": Role.AUDITOR,
}
OFFICES = {
    "wuhua": "530102",
    "hongta": "530402",
    "simao": "530802",
    "jinghong": "532801",
    "mengla": "532823",
    "kunming": "530100",
    "yuxi": "530400",
    "puer": "530800",
    "xishuangbanna": "532800",
}
CITIES = ("kunming", "yuxi", "puer", "xishuangbanna")


class DemoClock:
    """A clock that is set to the moment of each act."""

    def __init__(self) -> None:
        self._moment = datetime.now(UTC)
        self.present = self._moment

    def now(self) -> datetime:
        return self._moment

    def set(self, moment: datetime) -> None:
        self._moment = min(moment, self.present)


class Step(Value, frozen=True):
    """One command of a story: who gives it (a role of the office concerned), and with what body."""

    command: str
    by: str
    body: Mapping[str, Any] = field(default_factory=dict)
    side: str = "home"
    days: float = 0.6


def _home(command: str, by: str, days: float = 0.6, /, **body: Any) -> Step:
    return Step(command, by, body, "home", days)


def _window(command: str, days: float = 0.1, /, **body: Any) -> Step:
    return Step(command, "clerk", body, "accepting", days)


FORWARD = _window("forward")
RECEIVE = _home("receive-at-home", "intake", 0.3)
ACCEPT = _home("accept", "intake", 0.5)
CLAIM = _home("claim", "reviewer", 0.2)
REVIEW = _home("review", "reviewer", 0.8, opinion="演示：材料齐全，符合法定形式", advice="grant")
DOUBT = _home("review", "reviewer", 0.8, opinion="演示：不符合规定条件", advice="refuse")
GRANT = _home("grant", "decider", 0.5, opinion="演示：准予")
REFUSE = _home(
    "refuse",
    "decider",
    0.5,
    reasons="演示：不符合规定条件",
    basis="演示依据",
    remedies="演示：可依法申请行政复议或者提起行政诉讼",
)
MAKE = _home("make-certificate", "intake", 0.4, copies=[{"kind": "正本", "copy_no": 1}, {"kind": "副本", "copy_no": 1}])
HAND_OVER = _window(
    "hand-over", 0.7, collector="演示领取人", document_type="resident_id", document_number="", relation="self"
)
POST = _window("post", 0.3, carrier="演示快递", tracking="YS0000000001", address="演示地址1号")
ITEMS = [{"text": "演示：缺少住所使用证明"}]

TO_REVIEW = (FORWARD, RECEIVE, ACCEPT)
TO_DECISION = (*TO_REVIEW, CLAIM, REVIEW)
TO_RESULT = (*TO_DECISION, GRANT, MAKE)

REGISTRATIONS = (
    "company-establishment",
    "company-change",
    "individual-business-establishment",
    "farmer-cooperative-establishment",
    "company-deregistration",
    "partnership-establishment",
)
PERMITS = ("food-business-licence-new", "drug-retail-licence-new", "food-production-licence-new")

STORIES: dict[str, tuple[str, tuple[Step, ...]]] = {
    "received": ("any", ()),
    "forwarded": ("any", (FORWARD,)),
    "recalled": ("any", (FORWARD, _window("recall"))),
    "returned at the window": ("any", (_window("return-at-window", items=ITEMS),)),
    "bounced": ("any", (FORWARD, _home("bounce", "intake", 0.4, code="wrong_office", reason="演示：非本机关管辖"))),
    "received at home": ("any", (FORWARD, RECEIVE)),
    "returned for resubmission": (
        "registration",
        (FORWARD, RECEIVE, _home("return-for-resubmission", "intake", 0.5, items=ITEMS)),
    ),
    "correction notice": (
        "permit",
        (FORWARD, RECEIVE, _home("request-correction", "intake", 0.5, items=ITEMS, days=10)),
    ),
    "correction supplied": (
        "permit",
        (
            FORWARD,
            RECEIVE,
            _home("request-correction", "intake", 0.5, items=ITEMS, days=10),
            _window("supply-correction", 2.0, items=ITEMS),
        ),
    ),
    "not supplied": (
        "permit",
        (
            FORWARD,
            RECEIVE,
            _home("request-correction", "intake", 0.5, items=ITEMS, days=10),
            _home("close-unsupplied", "intake", 16.0, reason="演示：逾期未补正"),
        ),
    ),
    "not accepted": (
        "permit",
        (FORWARD, RECEIVE, _home("decline-acceptance", "intake", 0.5, reason="演示：依法不需要取得许可")),
    ),
    "accepted": ("any", TO_REVIEW),
    "claimed": ("any", (*TO_REVIEW, CLAIM)),
    "reviewed": ("any", TO_DECISION),
    "sent back": ("any", (*TO_DECISION, _home("send-back", "decider", 0.4, reason="演示：请补充核查意见"))),
    "site check": (
        "permit",
        (
            *TO_REVIEW,
            _home(
                "record-site-check", "reviewer", 3.0, officers=["reviewer", "reviewer2"], result="演示：与申请材料一致"
            ),
        ),
    ),
    "special procedure": (
        "permit",
        (
            *TO_REVIEW,
            _home("start-special-procedure", "reviewer", 1.0, kind="expert_review", basis="演示依据", days=10),
        ),
    ),
    "special procedure ended": (
        "permit",
        (
            *TO_REVIEW,
            _home("start-special-procedure", "reviewer", 1.0, kind="testing", basis="演示依据", days=5),
            _home("end-special-procedure", "reviewer", 7.0, result="演示：合格"),
        ),
    ),
    "extended": (
        "permit",
        (
            *TO_REVIEW,
            _home("request-extension", "reviewer", 5.0, reason="演示：情况复杂"),
            _home("approve-extension", "decider", 0.5),
        ),
    ),
    "granted": ("certificate", (*TO_DECISION, GRANT)),
    "refused": ("any", (*TO_REVIEW, DOUBT, REFUSE)),
    "ready": ("certificate", TO_RESULT),
    "posted": ("certificate", (*TO_RESULT, POST)),
    "post returned": ("certificate", (*TO_RESULT, POST, _window("report-post", 4.0, outcome="returned"))),
    "post lost": ("certificate", (*TO_RESULT, POST, _window("report-post", 6.0, outcome="lost"))),
    "printed": (
        "certificate",
        (
            *TO_RESULT,
            _window("print-copy", 0.1, kind="正本", copy_no=1),
            _window("report-print", 0.1, kind="正本", copy_no=1, outcome="printed", seal=True),
        ),
    ),
    "annulled": (
        "certificate",
        (*TO_RESULT, HAND_OVER, _home("annul", "decider", 1.0, ground="deception", basis="演示依据")),
    ),
    "collected": ("certificate", (*TO_RESULT, HAND_OVER)),
    "withdrawn": ("any", (FORWARD, RECEIVE, _window("withdraw", 0.5, reason="演示：申请人撤回"))),
    "terminated": ("any", (*TO_REVIEW, _home("terminate", "decider", 2.0, reason="演示：终止"))),
    "archived": (
        "any",
        (
            FORWARD,
            RECEIVE,
            _window("withdraw", 0.5, reason="演示：申请人撤回"),
            _home("archive", "intake", 3.0, note="演示：电子归档"),
        ),
    ),
}
"""Name -> kind of matter and what happens."""


def fill(joined: Joined, clock: DemoClock, cases: int) -> list[dict[str, Any]]:
    """Fill an empty database; answers the accounts with their passwords. Raises RuleForbids where it is not empty."""
    database, house = joined.database, joined.house

    def empty(work: Work) -> bool:
        return not work.accounts.list() and not work.revisions.list()

    if not database.read(empty).result():
        raise RuleForbids(
            Text(
                "数据库不是空的，演示数据只写入空数据库",
                "The database is not empty; demonstration data need an empty one",
            ),
            extra={"rule": "empty-database"},
        )
    begin = clock.present - timedelta(days=DAYS_BACK + 2)
    clock.set(begin)
    given = joined.settings
    registry_text = given.registry_file.read_bytes()
    calendars = {path.name: path.read_bytes() for path in sorted(given.calendars_dir.glob("*.yaml"))}
    database.write(
        lambda work: publish(
            work,
            house,
            registry_text=registry_text,
            calendars=calendars,
            author="demo",
            note="演示数据",
            effective_from=None,
            based_on=None,
        )
    ).result()
    database.write(lambda work: work.marks.set("demo", begin.isoformat())).result()
    house.demo = True
    database.read(lambda work: house.refresh(work.revisions)).result()
    accounts, listed = _accounts(joined)
    _Writer(joined, clock, accounts).write(cases)
    clock.set(clock.present)
    jobs.run_once(database, house, joined.channels)
    return listed


def _accounts(joined: Joined) -> tuple[dict[tuple[str, str], Account], list[dict[str, Any]]]:
    registry = joined.house.in_force().registry
    made: dict[tuple[str, str], Account] = {}
    listed: list[dict[str, Any]] = []
    for place, office in OFFICES.items():
        roles = {**CASE_ROLES, **CITY_ROLES} if place in CITIES else CASE_ROLES
        for name, role in roles.items():
            password = sign_in.new_password()
            account = sign_in.new_account(f"{place}-{name}", frozenset({role}), registry.offices[office].region, office)
            _add(joined, account, sign_in.hash_password(password))
            made[office, name] = account
            listed.append(
                {
                    "username": account.username,
                    "password": password,
                    "roles": [role.value],
                    "region": account.region,
                    "office": office,
                }
            )
    return made, listed


def _add(joined: Joined, account: Account, password_hash: str) -> None:
    joined.database.write(lambda work: sign_in.add_account(work, joined.house, account, password_hash, "demo")).result()


class _Writer:
    """Writes the stories, each at its own time."""

    def __init__(self, joined: Joined, clock: DemoClock, accounts: Mapping[tuple[str, str], Account]) -> None:
        self._joined, self._clock, self._accounts = joined, clock, accounts
        self._chance = random.Random(SEED)  # noqa: S311 -- demonstration data, the same on every machine
        self._registry: Registry = joined.house.in_force().registry
        self._days = joined.house.in_force().calendars[self._registry.regions["xishuangbanna"].calendar]
        self._serial = 0

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
        body = self._body(matter, place)
        key = IdempotencyKey(actor.id, "demo", f"demo-{self._serial}", "")
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
            body["document_number"] = self._resident_id()
        self._joined.database.write(
            lambda work: handle(
                work, self._joined.house, actor, case.reference, step.command, body, if_match=etag(case)
            )
        ).result()

    # What applicants bring

    def _body(self, matter: Matter, place: str) -> dict[str, Any]:
        self._serial += 1
        particulars = self._particulars(matter, place)
        person = matter.applicant_kinds[0] == "natural_person" and self._serial % 3 != 0
        kind = "natural_person" if person else next(k for k in (*matter.applicant_kinds, "legal_person") if k)
        if not person and "legal_person" in matter.applicant_kinds:
            kind = "legal_person"
        person = kind == "natural_person"
        checked = {"method": "id_card_reader", "at": self._clock.now().isoformat()}
        name = f"演示申请人{self._serial:04d}" if person else self._enterprise()
        applicant: dict[str, Any] = {
            "kind": kind,
            "name": name,
            "document_type": "resident_id" if person else "unified_code",
            "document_number": self._resident_id() if person else self._unified_code(place),
            "phone": f"1380000{self._serial % 10000:04d}",
        }
        return {
            "matter": matter.id,
            "place": place,
            "particulars": particulars,
            "applicant": applicant,
            "materials": [
                {"id": material.id, "originals": 1, "copies": 1, "taken_as": "original"}
                for material in matter.materials
                if material.required
            ],
            "form": self._form(matter),
            "people": [
                {
                    "role": "legal_representative",
                    "name": f"演示人员{self._serial:04d}",
                    "document_type": "resident_id",
                    "document_number": self._resident_id(),
                    "identity_check": checked,
                }
            ]
            if matter.verify_people
            else [],
            "identity_check": checked,
            "delivery": {"method": "window"},
            "ticket_no": f"A{self._serial:03d}",
            "consent": True,
        }

    def _particulars(self, matter: Matter, place: str) -> dict[str, str]:
        """The first answer to each question that routing asks here, or the next that keeps it in the programme."""
        house, today = self._joined.house, local_day(self._clock.now())
        particulars: dict[str, str] = {}
        for _ in range(10):
            try:
                found = route(house.in_force(), house.handlers, matter.id, place, particulars, today)
            except MissingParticulars as problem:
                for missing in problem.extra["missing"]:
                    particulars[missing["key"]] = missing["choices"][0]["value"]
                continue
            if isinstance(found, Route):
                return particulars
            break
        return particulars

    def _form(self, matter: Matter) -> dict[str, Any]:
        values: dict[str, Any] = {
            "text": "演示内容",
            "long_text": "演示内容",
            "number": 1,
            "money": "100000",
            "date": self._clock.now().astimezone(CHINA).date().isoformat(),
            "division": "532801",
            "phone": "13800000000",
        }
        form: dict[str, Any] = {}
        for entry in matter.form:
            if entry.searchable:
                form[entry.key] = self._enterprise()
            elif entry.type == "choice":
                form[entry.key] = entry.choices[0].value
            elif entry.type == "uscc":
                form[entry.key] = self._unified_code("530100")
            else:
                form[entry.key] = values.get(entry.type, "演示内容")
        return form

    def _enterprise(self) -> str:
        trade = self._chance.choice(("普洱茶", "咖啡", "旅游", "物流", "鲜花", "橡胶制品", "餐饮管理", "农产品"))
        return f"演示{trade}{self._serial:04d}有限公司"

    def _resident_id(self) -> str:
        born = datetime(1960, 1, 1, tzinfo=UTC) + timedelta(days=self._chance.randrange(14000))
        body = f"530102{born:%Y%m%d}{self._chance.randrange(1000):03d}"
        return body + resident_id_check(body)

    def _unified_code(self, place: str) -> str:
        body = f"91{place}MA{self._chance.randrange(10**7):07d}"
        return body + unified_code_check(body)


def _office_hours(moment: datetime, calendar: Calendar) -> datetime:
    """Within the working hours of a working day."""
    local = moment.astimezone(CHINA)
    if not 9 <= local.hour < 17:
        local = local.replace(hour=10) + timedelta(days=1 if local.hour >= 17 else 0)
    while not calendar.is_workday(local.date()):
        local += timedelta(days=1)
    return local.astimezone(UTC)

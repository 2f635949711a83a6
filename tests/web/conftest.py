"""A house with the shipped registry, a few accounts and an application over an SQLite file."""

from __future__ import annotations

import io
import itertools
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from catalogue.domain.people import Account, Role
from catalogue.domain.personal_data import resident_id_check
from catalogue.domain.registry.revision import Revision, read_revision
from catalogue.handlers import MissingHandlers, handlers_of, load_handlers
from catalogue.logs import log as system_log
from catalogue.press import TypstPress
from catalogue.service import sign_in
from catalogue.service.house import House
from catalogue.service.ports import Work
from catalogue.store import Keyring, SigningKeys, StoredDatabase, open_database
from catalogue.web.application import Web, create_web
from catalogue.web.parts import Parts
from tests.revisions import put_in_force

ROOT = Path(__file__).parents[2]
PASSWORD = "Demo-password-7"
JINGHONG, WUHUA, SIMAO = "532801", "530102", "530802"
_addresses = itertools.count(1)


class MovableClock:
    """The present, moved on by as much as a test likes."""

    def __init__(self) -> None:
        self.moved = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.moved


class Located:
    """The application as seen from an address that a header names, since the test client has none of its own."""

    def __init__(self, app: Web) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            address = next((value for name, value in scope["headers"] if name == b"x-test-peer"), b"127.0.0.1")
            scope["client"] = (address.decode(), 40000)
        await self.app(scope, receive, send)


@dataclass
class Town:
    """The running application and everything a test may reach into."""

    client: TestClient[Any]
    app: Web
    house: House
    database: StoredDatabase
    clock: MovableClock
    log: io.BytesIO
    accounts: dict[str, Account] = field(default_factory=dict)

    def add(self, name: str, office: str, *roles: Role, password: str | None = None) -> Account:
        """A new account, by default with the password all of them share."""
        region = self.house.in_force().registry.offices[office].region
        account = sign_in.new_account(name, frozenset(roles), region, office)
        digest = _HASH if password is None else sign_in.hash_password(password)
        self.database.write(lambda work: work.accounts.add(account, digest)).result()
        self.accounts[name] = account
        return account

    def token(self, name: str, *scopes: str, **given: Any) -> str:
        """A bearer token of an account."""

        def issue(work: Work) -> str:
            return sign_in.issue_token(
                work, self.house, self.accounts[name], frozenset(scopes or ("cases:write",)),
                given.get("expires_at"), given.get("networks", ()), "test",
            )  # fmt: skip

        return self.database.write(issue).result()

    def sign_in(self, name: str, password: str = PASSWORD) -> Browser:
        """A client with cookies of its own, signed in, from an address of its own."""
        browser = Browser(self, peer())
        answer = browser.post("/api/session", json={"username": name, "password": password})
        assert answer.status_code == 201, answer.text
        browser.csrf = answer.json()["csrf_token"]
        return browser

    def machine(self, name: str, *scopes: str) -> Browser:
        """A client with a bearer token and no cookies."""
        browser = Browser(self, peer())
        browser.token = self.token(name, *scopes)
        return browser

    def anybody(self) -> Browser:
        """A client without account, from an address of its own."""
        return Browser(self, peer())

    def logged(self) -> str:
        """Everything that was logged."""
        return self.log.getvalue().decode()


def peer() -> str:
    """An address nobody else in this run has, so that throttles do not meet."""
    number = next(_addresses)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


class Browser:
    """Requests with cookies, CSRF header or token, kept apart from those of other callers."""

    def __init__(self, town: Town, address: str) -> None:
        self.town, self.address = town, address
        self.cookies: dict[str, str] = {}
        self.csrf: str | None = None
        self.token: str | None = None

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        headers = {"x-test-peer": self.address, **given.pop("headers", {})}
        if self.cookies:
            headers.setdefault("cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if self.csrf and method not in ("GET", "HEAD", "OPTIONS"):
            headers.setdefault("X-CSRFToken", self.csrf)
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        self.town.client.cookies.clear()
        answer = self.town.client.request(
            method, path, headers={k: v for k, v in headers.items() if v}, follow_redirects=False, **given
        )
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.split(";")[0]
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        self.town.client.cookies.clear()
        return answer

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.request("POST", path, **given)

    def receive(self, body: dict[str, Any] | None = None, key: str | None = None, **changes: Any) -> httpx.Response:
        """Send an application."""
        return self.post(
            "/api/cases",
            json={**(body or application()), **changes},
            headers={"Idempotency-Key": key or uuid.uuid4().hex},
        )

    def command(self, reference: str, name: str, body: dict[str, Any] | None = None, etag: str = "*") -> httpx.Response:
        """Give a command, by default whatever the case has become meanwhile."""
        return self.post(f"/api/cases/{reference}/{name}", json=body or {}, headers={"If-Match": etag})


def resident_id(body: str = "11010119900307123") -> str:
    """A resident identity number whose check digit is right."""
    return body + resident_id_check(body)


def application(**changes: Any) -> dict[str, Any]:
    """A complete application for 公司设立登记 with premises in 景洪市."""
    person = {
        "name": "演示甲",
        "document_type": "resident_id",
        "document_number": resident_id(),
        "phone": "13800000000",
    }
    check = {"method": "card_reader", "at": "2026-02-22T09:00:00+08:00"}
    return {
        "matter": "company-establishment",
        "place": JINGHONG,
        "particulars": {"company_type": "limited"},
        "applicant": {"kind": "natural_person", **person},
        "materials": [],
        "form": {},
        "people": [
            {
                "role": "legal_representative",
                "name": person["name"],
                "document_type": person["document_type"],
                "document_number": person["document_number"],
                "identity_check": check,
            }
        ],
        "identity_check": check,
        "delivery": {"method": "window", "window": WUHUA},
        "consent": True,
        **changes,
    }


_HASH = sign_in.hash_password(PASSWORD)


@contextmanager
def new_town(template: Path, directory: Path) -> Iterator[Town]:
    """An application of its own over a copy of a migrated file."""
    path = directory / "catalogue.db"
    path.write_bytes(template.read_bytes())
    with built(path, (ROOT / "matters.yaml").read_bytes()) as made:
        yield made


@contextmanager
def built(path: Path, registry_text: bytes) -> Iterator[Town]:
    """An application over that database with that registry."""
    clock = MovableClock()
    database = open_database(f"sqlite:///{path}", Keyring.create(), now=clock.now)
    handlers = MissingHandlers(load_handlers(set()))

    def read(row: Any, document: str) -> Revision:
        revision = read_revision(row, document)
        handlers.update(handlers_of(revision.registry))
        return revision

    house = House(
        clock=clock,
        handlers=handlers,
        draw=secrets.randbelow,
        read_revision=read,
        demo=True,
        press=TypstPress(),
        signer=SigningKeys.create(),
    )
    put_in_force(database, house, registry_text)
    app = create_web(Parts(house=house, database=database, demo=True, trusted_proxies=("192.0.2.1",), version="test"))
    log = io.BytesIO()
    before, system_log.stream = system_log.stream, log
    with TestClient(Located(app)) as client:
        made = Town(client, app, house, database, clock, log)
        made.add("clerk", WUHUA, Role.WINDOW_CLERK)
        made.add("intake", JINGHONG, Role.HOME_INTAKE)
        made.add("reviewer", JINGHONG, Role.REVIEWER)
        made.add("decider", JINGHONG, Role.DECIDER)
        made.add("other-clerk", SIMAO, Role.WINDOW_CLERK)
        made.add("auditor", WUHUA, Role.AUDITOR)
        made.add("admin", WUHUA, Role.SYSTEM_ADMIN)
        yield made
    system_log.stream = before
    database.close()


@pytest.fixture(scope="session")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One application for all tests of the web."""
    with new_town(sqlite_template, tmp_path_factory.mktemp("web")) as made:
        yield made


@pytest.fixture(scope="module")
def own_town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One for a file of tests that publish revisions, which the others must not meet."""
    with new_town(sqlite_template, tmp_path_factory.mktemp("own")) as made:
        yield made


@pytest.fixture(scope="session")
def clerk(town: Town) -> Browser:
    """A clerk of 五华区, by token."""
    return town.machine("clerk", "cases:write")


@pytest.fixture(scope="session")
def intake(town: Town) -> Browser:
    """An intake officer of 景洪市, by token."""
    return town.machine("intake", "cases:write")


@pytest.fixture
def case(clerk: Browser) -> dict[str, Any]:
    """A case just received."""
    answer = clerk.receive()
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body

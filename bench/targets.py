"""What is asked of a server: the requests of each measure, as bytes, with real sign-ins behind them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from itertools import count
from typing import Any

from bench.fill import Known
from bench.load import NUMBER, Job

WINDOWS = {"wuhua": "532801", "hongta": "532801", "simao": "532801", "jinghong": "530102"}
"""Windows of the four cities, and the place their applicants' premises are in: four days' numbers instead of one."""

QUEUE = "/api/cases?queue=to_forward&limit=50"

SERIALS = count()


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Clerk:
    """Somebody signed in: the headers that their requests carry."""

    window: str
    headers: dict[str, str]

    @classmethod
    def sign_in(cls, port: int, username: str, password: str) -> Clerk:
        """A session of that account. Raises RuntimeError where the server does not give one."""
        connection = http.client.HTTPConnection("127.0.0.1", port)
        body = json.dumps({"username": username, "password": password})
        connection.request("POST", "/api/session", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{username} cannot sign in: {answer.status} {text[:300]!r}")
        jar: SimpleCookie = SimpleCookie()
        for value in answer.headers.get_all("Set-Cookie") or []:
            jar.load(value)
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())
        return cls(username.partition("-")[0], {"Cookie": cookie, "X-CSRFToken": jar["csrftoken"].value})


def application(place: str) -> dict[str, Any]:
    """The founding case's application: a company with its premises in ``place``. ``NUMBER`` makes each one another."""
    number = NUMBER.decode()
    checked = {"method": "id-card", "at": datetime.now(UTC).isoformat()}
    return {
        "matter": "company-establishment",
        "place": place,
        "particulars": {"company_type": "limited"},
        "applicant": {
            "kind": "natural_person",
            "name": f"演示申请人{number}",
            "document_type": "passport",
            "document_number": f"P{number}",
            "phone": f"+86{number}",
        },
        "materials": [
            {"id": name, "originals": 1, "copies": 1, "taken_as": "original"}
            for name in ("application", "applicant_identity", "premises", "articles", "officers")
        ],
        "form": {
            "enterprise_name": f"演示普洱茶{number}有限公司",
            "address": "演示路1号",
            "registered_capital": "100",
            "business_scope": "茶叶销售；农副产品销售；普通货物运输；仓储服务",
            "representative": f"演示人员{number}",
        },
        "people": [
            {
                "role": "legal_representative",
                "name": f"演示人员{number}",
                "document_type": "passport",
                "document_number": f"P{number}",
                "identity_check": checked,
            }
        ],
        "identity_check": checked,
        "delivery": {"method": "window"},
        "consent": True,
    }


@dataclass
class Received:
    """Cases that a run of submissions left, each still to be forwarded once, with the clerk who received it."""

    waiting: list[tuple[Clerk, str]] = field(default_factory=list)

    def take(self, most: int) -> Iterator[tuple[Clerk, str]]:
        """The next cases, each only once."""
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        return iter(taken)


@dataclass
class Asker:
    """Makes the jobs for one server with one database."""

    port: int
    clerks: Sequence[Clerk]
    known: Sequence[Known]
    received: Received = field(default_factory=Received)

    def live(self) -> Job:
        """The whole stack's empty answer."""
        return Job(self.port, [request("GET", "/health/live", {})])

    def status(self) -> Job:
        """Public status of cases spread over the whole database, by number and code."""
        return Job(
            self.port,
            [
                request("GET", f"/api/public/cases/{case.reference}", {"X-Query-Code": case.query_code})
                for case in self.known
            ],
        )

    def route(self) -> Job:
        """The routing dry run of the founding case, from several places."""
        places = ("532801", "530102", "530402", "530802", "532823")
        path = "/api/routes?matter=company-establishment&company_type=limited&place="
        return Job(self.port, [request("GET", path + place, {}) for place in places])

    def queue(self) -> Job:
        """The first page of a clerk's queue of cases to forward."""
        return Job(self.port, [request("GET", QUEUE, clerk.headers) for clerk in self.clerks])

    def queues_full(self) -> bool:
        """Whether every clerk's first page is one: a page of half the lines would be no measure beside a whole one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        for clerk in self.clerks:
            connection.request("GET", QUEUE, headers=clerk.headers)
            if json.loads(connection.getresponse().read())["next_cursor"] is None:
                return False
        return True

    def submit(self) -> Job:
        """Applications, each under its own key; their references are handed back for ``remember``."""
        requests = []
        for clerk in self.clerks:
            body = json.dumps(application(WINDOWS[clerk.window]), ensure_ascii=False).encode()
            headers = {**clerk.headers, "Idempotency-Key": f"bench-{NUMBER.decode()}"}
            requests.append(request("POST", "/api/cases", headers, body))
        return Job(self.port, requests, number_from=next(SERIALS) * 1_000_000, pick=r'"reference":"(\d{16})"')

    def remember(self, references: Sequence[str]) -> None:
        """Keep what was received, to be forwarded."""
        by_region = {"5301": "wuhua", "5304": "hongta", "5308": "simao", "5328": "jinghong"}
        clerks = {clerk.window: clerk for clerk in self.clerks}
        for reference in references:
            self.received.waiting.append((clerks[by_region[reference[:4]]], reference))

    def forward(self, most: int) -> Job:
        """A transition: each received case is forwarded to its home region once, at the state it was read in."""
        requests = []
        for clerk, reference in self.received.take(most):
            headers = {
                **clerk.headers,
                "If-Match": f'"{reference}-1"',
                "Idempotency-Key": f"forward-{reference}",
            }
            requests.append(request("POST", f"/api/cases/{reference}/forward", headers, b"{}"))
        # A case is forwarded once: a long warming-up would leave none to measure.
        return Job(self.port, requests, once=True, warmup=0.2)

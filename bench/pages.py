"""The pages as a browser meets them: the first answer of each, and its weight without scans.

``python -m bench.pages`` alone measures a demonstration system; ``python -m bench`` measures the smaller SQLite
database of its run and adds the table to ``bench/RESULTS.md``. Weight is what lies on the server, not compressed: the
page, its stylesheet, its scripts and its sign, each once.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from bench.load import NUMBER
from bench.machine import ROOT, Server, running
from bench.targets import Clerk, application

HEAVIEST = 100_000
"""Bytes of a page with everything it loads (DESIGN §10)."""
TIMES = 15
_LOADED = re.compile(r'(?:src|href)="(/static/[^"]+)"')


@dataclass(frozen=True)
class Page:
    """A page to be measured: ``who`` signs in for it, None where nobody needs to; ``form`` is posted."""

    name: str
    path: str
    who: str | None = None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Measured:
    """``first_ms``: the middle of ``TIMES`` first answers, from request to last byte; ``octets``: its weight."""

    page: Page
    status: int
    first_ms: float
    octets: int

    def row(self) -> str:
        """As a line of the table."""
        verdict = "held" if self.octets < HEAVIEST and self.status == 200 else "**missed**"
        return f"| {self.page.name} | {self.first_ms:.1f} | {self.octets / 1000:.1f} | {verdict} |"


def pages(reference: str, code: str, waiting: str, clerk: str, officer: str) -> list[Page]:
    """Every page that people use all day. ``waiting``: a case the officer works on."""
    card = {"matter": "company-establishment", "place": "532801"}
    return [
        Page("front door", "/"),
        Page("catalogue", "/matters"),
        Page("a matter", "/matters/company-establishment"),
        Page("a matter with its routing card", "/matters/company-establishment?place=532801&company_type=limited"),
        Page("status, the form", "/status"),
        Page("status of a case", "/status", form={"reference": reference, "code": code}),
        Page("verification", "/verify"),
        Page("sign-in", "/sign-in"),
        Page("intake, empty", "/desk/intake", clerk),
        Page("intake with matter and place", f"/desk/intake?{urlencode(card)}", clerk),
        Page("receipt", f"/desk/receipts/{reference}", clerk),
        Page("desk of a window", "/desk", clerk),
        Page("desk of the home region", "/desk", officer),
        Page("desk, all cases", "/desk?queue=all", officer),
        Page("a case at the home desk", f"/desk/cases/{waiting}", officer),
        Page("without network", "/desk/offline"),
    ]


class Visitor:
    """One connection that asks as a browser does."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = dict(headers)

    def ask(self, page: Page) -> tuple[int, bytes]:
        """Status and body of a page."""
        if page.form is None:
            self._connection.request("GET", page.path, headers=self._headers)
        else:
            headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
            self._connection.request("POST", page.path, urlencode(page.form), headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def weight(self, body: bytes) -> int:
        """The page with everything it names, each once."""
        total = len(body)
        for address in dict.fromkeys(_LOADED.findall(body.decode())):
            total += len(self.ask(Page("", unescape(address)))[1])
        return total


def measure(port: int, wanted: Sequence[Page], clerks: Mapping[str, Clerk]) -> list[Measured]:
    """Each page: asked once to see what it is, then so many times by itself."""
    found = []
    for page in wanted:
        visitor = Visitor(port, clerks[page.who].headers if page.who else {})
        status, body = visitor.ask(page)
        times = []
        for _ in range(TIMES):
            started = time.perf_counter()
            visitor.ask(page)
            times.append(1000 * (time.perf_counter() - started))
        found.append(Measured(page, status, median(times), visitor.weight(body)))
    return found


def table(found: Sequence[Measured]) -> str:
    """The section of the report."""
    rows = "\n".join(one.row() for one in found)
    return (
        "\n## Pages\n\n"
        f"First answer: the middle of {TIMES} over one connection, from request to last byte. Weight: page, stylesheet,"
        f" scripts and sign as they lie on the server, without scans; at most {HEAVIEST // 1000} kB.\n\n"
        "| page | first answer, ms | weight, kB | budget |\n| --- | ---: | ---: | --- |\n"
        f"{rows}\n"
    )


def prepared(port: int, passwords: Mapping[str, str]) -> tuple[list[Page], dict[str, Clerk]]:
    """The pages with a case of their own, and who is signed in for them."""
    names = ("wuhua-clerk", "jinghong-intake")
    clerks = {name: Clerk.sign_in(port, name, passwords[name]) for name in names}
    clerk, officer = names
    reference, code = _received(port, clerks[clerk])
    onward, _ = _received(port, clerks[clerk])
    _command(port, clerks[clerk], onward, "forward", 1)
    _command(port, clerks[officer], onward, "receive-at-home", 2)
    return pages(reference, code, onward, clerk, officer), clerks


def _send(port: int, clerk: Clerk, path: str, body: object, headers: Mapping[str, str]) -> dict[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    given = {**clerk.headers, "Content-Type": "application/json", **headers}
    connection.request("POST", path, json.dumps(body).encode(), given)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status >= 300:
        raise RuntimeError(f"{path}: {answer.status} {text[:300]!r}")
    told: dict[str, str] = json.loads(text)
    return told


def _received(port: int, clerk: Clerk) -> tuple[str, str]:
    number = str(time.time_ns())[-9:]
    body = json.loads(json.dumps(application("532801")).replace(NUMBER.decode(), number))
    told = _send(port, clerk, "/api/cases", body, {"Idempotency-Key": f"pages-{number}"})
    return told["reference"], told["query_code"]


def _command(port: int, clerk: Clerk, reference: str, command: str, seq: int) -> None:
    _send(port, clerk, f"/api/cases/{reference}/{command}", {}, {"If-Match": f'"{reference}-{seq}"'})


def main() -> int:
    """Measure the pages of a demonstration system; 1 where a page is too heavy or not there."""
    with tempfile.TemporaryDirectory(prefix="catalogue-pages-") as place:
        directory = Path(place)
        settings = {
            "CATALOGUE_DATABASE_URL": f"sqlite:///{directory}/catalogue.db",
            "CATALOGUE_KEYS_FILE": str(directory / "keys.json"),
            "CATALOGUE_WORKER": "false",
        }
        command = [sys.executable, "-m", "catalogue"]
        done = subprocess.run(
            [*command, "demo", "--json"], cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE, check=True
        )
        passwords = {one["username"]: one["password"] for one in json.loads(done.stdout)["accounts"]}
        port = _free_port()
        server = Server("pages", [*command, "serve", "--port", str(port)], port, settings, directory / "serve.log")
        with running(server, "/health/live"):
            found = measure(port, *prepared(port, passwords))
    print(table(found))
    return int(any("missed" in one.row() for one in found))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())

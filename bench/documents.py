"""Documents and certificates: how long each takes beside a plain submission, and a verification beside a bare answer.

``python -m bench.documents`` alone measures a demonstration system; ``python -m bench`` measures the smaller SQLite
database of its run and adds the table to ``bench/RESULTS.md``. One connection, one request in flight: the figure is the
time a clerk waits for, and its inverse what one window alone can do.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.load import NUMBER
from bench.machine import ROOT, Server, running
from bench.pages import _free_port
from bench.targets import Clerk, application

CASES = 40
ASKED = 400


@dataclass(frozen=True)
class Timed:
    """One measure: the middle of its times, and what it is compared with."""

    name: str
    times: Sequence[float]
    beside: str

    @property
    def ms(self) -> float:
        return 1000 * median(self.times)

    def row(self, others: Mapping[str, Timed]) -> str:
        """As a line of the table."""
        beside = others[self.beside]
        ratio = "" if beside is self else f"{self.ms / beside.ms:.2f} × {beside.name}"
        return f"| {self.name} | {self.ms:.1f} | {1000 / self.ms:.0f} | {ratio} |"


class Caller:
    """Requests of one account over one connection, timed."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = dict(headers)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[float, bytes]:
        """Seconds from request to last byte, and the body. Raises RuntimeError for an error."""
        given = {**self._headers, **headers}
        text = None if body is None else json.dumps(body).encode()
        if text is not None:
            given["Content-Type"] = "application/json"
        started = time.perf_counter()
        self._connection.request(method, path, text, given)
        answer = self._connection.getresponse()
        content = answer.read()
        took = time.perf_counter() - started
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {content[:300]!r}")
        return took, content


def measure(port: int, passwords: Mapping[str, str]) -> list[Timed]:
    """Submissions, their receipts, certificates and verifications, in turn."""
    names = ("wuhua-clerk", "jinghong-intake", "jinghong-reviewer", "jinghong-decider")
    clerk, intake, reviewer, decider = (Caller(port, Clerk.sign_in(port, n, passwords[n]).headers) for n in names)
    anybody = Caller(port, {})
    submitted: list[float] = []
    cases: list[tuple[str, str]] = []
    for n in range(CASES):
        number = f"{time.time_ns() % 10**9:09d}{n:03d}"
        body = json.loads(json.dumps(application("532801")).replace(NUMBER.decode(), number))
        took, answer = clerk.ask("POST", "/api/cases", body, **{"Idempotency-Key": f"documents-{number}"})
        submitted.append(took)
        told = json.loads(answer)
        cases.append((told["reference"], told["query_code"]))
    paper = [f"/api/cases/{reference}/papers/receipt-1" for reference, _ in cases]
    first = [clerk.ask("GET", path, **{"X-Query-Code": code})[0] for path, (_, code) in zip(paper, cases, strict=True)]
    again = [clerk.ask("GET", path)[0] for path in paper]
    made, printed, certificates = [], [], []
    steps: tuple[tuple[Caller, str, dict[str, str]], ...] = (
        (clerk, "forward", {}),
        (intake, "receive-at-home", {}),
        (intake, "accept", {}),
        (reviewer, "review", {"opinion": "演示", "advice": "grant"}),
        (decider, "grant", {"opinion": "演示"}),
    )
    for reference, _ in cases:
        for who, command, body in steps:
            who.ask("POST", f"/api/cases/{reference}/{command}", body, **{"If-Match": "*"})
        copies = {"copies": [{"kind": "正本", "copy_no": 1}]}
        took, answer = intake.ask("POST", f"/api/cases/{reference}/make-certificate", copies, **{"If-Match": "*"})
        made.append(took)
        certificates.append(json.loads(answer)["certificate_id"])
        printed.append(intake.ask("GET", f"/api/cases/{reference}/papers/certificate-copy-7")[0])
    addresses = [f"/api/certificates/{one}/verification" for one in certificates]
    verified = [anybody.ask("GET", addresses[n % CASES])[0] for n in range(ASKED)]
    bare = [anybody.ask("GET", "/health/live")[0] for _ in range(ASKED)]
    return [
        Timed("submission", submitted, "submission"),
        Timed("receipt as PDF, first print", first, "submission"),
        Timed("receipt as PDF, again", again, "submission"),
        Timed("certificate made and signed", made, "submission"),
        Timed("certificate as PDF, first print", printed, "submission"),
        Timed("bare answer", bare, "bare answer"),
        Timed("verification", verified, "bare answer"),
    ]


def table(found: Sequence[Timed]) -> str:
    """The section of the report."""
    others = {one.name: one for one in found}
    rows = "\n".join(one.row(others) for one in found)
    return (
        "\n## Documents and certificates\n\n"
        f"One connection, one request in flight; the middle of {CASES} (verification and bare answer: {ASKED}).\n\n"
        "| measure | ms | a second | beside |\n| --- | ---: | ---: | --- |\n"
        f"{rows}\n"
    )


def main() -> int:
    """Measure a demonstration system."""
    with tempfile.TemporaryDirectory(prefix="catalogue-documents-") as place:
        directory = Path(place)
        settings = {
            "CATALOGUE_DATABASE_URL": f"sqlite:///{directory}/catalogue.db",
            "CATALOGUE_KEYS_FILE": str(directory / "keys.json"),
            "CATALOGUE_WORKER": "false",
        }
        command = [sys.executable, "-m", "catalogue"]
        done = subprocess.run(
            [*command, "demo", "--json", "--cases", "0"],
            cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
        passwords = {one["username"]: one["password"] for one in json.loads(done.stdout)["accounts"]}
        port = _free_port()
        server = Server("documents", [*command, "serve", "--port", str(port)], port, settings, directory / "serve.log")
        with running(server, "/health/live"):
            found = measure(port, passwords)
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())

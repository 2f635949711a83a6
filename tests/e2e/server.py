"""The real program as a process of its own, and people who use it over HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 120.0


def environment(directory: Path, database_url: str, migration_url: str | None = None) -> dict[str, str]:
    """The environment of a system of its own."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("CATALOGUE_")},
        "CATALOGUE_DATABASE_URL": database_url,
        **({"CATALOGUE_MIGRATION_URL": migration_url} if migration_url else {}),
        "CATALOGUE_KEYS_FILE": str(directory / "keys.json"),
        "CATALOGUE_WORKER_SECONDS": "0.5",
        "CATALOGUE_METRICS_SECONDS": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }


def catalogue(env: dict[str, str], *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command of the system."""
    done = subprocess.run(
        [sys.executable, "-m", "catalogue", *arguments],
        env=env, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    assert not check or done.returncode == 0, done.stderr
    return done


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """``catalogue serve`` on a free port, which may be killed and started again."""

    def __init__(self, env: dict[str, str], directory: Path) -> None:
        self.env, self.port = env, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = directory / "serve.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "catalogue", "serve", "--port", str(self.port)],
                env=self.env, cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text("utf-8")[-4000:]
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text("utf-8")[-4000:])

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)


@dataclass
class Person:
    """An account signed in by cookie, as a browser would be."""

    client: httpx.Client
    username: str

    @classmethod
    def sign_in(cls, url: str, account: dict[str, Any]) -> Person:
        client = httpx.Client(base_url=url, timeout=30)
        answer = client.post("/api/session", json={"username": account["username"], "password": account["password"]})
        assert answer.status_code in (200, 201), answer.text
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        return cls(client, account["username"])

    def submit(self, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        return self.client.post("/api/cases", json=body, headers={"Idempotency-Key": key or uuid.uuid4().hex})

    def case(self, reference: str) -> httpx.Response:
        return self.client.get(f"/api/cases/{reference}")

    def do(self, reference: str, command: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read the case, give the command on what was read."""
        read = self.case(reference)
        assert read.status_code == 200, read.text
        answer = self.client.post(
            f"/api/cases/{reference}/{command}", json=body or {}, headers={"If-Match": read.headers["etag"]}
        )
        assert answer.status_code == 200, f"{command}: {answer.status_code} {answer.text}"
        return dict(answer.json())


@dataclass
class Town:
    """A running system with demonstration accounts."""

    server: Server
    accounts: dict[str, dict[str, Any]]
    people: list[Person] = field(default_factory=list)

    def person(self, role: str, office: str) -> Person:
        """An account that holds the role at the office."""
        account = next(a for a in self.accounts.values() if role in a["roles"] and a["office"] == office)
        self.people.append(Person.sign_in(self.server.url, account))
        return self.people[-1]


@contextmanager
def town(directory: Path, database_url: str, cases: int = 0, migration_url: str | None = None) -> Iterator[Town]:
    """A demonstration system from nothing."""
    env = environment(directory, database_url, migration_url)
    done = catalogue(env, "demo", "--json", "--cases", str(cases))
    accounts = {account["username"]: account for account in json.loads(done.stdout)["accounts"]}
    server = Server(env, directory).start()
    running = Town(server, accounts)
    try:
        yield running
    finally:
        for person in running.people:
            person.client.close()
        server.stop()


def application(place: str = "532801", **changes: Any) -> dict[str, Any]:
    """公司设立登记 for premises at the place, complete; demonstration data."""
    checked = {"method": "id_card_reader", "at": "2026-11-23T09:00:00+08:00"}
    person = {
        "name": "演示申请人",
        "document_type": "resident_id",
        "document_number": "11010519491231002X",
    }
    return {
        "matter": "company-establishment",
        "place": place,
        "particulars": {"company_type": "limited"},
        "applicant": {"kind": "natural_person", "phone": "13800000000", **person},
        "materials": [],
        "form": {},
        "people": [{"role": "legal_representative", **person, "identity_check": checked}],
        "identity_check": checked,
        "consent": True,
        **changes,
    }

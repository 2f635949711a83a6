"""``python -m bench.delivery``: how fast messages reach a city's own system, and what a city that is down costs others.

Everything in one process but the receivers: real cases on SQLite with full durability, real HTTP on the loopback, real
signatures. Compared with a floor in the same run: the same bodies, signed and posted by as many senders, without a
database. Ratios are what counts; milliseconds are of this machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx2
import msgspec

from catalogue import demo
from catalogue.app import Joined, join
from catalogue.domain.people import Actor
from catalogue.service.delivery import SENDERS, Unreachable, deliver_due
from catalogue.service.handling import handle
from catalogue.service.intake import receive
from catalogue.service.letters import compose
from catalogue.service.ports import IdempotencyKey, Message, ReferenceTaken
from catalogue.service.sign_in import actor_of
from catalogue.settings import Settings
from catalogue.store import migrate
from catalogue.webhook import signed
from catalogue.worker import Postman

OUT = Path(__file__).parent / "DELIVERY.md"
SECRET = "whsec_YmVuY2gtc2VjcmV0LWJlbmNoLXNlY3JldA=="  # noqa: S105 - of this run alone
PLACES = {"puer": "530802", "yuxi": "530402"}
CHECK = {"method": "id-card", "at": "2026-11-23T09:00:00+08:00"}
PERSON = {"name": "演示申请人", "document_type": "resident_id", "document_number": "11010519491231002X"}


def _receiver(pipe: Connection) -> None:
    """A city's inbox: notes when each message came."""
    came: dict[str, float] = {}

    class Inbox(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            came.setdefault(self.headers["webhook-id"], time.time())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Inbox)
    pipe.send(server.server_port)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    while pipe.recv() == "came":
        pipe.send(dict(came))


@dataclass
class Inbox:
    """The receiver in a process of its own."""

    url: str
    pipe: Connection

    def came(self) -> dict[str, float]:
        """Message id -> when it came first."""
        self.pipe.send("came")
        found: dict[str, float] = self.pipe.recv()
        return found


@contextmanager
def inbox() -> Iterator[Inbox]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_receiver, args=(there,), daemon=True)
    process.start()
    try:
        yield Inbox(f"http://127.0.0.1:{here.recv()}/inbox", here)
    finally:
        here.send("end")
        process.join(timeout=10)


def opened(directory: Path, urls: dict[str, str]) -> tuple[Joined, Actor]:
    """A demonstration without cases whose cities have systems of their own, and a clerk of it."""
    settings = Settings(
        database_url=f"sqlite:///{directory}/bench.db",
        keys_file=directory / "keys.json",
        webhook_allow_private=True,
        outbox_seconds=0.5,
    )
    migrate(settings.database_url)
    environment = {}
    for region, url in urls.items():
        environment[f"CATALOGUE_WEBHOOK_{region.upper()}_URL"] = url
        environment[f"CATALOGUE_WEBHOOK_{region.upper()}_SECRET"] = SECRET
    joined = join(settings, environment=environment)
    clock = demo.DemoClock()
    house_clock, joined.house.clock = joined.house.clock, clock
    demo.fill(joined, clock, 0)
    joined.house.clock = house_clock
    credential = joined.database.read(lambda work: work.accounts.find("wuhua-clerk")).result()
    assert credential is not None
    return joined, actor_of(credential.account)


def forward(joined: Joined, clerk: Actor, region: str) -> tuple[str, float]:
    """A new case sent to that region: its message id, and when it was committed."""
    body = {
        "matter": "company-establishment",
        "place": PLACES[region],
        "particulars": {"company_type": "limited"},
        "applicant": {"kind": "natural_person", "phone": "13800000000", **PERSON},
        "materials": [],
        "form": {"enterprise_name": "演示普洱茶有限公司"},
        "people": [{"role": "legal_representative", **PERSON, "identity_check": CHECK}],
        "identity_check": CHECK,
        "consent": True,
    }
    key = IdempotencyKey(clerk.id, "bench", uuid.uuid4().hex, "")
    house = joined.house
    while True:
        with suppress(ReferenceTaken):
            outcome = joined.database.write(lambda work: receive(work, house, clerk, body, key)).result()
            break
    reference = msgspec.json.decode(outcome.body)["reference"]
    joined.database.write(lambda work: handle(work, house, clerk, reference, "forward", {}, if_match="*")).result()
    return f"{reference}-2", time.time()


def rate(number: int, act: Callable[[], Any]) -> float:
    """How many of that number were done in a second."""
    started = time.perf_counter()
    act()
    return number / (time.perf_counter() - started)


def floor(joined: Joined, message: Message, url: str, number: int) -> float:
    """Messages a second without a database: the same body signed and posted by as many senders."""
    content = joined.database.read(lambda work: compose(work, joined.house, message)).result()
    with httpx2.Client(trust_env=False) as client:

        def one(n: int) -> None:
            letter = signed(replace(message, id=f"floor-{n}", body=content), (SECRET,), joined.house.clock.now())
            client.post(url, content=letter.body, headers=letter.headers)

        with ThreadPoolExecutor(SENDERS) as senders:
            return rate(number, lambda: list(senders.map(one, range(number))))


def measured(number: int, rounds: int) -> dict[str, list[float]]:
    """Every measure, once a round."""
    found: dict[str, list[float]] = {
        name: [] for name in ("floor", "alone", "beside a city that is down", "delay median", "delay p99")
    }
    with inbox() as one, tempfile.TemporaryDirectory() as directory:
        joined, clerk = opened(Path(directory), {"puer": one.url, "yuxi": "http://127.0.0.1:9/"})
        database, house = joined.database, joined.house
        for _ in range(rounds):
            first = [forward(joined, clerk, "puer")[0] for _ in range(number)]
            sample = Message(
                first[0], "webhook", "puer", first[0].rpartition("-")[0], 2, "case.forwarded", {"state": "forwarded"}
            )
            found["floor"].append(floor(joined, sample, one.url, number))
            found["alone"].append(rate(number, lambda: deliver_due(database, house, joined.channels)))

            for _ in range(number):
                forward(joined, clerk, "puer")
                forward(joined, clerk, "yuxi")
            database.write(lambda work: work.outbox.go_on("yuxi", work.now())).result()
            found["beside a city that is down"].append(
                rate(number, lambda: deliver_due(database, house, joined.channels))
            )

            postman = Postman(database, house, {**joined.channels}, joined.settings.outbox_seconds)
            postman.start()
            sent = dict(forward(joined, clerk, "puer") for _ in range(number))
            deadline = time.monotonic() + 60
            while not sent.keys() <= (came := one.came()).keys() and time.monotonic() < deadline:
                time.sleep(0.2)
            postman.stop()
            delays = [came[message] - at for message, at in sent.items() if message in came]
            if len(delays) < len(sent):
                raise Unreachable(f"{len(sent) - len(delays)} messages did not arrive")
            found["delay median"].append(median(delays) * 1000)
            found["delay p99"].append(quantiles(delays, n=100)[98] * 1000)
        database.close()
    return found


def report(found: dict[str, list[float]], number: int) -> str:
    """The page of the results."""

    def line(name: str, values: list[float], unit: str = "") -> str:
        return f"| {name} | {median(values):.2f}{unit} | {min(values):.2f}–{max(values):.2f} |"

    against_floor = [a / b for a, b in zip(found["alone"], found["floor"], strict=True)]
    beside = [a / b for a, b in zip(found["beside a city that is down"], found["alone"], strict=True)]
    return "\n".join(
        (
            "# Delivery to a city's own system",
            "",
            f"`python -m bench.delivery`, {number} messages a round, {len(found['floor'])} rounds, {os.cpu_count()} "
            "cores shared with everything else on the machine; SQLite with full durability. The floor signs and posts "
            "the same bodies without a database.",
            "",
            "| measure | median | rounds |",
            "| --- | --- | --- |",
            line("delivered / floor", against_floor),
            line("delivered beside a city that is down / alone", beside),
            line("messages a second, end to end", found["alone"]),
            line("from commit to arrival, median", found["delay median"], " ms"),
            line("from commit to arrival, 99th percentile", found["delay p99"], " ms"),
            "",
            "From commit to arrival is measured while cases are being received as fast as one process can. A process "
            "that writes a message wakes its own worker; one that only looks, looks every half second.",
            "",
        )
    )


def main() -> int:
    """Measure and write ``bench/DELIVERY.md``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    number, rounds = (60, 2) if asked.quick else (400, 5)
    found = measured(number, rounds)
    if asked.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        OUT.write_text(report(found, number), encoding="utf-8")
        sys.stdout.write(OUT.read_text("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())

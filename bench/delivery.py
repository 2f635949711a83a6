"""``python -m bench.delivery``: how fast messages reach a city's own system, and what a city that is down costs others.

Everything in one process but the receivers and PostgreSQL: real cases on both engines with full durability, real HTTP
on the loopback, real signatures. Compared with a floor in the same run: the same bodies, signed and posted by as many
senders, without a database. Ratios are what counts; milliseconds are of this machine.
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
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx2
import msgspec

from bench.postgres import cluster
from catalogue.app import Joined, join
from catalogue.demo.filling import fill
from catalogue.demo.town import DemoClock
from catalogue.domain.people import Actor
from catalogue.service.delivery import SENDERS, deliver_due
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
CLERKS = 8
PATIENCE = 60.0
"""Seconds without one more arrival after which a run is given up."""
MEASURES = ("floor", "alone", "beside", "median", "p99")
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

    def until(self, sent: Collection[str]) -> dict[str, float]:
        """The same, once all of those have come. Raises RuntimeError where for a minute not one more does."""
        missing, since = len(sent), time.monotonic()
        while True:
            came = self.came()
            left = sum(message not in came for message in sent)
            if not left:
                return came
            if left < missing:
                missing, since = left, time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                raise RuntimeError(f"{left} of {len(sent)} messages did not arrive")
            time.sleep(0.2)


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


class Stage:
    """The house on one engine, whose cities have systems of their own: Pu'er takes everything, Yuxi is down."""

    def __init__(self, directory: Path, url: str, inbox: Inbox) -> None:
        settings = Settings(
            database_url=url, keys_file=directory / "keys.json", webhook_allow_private=True, outbox_seconds=0.5
        )
        migrate(settings.database_url)
        environment = {}
        for region, address in (("puer", inbox.url), ("yuxi", "http://127.0.0.1:9/")):
            environment[f"CATALOGUE_WEBHOOK_{region.upper()}_URL"] = address
            environment[f"CATALOGUE_WEBHOOK_{region.upper()}_SECRET"] = SECRET
        self.inbox = inbox
        self.joined = join(settings, environment=environment)
        joined, clock = self.joined, DemoClock()
        house_clock, joined.house.clock = joined.house.clock, clock
        fill(joined, clock, 0)
        joined.house.clock = house_clock
        credential = joined.database.read(lambda work: work.accounts.find("wuhua-clerk")).result()
        assert credential is not None
        self.clerk: Actor = actor_of(credential.account)
        self.found: dict[str, list[float]] = {name: [] for name in MEASURES}

    def forward(self, *regions: str) -> list[tuple[str, float]]:
        """A new case to each of those regions, by as many clerks as there are threads."""
        with ThreadPoolExecutor(CLERKS) as clerks:
            return list(clerks.map(lambda region: forward(self.joined, self.clerk, region), regions))

    def deliver(self) -> None:
        """Everything that is due."""
        deliver_due(self.joined.database, self.joined.house, self.joined.channels)

    def round(self, number: int) -> None:
        """Every measure once."""
        joined, found = self.joined, self.found
        database = joined.database
        first = self.forward(*["puer"] * number)[0][0]
        reference = first.rpartition("-")[0]
        sample = Message(first, "webhook", "puer", reference, 2, "case.forwarded", {"state": "forwarded"})
        found["floor"].append(floor(joined, sample, self.inbox.url, number))
        found["alone"].append(rate(number, self.deliver))

        self.forward(*["puer", "yuxi"] * number)
        database.write(lambda work: work.outbox.go_on("yuxi", work.now())).result()
        found["beside"].append(rate(number, self.deliver))

        postman = Postman(database, joined.house, {**joined.channels}, joined.settings.outbox_seconds)
        postman.start()
        try:
            sent = dict(forward(joined, self.clerk, "puer") for _ in range(number))
            came = self.inbox.until(sent)
        finally:
            postman.stop()
        delays = [came[message] - at for message, at in sent.items()]
        found["median"].append(median(delays) * 1000)
        found["p99"].append(quantiles(delays, n=100)[98] * 1000)


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
            client.post(url, content=letter.body, headers=letter.headers).raise_for_status()

        with ThreadPoolExecutor(SENDERS) as senders:
            return rate(number, lambda: list(senders.map(one, range(number))))


def measured(number: int, rounds: int, seconds: float) -> dict[str, dict[str, list[float]]]:
    """Engine -> measure -> its figure of each round. The engines take turns, so that both see the same machine.

    After ``seconds`` no new round is begun; one of each engine there always is.
    """
    begun = time.monotonic()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        directory.chmod(0o755)
        postgres = stack.enter_context(cluster(directory / "postgres"))
        postgres.create("delivery")
        urls = {"SQLite": f"sqlite:///{directory}/bench.db", "PostgreSQL": postgres.url("delivery")}
        stages = {}
        for engine, url in urls.items():
            own = directory / engine
            own.mkdir()
            stages[engine] = Stage(own, url, stack.enter_context(inbox()))
            stack.callback(stages[engine].joined.database.close)
        for done in range(rounds):
            if done and time.monotonic() - begun > seconds:
                break
            for engine, stage in stages.items():
                stage.round(number)
                say(f"{time.monotonic() - begun:4.0f} s  round {done + 1}  {engine}")
        return {engine: stage.found for engine, stage in stages.items()}


def say(text: str) -> None:
    """How far it is, beside the figures."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def report(found: dict[str, dict[str, list[float]]], number: int) -> str:
    """The page of the results."""

    def cell(values: list[float], unit: str) -> str:
        return f"{median(values):.2f}{unit} ({min(values):.2f}–{max(values):.2f})"

    def line(name: str, of: Callable[[dict[str, list[float]]], list[float]], unit: str = "") -> str:
        return f"| {name} | {' | '.join(cell(of(figures), unit) for figures in found.values())} |"

    def ratio(above: str, below: str) -> Callable[[dict[str, list[float]]], list[float]]:
        return lambda figures: [a / b for a, b in zip(figures[above], figures[below], strict=True)]

    rounds = len(next(iter(found.values()))["floor"])
    return "\n".join(
        (
            "# Delivery to a city's own system",
            "",
            f"`python -m bench.delivery`, {number} messages a measure, {rounds} rounds in which the engines take "
            f"turns, {os.cpu_count()} cores shared with all else on the machine; full durability on both engines. "
            "The floor signs and posts the same bodies without a database. Median of the rounds, smallest and largest.",
            "",
            f"| measure | {' | '.join(found)} |",
            f"| --- |{' --- |' * len(found)}",
            line("delivered / floor", ratio("alone", "floor")),
            line("delivered beside a city that is down / alone", ratio("beside", "alone")),
            line("messages a second, end to end", lambda figures: figures["alone"]),
            line("from commit to arrival, median", lambda figures: figures["median"], " ms"),
            line("from commit to arrival, 99th percentile", lambda figures: figures["p99"], " ms"),
            "",
            "From commit to arrival is measured while cases are being received as fast as one clerk can, in the same "
            "process. A process that writes a message wakes its own worker; one that only looks, looks every half "
            "second.",
            "",
        )
    )


def main() -> int:
    """Measure and write ``bench/DELIVERY.md``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a small run, of half a minute on an idle machine")
    parser.add_argument("--seconds", type=float, default=240.0, help="after which no new round is begun")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    number, rounds = (60, 2) if asked.quick else (300, 5)
    found = measured(number, rounds, asked.seconds)
    if asked.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        OUT.write_text(report(found, number), encoding="utf-8")
        sys.stdout.write(OUT.read_text("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())

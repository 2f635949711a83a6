"""``python -m bench``: load the databases, start all servers, measure round by round, write ``bench/RESULTS.md``."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import documents
from bench.fill import Known, fill_postgresql, fill_sqlite
from bench.floor import write_script
from bench.load import Job
from bench.machine import ROOT, SERVER_CORE, Meter, Sample, Server, describe, pinned, running, shoot
from bench.pages import measure, prepared, table
from bench.postgres import Cluster, cluster, pgbench, transactions_per_second
from bench.report import ratios, report
from bench.starts import pairs
from bench.targets import WINDOWS, Asker, Clerk, request
from catalogue.store.keyring import Keyring

OUT = ROOT / "bench" / "out"
CATALOGUE = [sys.executable, "-m", "catalogue"]
MODELS = 400
"""Cases of the demo that are copied to fill a database."""


@dataclass(frozen=True)
class Plan:
    """How much is measured. ``seconds`` of each target in each of the ``rounds``."""

    small: int
    large: int
    rounds: int
    seconds: float

    @property
    def sizes(self) -> dict[str, int]:
        """Name of a size -> number of cases."""
        return {_named(count): count for count in (self.small, self.large)}


def _named(count: int) -> str:
    return f"{count // 1_000_000} M" if count >= 1_000_000 else f"{count / 1000:g} k"


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def say(text: str) -> None:
    """A line of progress."""
    print(f"{datetime.now().astimezone():%H:%M:%S} {text}", flush=True)


class Bench:
    """One run."""

    def __init__(self, plan: Plan, data: Path, postgres: Cluster, stack: ExitStack) -> None:
        self.plan = plan
        self.data = data
        self.postgres = postgres
        self.stack = stack
        self.servers: dict[str, Server] = {}
        self.askers: dict[str, Asker] = {}
        self.samples: dict[str, list[Sample]] = defaultdict(list)
        self.script = data / "floor.sql"
        self.inserts = 0
        self.passwords: dict[str, str] = {}

    def environment(self, engine: str, url: str) -> dict[str, str]:
        """The settings of a server. Repeating jobs are off: they would measure themselves."""
        keys = self.data / f"{engine}.keys.json"
        return {"CATALOGUE_DATABASE_URL": url, "CATALOGUE_KEYS_FILE": str(keys), "CATALOGUE_WORKER": "false"}

    def demo(self, engine: str, url: str) -> dict[str, str]:
        """Fill a new database with the demo; answers the passwords."""
        done = subprocess.run(
            [*CATALOGUE, "demo", "--json", "--cases", str(MODELS)],
            cwd=ROOT,
            env={**os.environ, **self.environment(engine, url)},
            stdout=subprocess.PIPE,
            check=True,
        )
        accounts: list[dict[str, Any]] = json.loads(done.stdout)["accounts"]
        return {account["username"]: account["password"] for account in accounts}

    def prepare(self) -> None:
        """All databases and all servers."""
        say("demo data on both engines")
        model = self.data / "sqlite.model.db"
        self.postgres.create("model")
        passwords = {
            "sqlite": self.demo("sqlite", f"sqlite:///{model}"),
            "postgresql": self.demo("postgresql", self.postgres.url("model")),
        }
        self.passwords = passwords["sqlite"]
        self.serve_bare()
        self.postgres.create("floor", "model")
        for name, count in self.plan.sizes.items():
            for engine in ("sqlite", "postgresql"):
                say(f"{name} cases on {engine}")
                ring = Keyring.open_or_create(self.data / f"{engine}.keys.json")
                if engine == "sqlite":
                    path = self.data / f"{count}.db"
                    with_wal(model, path)
                    known = fill_sqlite(path, count, ring)
                    url = f"sqlite:///{path}"
                else:
                    self.postgres.create(str(count), "model")
                    known = fill_postgresql(self.postgres, str(count), count, ring)
                    url = self.postgres.url(str(count))
                self.serve(engine, name, url, passwords[engine], known)
        self.floor_from(f"postgresql {_named(self.plan.small)}")
        self.warm()

    def warm(self) -> None:
        """Read once what the rounds will read: loading one database has pushed the others out of memory."""
        say("warming")
        for name, asker in self.askers.items():
            while not asker.queues_full():
                shoot(replace_job(asker.submit(), seconds=0.5, warmup=0.0), self.servers[name].pid)
            for job in (asker.status(), asker.queue()):
                job.once = len(job.requests) > len(WINDOWS)
                shoot(replace_job(job, seconds=60.0 if job.once else 1.0, warmup=0.0), self.servers[name].pid)

    def serve_bare(self) -> None:
        """The bare Litestar application."""
        port = _port()
        server = Server("bare", [sys.executable, "-m", "bench.bare", str(port)], port, {}, self.data / "bare.log")
        self.servers["bare"] = self.stack.enter_context(running(server, "/"))

    def serve(self, engine: str, size: str, url: str, passwords: dict[str, str], known: list[Known]) -> None:
        """The real command on a database, with a clerk of each city signed in."""
        name, port = f"{engine} {size}", _port()
        command = [*CATALOGUE, "serve", "--port", str(port)]
        server = Server(name, command, port, self.environment(engine, url), self.data / f"{name.replace(' ', '-')}.log")
        self.servers[name] = self.stack.enter_context(running(server, "/health/live"))
        clerks = [Clerk.sign_in(port, f"{window}-clerk", passwords[f"{window}-clerk"]) for window in WINDOWS]
        self.askers[name] = Asker(port, clerks, known)

    def floor_from(self, name: str) -> None:
        """The script of the floor, from a submission that the server itself wrote."""
        asker = self.askers[name]
        job = replace_job(asker.submit(), seconds=0.2, warmup=0.0, connections=1)
        picked = shoot(job, self.servers[name].pid).picked
        self.inserts = write_script(self.postgres, str(self.plan.small), picked[0], self.script)

    def floor(self) -> Sample:
        """pgbench in the server's place, on the server's core."""
        command = pinned(pgbench(self.postgres, "floor", self.script, self.plan.seconds), SERVER_CORE)
        meter = Meter(None, self.postgres.pid)
        before = os.times()
        rate = transactions_per_second(command)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        _, foreign = meter.read(used)
        return Sample(rate, 16_000 / rate, 0.0, 1e6 * used / (rate * self.plan.seconds), foreign)

    def ask(self, target: str, name: str, job: Job) -> Sample:
        """Play a job against a server and keep the sample."""
        database = self.postgres.pid if name.startswith("postgresql") else None
        sample = shoot(replace_job(job, seconds=self.plan.seconds, warmup=job.warmup), self.servers[name].pid, database)
        self.samples[f"{target} {name}".strip()].append(sample)
        return sample

    def round(self, chance: random.Random) -> None:
        """Every target once, in an order of its own; the bases twice, at both ends, and their mean."""
        ends: dict[str, list[Sample]] = {"bare": [], "floor": []}

        def bases() -> None:
            bare = self.servers["bare"]
            job = Job(bare.port, [request("GET", "/", {})], seconds=self.plan.seconds)
            ends["bare"].append(shoot(job, bare.pid))
            ends["floor"].append(self.floor())

        def written(name: str) -> None:
            asker = self.askers[name]
            asker.remember(self.ask("submit", name, asker.submit()).picked)
            self.ask("forward", name, asker.forward(len(asker.received.waiting)))
            asker.received.waiting.clear()

        bases()
        acts = [("written", name) for name in self.askers]
        acts += [(target, name) for target in ("live", "status", "route", "queue") for name in self.askers]
        chance.shuffle(acts)
        for target, name in acts:
            if target == "written":
                written(name)
            else:
                self.ask(target, name, getattr(self.askers[name], target)())
        bases()
        for base, (first, last) in ends.items():
            self.samples[base].append(
                replace(
                    first,
                    **{
                        key: (getattr(first, key) + getattr(last, key)) / 2
                        for key in ("rate", "p50_ms", "p99_ms", "cpu_us", "foreign", "busy")
                    },
                )
            )

    def facts(self) -> list[tuple[str, str]]:
        """What the report says of machine and run."""
        cases = " and ".join(f"{count:,}" for count in self.plan.sizes.values())
        return [
            ("when", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
            *describe(),
            ("PostgreSQL", f"{self.postgres.version()}, fsync and synchronous commit on; SQLite synchronous=FULL"),
            ("run", f"{self.plan.rounds} rounds of {self.plan.seconds:g} s, 16 connections, one worker; {cases} cases"),
            ("floor", f"pgbench, {self.inserts} inserts in one transaction, prepared, 16 connections"),
        ]


def replace_job(job: Job, *, seconds: float, warmup: float, connections: int = 16) -> Job:
    """The job with other lengths."""
    job.seconds, job.warmup, job.connections = seconds, warmup, connections
    return job


def with_wal(source: Path, target: Path) -> None:
    """Copy a SQLite database that nobody has open, its log included."""
    for suffix in ("", "-wal"):
        origin = source.with_name(source.name + suffix)
        if origin.exists():
            shutil.copyfile(origin, target.with_name(target.name + suffix))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small databases, few short rounds; writes no RESULTS.md")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--small", type=int)
    parser.add_argument("--large", type=int)
    given = parser.parse_args()
    usual = Plan(2_000, 20_000, 2, 2.0) if given.quick else Plan(10_000, 1_000_000, 5, 5.0)
    plan = replace(usual, **{key: value for key, value in vars(given).items() if key != "quick" and value})
    data = OUT / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    with ExitStack() as stack:
        bench = Bench(plan, data, stack.enter_context(cluster(data / "postgres")), stack)
        bench.prepare()
        chance = random.Random(plan.rounds)
        for n in range(plan.rounds):
            say(f"round {n + 1} of {plan.rounds}")
            bench.round(chance)
        say("starts")
        starts = pairs(max(plan.rounds, 5))
        small, large = plan.sizes
        say("pages")
        port = bench.askers[f"sqlite {small}"].port
        looked = measure(port, *prepared(port, bench.passwords))
        say("documents")
        printed = documents.table(documents.measure(port, bench.passwords))
        text = report(bench.facts(), ratios(bench.samples, starts, small, large), bench.samples, starts) + table(looked)
        text += printed
    shutil.rmtree(data, ignore_errors=True)
    target = OUT / "QUICK.md" if given.quick else ROOT / "bench" / "RESULTS.md"
    target.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

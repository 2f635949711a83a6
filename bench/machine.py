"""Processes on chosen cores, their CPU time, and what the machine is."""

from __future__ import annotations

import contextlib
import http.client
import os
import platform
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import msgspec

from bench.load import Job, Score

ROOT = Path(__file__).resolve().parent.parent
_TICK = os.sysconf("SC_CLK_TCK")


def cores() -> tuple[int | None, int | None]:
    """The core of the servers and the core of the load generator; None where they cannot be told apart."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else (None, None)


SERVER_CORE, CLIENT_CORE = cores()


def pinned(command: list[str], core: int | None) -> list[str]:
    """The command on that core, by a Python that sets its affinity and becomes the command."""
    if core is None:
        return command
    become = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); os.execvp(sys.argv[2], sys.argv[2:])"
    return [sys.executable, "-c", become, str(core), *command]


def cpu_of(pid: int) -> float:
    """Seconds of CPU of a process and its children that are alive; 0 where the system does not tell."""
    total = 0.0
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total = (int(fields[11]) + int(fields[12])) / _TICK
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            total += cpu_of(int(child))
    return total


def cpu_of_machine() -> float:
    """Seconds of CPU that all processes together have used since the machine came up."""
    with contextlib.suppress(OSError):
        user, nice, system, _idle, _wait, irq, softirq, *_ = Path("/proc/stat").read_text().split("\n")[0].split()[1:]
        return sum(map(int, (user, nice, system, irq, softirq))) / _TICK
    return 0.0


@dataclass
class Server:
    """A server process on a port of its own."""

    name: str
    command: list[str]
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path = Path(os.devnull)
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self, path: str) -> None:
        """Start and wait until ``path`` answers 200. Raises RuntimeError with the end of its log."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                pinned(self.command, SERVER_CORE),
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        for _ in range(600):
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", path)
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"{self.name} did not start: {self.log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        """End the process."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()


@contextlib.contextmanager
def running(server: Server, path: str) -> Iterator[Server]:
    """The server, up for the time of the block."""
    server.start(path)
    try:
        yield server
    finally:
        server.stop()


@dataclass(frozen=True)
class Sample:
    """One target in one round."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    """CPU of the server process for one answer, in microseconds."""
    foreign: float
    """Cores that something else than server, database and load generator used meanwhile."""
    busy: float = 0.0
    picked: tuple[str, ...] = ()


class Meter:
    """CPU of a server, of the database beside it and of the machine, between two moments."""

    def __init__(self, pid: int | None, database: int | None = None) -> None:
        self._pids = pid, database
        self._began = time.perf_counter()
        self._before = self._now()

    def _now(self) -> tuple[float, float, float]:
        pid, database = self._pids
        return cpu_of(pid) if pid else 0.0, cpu_of(database) if database else 0.0, cpu_of_machine()

    def read(self, client: float) -> tuple[float, float]:
        """Seconds of CPU of the server; and foreign cores, with the seconds of the client taken out."""
        server, database, machine = (after - before for after, before in zip(self._now(), self._before, strict=True))
        return server, max(machine - server - database - client, 0.0) / (time.perf_counter() - self._began)


def shoot(job: Job, pid: int, database: int | None = None) -> Sample:
    """Let the load generator play a job against a server. Raises RuntimeError on any answer but 2xx."""
    job.core = CLIENT_CORE
    meter = Meter(pid, database)
    generator = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(generator, cwd=ROOT, input=msgspec.json.encode(job), stdout=subprocess.PIPE, check=True)
    score = msgspec.json.decode(done.stdout, type=Score)
    server, foreign = meter.read(score.cpu)
    if score.bad or not score.total:
        raise RuntimeError(f"answers other than 2xx: {score.bad} {score.sample}")
    return Sample(
        score.done / score.seconds,
        score.p50_ms,
        score.p99_ms,
        1e6 * server / score.total,
        foreign,
        score.busy,
        tuple(score.picked),
    )


def describe() -> list[tuple[str, str]]:
    """The machine and the versions, for the report."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    packages = ("litestar", "uvicorn", "uvloop", "sqlalchemy", "psycopg", "msgspec", "pydantic", "django")
    return [
        ("machine", f"{os.cpu_count()} cores, {model}, {memory:.0f} GiB"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("Python", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}"),
        ("packages", ", ".join(f"{name} {version(name)}" for name in packages)),
        ("cores", "not pinned" if SERVER_CORE is None else f"server {SERVER_CORE}, load generator {CLIENT_CORE}"),
    ]

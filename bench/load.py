"""A load generator: HTTP/1.1 on kept connections, one request in flight on each, in a process of its own.

Reads a ``Job`` as JSON on standard input and writes a ``Score`` as JSON. It parses no more of an answer than its
status, its length and, where asked, its body, so that it costs less than any server it measures.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections import Counter
from itertools import count

import msgspec
import uvloop

NUMBER = b"@@@@@@@@@@@@"
"""Twelve bytes that become a number of twelve digits, another one in each request."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Job(msgspec.Struct):
    """``requests`` are sent in turn, over and over, or ``once`` each. Warm-up and duration in seconds."""

    port: int
    requests: list[bytes]
    seconds: float = 5.0
    warmup: float = 1.0
    connections: int = 16
    once: bool = False
    number_from: int = 0
    pick: str | None = None
    """A pattern with one group, whose match in each body of a 2xx answer is handed back."""
    core: int | None = None


class Score(msgspec.Struct):
    """What was measured after the warm-up; ``bad`` counts answers other than 2xx by status, warm-up included."""

    done: int
    total: int
    """All answers, those of the warm-up and the end included."""
    seconds: float
    cpu: float
    """Seconds of CPU of the generator itself."""
    p50_ms: float
    p99_ms: float
    busy: float
    """Share of its core that the generator itself used."""
    bad: dict[str, int]
    sample: str
    picked: list[str]


class Run:
    """The state that the connections of one job share."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.parts = [request.split(NUMBER) for request in job.requests]
        self.next = count()
        self.latencies: list[float] = []
        self.total = 0
        self.bad: Counter[str] = Counter()
        self.sample = ""
        self.picked: list[str] = []
        self.pick = re.compile(job.pick.encode()) if job.pick else None
        self.measure_from = self.stop_at = 0.0
        self.last_at = 0.0
        self.open = 0
        self.finished = asyncio.get_running_loop().create_future()

    def request(self) -> bytes | None:
        """The next request, or None when there is none left."""
        n = next(self.next)
        if self.job.once and n >= len(self.parts):
            return None
        parts = self.parts[n % len(self.parts)]
        return parts[0] if len(parts) == 1 else (b"%012d" % (self.job.number_from + n)).join(parts)

    def answered(self, status: bytes, body: bytes, began: float, now: float) -> None:
        """Count one answer."""
        self.total += 1
        if status[:1] != b"2":
            self.bad[status.decode("ascii", "replace")] += 1
            self.sample = self.sample or body[:600].decode("utf-8", "replace")
        elif self.pick is not None and (found := self.pick.search(body)) is not None:
            self.picked.append(found[1].decode())
        if began >= self.measure_from and now <= self.stop_at:
            self.latencies.append(now - began)
            self.last_at = now


class Connection(asyncio.Protocol):
    """One kept connection: a request, its answer, the next request."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.buffer = b""
        self.need = -1
        self.status = b""
        self.began = 0.0
        run.open += 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        """Send the next request, or close when time or requests have run out."""
        self.began = time.perf_counter()
        request = self.run.request() if self.began < self.run.stop_at else None
        if request is None:
            self.transport.close()
        else:
            self.transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        if self.need < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            length = _LENGTH.search(self.buffer, 0, end + 2)
            if length is None:
                raise RuntimeError("an answer without content-length")
            self.status = self.buffer[9:12]
            self.need = end + 4 + int(length[1])
        if len(self.buffer) >= self.need:
            now = time.perf_counter()
            body = self.buffer[self.buffer.find(b"\r\n\r\n") + 4 : self.need]
            self.buffer, self.need = b"", -1
            self.run.answered(self.status, body, self.began, now)
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        self.run.open -= 1
        if self.need >= 0 or (error is not None):
            self.run.bad["broken"] += 1
        if self.run.open == 0 and not self.run.finished.done():
            self.run.finished.set_result(None)


async def play(job: Job) -> Score:
    """Send the job's requests and measure."""
    run = Run(job)
    began = time.perf_counter()
    run.measure_from = began + job.warmup
    run.stop_at = run.measure_from + job.seconds
    cpu = time.process_time()
    loop = asyncio.get_running_loop()
    for _ in range(job.connections):
        await loop.create_connection(lambda: Connection(run), "127.0.0.1", job.port)
    await asyncio.wait_for(run.finished, job.warmup + job.seconds + 60)
    cpu = time.process_time() - cpu
    ordered = sorted(run.latencies) or [0.0]
    # Where the requests ran out before the time did, the last answer ends the measurement.
    ended = run.last_at if job.once and run.last_at else run.stop_at
    return Score(
        done=len(run.latencies),
        total=run.total,
        cpu=cpu,
        seconds=max(ended - run.measure_from, 1e-9),
        p50_ms=1000 * ordered[len(ordered) // 2],
        p99_ms=1000 * ordered[len(ordered) * 99 // 100],
        busy=cpu / (time.perf_counter() - began),
        bad=dict(run.bad),
        sample=run.sample,
        picked=run.picked,
    )


def main() -> None:
    """Job on standard input, score on standard output."""
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    if job.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {job.core})
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(play(job))))


if __name__ == "__main__":
    main()

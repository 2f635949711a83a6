"""Figures for Prometheus: requests by route and status, their duration; one set for each application.

Counting is ours, as every request does it; the library that writes them out is loaded by the first scrape.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime
from time import time

from msgspec import field

from catalogue.domain.value import Value
from catalogue.service.ports import LineState

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
EXPOSITION = b"text/plain; version=1.0.0; charset=utf-8"
"""Media type of the text that ``Metrics.text`` gives."""


class Counted:
    """How often something was since ``since`` (seconds of the Unix epoch)."""

    __slots__ = ("number", "since")

    def __init__(self) -> None:
        self.number = 0
        self.since = time()


class Timed:
    """Durations by bucket, the last one for those beyond all, and their sum in seconds."""

    __slots__ = ("buckets", "seconds", "since")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BUCKETS) + 1)
        self.seconds = 0.0
        self.since = time()


class Gauge(Value, frozen=True):
    """A figure that goes up and down, by the values of its labels."""

    name: str
    about: str
    labels: tuple[str, ...] = ()
    values: dict[tuple[str, ...], float] = field(default_factory=dict)


class Metrics:
    """Counts requests. Labels are route templates, so that no reference and no code becomes a label."""

    def __init__(self) -> None:
        self.requests: dict[tuple[str, str, int], Counted] = {}
        """By method, route and status."""
        self.durations: dict[str, Timed] = {}
        """By route."""
        self._messages = Gauge("outbox_messages", "Messages not sent, by region and state", ("region", "state"))
        self._oldest = Gauge("outbox_oldest_seconds", "Age of the oldest message that is not sent", ("region",))
        self._sent = Gauge("outbox_sent", "Messages a region has taken since the beginning", ("region",))
        self._failures = Gauge("outbox_failures", "How often in a row a region did not answer", ("region",))
        self._paused = Gauge("outbox_paused", "1 where somebody has paused the line", ("region",))
        self._answers = Gauge("answers_open", "Answers of a region waiting or refused", ("region", "state"))
        self._differences = Gauge("differences_open", "Differences with a region nobody has mended", ("region",))
        self._waiting = Gauge("cases_waiting", "Open cases by queue, up to a cap", ("queue",))
        self._age = Gauge("figures_age_seconds", "Age of what was counted in the database", (), {(): 0.0})
        self.gauges = (
            self._messages,
            self._oldest,
            self._sent,
            self._failures,
            self._paused,
            self._answers,
            self._differences,
            self._waiting,
            self._age,
        )
        self._counted_at: float | None = None

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (method, route, status)
        counted = self.requests.get(key)
        if counted is None:
            counted = self.requests[key] = Counted()
        counted.number += 1
        timed = self.durations.get(route)
        if timed is None:
            timed = self.durations[route] = Timed()
        timed.buckets[bisect_left(BUCKETS, seconds)] += 1
        timed.seconds += seconds

    def observe_lines(
        self,
        lines: Sequence[LineState],
        answers: Mapping[tuple[str, str], int],
        differences: Mapping[str, int],
        now: datetime,
    ) -> None:
        """How the lines to the cities stand, as read for this answer."""
        for gauge in (self._messages, self._answers, self._differences):
            gauge.values.clear()
        for line in lines:
            for state in ("waiting", "claimed", "parked"):
                self._messages.values[line.region, state] = line.counts.get(state, 0)
            age = 0.0 if line.oldest_at is None else max((now - line.oldest_at).total_seconds(), 0.0)
            self._oldest.values[line.region,] = age
            self._sent.values[line.region,] = line.sent
            self._failures.values[line.region,] = line.failures
            self._paused.values[line.region,] = line.paused_at is not None
        self._answers.values.update({(region, state): number for (region, state), number in answers.items()})
        self._differences.values.update({(region,): number for region, number in differences.items()})

    def fresh(self, now: float, seconds: float) -> bool:
        """Whether what was counted in the database may serve once more; ``now`` of a clock that only runs forward.
        Says its age either way."""
        age = None if self._counted_at is None else now - self._counted_at
        still = age is not None and age < seconds
        self._age.values[()] = age if still and age is not None else 0.0
        return still

    def counted(self, now: float) -> None:
        """The figures of the database were read at that moment."""
        self._counted_at = now

    def observe_queues(self, counts: Mapping[str, int]) -> None:
        """How many cases wait in each queue, those past a limit among them."""
        self._waiting.values.update({(queue,): number for queue, number in counts.items()})

    def text(self) -> bytes:
        """The exposition format."""
        from catalogue.web.exposition import exposition

        return exposition(self)

"""Figures for Prometheus: requests by route and status, their duration; one registry for each application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from catalogue.service.ports import LineState

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """Counts requests. Labels are route templates, so that no reference and no code becomes a label."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "catalogue_requests", "Requests by route and status", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "catalogue_request_seconds", "Duration of requests", ("route",), buckets=BUCKETS, registry=self.registry
        )
        ProcessCollector(registry=self.registry)
        self._messages = self._gauge("outbox_messages", "Messages not sent, by region and state", "region", "state")
        self._oldest = self._gauge("outbox_oldest_seconds", "Age of the oldest message that is not sent", "region")
        self._sent = self._gauge("outbox_sent", "Messages a region has taken since the beginning", "region")
        self._failures = self._gauge("outbox_failures", "How often in a row a region did not answer", "region")
        self._paused = self._gauge("outbox_paused", "1 where somebody has paused the line", "region")
        self._answers = self._gauge("answers_open", "Answers of a region waiting or refused", "region", "state")
        self._differences = self._gauge("differences_open", "Differences with a region nobody has mended", "region")
        self._waiting = self._gauge("cases_waiting", "Open cases by queue, up to a cap", "queue")
        self._age = self._gauge("figures_age_seconds", "Age of what was counted in the database")
        self._counted_at: float | None = None
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (method, route, status)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = self._requests.labels(method, route, str(status))
        counter.inc()
        timer = self._timers.get(route)
        if timer is None:
            timer = self._timers[route] = self._seconds.labels(route)
        timer.observe(seconds)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"catalogue_{name}", about, labels, registry=self.registry)

    def observe_lines(
        self,
        lines: Sequence[LineState],
        answers: Mapping[tuple[str, str], int],
        differences: Mapping[str, int],
        now: datetime,
    ) -> None:
        """How the lines to the cities stand, as read for this answer."""
        for gauge in (self._messages, self._answers, self._differences):
            gauge.clear()
        for line in lines:
            for state in ("waiting", "claimed", "parked"):
                self._messages.labels(line.region, state).set(line.counts.get(state, 0))
            age = 0.0 if line.oldest_at is None else max((now - line.oldest_at).total_seconds(), 0.0)
            self._oldest.labels(line.region).set(age)
            self._sent.labels(line.region).set(line.sent)
            self._failures.labels(line.region).set(line.failures)
            self._paused.labels(line.region).set(line.paused_at is not None)
        for (region, state), number in answers.items():
            self._answers.labels(region, state).set(number)
        for region, number in differences.items():
            self._differences.labels(region).set(number)

    def fresh(self, now: float, seconds: float) -> bool:
        """Whether what was counted in the database may serve once more; ``now`` of a clock that only runs forward.
        Says its age either way."""
        age = None if self._counted_at is None else now - self._counted_at
        still = age is not None and age < seconds
        self._age.set(age if still and age is not None else 0.0)
        return still

    def counted(self, now: float) -> None:
        """The figures of the database were read at that moment."""
        self._counted_at = now

    def observe_queues(self, counts: Mapping[str, int]) -> None:
        """How many cases wait in each queue, those past a limit among them."""
        for queue, number in counts.items():
            self._waiting.labels(queue).set(number)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)

"""The figures of the house in the format that Prometheus reads. Loaded by the first scrape."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from catalogue.web.metrics import BUCKETS, Metrics

LIMITS = (*map(str, BUCKETS), "+Inf")


class Figures(Collector):
    """What the library asks for the figures."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Every figure as it stands. Copies, because requests are counted meanwhile."""
        requests = CounterMetricFamily(
            "catalogue_requests", "Requests by route and status", labels=("method", "route", "status")
        )
        for (method, route, status), counted in list(self._metrics.requests.items()):
            requests.add_metric((method, route, str(status)), counted.number, counted.since)
        yield requests
        name = "catalogue_request_seconds"
        durations = HistogramMetricFamily(name, "Duration of requests", labels=("route",))
        for route, timed in list(self._metrics.durations.items()):
            buckets = list(zip(LIMITS, accumulate(timed.buckets), strict=True))
            durations.add_metric((route,), buckets, timed.seconds)
            durations.add_sample(f"{name}_created", {"route": route}, timed.since)
        yield durations
        for gauge in self._metrics.gauges:
            family = GaugeMetricFamily(f"catalogue_{gauge.name}", gauge.about, labels=gauge.labels)
            for labels, value in list(gauge.values.items()):
                family.add_metric(labels, float(value))
            yield family


def exposition(metrics: Metrics) -> bytes:
    """The text of one scrape: the figures of the application and those of its process."""
    registry = CollectorRegistry()
    registry.register(Figures(metrics))
    ProcessCollector(registry=registry)
    return generate_latest(registry)

"""What keeps the house running: health, figures, the OpenAPI document."""

from __future__ import annotations

import asyncio
import hmac
from collections import Counter
from time import monotonic

from catalogue.domain.days import local_day
from catalogue.domain.people import Sight
from catalogue.domain.problems import NotAllowed, Unavailable
from catalogue.domain.text import Text
from catalogue.web.access import PUBLIC
from catalogue.web.answer import NO_STORE, Answer, encode, private_json
from catalogue.web.body import AnyRequest
from catalogue.web.edge import Edge, edge_of
from catalogue.web.endpoint import Operation, Success, api
from catalogue.web.headers import header
from catalogue.web.metrics import EXPOSITION, Metrics

_ALIVE = encode({"status": "ok"})


@api(
    "GET",
    "/health/live",
    PUBLIC,
    Operation("live", "The process answers", "operations", {200: Success("Live", "It does")}, (400,)),
)
async def live(request: AnyRequest) -> Answer:
    return Answer(_ALIVE, headers=(NO_STORE,))


@api(
    "GET",
    "/health/ready",
    PUBLIC,
    Operation(
        "ready",
        "Database, migrations, powers of the database role, registry",
        "operations",
        {200: Success("Ready", "Ready"), 503: Success("Ready", "Not ready, and why")},
        (400,),
    ),
)
async def ready(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    try:
        report = dict(await asyncio.to_thread(edge.parts.readiness))
    except Exception:  # noqa: BLE001 - a probe says "not ready" whatever the reason
        report = {"ready": False, "database": False}
    is_ready = bool(report.setdefault("ready", True)) and report.get("revision", 1) is not None
    report["ready"] = is_ready
    report["version"] = edge.parts.version
    return private_json({"status": "ok" if is_ready else "unavailable", **report}, 200 if is_ready else 503)


@api(
    "GET",
    "/metrics",
    PUBLIC,
    Operation(
        "metrics",
        "Figures for Prometheus, from a loopback address or with the metrics token",
        "operations",
        {200: Success(None, "Exposition format", "text/plain")},
        (400, 403),
    ),
)
async def metrics(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    token = edge.parts.metrics_token
    given = (header(request.scope, b"authorization") or "").removeprefix("Bearer ").strip()
    knows = token is not None and hmac.compare_digest(given.encode(), token.encode())
    if not knows and not edge.addresses.is_loopback(request.scope):
        raise NotAllowed(Text("仅限本机或持监控令牌访问", "From this machine or with the metrics token only"))
    told = request.scope["metrics"]  # type: ignore[typeddict-item]
    if not told.fresh(monotonic(), edge.parts.metrics_seconds):
        await _count(edge, told)
    return Answer(told.text(), 200, EXPOSITION, (NO_STORE,))


async def _count(edge: Edge, told: Metrics) -> None:
    """Read the figures that stand in the database. Two scrapes at once count twice, which harms nobody."""
    try:
        today = local_day(edge.house.clock.now())
        lines, answers, differences, queues = await edge.read(
            lambda work: (
                work.outbox.lines(),
                work.answers.counts(),
                work.outbox.differences(),
                work.cases.counts(Sight("all"), today),
            )
        )
    except Unavailable:
        # Figures are wanted most when the database is not there; those of the requests need none.
        pass
    else:
        told.observe_queues(queues)
        counted = Counter(one.region for one in differences)
        told.observe_lines(lines, answers, counted, edge.house.clock.now())
        told.counted(monotonic())


@api(
    "GET",
    "/schema/openapi.json",
    PUBLIC,
    Operation(
        "openapi",
        "This document",
        "operations",
        {200: Success("Document", "OpenAPI 3.1")},
        (400,),
    ),
)
async def openapi(request: AnyRequest) -> Answer:
    from catalogue.web.openapi import document_bytes

    return Answer(document_bytes(request.app))


ROUTES = (live, ready, metrics, openapi)

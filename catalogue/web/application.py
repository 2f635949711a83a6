"""The web application: routes, guard, error handling, and the shell around every request."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from copy import copy
from typing import Any

from litestar import Litestar, Router
from litestar.config.app import AppConfig
from litestar.plugins import PluginProtocol
from litestar.types import Message, Receive, Scope, Send
from litestar.types.internal_types import RouteHandlerMapItem

from catalogue.logs import log
from catalogue.web.answer import Header, empty
from catalogue.web.edge import Edge, unexpected
from catalogue.web.endpoint import Route
from catalogue.web.metrics import Metrics
from catalogue.web.parts import Parts
from catalogue.web.problems import allowed_methods, handle
from catalogue.web.routes import ROUTES

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"})

CSP = (
    b"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", CSP),
    (b"x-frame-options", b"DENY"),
)
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


def _within(policy: bytes, extra: Sequence[Header]) -> list[Header]:
    """The headers of what a page of this house may show in a frame: a policy of its own, and no framing elsewhere."""
    kept = [one for one in extra if one[0] not in (b"content-security-policy", b"x-frame-options")]
    framed = policy + b"; frame-ancestors 'self'"
    return [*kept, (b"content-security-policy", framed), (b"x-frame-options", b"SAMEORIGIN")]


class Together(Router):
    """All routes as one: Litestar looks through its whole tree of paths after each value that it takes. Measured: a
    third of what making the application costs."""

    def __init__(self, routes: Iterable[Route]) -> None:
        super().__init__("/", route_handlers=())
        self._routes = tuple(routes)

    def __deepcopy__(self, memo: dict[int, Any]) -> Together:
        return Together(self._routes)

    @property
    def route_handler_method_map(self) -> dict[str, RouteHandlerMapItem]:
        found: defaultdict[str, RouteHandlerMapItem] = defaultdict(dict)
        for route in self._routes:
            # Each application has routes of its own, which know whose they are.
            own = copy(route)
            own.owner = self
            for path in own.paths:
                found[path] |= dict.fromkeys(own.http_methods, own)
        return found


class Web(Litestar):
    """Litestar within a shell that numbers, times and logs requests, and answers HEAD and OPTIONS for every route."""

    edge: Edge
    metrics: Metrics
    common_headers: tuple[Header, ...]

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        # Those of the framework read and describe pydantic's and attrs' models in signatures, where we have none;
        # loading them costs a tenth of a start.
        return plugins

    @staticmethod
    def _patch_opentelemetry_middleware(config: AppConfig) -> AppConfig:
        # We have none, and to find that out the framework loads its part for it.
        return config

    @property
    def route_handler_method_map(self) -> dict[str, RouteHandlerMapItem]:
        # Asked before each path for what is registered under it already: nothing, as ``Together`` comes at once and
        # has each path once.
        return {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request. Nothing of its query string, headers or body is logged."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        started = time.perf_counter()
        asked = scope["method"]
        scope["edge"] = self.edge
        scope["metrics"] = self.metrics
        # Tells requests apart in the log and guards nothing. The system's own chance would hand the interpreter to the
        # thread that writes, at every request.
        scope["request_id"] = request_id = f"{random.getrandbits(64):016x}"
        if asked == "HEAD":
            scope["method"] = "GET"
        extra = (*self.common_headers, (b"x-request-id", request_id.encode()))
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                within = scope.get("shown_within")
                headers = extra if within is None else _within(within, extra)
                message = {**message, "headers": [*message["headers"], *headers]}
            elif asked == "HEAD":
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        try:
            if asked == "OPTIONS":
                await self._options(scope, receive, sending)
            else:
                await super().__call__(scope, receive, sending)
        except Exception as error:
            unexpected(error, scope)
            raise
        finally:
            seconds = time.perf_counter() - started
            route = scope.get("path_template") or "-"
            method = asked if asked in METHODS else "other"
            self.metrics.observe(method, route, status, seconds)
            log.info(
                "request",
                request_id=request_id,
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 2),
                problem=scope.get("problem"),
            )

    async def _options(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["litestar_app"] = self
        methods = allowed_methods(scope)
        if not methods:
            await super().__call__(scope, receive, send)
            return
        await empty(204, ((b"allow", ", ".join(methods).encode()),))(scope, receive, send)


def create_web(parts: Parts, lifespan: Sequence[Lifespan] = ()) -> Web:
    """The application over those parts; ``lifespan`` runs beside it from start to stop."""
    edge = Edge(parts)

    @asynccontextmanager
    async def closing(app: Litestar) -> AsyncIterator[None]:
        yield
        edge.close()

    web = Web(
        route_handlers=[Together(ROUTES)],
        exception_handlers={Exception: handle},
        lifespan=[closing, *lifespan],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
        debug=False,
    )
    web.edge = edge
    web.metrics = Metrics()
    web.common_headers = (*_COMMON, _HTTPS_ONLY) if parts.secure_cookies else _COMMON
    return web

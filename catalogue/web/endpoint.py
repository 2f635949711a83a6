"""Marking a function as a route: its method, who may call it, and what the OpenAPI document says of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from litestar.handlers import HTTPRouteHandler

from catalogue.domain.problems import CsrfFailed, NotAuthenticated, Problem
from catalogue.web.access import Access, admit
from catalogue.web.answer import Answer
from catalogue.web.body import AnyRequest

Schema = Mapping[str, Any]
Handler = Callable[[AnyRequest], Awaitable[Answer]]
Refused = Callable[[AnyRequest, Problem], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """``place``: query, path or header."""

    name: str
    place: str
    description: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    required: bool = False
    free: bool = False
    """A query parameter of any name: OpenAPI says it as an exploded object."""


@dataclass(frozen=True, slots=True)
class Success:
    """An answer that is no error. ``schema`` names a component; None where there is no JSON body."""

    schema: str | None
    description: str
    media_type: str = "application/json"
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """What the OpenAPI document says of a route. ``per_command`` makes one path for each command of a case."""

    id: str
    summary: str
    tag: str
    success: Mapping[int, Success]
    problems: tuple[int, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    body: Schema | None = None
    body_type: str = "application/json"
    body_required: bool = True
    per_command: bool = False
    description: str = ""


def api(method: str, path: str, access: Access, operation: Operation | None) -> Callable[[Handler], HTTPRouteHandler]:
    """A route for machines. ``operation`` None keeps it out of the document."""
    return _route(method, path, {"access": access, "operation": operation, "page": False})


def page(
    method: str, path: str, access: Access, refused: Refused | None = None
) -> Callable[[Handler], HTTPRouteHandler]:
    """A route for people. ``refused`` answers instead of the page of an error when a session has ended meanwhile."""
    return _route(method, path, {"access": access, "operation": None, "page": True}, refused)


def _route(
    method: str, path: str, options: dict[str, Any], refused: Refused | None = None
) -> Callable[[Handler], HTTPRouteHandler]:
    def mark(function: Handler) -> HTTPRouteHandler:
        guarded = _guarded(function, options["access"], options["page"], refused)
        return HTTPRouteHandler(path, http_method=method, opt=options, status_code=200)(guarded)  # type: ignore[arg-type]

    return mark


def _guarded(function: Handler, access: Access, is_page: bool, refused: Refused | None) -> Handler:
    """The function behind the guard. Not as a guard of Litestar, which copies the route at every request for it."""
    if access.public:
        return function

    @wraps(function)
    async def guarded(request: AnyRequest) -> Answer:
        try:
            await admit(request, access, is_page)
        except (NotAuthenticated, CsrfFailed) as problem:
            if refused is None:
                raise
            return await refused(request, problem)
        return await function(request)

    return guarded

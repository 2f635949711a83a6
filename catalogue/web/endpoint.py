"""Marking a function as a route: its method, who may call it, and what the OpenAPI document says of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache, wraps
from typing import Any, cast

from litestar._kwargs import KwargsModel
from litestar._signature import SignatureModel
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.types.internal_types import PathParameterDefinition
from litestar.utils.signature import ParsedSignature
from msgspec import field

from catalogue.domain.problems import CsrfFailed, NotAuthenticated, Problem
from catalogue.domain.value import Value
from catalogue.web.access import SAFE, Access, admit
from catalogue.web.answer import Answer
from catalogue.web.body import AnyRequest

Schema = Mapping[str, Any]
Handler = Callable[[AnyRequest], Awaitable[Answer]]
Refused = Callable[[AnyRequest, Problem], Awaitable[Answer]]


class Parameter(Value, frozen=True):
    """``place``: query, path or header."""

    name: str
    place: str
    description: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    required: bool = False
    free: bool = False
    """A query parameter of any name: OpenAPI says it as an exploded object."""


class Success(Value, frozen=True):
    """An answer that is no error. ``schema`` names a component; None where there is no JSON body."""

    schema: str | None
    description: str
    media_type: str = "application/json"
    headers: tuple[str, ...] = ()


class Operation(Value, frozen=True):
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


class Route(HTTPRouteHandler):
    """A route of the house: every one takes the request and gives an answer that sends itself.

    So the signature is looked into once for all of them. Measured: a third of what making the application costs.
    """

    @property
    def parsed_fn_signature(self) -> ParsedSignature:
        return _signature()

    @property
    def signature_model(self) -> type[SignatureModel]:
        return _signature_model()

    def _validate_handler_function(self) -> None:
        """Litestar would look into the signature of each; it is one, and ours."""

    def resolve_dependencies(self) -> dict[str, Provide]:
        """None: the request is all that a function is given."""
        return {}

    def create_kwargs_model(self, path_parameters: dict[str, PathParameterDefinition]) -> KwargsModel:
        # What stands in the path a function reads from the request.
        if not _KWARGS:
            _KWARGS.append(super().create_kwargs_model({}))
        return _KWARGS[0]


_KWARGS: list[KwargsModel] = []
"""What every handler is called with, once the first has asked."""


async def _any(request: AnyRequest) -> Answer:  # pragma: no cover - stands for its signature
    raise NotImplementedError


@cache
def _signature() -> ParsedSignature:
    return ParsedSignature.from_fn(_any, {})


class _AsItCame(SignatureModel):
    """The request goes to the function as it is: there is nothing in it to convert. Measured: a tenth of the CPU of an
    empty answer."""

    @classmethod
    def parse_values_from_connection_kwargs(
        cls, connection: ASGIConnection[Any, Any, Any, Any], kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        return kwargs


@cache
def _signature_model() -> type[SignatureModel]:
    return _AsItCame.create(
        dependency_name_set=set(), fn=_any, parsed_signature=_signature(), type_decoders=[], data_dto=None
    )


def api(method: str, path: str, access: Access, operation: Operation | None) -> Callable[[Handler], Route]:
    """A route for machines. ``operation`` None keeps it out of the document."""
    return _route(method, path, {"access": access, "operation": operation, "page": False})


def page(method: str, path: str, access: Access, refused: Refused | None = None) -> Callable[[Handler], Route]:
    """A route for people. Where a session has ended meanwhile, what was typed is carried over the sign-in
    (``pages.again``); ``refused`` answers instead where a page has a way of its own."""
    return _route(method, path, {"access": access, "operation": None, "page": True}, refused)


def _route(
    method: str, path: str, options: dict[str, Any], refused: Refused | None = None
) -> Callable[[Handler], Route]:
    def mark(function: Handler) -> Route:
        guarded = _guarded(function, options["access"], options["page"], refused)
        made = Route(path, http_method=cast(Any, method), opt=options, status_code=200, media_type=MediaType.JSON)
        return cast(Route, made(cast(Any, guarded)))

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
            if refused is not None:
                return await refused(request, problem)
            if not is_page or request.scope["method"] in SAFE:
                raise
            from catalogue.web.pages.again import come_back

            back = await come_back(request, problem, access)
            if isinstance(back, Answer):
                return back
            answer = await function(request)
            answer.headers.extend(back)
            return answer
        return await function(request)

    return guarded

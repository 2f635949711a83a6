"""Every error as problem+json (RFC 9457), or for people on pages as a page; never a driver's or a traceback's text."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotAuthorizedException,
    NotFoundException,
    PermissionDeniedException,
)

from catalogue.domain.problems import (
    BodyTooLarge,
    InternalError,
    MalformedRequest,
    MethodNotAllowed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Problem,
    UnsupportedMediaType,
)
from catalogue.domain.text import Language
from catalogue.web import language
from catalogue.web.access import sign_in_address
from catalogue.web.body import AnyRequest
from catalogue.web.edge import is_page, unexpected
from catalogue.web.headers import header

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "/problems/"

_MACHINES = ("/api/", "/health/", "/metrics", "/schema/", "/static/", "/.well-known/")


def problem_json(problem: Problem, tongue: Language, instance: str) -> dict[str, Any]:
    """The members of the problem, its own extensions beside the standard ones."""
    body: dict[str, Any] = {
        "type": f"{TYPE_PREFIX}{problem.code}",
        "title": problem.title.in_language(tongue),
        "status": problem.status,
        "detail": problem.detail.in_language(tongue),
        "instance": instance,
    }
    if problem.errors:
        body["errors"] = [
            {"path": fault.path, "code": fault.code, "message": fault.message.in_language(tongue)}
            for fault in problem.errors
        ]
    for key, value in problem.extra.items():
        body.setdefault(key, value)
    return body


def problem_headers(problem: Problem, scope: Any) -> dict[str, str]:
    """The headers that belong to an error."""
    headers = {"Cache-Control": "no-store", "Content-Language": "zh, en"}
    if problem.status == NotAuthenticated.status and problem.code == NotAuthenticated.code:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in problem.extra:
        headers["Retry-After"] = str(problem.extra["retry_after"])
    elif problem.status == 503:
        headers["Retry-After"] = "5"
    if problem.status == MethodNotAllowed.status:
        headers["Allow"] = ", ".join(allowed_methods(scope))
    return headers


def allowed_methods(scope: Any) -> list[str]:
    """The methods that the path of a request knows; empty where the path itself is unknown."""
    router = scope["litestar_app"].asgi_router
    path = scope["path"]
    found = []
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        try:
            router.handle_routing(path=path, method=method)
        except HTTPException:
            continue
        found.append(method)
    if not found:
        return []
    return [*found, *(["HEAD"] if "GET" in found else []), "OPTIONS"]


def as_problem(error: Exception, scope: Any) -> Problem:
    """Any error as one of ours."""
    if isinstance(error, Problem):
        if error.status >= 500 and isinstance(error, InternalError):
            return unexpected(error, scope)
        return error
    known: dict[type[HTTPException], type[Problem]] = {
        MethodNotAllowedException: MethodNotAllowed,
        NotFoundException: NotFound,
        NotAuthorizedException: NotAuthenticated,
        PermissionDeniedException: NotAllowed,
    }
    for kind, problem in known.items():
        if isinstance(error, kind):
            return problem()
    if isinstance(error, HTTPException):
        by_status = {413: BodyTooLarge, 415: UnsupportedMediaType}
        if error.status_code in by_status:
            return by_status[error.status_code]()
        if 400 <= error.status_code < 500:
            return MalformedRequest()
    return unexpected(error, scope)


def wants_page(scope: Any) -> bool:
    """Whether the caller is a person at a browser: a page's route, or an unknown address asked for as HTML."""
    path = scope["path"]
    if path.startswith(_MACHINES):
        return False
    accept = header(scope, b"accept") or ""
    if is_page(scope.get("route_handler")):
        return "application/json" not in accept and "problem+json" not in accept
    return "text/html" in accept


def handle(request: AnyRequest, error: Exception) -> Response[Any]:
    """The exception handler of the application."""
    scope = request.scope
    problem = as_problem(error, scope)
    headers = problem_headers(problem, scope)
    scope["problem"] = problem.code  # type: ignore[typeddict-unknown-key]
    if wants_page(scope):
        if isinstance(problem, NotAuthenticated) and scope["method"] in ("GET", "HEAD"):
            return Response(
                b"",
                status_code=303,
                media_type="text/plain",
                headers={"Location": sign_in_address(scope["path"], scope["query_string"])},
            )
        from catalogue.web.pages.render import error_page

        return Response(
            error_page(request, problem), status_code=problem.status, media_type="text/html", headers=headers
        )
    tongue = language.of_header(header(scope, b"accept-language") or "")
    headers["Content-Language"] = tongue
    return Response(
        msgspec.json.encode(problem_json(problem, tongue, scope["path"])),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )

"""The OpenAPI 3.1 document, made from the marks on the routes and the models of the bodies.

Our own and not Litestar's: that one drops ``pattern`` and ``additionalProperties`` and documents errors in another
shape than problem+json.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from litestar import Litestar
from litestar.routes import HTTPRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from catalogue.service.answers import AnswerBody
from catalogue.service.bodies import COMMAND_BODIES, ApplicationBody, RateBody, Unmask
from catalogue.service.reconciling import Holdings
from catalogue.web import acting
from catalogue.web.access import Access
from catalogue.web.api.drafts import BODIES as DRAFT_BODIES
from catalogue.web.api.session import SignIn
from catalogue.web.endpoint import Operation, Parameter, Success
from catalogue.web.problems import MEDIA_TYPE
from catalogue.web.schemas import ANSWERS, ref

TITLE = "跨区通办 Cross-region counter"
ACTING_FOR = Parameter(
    "X-Acting-For",
    "header",
    "User name of the colleague whom the caller stands in for today (AB岗); the act is recorded under both names",
    {"type": "string", "maxLength": acting.LONGEST},
)
MODELS: tuple[type[BaseModel], ...] = (
    ApplicationBody,
    RateBody,
    Unmask,
    SignIn,
    AnswerBody,
    Holdings,
    *DRAFT_BODIES,
    *dict.fromkeys(COMMAND_BODIES.values()),
)

_STATUS_WORDS = {
    400: "The request or its body cannot be read, or a required header is missing",
    401: "Not signed in",
    403: "The account or the token lacks the power, or the CSRF header is missing",
    404: "Not there, or not to be seen by this account",
    409: "The state or a rule forbids it, or the idempotency key came with another body",
    412: "The case has changed since it was read; the current state is attached",
    413: "Too large",
    415: "Another media type than documented",
    422: "Fields at fault are listed in errors",
    428: "If-Match is missing",
    429: "Too many attempts; Retry-After tells the seconds to wait",
    503: "Not available for the moment",
}


def openapi_document(app: Litestar) -> dict[str, Any]:
    """The document of an application: every route that is marked with an operation."""
    paths: dict[str, dict[str, Any]] = {}
    for path, method, access, operation in operations(app):
        if operation.per_command:
            for command, model in COMMAND_BODIES.items():
                one = _operation(
                    operation, access, _command_id(command), ref(model.__name__), f"{operation.summary}: {command}"
                )
                one["requestBody"]["required"] = bool(model.model_json_schema().get("required"))
                paths.setdefault(path.replace("{command}", command), {})[method] = one
        else:
            paths.setdefault(path, {})[method] = _operation(
                operation, access, operation.id, operation.body, operation.summary
            )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": "1",
            "description": "Accept anywhere, decide at home, collect anywhere. Errors are problem+json (RFC 9457).",
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted({**ANSWERS, **_models()}.items())),
            "responses": {f"Problem{status}": _problem(status) for status in _STATUS_WORDS},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "session"},
            },
        },
    }


def operations(app: Litestar) -> Iterator[tuple[str, str, Access, Operation]]:
    """(path, method, access, operation) of every documented route."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        # Litestar keeps the handlers of a path in no order of its own.
        for handler in sorted(route.route_handlers, key=lambda handler: sorted(map(str, handler.http_methods))):
            operation = handler.opt.get("operation")
            if isinstance(operation, Operation):
                path = route.path_format
                for method in handler.http_methods - {"OPTIONS"}:
                    yield path, str(method).lower(), handler.opt["access"], operation


def _command_id(command: str) -> str:
    return f"command-{command}"


def _models() -> dict[str, Any]:
    _, document = models_json_schema(
        [(model, "validation") for model in MODELS], ref_template="#/components/schemas/{model}"
    )
    definitions: dict[str, Any] = document["$defs"]
    return definitions


def _operation(
    operation: Operation, access: Access, operation_id: str, body: Mapping[str, Any] | None, summary: str
) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": operation_id, "summary": summary, "tags": [operation.tag]}
    if operation.description:
        described["description"] = operation.description
    parameters = [_parameter(parameter) for parameter in operation.parameters]
    if not access.public:
        parameters.append(_parameter(ACTING_FOR))
    if parameters:
        described["parameters"] = parameters
    if body is not None:
        described["requestBody"] = {
            "required": operation.body_required,
            "content": {operation.body_type: {"schema": body}},
        }
    responses: dict[str, Any] = {str(status): _success(answer) for status, answer in operation.success.items()}
    for status in operation.problems:
        responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    if not access.public:
        responses.setdefault("403", {"$ref": "#/components/responses/Problem403"})
    described["responses"] = dict(sorted(responses.items()))
    described["security"] = [] if access.public else [{"bearer": []}, {"session": []}]
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": parameter.schema,
    }
    if parameter.free:
        described["style"] = "form"
        described["explode"] = True
    return described


def _success(answer: Success) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.description}
    if answer.headers:
        described["headers"] = {name: {"schema": {"type": "string"}} for name in answer.headers}
    if answer.schema is not None:
        described["content"] = {answer.media_type: {"schema": ref(answer.schema)}}
    elif answer.media_type == "application/octet-stream":
        described["content"] = {kind: {"schema": {}} for kind in ("application/pdf", "image/jpeg", "image/png")}
    elif answer.media_type != "application/json":
        described["content"] = {answer.media_type: {"schema": {"type": "string"}}}
    return described


def _problem(status: int) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": _STATUS_WORDS[status],
        "content": {MEDIA_TYPE: {"schema": ref("Problem")}},
    }
    if status in (429, 503):
        described["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return described


def pretty(app: Litestar) -> bytes:
    """The document as it is committed in docs/openapi.json."""
    return msgspec.json.format(msgspec.json.encode(openapi_document(app)), indent=2) + b"\n"


@lru_cache(maxsize=2)
def document_bytes(app: Litestar) -> bytes:
    """The document as it is served."""
    return msgspec.json.encode(openapi_document(app))


class _Nothing:
    """Stands where a document needs routes and no database."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def main() -> None:
    """Write the document to standard output: ``python -m catalogue.web.openapi > docs/openapi.json``."""
    import sys

    from catalogue.web.application import create_web
    from catalogue.web.parts import Parts

    nothing: Any = _Nothing()
    sys.stdout.buffer.write(pretty(create_web(Parts(house=nothing, database=nothing))))


if __name__ == "__main__":
    main()

"""The OpenAPI document: committed, complete, and true under fuzzing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from litestar.routes import HTTPRoute
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from catalogue.service.bodies import COMMAND_BODIES
from catalogue.web.endpoint import Operation
from catalogue.web.openapi import openapi_document, pretty
from tests.web.conftest import ROOT, Located, Town

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def test_the_committed_document_is_the_one_that_is_served(town: Town) -> None:
    committed = (ROOT / "docs/openapi.json").read_bytes()
    assert committed == pretty(town.app), "write it anew: python -m catalogue.web.openapi > docs/openapi.json"
    assert town.anybody().get("/schema/openapi.json").json() == json.loads(committed)


def test_every_route_of_the_api_is_documented_once(town: Town) -> None:
    undocumented = set()
    for route in town.app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            if (
                "access" in handler.opt
                and not handler.opt["page"]
                and not isinstance(handler.opt["operation"], Operation)
            ):
                undocumented.add(route.path)
    assert undocumented == {"/static/{name:str}", "/desk/worker.js"}
    document = openapi_document(town.app)
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))
    assert {f"command-{command}" for command in COMMAND_BODIES} <= set(ids)


def test_bodies_keep_patterns_and_refuse_unknown_fields(town: Town) -> None:
    schemas = openapi_document(town.app)["components"]["schemas"]
    assert schemas["ApplicationBody"]["additionalProperties"] is False
    assert "pattern" in schemas["ApplicationBody"]["properties"]["matter"]


def test_acting_for_a_colleague_is_documented_wherever_an_account_is_needed(town: Town) -> None:
    for path in openapi_document(town.app)["paths"].values():
        for operation in path.values():
            named = [p for p in operation.get("parameters", ()) if p["name"] == "X-Acting-For"]
            assert bool(named) == bool(operation["security"]), operation["operationId"]


def test_errors_are_documented_as_problem_json(town: Town) -> None:
    for path in openapi_document(town.app)["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and operation["operationId"] != "ready":
                    assert answer == {"$ref": f"#/components/responses/Problem{status}"}
    for answer in openapi_document(town.app)["components"]["responses"].values():
        assert list(answer["content"]) == ["application/problem+json"]


def _operations() -> list[tuple[str, str]]:
    """(path, method) of everything that is fuzzed: all but the deletion of sessions."""
    document = json.loads((ROOT / "docs/openapi.json").read_bytes())
    return [(path, method) for path, item in document["paths"].items() for method in item if method != "delete"]


@pytest.fixture(scope="session")
def fuzzed(town: Town) -> Any:
    """The document as schemathesis reads it, with cases to hit."""
    document = openapi_document(town.app)
    clerk = town.machine("clerk")
    references = [clerk.receive().json()["reference"] for _ in range(3)]
    clerk.command(references[1], "forward")
    for path in document["paths"].values():
        for operation in path.values():
            # A made-up colleague is refused before anything else is looked at.
            operation["parameters"] = [p for p in operation.get("parameters", ()) if p["name"] != "X-Acting-For"]
            for parameter in operation["parameters"]:
                if parameter["name"] == "reference":
                    parameter["schema"] = {"anyOf": [{"enum": references}, parameter["schema"]]}
                if parameter["name"] == "If-Match":
                    parameter["schema"] = {"enum": ["*", '"stale"']}
    return schemathesis.openapi.from_dict(document)


# The client that schemathesis makes for each call leaves its streams to the garbage collector.
@pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("path", "method"), _operations())
def test_no_server_error_and_no_undocumented_answer(path: str, method: str, town: Town, fuzzed: Any) -> None:
    clerk = town.machine("clerk", "cases:write")
    headers = {"Authorization": f"Bearer {clerk.token}", "x-test-peer": "127.0.0.1"}
    app = Located(town.app)

    @settings(
        max_examples=10,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(case=fuzzed[path][method].as_strategy())
    def fuzz(case: Any) -> None:
        answer = case.call(app=app, headers=dict(headers))
        case.validate_response(answer, checks=CHECKS)

    fuzz()

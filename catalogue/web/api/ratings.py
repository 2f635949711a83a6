"""Rating 好差评 by the public, and its follow-up by those who answer for it."""

from __future__ import annotations

from typing import Any

from catalogue.service.notices import opt_out
from catalogue.service.ports import Work
from catalogue.service.rating import follow_up, rate, rating_json, ratings_seen
from catalogue.web.access import ACCOUNT, PUBLIC, visitor_of
from catalogue.web.answer import Answer, private_json
from catalogue.web.api.cases import CSRF, REFERENCE, reference_of
from catalogue.web.api.public import public_case
from catalogue.web.body import AnyRequest, read_json
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import Operation, Parameter, Success, api
from catalogue.web.headers import header, known_only, query

CODE = Parameter("X-Query-Code", "header", "查询码: 8 characters", {"type": "string", "maxLength": 40})
CODE_ASKED = Parameter("code", "query", "The same as parameter", {"type": "string", "maxLength": 40})


def number_of(text: str) -> int:
    """The number of a rating in an address; what is none matches nothing."""
    return int(text) if text in ("1", "2") else -1


@api(
    "POST",
    "/api/public/cases/{reference:str}/rating",
    PUBLIC,
    Operation(
        "rate-case",
        "Rate window and deciding office in five named levels: once, and one follow-up",
        "public",
        {201: Success("Rated", "The ratings as kept")},
        (400, 404, 409, 413, 415, 422, 429, 503),
        (REFERENCE, CODE_ASKED, CODE),
        {"$ref": "#/components/schemas/RateBody"},
        description="The query code comes as header, as parameter or as `code` of the body.",
    ),
)
async def post_rating(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    scope = request.scope
    parameters = query(scope)
    known_only(parameters, "code")
    value, _ = await read_json(request, edge.parts.max_json)
    told: Any = value
    code = header(scope, b"x-query-code") or parameters.get("code", "")
    if isinstance(value, dict) and isinstance(value.get("code"), str):
        told = {key: one for key, one in value.items() if key != "code"}
        code = code or value["code"]
    found = await public_case(edge, request.path_params["reference"], code, edge.addresses.client(scope))
    made = await edge.write(lambda work: rate(work, edge.house, found.case, told, "web"))
    return private_json(
        {"reference": found.case.reference, "ratings": [rating_json(edge.house, one) for one in made]}, 201
    )


@api(
    "GET",
    "/api/ratings",
    ACCOUNT,
    Operation(
        "list-ratings",
        "Ratings of the office (supervisors: of the region), open follow-ups first; never one's own",
        "ratings",
        {200: Success("Ratings", "Ratings with the codes of both national schemes")},
        (400, 401, 403, 503),
    ),
)
async def get_ratings(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    actor = visitor_of(request).actor

    def look(work: Work) -> list[dict[str, Any]]:
        return [rating_json(edge.house, one, confidential=True) for one in ratings_seen(work, edge.house, actor)]

    return private_json({"ratings": await edge.read(look)})


@api(
    "POST",
    "/api/ratings/{reference:str}/{target:str}/{nth:str}/follow-up",
    ACCOUNT,
    Operation(
        "follow-up-rating",
        "Say what was done about a bad rating",
        "ratings",
        {200: Success("Ratings", "The rating answered")},
        (400, 401, 403, 404, 413, 415, 422, 503),
        (
            REFERENCE,
            Parameter("target", "path", "window or office", {"type": "string"}, required=True),
            Parameter("nth", "path", "1 the rating, 2 the follow-up", {"type": "integer"}, required=True),
            CSRF,
        ),
        {"type": "object", "required": ["reply"], "properties": {"reply": {"type": "string"}}},
    ),
)
async def post_follow_up(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    actor = visitor_of(request).actor
    reference, target = reference_of(request), request.path_params["target"][:16]
    nth = number_of(request.path_params["nth"])
    value, _ = await read_json(request, edge.parts.max_json)
    reply = value.get("reply", "") if isinstance(value, dict) else ""

    def act(work: Work) -> list[dict[str, Any]]:
        follow_up(work, edge.house, actor, reference, target, nth, str(reply))
        there = [one for one in work.ratings.of_case(reference) if (one.target, one.nth) == (target, nth)]
        return [rating_json(edge.house, one, confidential=True) for one in there]

    return private_json({"ratings": await edge.write(act)})


@api(
    "POST",
    "/api/public/cases/{reference:str}/notices/opt-out",
    PUBLIC,
    Operation(
        "opt-out-of-notices",
        "Send no more notices to the telephone and the address of this case",
        "public",
        {200: Success("OptedOut", "How many contacts are written to no more")},
        (400, 404, 422, 429, 503),
        (REFERENCE, CODE_ASKED, CODE),
    ),
)
async def post_opt_out(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    scope = request.scope
    parameters = query(scope)
    known_only(parameters, "code")
    code = header(scope, b"x-query-code") or parameters.get("code", "")
    found = await public_case(edge, request.path_params["reference"], code, edge.addresses.client(scope))
    return private_json({"contacts": await edge.write(lambda work: opt_out(work, edge.house, found.case))})


ROUTES = (post_rating, get_ratings, post_follow_up, post_opt_out)

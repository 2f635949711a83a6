"""Cases: receive, list, read, command, unmask."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from catalogue.domain.numbers import parse_reference
from catalogue.domain.problems import IdempotencyKeyMalformed, IdempotencyKeyRequired, NotFound
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label
from catalogue.service.bodies import COMMAND_BODIES
from catalogue.service.handling import handle, read_case, unmask
from catalogue.service.intake import Reception
from catalogue.service.listing import count_queues, list_cases, query_of
from catalogue.service.ports import CaseQuery, IdempotencyKey
from catalogue.web.access import ACTS_ON_CASES, READS_CASES, RECEIVES, visitor_of
from catalogue.web.answer import JSON, NO_STORE, Answer, Header, private_json
from catalogue.web.body import AnyRequest, read_json
from catalogue.web.edge import Edge, edge_of
from catalogue.web.endpoint import Operation, Parameter, Success, api
from catalogue.web.find import named_matters
from catalogue.web.headers import header, known_only, query, whole_number

REFERENCE = Parameter("reference", "path", "流水号: 16 digits", {"type": "string", "maxLength": 40}, required=True)
IF_MATCH = Parameter(
    "If-Match",
    "header",
    "The ETag of the case as it was read; missing is 428, stale 412",
    {"type": "string"},
    required=True,
)
KEY_SCHEMA = {"type": "string", "pattern": "^[!-~]{1,200}$"}
_fits_key = re.compile(KEY_SCHEMA["pattern"]).fullmatch
KEY = Parameter("Idempotency-Key", "header", "Names this submission; the same again gives the same answer", KEY_SCHEMA)
CSRF = Parameter("X-CSRFToken", "header", "Cookie clients: the value of the cookie csrftoken", {"type": "string"})
FILTERS = ("queue", "state", "matter", "region", "q", "cursor", "limit")


class Told(msgspec.Struct):
    """What the headers repeat of a stored answer."""

    reference: str
    etag: str


_told = msgspec.json.Decoder(Told)


def reference_of(request: AnyRequest) -> str:
    """The reference of the path. What cannot be one is not found, as one that does not exist."""
    reference = parse_reference(request.path_params["reference"][:40])
    if reference is None:
        raise NotFound(Text("没有找到这个办件", "No such case"))
    return reference


def etag_header(tag: str) -> Header:
    return b"etag", tag.encode()


def key_of(request: AnyRequest, account: str, route: str, raw: bytes) -> IdempotencyKey | None:
    """The idempotency key with the digest of the body. Raises IdempotencyKeyMalformed."""
    key = header(request.scope, b"idempotency-key")
    if key is None:
        return None
    if not _fits_key(key):
        raise IdempotencyKeyMalformed
    return IdempotencyKey(account, route, key, hashlib.sha256(raw).hexdigest())


def stored_answer(status: int, body: bytes, located: bool = False) -> Answer:
    """A committed outcome as it was stored, with the headers that repeat it."""
    told = _told.decode(body)
    headers = [NO_STORE, etag_header(told.etag)]
    if located:
        headers.append((b"location", f"/api/cases/{told.reference}".encode()))
    return Answer(body, status, JSON, headers)


@api(
    "POST",
    "/api/cases",
    RECEIVES,
    Operation(
        "receive",
        "Receive an application; it ends in received, or in unroutable where no office answers",
        "cases",
        {201: Success("Received", "The case with its number, query code and routing", headers=("ETag", "Location"))},
        (400, 401, 403, 404, 409, 413, 415, 422, 503),
        (
            Parameter("Idempotency-Key", "header", KEY.description, KEY_SCHEMA, required=True),
            CSRF,
        ),
        {"$ref": "#/components/schemas/ApplicationBody"},
    ),
)
async def post_case(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    actor = visitor_of(request).actor
    value, raw = await read_json(request, edge.parts.max_json)
    key = key_of(request, actor.id, "POST /api/cases", raw)
    if key is None:
        raise IdempotencyKeyRequired
    outcome = await edge.write(Reception(edge.house, actor, value, key))
    return stored_answer(outcome.status, outcome.body, located=True)


def wanted(edge: Edge, parameters: Mapping[str, str], named: tuple[str, ...] = ()) -> CaseQuery:
    """The filters of a list; ``named``: the matters that ``q`` names. Raises InvalidInput."""
    return query_of(
        queue=parameters.get("queue") or None,
        state=parameters.get("state") or None,
        matter=parameters.get("matter") or None,
        region=parameters.get("region") or None,
        q=parameters.get("q"),
        cursor=parameters.get("cursor"),
        limit=whole_number(parameters, "limit"),
        house=edge.house,
        named=named,
    )


@api(
    "GET",
    "/api/cases",
    READS_CASES,
    Operation(
        "list-cases",
        "The cases this account may see, personal data masked",
        "cases",
        {200: Success("Cases", "A page of cases", headers=("Link",))},
        (400, 401, 403, 422, 503),
        (
            Parameter("queue", "query", "A queue of the vocabulary", {"type": "string"}),
            Parameter("state", "query", "A state of the vocabulary", {"type": "string"}),
            Parameter("matter", "query", "Id of a matter", {"type": "string"}),
            Parameter("region", "query", "Accepting or home region", {"type": "string"}),
            Parameter(
                "q",
                "query",
                "A reference, an enterprise or a matter by part of its name, a matter by its initials, or a person's "
                "name, a document, a unified code or a telephone exactly",
            ),
            Parameter("cursor", "query", "Where the next page begins, from the answer before"),
            Parameter("limit", "query", "Cases a page", {"type": "integer", "minimum": 1, "maximum": 200}),
        ),
    ),
)
async def get_cases(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    parameters = query(request.scope)
    known_only(parameters, *FILTERS)
    actor = visitor_of(request).actor
    q = parameters.get("q")
    asked = wanted(edge, parameters, await asyncio.to_thread(named_matters, edge.house, q) if q else ())
    lines, cursor = await edge.read(lambda work: list_cases(work, edge.house, actor, asked))
    headers: list[Header] = []
    if cursor is not None:
        following = urlencode({**parameters, "cursor": cursor})
        headers.append((b"link", f'</api/cases?{following}>; rel="next"'.encode("ascii")))
    return private_json({"cases": lines, "next_cursor": cursor}, headers=headers)


@api(
    "GET",
    "/api/queues",
    READS_CASES,
    Operation(
        "count-queues",
        "How many cases wait in each queue, counted up to 1000",
        "cases",
        {200: Success("Queues", "Queues with their counts")},
        (400, 401, 403, 503),
    ),
)
async def get_queues(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    actor = visitor_of(request).actor
    counts = await edge.read(lambda work: count_queues(work, edge.house, actor))
    return private_json(
        {
            "queues": [
                {"queue": queue, "label": label("queues", queue).as_json(), "count": count}
                for queue, count in counts.items()
            ]
        }
    )


@api(
    "GET",
    "/api/cases/{reference:str}",
    READS_CASES,
    Operation(
        "get-case",
        "One case with its history, personal data masked",
        "cases",
        {200: Success("Case", "The case", headers=("ETag",))},
        (400, 401, 403, 404, 503),
        (REFERENCE,),
    ),
)
async def get_case(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    reference = reference_of(request)
    actor = visitor_of(request).actor
    body, tag = await edge.read(lambda work: read_case(work, edge.house, actor, reference))
    return private_json(body, headers=(etag_header(tag),))


@api(
    "POST",
    "/api/cases/{reference:str}/unmask",
    READS_CASES,
    Operation(
        "unmask-case",
        "The case with personal data in clear; the reason goes to the access log",
        "cases",
        {200: Success("Case", "The case in clear", headers=("ETag",))},
        (400, 401, 403, 404, 413, 415, 422, 503),
        (REFERENCE, CSRF),
        {"$ref": "#/components/schemas/Unmask"},
    ),
)
async def post_unmask(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    reference = reference_of(request)
    actor = visitor_of(request).actor
    value, _ = await read_json(request, edge.parts.max_json)
    body, tag = await edge.write(lambda work: unmask(work, edge.house, actor, reference, value))
    return private_json(body, headers=(etag_header(tag),))


@api(
    "POST",
    "/api/cases/{reference:str}/{command:str}",
    ACTS_ON_CASES,
    Operation(
        "command",
        "Give a command on a case",
        "commands",
        {
            200: Success(
                "Commanded", "The case as it stands afterwards, with the events just recorded", headers=("ETag",)
            )
        },
        (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 503),
        (REFERENCE, IF_MATCH, KEY, CSRF),
        body_required=False,
        per_command=True,
    ),
)
async def post_command(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    command = request.path_params["command"]
    if command not in COMMAND_BODIES:
        raise NotFound(Text("没有这个操作", "There is no such command"))
    reference = reference_of(request)
    actor = visitor_of(request).actor
    value, raw = await read_json(request, edge.parts.max_json, optional=True)
    key = key_of(request, actor.id, f"POST /api/cases/{reference}/{command}", raw)
    return await give(edge, actor, reference, command, value, header(request.scope, b"if-match"), key)


async def give(
    edge: Edge, actor: Any, reference: str, command: str, value: Any, if_match: str | None, key: IdempotencyKey | None
) -> Answer:
    """Give a command in one unit of work and answer what was committed."""
    outcome = await edge.write(
        lambda work: handle(work, edge.house, actor, reference, command, value, if_match=if_match, key=key)
    )
    return stored_answer(outcome.status, outcome.body)


ROUTES = (post_case, get_cases, get_queues, get_case, post_unmask, post_command)

"""What a city's own system calls: its answers, the papers it was sent links to."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from catalogue.domain.days import local_time
from catalogue.domain.people import Sight
from catalogue.domain.problems import NotAllowed, NotFound
from catalogue.domain.text import Text
from catalogue.service.answers import take_answer
from catalogue.service.ports import StoredFile, Work
from catalogue.service.reconciling import compare, difference_json
from catalogue.web.access import ANSWERS, PUBLIC, visitor_of
from catalogue.web.answer import JSON, NO_STORE, Answer, private_json
from catalogue.web.api.cases import REFERENCE, reference_of
from catalogue.web.body import AnyRequest, read_json
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import Operation, Parameter, Success, api
from catalogue.web.headers import query

REGION = Parameter("region", "path", "Id of the region", {"type": "string", "maxLength": 64}, required=True)


def machine_of(request: AnyRequest) -> str:
    """The region of the path, where a token calls. Raises NotAllowed for a person with a session."""
    if visitor_of(request).token is None:
        raise NotAllowed(Text("仅供地区系统以令牌调用", "For a region's own system, by its token"))
    return str(request.path_params["region"])[:64]


@api(
    "POST",
    "/api/regions/{region:str}/answers",
    ANSWERS,
    Operation(
        "answer",
        "A city's own system tells what it did; idempotent by the id of the answer",
        "regions",
        {
            200: Success("Answered", "Done; the same again for the same id"),
            202: Success("Answered", "Kept until an earlier answer on this case has come"),
        },
        (400, 401, 403, 404, 409, 413, 415, 422, 503),
        (REGION,),
        {"$ref": "#/components/schemas/AnswerBody"},
        description="The plain body, or a CloudEvent in JSON whose `subject` is the reference. A refusal is kept with "
        "the answer for inspection, and given again for the same id.",
    ),
)
async def post_answer(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    region = machine_of(request)
    account = visitor_of(request).account
    value, _ = await read_json(request, edge.parts.max_json)
    outcome = await asyncio.to_thread(take_answer, edge.database, edge.house, account, region, value)
    return Answer(outcome.body, outcome.status, JSON, (NO_STORE,))


@api(
    "GET",
    "/api/regions/{region:str}/papers/{reference:str}/{file:str}",
    PUBLIC,
    Operation(
        "fetch-paper",
        "One paper of a case, by a link that a message brought; the link is the credential and runs out",
        "regions",
        {200: Success(None, "The paper", "application/octet-stream", headers=("Content-Disposition",))},
        (400, 404, 503),
        (
            REGION,
            REFERENCE,
            Parameter("file", "path", "Id of the file", {"type": "string"}, required=True),
            Parameter("until", "query", "Until when the link holds", {"type": "string", "maxLength": 20}),
            Parameter("key", "query", "Its signature", {"type": "string", "maxLength": 64}),
        ),
    ),
)
async def get_paper(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    reference, file_id = reference_of(request), request.path_params["file"][:64]
    region = str(request.path_params["region"])[:64]
    given = query(request.scope)
    now = edge.house.clock.now()
    if not edge.house.paper_links.holds(
        region, reference, file_id, given.get("until", ""), given.get("key", "")[:64], now
    ):
        raise NotFound(Text("链接无效或已过期", "The link is not valid or has run out"))

    def fetch(work: Work) -> tuple[StoredFile, bytes]:
        case = work.cases.load(reference, Sight("region", region=region))
        found = work.files.content(reference, file_id)
        if case is None or case.home_region != region or found is None:
            raise NotFound(Text("没有这份材料", "No such paper"))
        reader = work.accounts.find(f"system-{region}")
        if reader is not None:
            # What its own system has fetched the region has seen; a grant waits for that.
            work.files.opened(reference, file_id, reader.account.id, now)
        return found

    stored, content = await edge.write(fetch)
    disposition = f"attachment; filename*=UTF-8''{quote(stored.name, safe='')}".encode("ascii")
    return Answer(content, 200, stored.media_type.encode("ascii"), (NO_STORE, (b"content-disposition", disposition)))


@api(
    "POST",
    "/api/regions/{region:str}/holdings",
    ANSWERS,
    Operation(
        "compare",
        "A city's own system tells everything it holds, and is told where the two sides differ",
        "regions",
        {200: Success("Compared", "The differences, which are listed here too until somebody mends them")},
        (400, 401, 403, 404, 413, 415, 422, 503),
        (REGION,),
        {"$ref": "#/components/schemas/Holdings"},
    ),
)
async def post_holdings(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    region = machine_of(request)
    account = visitor_of(request).account
    value, _ = await read_json(request, edge.parts.max_body)
    found = await edge.write(lambda work: compare(work, edge.house, account, region, value))
    return private_json(
        {
            "compared_at": local_time(found.at),
            "cases": found.cases,
            "differences": [difference_json(one) for one in found.differences],
        }
    )


ROUTES = (post_answer, get_paper, post_holdings)

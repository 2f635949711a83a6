"""What applicants and anybody may ask without an account: the status of a case, a certificate."""

from __future__ import annotations

from catalogue.service.links import find_by_link
from catalogue.service.ports import PublicCase
from catalogue.service.tracking import check_throttle, find_public, public_json, record_failure, wrong
from catalogue.service.verification import verification
from catalogue.web.access import PUBLIC
from catalogue.web.answer import Answer, json_answer, private_json
from catalogue.web.body import AnyRequest
from catalogue.web.edge import Edge, edge_of
from catalogue.web.endpoint import Operation, Parameter, Success, api
from catalogue.web.headers import header, known_only, query

LONGEST = 64


async def public_case(edge: Edge, reference: str, code: str, client: str) -> PublicCase:
    """The case behind a number and its code. Raises NotFound, the same for either being wrong, and TooManyRequests."""
    reference, code = reference[:LONGEST], code[:LONGEST]
    check_throttle(edge.house, reference, client)
    found = await edge.read(lambda work: find_public(work, reference, code))
    if found is None:
        await edge.write(lambda work: record_failure(work, edge.house, reference, client))
        raise wrong()
    return found


async def linked_case(edge: Edge, token: str, client: str) -> PublicCase | None:
    """The case behind the token of a QR link, None where it opens nothing. Raises TooManyRequests."""
    token = token[:LONGEST]
    check_throttle(edge.house, "", client)
    found = await edge.read(lambda work: find_by_link(work, token))
    if found is None:
        await edge.write(lambda work: record_failure(work, edge.house, "", client))
    return found


@api(
    "GET",
    "/api/public/cases/{reference:str}",
    PUBLIC,
    Operation(
        "track",
        "Public status by number and query code, which may come as parameter or as header",
        "public",
        {200: Success("PublicStatus", "State, timeline, holder, expected day, next step")},
        (400, 404, 422, 429, 503),
        (
            Parameter("reference", "path", "流水号: 16 digits", {"type": "string", "maxLength": 40}, required=True),
            Parameter("code", "query", "查询码: 8 characters", {"type": "string", "maxLength": 40}),
            Parameter("X-Query-Code", "header", "The same, kept out of addresses", {"type": "string", "maxLength": 40}),
        ),
    ),
)
async def get_public_case(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    scope = request.scope
    parameters = query(scope)
    known_only(parameters, "code")
    code = header(scope, b"x-query-code") or parameters.get("code", "")
    found = await public_case(edge, request.path_params["reference"], code, edge.addresses.client(scope))
    return private_json(public_json(edge.house, found))


@api(
    "GET",
    "/api/certificates/{certificate:str}/verification",
    PUBLIC,
    Operation(
        "verify-certificate",
        "Whether a certificate is valid, without personal data; and whether its signed facts are",
        "public",
        {200: Success("Verification", "Status, authority, kind, day of issue, signed facts or what they are worth")},
        (400, 404, 422, 503),
        (
            Parameter(
                "certificate", "path", "Our own certificate id", {"type": "string", "maxLength": 40}, required=True
            ),
            Parameter(
                "token",
                "query",
                "Signed facts as scanned: judged in the answer's token as valid, altered or unknown_key",
                {"type": "string", "maxLength": 8192},
            ),
        ),
    ),
)
async def get_verification(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    certificate = request.path_params["certificate"][:LONGEST]
    parameters = query(request.scope)
    known_only(parameters, "token")
    token = parameters.get("token")
    return json_answer(
        await edge.read(lambda work: verification(work, edge.house, certificate, token)),
        headers=((b"cache-control", b"no-cache"),),
    )


@api(
    "GET",
    "/.well-known/jwks.json",
    PUBLIC,
    Operation(
        "signing-keys",
        "The public keys (JWK set) with which any JOSE library verifies a certificate's signed facts offline",
        "public",
        {200: Success("SigningKeys", "Ed25519 keys, the current one first")},
        (503,),
    ),
)
async def get_signing_keys(request: AnyRequest) -> Answer:
    signer = edge_of(request).house.signer
    return json_answer(signer.public(), headers=((b"cache-control", b"public, max-age=300"),))


ROUTES = (get_public_case, get_verification, get_signing_keys)

"""Verifying a certificate."""

from __future__ import annotations

from typing import Any

from catalogue.domain.numbers import parse_certificate_id
from catalogue.domain.problems import NotFound, Problem
from catalogue.domain.text import Text
from catalogue.service.verification import verification
from catalogue.web.access import PUBLIC
from catalogue.web.answer import Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import query
from catalogue.web.pages.render import caller, page_answer

STATUSES: dict[str, tuple[Text, Text]] = {
    "valid": (Text("有效", "Valid"), Text("这份证照现在有效。", "This certificate is in force.")),
    "suspended": (
        Text("暂扣", "Suspended"),
        Text("证照已被暂扣，暂扣期间不得据以经营。", "Suspended: nothing may be done under it until that ends."),
    ),
    "revoked": (
        Text("已撤销", "Revoked"),
        Text("准予这份证照的决定已被撤销，证照无效。", "The decision behind it was annulled; it is not valid."),
    ),
    "cancelled": (
        Text("已注销", "Cancelled"),
        Text("证照已办理注销，不再有效。", "It was cancelled and is no longer valid."),
    ),
    "expired": (Text("已过期", "Expired"), Text("证照的有效期已过。", "Its term has run out.")),
    "superseded": (
        Text("已被新证照替代", "Superseded"),
        Text("已换发新证照，请以新证照为准。", "A newer certificate has taken its place; go by that one."),
    ),
}
"""Status of a certificate: its name, and what it means."""


CAUSES: dict[str, tuple[Text, Text]] = {
    "withdrawn": (
        Text("许可已撤回", "Withdrawn"),
        Text(
            "行政机关已依法撤回许可，证照不再有效。", "The authority has withdrawn the permit; it is no longer valid."
        ),
    ),
    "revocation": (
        Text("已被吊销", "Revoked by penalty"),
        Text("证照已被依法吊销，不再有效。", "It was revoked as a penalty and is no longer valid."),
    ),
}
"""Where the status alone would not say which act ended it."""

FORGED: dict[str, tuple[Text, Text]] = {
    "altered": (
        Text("二维码不是这份证照的", "This QR code does not belong here"),
        Text(
            "二维码的签名数据被改动过，或者是从别的证照上复制来的。不要相信手中的证照，请向发证机关询问。",
            "It was altered, or copied from another certificate. Do not trust the paper; ask the authority.",
        ),
    ),
    "unknown_key": (
        Text("二维码的签名不是本系统的", "Not signed by this system"),
        Text(
            "签名所用的密钥不是本系统公布的。不要相信手中的证照，请向发证机关询问。",
            "Its key is none of those published here. Do not trust the paper; ask the authority.",
        ),
    ),
}
"""What is wrong with the signed facts of a scanned QR code."""


@page("GET", "/verify", PUBLIC)
async def verify_form(request: AnyRequest) -> Answer:
    """The form; an id leads to its own page."""
    await caller(request)
    given = query(request.scope)
    asked = given.get("id", "")[:40]
    number = parse_certificate_id(asked) if asked else None
    if number is not None:
        return see_other(f"/verify/{number}")
    words = Text("证照编号不正确", "That is no certificate id") if asked else Text("请填写证照编号", "Type the number")
    problem = NotFound(words) if "id" in given else None
    return _page(request, asked, None, problem)


@page("GET", "/verify/{certificate:str}", PUBLIC)
async def verify_page(request: AnyRequest) -> Answer:
    """Whether a certificate is valid."""
    await caller(request)
    edge = edge_of(request)
    asked = request.path_params["certificate"][:40]
    try:
        token = query(request.scope).get("token")
        found = await edge.read(lambda work: verification(work, edge.house, asked, token))
    except NotFound as problem:
        return _page(request, asked, None, problem)
    return _page(request, asked, found, None, token)


def _page(
    request: AnyRequest, asked: str, found: dict[str, Any] | None, problem: Problem | None, token: str | None = None
) -> Answer:
    status, meaning = Text("", ""), Text("", "")
    verdict = None if found is None or token is None else found["token"]
    if found is not None and verdict in FORGED:
        status, meaning = FORGED[verdict]
    elif found is not None and found["cause"] in CAUSES:
        status, meaning = CAUSES[found["cause"]]
    elif found is not None:
        named = Text(found["status"], found["status"])
        status, meaning = STATUSES.get(
            found["status"], (named, Text("请向发证机关询问。", "Ask the authority that issued it."))
        )
    return page_answer(
        request,
        "verify.html",
        200 if problem is None else problem.status,
        asked=asked,
        found=found,
        problem=problem,
        status=status,
        meaning=meaning,
        verdict=verdict,
        good=found is not None and found["status"] == "valid" and verdict in (None, "valid"),
    )


ROUTES = (verify_form, verify_page)

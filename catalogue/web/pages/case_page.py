"""The page of one case: read it, see it in clear, open a scan, give a command and go on to the next in the queue."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from catalogue.domain.days import local_time
from catalogue.domain.numbers import parse_reference
from catalogue.domain.problems import InvalidInput, NotFound, Problem, StaleRead
from catalogue.domain.text import Text
from catalogue.service import external, refused
from catalogue.service.bodies import COMMAND_BODIES
from catalogue.service.covers import covers_of
from catalogue.service.desk import DeskCase, Neighbours, desk_case, neighbours
from catalogue.service.handling import handle
from catalogue.service.ports import IdempotencyKey, Work
from catalogue.web.access import ACCOUNT, form_of, upload_of, visitor_of
from catalogue.web.answer import NO_STORE, Answer, encode, see_other
from catalogue.web.api.files import checked_upload, opened_paper
from catalogue.web.body import AnyRequest, Upload, media_type
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import query
from catalogue.web.pages import commands
from catalogue.web.pages.answer_words import answer_done
from catalogue.web.pages.case_view import Tried, around, shown
from catalogue.web.pages.desk import check_acting, done_on, kept, list_query, told
from catalogue.web.pages.render import language_of, page_answer, switch_address

STAYS = frozenset(
    {
        "claim",
        "check-pledge",
        "release",
        "note",
        "correct-entry",
        "supply-deferred",
        "message",
        "send-papers",
        "receive-papers",
        "record-external",
        "request-file",
    }
)
"""Commands after which one goes on with the same case."""

SCAN_POLICY = b"default-src 'none'; style-src 'unsafe-inline'"


class After(msgspec.Struct):
    """What the page needs of a committed answer."""

    reference: str
    queue: str | None


_after = msgspec.json.Decoder(After)


def reference_of(request: AnyRequest) -> str:
    """The reference of the path. What cannot be one is not found."""
    reference = parse_reference(request.path_params["reference"][:40])
    if reference is None:
        raise NotFound(Text("没有找到这个办件", "No such case"))
    return reference


@page("GET", "/desk/cases/{reference:str}", ACCOUNT)
async def case_page(request: AnyRequest) -> Answer:
    """One case, personal data masked; ``scan`` opens one of its scans beside the papers."""
    parameters = query(request.scope)
    reference = reference_of(request)
    scan = parameters.get("scan", "")[:64] or None
    if scan is not None:
        # Shown on the page is opened: noted here, since the picture itself may come from the browser's memory.
        edge, actor = edge_of(request), visitor_of(request).actor
        await opened_paper(edge, actor, reference, scan)
    return await _case(request, reference, kept(parameters), parameters, scan=scan)


async def _case(
    request: AnyRequest,
    reference: str,
    asked: Mapping[str, str],
    parameters: Mapping[str, str],
    *,
    tried: Tried | None = None,
    reason: str | None = None,
    scan: str | None = None,
) -> Answer:
    edge = edge_of(request)
    visitor = visitor_of(request)
    actor = visitor.actor

    def look(work: Work) -> tuple[DeskCase, Neighbours | None, tuple[Any, ...]]:
        found = desk_case(work, edge.house, actor, reference, reason)
        near = None
        if asked:
            near = neighbours(work, actor, list_query(edge, actor, asked), reference)
        return found, near, covers_of(work, edge.house, visitor.account)

    found, near, covered = await (edge.read(look) if reason is None else edge.write(look))
    return page_answer(
        request,
        "case.html",
        200 if tried is None else tried.problem.status,
        key=secrets.token_urlsafe(16),
        asked=asked,
        context=urlencode(dict(asked)),
        message=told(parameters),
        done_on=done_on(parameters),
        acting=next((account.username for account in covered if account.id == actor.acting_for), None),
        **shown(edge.house, actor, found, near, language_of(request), tried, scan),
        **switch_address(request, f"/desk/cases/{reference}", urlencode(dict(asked))),
    )


@page("GET", "/desk/cases/{reference:str}/print", ACCOUNT)
async def print_page(request: AnyRequest) -> Answer:
    """The case on paper, masked: particulars, papers, limits and history."""
    edge = edge_of(request)
    reference = reference_of(request)
    actor = visitor_of(request).actor
    found = await edge.read(lambda work: desk_case(work, edge.house, actor, reference))
    return page_answer(
        request, "case_print.html", **shown(edge.house, actor, found, None, language_of(request), None, None)
    )


@page("GET", "/desk/cases/{reference:str}/scans/{file:str}", ACCOUNT)
async def scan_page(request: AnyRequest) -> Answer:
    """A scan as it is, to be looked at in the browser, a PDF also within the page of its case. Opening it is noted."""
    edge, actor = edge_of(request), visitor_of(request).actor
    stored, content = await opened_paper(edge, actor, reference_of(request), request.path_params["file"][:64])
    headers = (
        NO_STORE,
        (b"content-disposition", f"inline; filename*=UTF-8''{quote(stored.name, safe='')}".encode("ascii")),
    )
    request.scope["shown_within"] = SCAN_POLICY  # type: ignore[typeddict-unknown-key]
    return Answer(content, 200, stored.media_type.encode("ascii"), headers)


@page("POST", "/desk/cases/{reference:str}/unmask", ACCOUNT)
async def unmask_form(request: AnyRequest) -> Answer:
    """The case in clear, its reason logged. The page is not kept anywhere."""
    reference = reference_of(request)
    form = await form_of(request)
    asked = _context(form)
    try:
        return await _case(request, reference, asked, {}, reason=commands.text_of(form, "reason"))
    except NotFound:
        raise
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await _case(request, reference, asked, {}, tried=Tried("unmask", form, problem))


@page("POST", "/desk/cases/{reference:str}/answers/{act:str}", ACCOUNT)
async def answer_form(request: AnyRequest) -> Answer:
    """Have an answer of the city's own system judged again, ask for it again, or put it away."""
    edge, actor = edge_of(request), visitor_of(request).actor
    reference, act = reference_of(request), request.path_params["act"]
    if act not in refused.ACTS:
        raise NotFound(Text("没有这个操作", "There is no such command"))
    form = await form_of(request)
    asked = _context(form)
    name = commands.text_of(form, "id")[:200]
    try:
        check_acting(actor, form)
        state = await asyncio.to_thread(
            refused.settle_answer, edge.database, edge.house, actor, actor.region, name, act
        )
    except NotFound:
        raise
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await _case(request, reference, asked, {}, tried=Tried(f"answer-{act}", {}, problem))
    said = {"done": f"answer-{answer_done(act, state)}", "case": reference}
    return see_other(f"/desk/cases/{reference}?{urlencode({**asked, **said})}")


@page("POST", "/desk/cases/{reference:str}/{command:str}", ACCOUNT)
async def command_form(request: AnyRequest) -> Answer:
    """Give a command, then go on to the next case of the queue; or show what was wrong and keep what was typed."""
    edge = edge_of(request)
    reference = reference_of(request)
    command = request.path_params["command"]
    if command not in COMMAND_BODIES:
        raise NotFound(Text("没有这个操作", "There is no such command"))
    actor = visitor_of(request).actor
    form, brought = await _filled_in(request, command)
    asked = _context(form)
    tag = commands.text_of(form, "etag") or None

    def act(work: Work) -> bytes:
        check_acting(actor, form)
        found = desk_case(work, edge.house, actor, reference)
        registry = edge.house.revision(found.case.revision).registry
        fields = commands.form_of(command, around(found, registry.matters[found.case.matter], registry, actor))
        body = commands.body_of(fields, form, local_time(edge.house.clock.now()))
        route, typed = f"POST /desk/cases/{reference}/{command}", commands.text_of(form, "key")
        if brought is not None:
            key = _key(actor.id, route, typed, {**body, "upload": hashlib.sha256(brought.content).hexdigest()})
            attached = external.with_its_file(
                work,
                edge.house,
                actor,
                reference,
                command,
                commands.BRINGS_FILE[command],
                body,
                brought.name,
                brought.content,
                if_match=tag,
                key=key,
            )
            return attached.body
        key = _key(actor.id, route, typed, body)
        return handle(work, edge.house, actor, reference, command, body, if_match=tag, key=key).body

    try:
        if brought is not None:
            await checked_upload(edge, brought.content)
        after = _after.decode(await edge.write(act))
    except NotFound:
        raise
    except Problem as problem:
        if problem.status >= 500:
            raise
        since = _seq(tag) if isinstance(problem, StaleRead) else None
        tried = Tried(command, form, problem, since)
        return await _case(request, reference, asked, {}, tried=tried)
    return see_other(_onward(reference, command, after, asked, commands.text_of(form, "next")))


async def _filled_in(request: AnyRequest, command: str) -> tuple[dict[str, list[str]], Upload | None]:
    """The fields of a command's form, and the file it brings where it brings one."""
    if command not in commands.BRINGS_FILE or media_type(request)[0] != "multipart/form-data":
        return await form_of(request), None
    upload = await upload_of(request)
    return upload.every, upload if upload.content else None


def _onward(reference: str, command: str, after: After, asked: Mapping[str, str], following: str) -> str:
    """The next case of the queue where this one has left it, the queue where it was the last, else this one."""
    said = {"done": command, "case": reference}
    left = command not in STAYS and after.queue != asked.get("queue")
    if not asked or not left:
        return f"/desk/cases/{reference}?{urlencode({**asked, **said})}"
    onward = parse_reference(following[:40])
    if onward is None or onward == reference:
        return f"/desk?{urlencode({**asked, **said})}"
    return f"/desk/cases/{onward}?{urlencode({**asked, **said})}"


def _context(form: Mapping[str, list[str]]) -> dict[str, str]:
    return kept(dict(parse_qsl((form.get("context") or [""])[0])))


def _seq(tag: str | None) -> int:
    _, _, seq = (tag or "").strip('"').partition("-")
    return int(seq) if seq.isdigit() else 0


def _key(account: str, route: str, key: str, body: dict[str, Any]) -> IdempotencyKey | None:
    """The key hidden in the form, so that a form sent twice acts once."""
    if not key or len(key) > 200 or not all("!" <= character <= "~" for character in key):
        return None
    try:
        return IdempotencyKey(account, route, key, hashlib.sha256(encode(body)).hexdigest())
    except UnicodeEncodeError:
        raise InvalidInput from None


ROUTES = (case_page, print_page, scan_page, unmask_form, answer_form, command_form)

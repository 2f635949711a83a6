"""The desk 工作台, plain: queues, lists, one case with its history and a form for every command it allows."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any
from urllib.parse import urlencode

from catalogue.domain.numbers import parse_reference
from catalogue.domain.problems import NotFound, Problem
from catalogue.domain.registry.model import Registry
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label
from catalogue.service.bodies import COMMAND_BODIES
from catalogue.service.handling import handle, read_case, unmask
from catalogue.service.listing import count_queues, list_cases
from catalogue.service.ports import IdempotencyKey
from catalogue.web.access import ACCOUNT, form_of, visitor_of
from catalogue.web.answer import Answer, encode, see_other
from catalogue.web.api.cases import FILTERS, wanted
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import query
from catalogue.web.pages.commands import COMMANDS, body_of, controls
from catalogue.web.pages.line import journey, line_svg, told
from catalogue.web.pages.render import language_of, page_answer
from catalogue.web.pages.status import division_name


@page("GET", "/desk", ACCOUNT)
async def desk(request: AnyRequest) -> Answer:
    """Queues with their counts, and the cases of one of them or of a search."""
    edge = edge_of(request)
    actor = visitor_of(request).actor
    parameters = {key: value for key, value in query(request.scope).items() if key in FILTERS and value}
    asked = wanted(edge, parameters)

    def look(work: Any) -> tuple[dict[str, int], list[dict[str, Any]], str | None]:
        lines, cursor = list_cases(work, edge.house, actor, asked)
        return count_queues(work, edge.house, actor), lines, cursor

    counts, lines, cursor = await edge.read(look)
    following = None if cursor is None else f"/desk?{urlencode({**parameters, 'cursor': cursor})}"
    return page_answer(request, "desk.html", counts=counts, lines=lines, asked=parameters, following=following)


def _reference(request: AnyRequest) -> str:
    reference = parse_reference(request.path_params["reference"][:40])
    if reference is None:
        raise NotFound(Text("没有找到这个办件", "No such case"))
    return reference


@page("GET", "/desk/cases/{reference:str}", ACCOUNT)
async def case_page(request: AnyRequest) -> Answer:
    """One case, personal data masked."""
    return await _case(request, _reference(request), None, "")


async def _case(request: AnyRequest, reference: str, problem: Problem | None, tried: str) -> Answer:
    edge = edge_of(request)
    actor = visitor_of(request).actor
    body, tag = await edge.read(lambda work: read_case(work, edge.house, actor, reference))
    return _shown(request, body, tag, problem, tried)


def _shown(
    request: AnyRequest, body: dict[str, Any], tag: str, problem: Problem | None = None, tried: str = ""
) -> Answer:
    registry = edge_of(request).house.revision(body["revision"]).registry
    tongue = language_of(request)
    trip = journey(
        body["state"],
        body["accepting"]["region"],
        body["home"]["region"],
        stopped=body["limits"]["stopped"],
        accepting_place=division_name(registry, {"id": body["accepting"]["office"]}),
        home_place=division_name(registry, {"id": body["home"]["office"]}) if body["home"]["office"] else None,
    )
    matter = registry.matters[body["matter"]["id"]]
    return page_answer(
        request,
        "case.html",
        200 if problem is None else problem.status,
        case=body,
        etag=tag,
        problem=problem,
        tried=tried,
        picture=line_svg(registry, trip, tongue, "case"),
        told=told(registry, trip, tongue),
        offices=_offices(registry),
        facts=facts(body.get("dossier", {}), {field.key: field.label for field in matter.form}),
        papers={paper.id: paper.name for paper in matter.materials},
        acts=[(command, COMMANDS[command], controls(command)) for command in body["allowed"]],
        key=secrets.token_urlsafe(16),
    )


def _offices(registry: Registry) -> dict[str, Text]:
    return {office.id: office.name for office in registry.offices.values()}


NAMES: dict[str, Text] = {
    "applicant": Text("申请人", "Applicant"),
    "agent": Text("代理人", "Agent"),
    "people": Text("相关人员", "People"),
    "form": Text("申请内容", "Application"),
    "identity_check": Text("身份核验", "Identity check"),
    "delivery": Text("送达方式", "Delivery"),
    "surrendered": Text("交回证照", "Licences handed in"),
    "ticket_no": Text("排队号", "Ticket"),
    "name": Text("姓名（名称）", "Name"),
    "kind": Text("类型", "Kind"),
    "document_type": Text("证件类型", "Document"),
    "document_number": Text("证件号码", "Document number"),
    "phone": Text("电话", "Telephone"),
    "unified_code": Text("统一社会信用代码", "Unified social credit code"),
    "method": Text("方式", "Method"),
    "window": Text("窗口", "Window"),
    "at": Text("时间", "At"),
    "role": Text("身份", "Role"),
    "share": Text("出资比例", "Share"),
}


CODED = {
    "document_type": "document_types",
    "kind": "applicant_kinds",
    "method": "delivery_methods",
    "role": "person_roles",
}
"""Keys of the dossier whose values are codes -> the section of the vocabulary with their labels."""

Row = tuple[Text, Text]


def facts(dossier: dict[str, Any], labels: dict[str, Text]) -> list[tuple[Text, list[Row]]]:
    """The dossier as sections of label and value, lists numbered."""
    sections = []
    for key, value in dossier.items():
        rows: list[Row] = []
        _rows(value, rows, labels if key == "form" else {}, "")
        sections.append((NAMES.get(key) or Text(key, key), rows))
    return sections


def _said(key: str, value: Any) -> Text:
    if value is None:
        return Text("", "")
    text = str(value)
    if key in CODED:
        return label(CODED[key], text)
    return Text(text, text)


def _rows(value: Any, rows: list[Row], labels: dict[str, Text], prefix: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            name = labels.get(key) or NAMES.get(key) or Text(key, key)
            if isinstance(inner, dict | list | tuple):
                _rows(inner, rows, labels, f"{prefix}{name.zh} ")
            else:
                rows.append((Text(f"{prefix}{name.zh}", f"{prefix}{name.en}"), _said(key, inner)))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value, 1):
            _rows(inner, rows, labels, f"{prefix}{index} ")
    else:
        rows.append((Text(prefix.strip() or "—", prefix.strip() or "—"), _said("", value)))


@page("POST", "/desk/cases/{reference:str}/unmask", ACCOUNT)
async def unmask_form(request: AnyRequest) -> Answer:
    """The case in clear, its reason logged. The page is not kept anywhere."""
    edge = edge_of(request)
    reference = _reference(request)
    actor = visitor_of(request).actor
    form = await form_of(request)
    reason = (form.get("reason") or [""])[0]
    try:
        body, tag = await edge.write(lambda work: unmask(work, edge.house, actor, reference, {"reason": reason}))
    except NotFound:
        raise
    except Problem as problem:
        return await _refused(request, reference, problem, "unmask")
    return _shown(request, body, tag)


@page("POST", "/desk/cases/{reference:str}/{command:str}", ACCOUNT)
async def command_form(request: AnyRequest) -> Answer:
    """Give a command and show the case again, or what was wrong."""
    edge = edge_of(request)
    reference = _reference(request)
    command = request.path_params["command"]
    if command not in COMMAND_BODIES:
        raise NotFound(Text("没有这个操作", "There is no such command"))
    actor = visitor_of(request).actor
    form = await form_of(request)
    body = body_of(command, form)
    tag = (form.get("etag") or [""])[0] or None
    key = _key(actor.id, f"POST /desk/cases/{reference}/{command}", (form.get("key") or [""])[0], body)
    try:
        await edge.write(lambda work: handle(work, edge.house, actor, reference, command, body, if_match=tag, key=key))
    except NotFound:
        raise
    except Problem as problem:
        return await _refused(request, reference, problem, command)
    return see_other(f"/desk/cases/{reference}")


async def _refused(request: AnyRequest, reference: str, problem: Problem, command: str) -> Answer:
    if problem.status >= 500:
        raise problem
    return await _case(request, reference, problem, command)


def _key(account: str, route: str, key: str, body: dict[str, Any]) -> IdempotencyKey | None:
    """The key hidden in the form, so that a form sent twice acts once."""
    if not key or len(key) > 200 or not all("!" <= character <= "~" for character in key):
        return None
    return IdempotencyKey(account, route, key, hashlib.sha256(encode(body)).hexdigest())


ROUTES = (desk, case_page, unmask_form, command_form)

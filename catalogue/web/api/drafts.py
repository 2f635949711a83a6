"""Drafts of the registry for machines: the same use cases as the pages and the command line."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from catalogue.domain.days import local_time
from catalogue.domain.people import Role
from catalogue.domain.problems import Fault
from catalogue.domain.registry.findings import Finding
from catalogue.service import impact
from catalogue.service.bodies.basics import Body, Moment, read
from catalogue.service.drafting import Opened, discard, opened, rebase, reinstate, upload
from catalogue.service.ports import Draft, Work
from catalogue.service.publish_draft import make_ready, publish_draft
from catalogue.service.withdraw import withdraw
from catalogue.web.access import Access, visitor_of
from catalogue.web.admin.revisions import number_of_path
from catalogue.web.admin.shell import ADMINISTRATORS, KEEPERS
from catalogue.web.answer import Answer, private_json
from catalogue.web.api.cases import CSRF
from catalogue.web.body import AnyRequest, read_json
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import Operation, Parameter, Success, api

REGISTRY = "registry"
"""Scope of a token that works on the registry."""
READS = Access(roles=ADMINISTRATORS, scope=REGISTRY)
EDITS = Access(roles=frozenset({Role.REGISTRY_EDITOR}), scope=REGISTRY)
KEEPS = Access(roles=KEEPERS, scope=REGISTRY)
PUBLISHES = Access(roles=frozenset({Role.REGISTRY_PUBLISHER}), scope=REGISTRY)
LARGEST = 20 * 1024 * 1024

DRAFT = Parameter("draft", "path", "Id of the draft", {"type": "string", "maxLength": 64}, required=True)
NUMBER = Parameter("number", "path", "Number of the revision", {"type": "string", "maxLength": 9}, required=True)
REFUSED = (400, 401, 403, 404, 409, 413, 415, 422, 503)


class DraftBody(Body):
    """``registry`` is the text of a ``matters.yaml``; ``calendars`` texts of calendar files by name."""

    title: str = Field(min_length=1, max_length=100)
    reason: str | None = Field(default=None, max_length=1000)
    registry: str = Field(min_length=1)
    calendars: dict[str, str] = Field(default_factory=dict)


class DraftPublish(Body):
    """``version`` is the one that was looked at; without ``effective_from`` it is in force at once."""

    version: int = Field(ge=1)
    effective_from: Moment | None = None
    note: str | None = Field(default=None, max_length=1000)


class DraftMerge(Body):
    """``settled``: key of each clash -> ours or theirs."""

    version: int = Field(ge=1)
    settled: dict[str, str] = Field(default_factory=dict)


class DraftVersion(Body):
    version: int = Field(ge=1)


class RevisionReason(Body):
    reason: str = Field(min_length=1, max_length=1000)


BODIES = (DraftBody, DraftPublish, DraftMerge, DraftVersion, RevisionReason)


def _ref(model: type[Body]) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def draft_line(draft: Draft) -> dict[str, Any]:
    """A draft as a list shows it."""
    return {
        "id": draft.id,
        "title": draft.title,
        "reason": draft.reason,
        "origin": draft.origin,
        "based_on": draft.based_on,
        "author": draft.author,
        "made_at": local_time(draft.made_at),
        "changed_at": local_time(draft.changed_at),
        "version": draft.version,
        "state": draft.state,
        "revision": draft.revision,
    }


def draft_json(work: Work, house: Any, found: Opened) -> dict[str, Any]:
    """A draft whole: what it changes in words, what is wrong with it, which open cases it touches."""
    changes = found.sketch.changes()
    touched = None if found.sketch.findings else impact.touched(work, house, found.sketch, changes)
    return {
        **draft_line(found.draft),
        "newest": found.newest,
        "overtaken": found.overtaken,
        "changes": [change.as_json() for change in changes],
        "problems": [finding_json(finding) for finding in found.sketch.findings],
        "open_cases": None
        if touched is None
        else {
            "concerned": touched.concerned,
            "looked_at": touched.looked_at,
            "rerouted": [
                {"reference": one.reference, "from": one.before, "to": one.after, "movable": one.movable}
                for one in touched.rerouted[: impact.SHOWN]
            ],
            "dates_moved": len(touched.dates),
            "dates_in_the_past": len(touched.past),
            "removed_in_use": [finding_json(fault) for fault in touched.in_use],
        },
    }


def finding_json(finding: Finding | Fault) -> dict[str, Any]:
    return {"path": finding.path, "code": finding.code, "message": finding.message.as_json()}


def draft_id(request: AnyRequest) -> str:
    return str(request.path_params["draft"])[:64]


@api(
    "GET",
    "/api/registry/drafts",
    READS,
    Operation(
        "list-drafts", "Drafts of the registry, the last changed first", "registry",
        {200: Success("Drafts", "Drafts in every state")}, (400, 401, 403, 503),
    ),
)  # fmt: skip
async def list_drafts(request: AnyRequest) -> Answer:
    held = await edge_of(request).read(lambda work: work.drafts.list())
    return private_json({"drafts": [draft_line(draft) for draft in held]})


@api(
    "POST",
    "/api/registry/drafts",
    EDITS,
    Operation(
        "upload-draft", "A registry as a draft that holds its difference from the newest revision", "registry",
        {201: Success("Draft", "The draft", headers=("Location",))}, REFUSED, (CSRF,), _ref(DraftBody),
    ),
)  # fmt: skip
async def post_draft(request: AnyRequest) -> Answer:
    edge, actor = edge_of(request), visitor_of(request).actor
    raw, _ = await read_json(request, LARGEST)
    asked = read(DraftBody, raw)
    draft = await edge.write(
        lambda work: upload(
            work, edge.house, actor, asked.registry.encode(), asked.title, asked.reason, asked.calendars
        )
    )
    body = await edge.read(lambda work: draft_json(work, edge.house, opened(work, edge.house, draft.id)))
    return private_json(body, 201, ((b"location", f"/api/registry/drafts/{draft.id}".encode()),))


@api(
    "GET",
    "/api/registry/drafts/{draft:str}",
    READS,
    Operation(
        "get-draft", "One draft: its changes in words, its problems, the open cases it touches", "registry",
        {200: Success("Draft", "The draft")}, (400, 401, 403, 404, 503), (DRAFT,),
    ),
)  # fmt: skip
async def get_draft(request: AnyRequest) -> Answer:
    edge, id = edge_of(request), draft_id(request)
    return private_json(await edge.read(lambda work: draft_json(work, edge.house, opened(work, edge.house, id))))


@api(
    "POST",
    "/api/registry/drafts/{draft:str}/publish",
    PUBLISHES,
    Operation(
        "publish-draft", "Put a draft in force, now or from a time; the publisher is another person than its authors",
        "registry", {200: Success("PublishedDraft", "The revision it became")}, REFUSED, (DRAFT, CSRF),
        _ref(DraftPublish),
    ),
)  # fmt: skip
async def post_publish(request: AnyRequest) -> Answer:
    edge, actor, id = edge_of(request), visitor_of(request).actor, draft_id(request)
    raw, _ = await read_json(request, edge.parts.max_json)
    asked = read(DraftPublish, raw)
    ready = await edge.read(lambda work: make_ready(work, edge.house, id))
    await edge.read(lambda work: impact.refuse_past(work, edge.house, ready.opened.sketch))
    made = await edge.write(
        lambda work: publish_draft(
            work, edge.house, actor, ready, asked.version, note=asked.note, effective_from=asked.effective_from
        )
    )
    await edge.read(lambda work: edge.house.refresh(work.revisions))
    return private_json(
        {"revision": made.number, "digest": made.digest, "effective_from": local_time(made.effective_from)}
    )


@api(
    "POST",
    "/api/registry/drafts/{draft:str}/merge",
    EDITS,
    Operation(
        "merge-draft", "Put a draft on the newest revision; what both changed must be settled", "registry",
        {200: Success("Draft", "The draft on the newest revision")}, REFUSED, (DRAFT, CSRF), _ref(DraftMerge),
    ),
)  # fmt: skip
async def post_merge(request: AnyRequest) -> Answer:
    edge, actor, id = edge_of(request), visitor_of(request).actor, draft_id(request)
    raw, _ = await read_json(request, edge.parts.max_json)
    asked = read(DraftMerge, raw)
    await edge.write(lambda work: rebase(work, edge.house, actor, id, asked.version, asked.settled))
    return await _shown(request)


async def _shown(request: AnyRequest) -> Answer:
    edge, id = edge_of(request), draft_id(request)
    return private_json(await edge.read(lambda work: draft_json(work, edge.house, opened(work, edge.house, id))))


@api(
    "POST",
    "/api/registry/drafts/{draft:str}/discard",
    EDITS,
    Operation(
        "discard-draft", "Give a draft up", "registry", {200: Success("DraftLine", "The draft as it ended")}, REFUSED,
        (DRAFT, CSRF), _ref(DraftVersion),
    ),
)  # fmt: skip
async def post_discard(request: AnyRequest) -> Answer:
    edge, actor, id = edge_of(request), visitor_of(request).actor, draft_id(request)
    raw, _ = await read_json(request, edge.parts.max_json)
    asked = read(DraftVersion, raw)
    await edge.write(lambda work: discard(work, edge.house, actor, id, asked.version))
    draft = await edge.read(lambda work: work.drafts.get(id))
    assert draft is not None
    return private_json(draft_line(draft))


@api(
    "POST",
    "/api/registry/revisions/{number:str}/withdraw",
    PUBLISHES,
    Operation(
        "withdraw-revision", "Take back a scheduled revision before its day", "registry",
        {200: Success("Withdrawn", "Withdrawn")}, REFUSED, (NUMBER, CSRF), _ref(RevisionReason),
    ),
)  # fmt: skip
async def post_withdraw(request: AnyRequest) -> Answer:
    edge, actor, number = edge_of(request), visitor_of(request).actor, number_of_path(request)
    raw, _ = await read_json(request, edge.parts.max_json)
    asked = read(RevisionReason, raw)
    await edge.write(lambda work: withdraw(work, edge.house, actor, number, asked.reason))
    await edge.read(lambda work: edge.house.refresh(work.revisions))
    return private_json({"number": number, "withdrawn": True})


@api(
    "POST",
    "/api/registry/revisions/{number:str}/again",
    KEEPS,
    Operation(
        "reinstate-revision", "An older revision again, as a draft that another person publishes", "registry",
        {201: Success("DraftLine", "The draft")}, REFUSED, (NUMBER, CSRF), _ref(RevisionReason),
    ),
)  # fmt: skip
async def post_again(request: AnyRequest) -> Answer:
    edge, actor, number = edge_of(request), visitor_of(request).actor, number_of_path(request)
    raw, _ = await read_json(request, edge.parts.max_json)
    asked = read(RevisionReason, raw)
    draft = await edge.write(lambda work: reinstate(work, edge.house, actor, number, asked.reason))
    return private_json(draft_line(draft), 201)


ROUTES = (
    list_drafts, post_draft, get_draft, post_publish, post_merge, post_discard, post_withdraw, post_again,
)  # fmt: skip

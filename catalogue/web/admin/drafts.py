"""Drafts 草案: the list, the comparison in words and field by field, checking, merging, publishing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from catalogue.domain.days import CHINA
from catalogue.domain.problems import Fault, InvalidInput, InvalidRegistry, Problem, RuleForbids
from catalogue.domain.registry.diff import Change
from catalogue.domain.registry.pieces import read_piece
from catalogue.domain.registry.sketch import CALENDARS
from catalogue.domain.registry.threeway import ABSENT, fields
from catalogue.domain.registry.words import PARTS, field_name
from catalogue.domain.text import Text
from catalogue.service import impact
from catalogue.service.desk import names_of
from catalogue.service.drafting import Opened, discard, draft_of, open_draft, opened, rebase, rebased, save
from catalogue.service.ports import Work
from catalogue.service.ports.drafts import OPEN
from catalogue.service.publish_draft import make_ready, proof, publish_draft
from catalogue.service.standing import newest
from catalogue.web.access import form_of, visitor_of
from catalogue.web.admin.coverage import coverage_page
from catalogue.web.admin.shell import EDITS, ENTERS, KEEPS, PUBLISHES, admin_page, asked, fault, number_of
from catalogue.web.answer import Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import Edge, edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.render import switch_address

CHANGES = 100
FIELDS = 200


@page("GET", "/admin/drafts", ENTERS)
async def drafts(request: AnyRequest) -> Answer:
    """The open drafts, and the revisions with what can be done with each."""
    return await _list(request, {}, None)


async def _list(request: AnyRequest, typed: Mapping[str, str], problem: Problem | None) -> Answer:
    edge = edge_of(request)

    def look(work: Work) -> dict[str, Any]:
        held = work.drafts.list(OPEN)
        rows = work.revisions.list()
        people = {draft.author for draft in held}
        people |= {str(row[key]) for row in rows[:REVISIONS] for key in ("author", "publisher") if row[key]}
        return {
            "drafts": [(draft, len(work.drafts.pieces(draft.id))) for draft in held],
            "rows": rows[:REVISIONS],
            "more": len(rows) > REVISIONS,
            "names": names_of(work, people),
            "moves": work.moves.list(5),
        }

    seen = await edge.read(look)
    now = edge.house.clock.now()
    return admin_page(
        request,
        "admin_drafts.html",
        200 if problem is None else problem.status,
        **seen,
        now=now,
        in_force=edge.house.in_force().number,
        typed=typed,
        problem=problem,
        china=lambda at: at.astimezone(CHINA),
        **switch_address(request, "/admin/drafts"),
    )


REVISIONS = 50


@page("POST", "/admin/drafts", EDITS)
async def new_draft(request: AnyRequest) -> Answer:
    """Open an empty draft on the newest revision."""
    edge, actor = edge_of(request), visitor_of(request).actor
    typed = await typed_of(request)
    try:
        draft = await edge.write(
            lambda work: open_draft(work, edge.house, actor, typed.get("title", ""), typed.get("reason"))
        )
    except InvalidInput as problem:
        return await _list(request, typed, problem)
    return see_other(f"/admin/drafts/{draft.id}")


async def typed_of(request: AnyRequest) -> dict[str, str]:
    """The fields of a form, each with its first value."""
    form = await form_of(request)
    return {name: values[0].strip() if values else "" for name, values in form.items()}


def draft_id(request: AnyRequest) -> str:
    """The draft of an address."""
    return str(request.path_params["draft"])[:40]


def version_of(typed: Mapping[str, str]) -> int:
    """The version of the draft a form was made from. Raises InvalidInput."""
    text = typed.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise InvalidInput(errors=(fault("version", "missing", "页面已过期，请重新打开草案", "Open the draft again"),))
    return int(text)


@page("GET", "/admin/drafts/{draft:str}", ENTERS)
async def draft_page(request: AnyRequest) -> Answer:
    """One draft: what it changes in words, whether it holds, whom it touches, publishing."""
    return await show_draft(request, draft_id(request), None, {})


async def show_draft(
    request: AnyRequest, id: str, problem: Problem | None, typed: Mapping[str, str], told: Text | None = None
) -> Answer:
    """The page of a draft, after an act that was refused with what is wrong."""
    edge = edge_of(request)
    given = asked(request)

    def look(work: Work) -> dict[str, Any]:
        found = opened(work, edge.house, id)
        changes = found.sketch.changes()
        people = {found.draft.author, *found.hands}
        return {
            "opened": found,
            "changes": changes,
            "names": names_of(work, people),
            "newest_row": newest(work),
            "touched": impact.touched(work, edge.house, found.sketch, changes) if not found.sketch.findings else None,
        }

    seen = await edge.read(look)
    found: Opened = seen["opened"]
    changes: tuple[Change, ...] = seen.pop("changes")
    first = number_of(given, "from") // CHANGES * CHANGES
    report = None
    if not found.sketch.findings and found.draft.state == OPEN:
        report = proof(edge.house, found.sketch)
    actor = visitor_of(request).actor
    return admin_page(
        request,
        "admin_draft.html",
        200 if problem is None else problem.status,
        **seen,
        draft=found.draft,
        sketch=found.sketch,
        report=report,
        groups=_grouped(changes[first : first + CHANGES]),
        count=len(changes),
        first=first,
        size=CHANGES,
        counts=_counts(changes),
        own_hand=actor.id in found.hands,
        parts=PARTS,
        typed=typed,
        problem=problem,
        told=told,
        china=lambda at: at.astimezone(CHINA),
        address=lambda **changed: f"/admin/drafts/{found.draft.id}?{urlencode(changed)}",
        **switch_address(request, f"/admin/drafts/{found.draft.id}"),
    )


def _grouped(changes: tuple[Change, ...]) -> list[tuple[Change, list[Change]]]:
    groups: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.part, change.id), []).append(change)
    return [(held[0], held) for held in groups.values()]


def _counts(changes: tuple[Change, ...]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part, _ in {(change.part, change.id) for change in changes}:
        counts[part] = counts.get(part, 0) + 1
    return counts


@page("GET", "/admin/drafts/{draft:str}/fields", ENTERS)
async def draft_fields(request: AnyRequest) -> Answer:
    """The comparison field by field, as the file has it, beside the two texts."""
    edge = edge_of(request)
    found = await edge.read(lambda work: opened(work, edge.house, draft_id(request)))
    rows: list[tuple[str, list[tuple[str, str | None, str | None]]]] = []
    for name, text in found.sketch.edits.items():
        before = found.sketch.base.pieces.get(name)
        if name.startswith(CALENDARS):
            before = found.sketch.base.calendar_texts.get(name.removeprefix(CALENDARS))
            rows.append((name, [("", before, text)]))
        elif name.startswith("order/") or not name:
            rows.append((name, [("", before, text)]))
        else:
            old, new = (ABSENT if side is None else read_piece(name, side)[0] for side in (before, text))
            rows.append((name, [(path, shown(was), shown(now)) for path, was, now in fields(old, new)][:FIELDS]))
    return admin_page(request, "admin_draft_fields.html", draft=found.draft, rows=rows)


def shown(value: Any) -> str | None:
    """A plain value as a reader of the file knows it; None where it is not there."""
    if value is ABSENT:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "；".join(f"{key}: {shown(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return "；".join(str(shown(inner)) for inner in value) or "[]"
    return str(value)


@page("GET", "/admin/drafts/{draft:str}/coverage", ENTERS)
async def draft_coverage(request: AnyRequest) -> Answer:
    """The matrix as the draft would make it."""
    edge = edge_of(request)
    found = await edge.read(lambda work: opened(work, edge.house, draft_id(request)))
    trial = found.sketch.trial(digest=f"{found.draft.id}-{found.draft.version}")
    return await coverage_page(request, trial, asked(request), found.draft)


@page("POST", "/admin/drafts/{draft:str}/name", EDITS)
async def rename_draft(request: AnyRequest) -> Answer:
    """Another title or reason."""
    edge, actor, typed = edge_of(request), visitor_of(request).actor, await typed_of(request)
    id = draft_id(request)
    try:
        version = version_of(typed)
        await edge.write(
            lambda work: save(
                work, edge.house, actor, id, version, {}, title=typed.get("title", ""), reason=typed.get("reason", "")
            )
        )
    except (InvalidInput, RuleForbids) as problem:
        return await show_draft(request, id, problem, typed)
    return see_other(f"/admin/drafts/{id}")


@page("POST", "/admin/drafts/{draft:str}/drop", EDITS)
async def drop_piece(request: AnyRequest) -> Answer:
    """Put one piece back to what the base has."""
    edge, actor, typed = edge_of(request), visitor_of(request).actor, await typed_of(request)
    id, name = draft_id(request), typed.get("piece", "")

    def act(work: Work) -> None:
        held = work.drafts.pieces(id)
        if name not in held:
            return
        draft = draft_of(work, id)
        found = opened(work, edge.house, id).sketch.base
        text = (
            found.calendar_texts.get(name.removeprefix(CALENDARS))
            if name.startswith(CALENDARS)
            else found.pieces.get(name)
        )
        save(work, edge.house, actor, id, draft.version, {name: text})

    await edge.write(act)
    return see_other(f"/admin/drafts/{id}")


@page("POST", "/admin/drafts/{draft:str}/discard", EDITS)
async def discard_draft(request: AnyRequest) -> Answer:
    """Give it up."""
    edge, actor, typed = edge_of(request), visitor_of(request).actor, await typed_of(request)
    id = draft_id(request)
    try:
        version = version_of(typed)
        await edge.write(lambda work: discard(work, edge.house, actor, id, version))
    except (InvalidInput, RuleForbids) as problem:
        return await show_draft(request, id, problem, typed)
    return see_other("/admin/drafts")


@page("POST", "/admin/drafts/{draft:str}/publish", PUBLISHES)
async def publish_page(request: AnyRequest) -> Answer:
    """Put it in force, now or from the time that was given."""
    edge, actor, typed = edge_of(request), visitor_of(request).actor, await typed_of(request)
    id = draft_id(request)
    try:
        version = version_of(typed)
        start = start_of(typed)
        ready = await edge.read(lambda work: make_ready(work, edge.house, id))
        await edge.read(lambda work: impact.refuse_past(work, edge.house, ready.opened.sketch))
        made = await edge.write(
            lambda work: publish_draft(
                work, edge.house, actor, ready, version, note=typed.get("note"), effective_from=start
            )
        )
    except (InvalidInput, RuleForbids) as problem:
        return await show_draft(request, id, problem, typed)
    await edge.read(lambda work: edge.house.refresh(work.revisions))
    return see_other(f"/admin/revisions/{made.number}")


def start_of(typed: Mapping[str, str]) -> datetime | None:
    """The time of a form: local, without seconds; None means now. Raises InvalidInput."""
    text = typed.get("effective_from", "")
    if not text or typed.get("when") == "now":
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            errors=(fault("effective_from", "not-a-time", "时间写作 2026-12-01 09:00", "Write 2026-12-01 09:00"),)
        ) from None
    return at.replace(tzinfo=CHINA) if at.tzinfo is None else at


# --- two drafts that met ----------------------------------------------------------------------------------------------


@page("GET", "/admin/drafts/{draft:str}/merge", KEEPS)
async def merge_page(request: AnyRequest) -> Answer:
    """The draft beside what was published meanwhile: what is taken, what must be settled."""
    return await _merge(request, {}, None)


async def _merge(request: AnyRequest, typed: Mapping[str, str], problem: Problem | None) -> Answer:
    edge, id = edge_of(request), draft_id(request)

    def look(work: Work) -> dict[str, Any]:
        draft = draft_of(work, id)
        return {"draft": draft, "found": rebased(work, edge.house, draft, {})}

    seen = await edge.read(look)
    return admin_page(
        request,
        "admin_merge.html",
        200 if problem is None else problem.status,
        **seen,
        shown=shown,
        typed=typed,
        problem=problem,
        field_name=field_name,
        **switch_address(request, f"/admin/drafts/{id}/merge"),
    )


@page("POST", "/admin/drafts/{draft:str}/merge", EDITS)
async def merge_draft(request: AnyRequest) -> Answer:
    """Put the draft on the newest revision, each clash as it was settled."""
    edge, actor, typed = edge_of(request), visitor_of(request).actor, await typed_of(request)
    id = draft_id(request)
    settled = {
        name.removeprefix("side:"): side for name, side in typed.items() if name.startswith("side:")
    }  # fmt: skip
    try:
        version = version_of(typed)
        await edge.write(lambda work: rebase(work, edge.house, actor, id, version, settled))
    except (InvalidInput, RuleForbids, InvalidRegistry) as problem:
        return await _merge(request, typed, problem)
    return see_other(f"/admin/drafts/{id}")


async def loaded(edge: Edge, id: str) -> Opened:
    """A draft for the pages that edit it."""
    return await edge.read(lambda work: opened(work, edge.house, id))


def named_faults(problem: Problem, prefix: str) -> dict[str, list[Text]]:
    """Faults by field, the piece's own name taken off their paths."""
    found: dict[str, list[Text]] = {}
    for one in problem.errors:
        path = one.path.rpartition(" ")[2]
        found.setdefault(path.removeprefix(prefix).lstrip("."), []).append(one.message)
    return found


def faults_of(faults: tuple[Fault, ...]) -> dict[str, list[Text]]:
    """Faults by their path."""
    found: dict[str, list[Text]] = {}
    for one in faults:
        found.setdefault(one.path, []).append(one.message)
    return found


ROUTES = (
    drafts, new_draft, draft_page, draft_fields, draft_coverage, rename_draft, drop_piece, discard_draft, publish_page,
    merge_page, merge_draft,
)  # fmt: skip

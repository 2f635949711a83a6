"""Revisions 版本 and the feed of changes 变更记录: what each changed, taking one back, an older one again."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

from catalogue.domain.days import CHINA, local_time
from catalogue.domain.problems import InvalidInput, NotFound, Problem, RuleForbids
from catalogue.domain.registry.pieces import join
from catalogue.domain.registry.words import PARTS
from catalogue.domain.text import Text
from catalogue.service.desk import names_of
from catalogue.service.drafting import reinstate
from catalogue.service.ports import FeedEntry, Work
from catalogue.service.standing import base
from catalogue.service.withdraw import WITHDRAWN, withdraw
from catalogue.web.access import PUBLIC, visitor_of
from catalogue.web.admin.drafts import typed_of
from catalogue.web.admin.shell import ENTERS, KEEPS, PUBLISHES, admin_page, asked
from catalogue.web.answer import NO_STORE, Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.render import switch_address

LINES = 100
FEED = 30
"""Revisions in the Atom feed, and changes named in each."""
PARTS_OF_FEED = {**PARTS, "": Text("版本", "Revision")}


def number_of_path(request: AnyRequest) -> int:
    """The revision of an address. Raises NotFound."""
    text = str(request.path_params["number"])
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise NotFound
    return int(text)


@page("GET", "/admin/revisions/{number:str}", ENTERS)
async def revision_page(request: AnyRequest) -> Answer:
    """One revision: who, when, why, what it changed; withdrawing it or publishing it again."""
    return await _show(request, None, {})


async def _show(request: AnyRequest, problem: Problem | None, typed: dict[str, str]) -> Answer:
    edge, number = edge_of(request), number_of_path(request)
    given = asked(request)
    before = _cursor(given.get("after", ""), number)

    def look(work: Work) -> dict[str, Any]:
        rows = work.revisions.list()
        row = next((row for row in rows if row["number"] == number), None)
        if row is None:
            raise NotFound(Text(f"没有第 {number} 版", f"There is no revision {number}"))
        entries = work.feed.entries(revision=number, before=before, limit=LINES + 1)
        people = {row["author"], row["publisher"] or row["author"], row["withdrawn_by"] or row["author"]}
        people |= {entry.author for entry in entries}
        standing = [other["number"] for other in rows if other["withdrawn_at"] is None]
        return {
            "row": row,
            "entries": entries[:LINES],
            "next": entries[LINES - 1].n if len(entries) > LINES else None,
            "count": work.feed.count(number),
            "names": names_of(work, people),
            "newest": max(standing, default=number),
        }

    seen = await edge.read(look)
    now = edge.house.clock.now()
    return admin_page(
        request,
        "admin_revision.html",
        200 if problem is None else problem.status,
        **seen,
        scheduled=seen["row"]["effective_from"] > now and seen["row"]["withdrawn_at"] is None,
        in_force=edge.house.in_force().number,
        parts=PARTS_OF_FEED,
        typed=typed,
        problem=problem,
        china=lambda at: at.astimezone(CHINA),
        withdrawn=WITHDRAWN,
        **switch_address(request, f"/admin/revisions/{number}"),
    )


def _cursor(text: str, revision: int) -> tuple[int, int] | None:
    return (revision, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else None


@page("POST", "/admin/revisions/{number:str}/withdraw", PUBLISHES)
async def withdraw_page(request: AnyRequest) -> Answer:
    """Take back a scheduled revision."""
    edge, actor, number = edge_of(request), visitor_of(request).actor, number_of_path(request)
    typed = await typed_of(request)
    try:
        await edge.write(lambda work: withdraw(work, edge.house, actor, number, typed.get("reason")))
    except (InvalidInput, RuleForbids) as problem:
        return await _show(request, problem, typed)
    await edge.read(lambda work: edge.house.refresh(work.revisions))
    return see_other(f"/admin/revisions/{number}")


@page("POST", "/admin/revisions/{number:str}/again", KEEPS)
async def again_page(request: AnyRequest) -> Answer:
    """An older revision again, as a draft."""
    edge, actor, number = edge_of(request), visitor_of(request).actor, number_of_path(request)
    typed = await typed_of(request)
    try:
        draft = await edge.write(lambda work: reinstate(work, edge.house, actor, number, typed.get("reason")))
    except (InvalidInput, RuleForbids) as problem:
        return await _show(request, problem, typed)
    return see_other(f"/admin/drafts/{draft.id}")


@page("GET", "/admin/revisions/{number:str}/matters.yaml", ENTERS)
async def download_revision(request: AnyRequest) -> Answer:
    """The registry of a revision as its file."""
    edge, number = edge_of(request), number_of_path(request)
    held = await edge.read(lambda work: base(work, edge.house, number))
    return file_answer(join(held.pieces).encode(), "application/yaml; charset=utf-8", f"matters-{number}.yaml")


def file_answer(content: bytes, media_type: str, name: str) -> Answer:
    """A file to keep."""
    disposition = f'attachment; filename="{name}"'.encode()
    return Answer(content, 200, media_type.encode(), (NO_STORE, (b"content-disposition", disposition)))


@page("GET", "/admin/changes", ENTERS)
async def changes_page(request: AnyRequest) -> Answer:
    """Everything that was ever published, the newest first, or what concerns one matter."""
    edge, given = edge_of(request), asked(request)
    matter = given.get("matter", "")[:100] or None
    revision, _, n = given.get("after", "").partition("-")
    before = (int(revision), int(n)) if revision.isdigit() and n.isdigit() and len(revision + n) < 16 else None

    def look(work: Work) -> dict[str, Any]:
        entries = work.feed.entries(matter=matter, before=before, limit=LINES + 1)
        people = {who for entry in entries for who in (entry.author, entry.publisher)}
        return {"entries": entries[:LINES], "more": len(entries) > LINES, "names": names_of(work, people)}

    seen = await edge.read(look)
    last = seen["entries"][-1] if seen["more"] else None
    registry = edge.house.in_force().registry
    following = None
    if last is not None:
        following = "/admin/changes?" + urlencode({"matter": matter or "", "after": f"{last.revision}-{last.n}"})
    return admin_page(
        request,
        "admin_changes.html",
        **seen,
        following=following,
        matter=matter,
        matter_name=registry.matters[matter].name if matter and matter in registry.matters else None,
        parts=PARTS_OF_FEED,
        china=lambda at: at.astimezone(CHINA),
    )


# --- Atom (RFC 4287) --------------------------------------------------------------------------------------------------


@page("GET", "/registry/changes.atom", PUBLIC)
async def atom(request: AnyRequest) -> Answer:
    """Published changes for the cities: one entry a revision, with what it changes and from when. No names."""
    edge = edge_of(request)

    def look(work: Work) -> list[tuple[Any, list[FeedEntry], int]]:
        return [
            (row, list(work.feed.entries(revision=row["number"], limit=FEED)), work.feed.count(row["number"]))
            for row in work.revisions.list()[:FEED]
        ]

    rows = await edge.read(look)
    home = edge.house.public_url or str(request.base_url).rstrip("/")
    return Answer(atom_text(rows, home).encode(), 200, b"application/atom+xml; charset=utf-8")


def atom_text(rows: list[tuple[Any, list[FeedEntry], int]], home: str) -> str:
    """The feed as XML. Every text is escaped; ids stay the same for ever."""
    updated = local_time(rows[0][0]["withdrawn_at"] or rows[0][0]["published_at"]) if rows else local_time(_EPOCH)
    entries = "".join(_entry(row, entries, count, home) for row, entries, count in rows)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">'
        "<title>跨区通办事项清单变更 Changes of the registry</title><id>urn:cn:kuaqu:registry:changes</id>"
        f"<updated>{updated}</updated><author><name>跨区通办</name></author>"
        f'<link rel="self" href="{escape(home)}/registry/changes.atom"/>{entries}</feed>\n'
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=CHINA)


def _entry(row: Any, entries: list[FeedEntry], count: int, home: str) -> str:
    number = row["number"]
    start = local_time(row["effective_from"])
    mark = "（已撤回）withdrawn" if row["withdrawn_at"] else ""
    lines = [f"自 {start} 起生效。In force from {start}. {mark}".strip(), *(f"{one.zh} / {one.en}" for one in entries)]
    if count > len(entries):
        lines.append(f"共 {count} 处 / {count} changes in all")
    updated = local_time(row["withdrawn_at"] or row["published_at"])
    return (
        f"<entry><title>第 {number} 版 Revision {number}{mark}</title><id>urn:cn:kuaqu:registry:revision:{number}</id>"
        f"<published>{local_time(row['published_at'])}</published><updated>{updated}</updated>"
        f'<link href="{escape(home)}/api/registry/revisions"/>'
        f"<summary>{escape(row['note'] or '')}</summary>"
        f'<content type="text">{escape(chr(10).join(lines))}</content></entry>'
    )


ROUTES = (revision_page, withdraw_page, again_page, download_revision, changes_page, atom)

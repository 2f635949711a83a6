"""Publish a draft 发布草案: a second person puts it in force, now or from a time (four eyes)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from catalogue.domain.people import Actor, Role
from catalogue.domain.problems import InvalidRegistry, NotAllowed, RuleForbids
from catalogue.domain.registry.check import CheckReport
from catalogue.domain.registry.diff import Change
from catalogue.domain.registry.revision import Revision
from catalogue.domain.registry.sketch import CALENDARS, Sketch
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.drafting import Opened, draft_of, opened
from catalogue.service.house import House
from catalogue.service.ports import Work
from catalogue.service.ports.drafts import OPEN, PUBLISHED
from catalogue.service.publish import Prepared, prepare, publish


class Ready(Value, frozen=True):
    """A draft proved, read and compiled, to be published as it stood at its version."""

    opened: Opened
    prepared: Prepared


def make_ready(work: Work, house: House, draft_id: str) -> Ready:
    """Prove the draft outside the writing unit of work. Raises InvalidRegistry with every finding."""
    found = opened(work, house, draft_id)
    if found.overtaken:
        raise overtaken(found.newest)
    if found.sketch.findings:
        raise InvalidRegistry(findings=found.sketch.findings)
    report = proof(house, found.sketch)
    if report.problems:
        raise InvalidRegistry(findings=report.problems)
    texts = {name: text.encode() for name, text in found.sketch.calendar_texts.items()}
    # The values of a draft are those of its whole text (tests/registry/test_pieces.py): ten thousand matters are not
    # read again for one of them.
    values = (found.sketch.registry, found.sketch.calendars) if found.sketch.is_local else None
    return Ready(found, prepare(work, house, found.sketch.text.encode(), texts, values))


def proof(house: House, found: Sketch) -> CheckReport:
    """That every place has one office, for all that the draft touches."""
    return found.prove(house.handlers)


def publish_draft(
    work: Work,
    house: House,
    actor: Actor,
    ready: Ready,
    version: int,
    *,
    note: str | None,
    effective_from: datetime | None,
) -> Revision:
    """Put a draft in force. Raises NotAllowed (no publisher, or one who wrote in it), RuleForbids, InvalidInput."""
    if not actor.has(Role.REGISTRY_PUBLISHER):
        raise NotAllowed(Text("发布由清单发布岗办理", "Publishers of the registry put it in force"))
    draft = draft_of(work, ready.opened.draft.id)
    if draft.version != version or ready.opened.draft.version != version or draft.state != OPEN:
        raise RuleForbids(
            Text(
                "草案在您查看之后又有修改，请重新查看差异再发布",
                "The draft was changed after you looked at it; look at the difference again",
            ),
            extra={"rule": "draft-changed"},
        )
    if actor.id in work.drafts.hands(draft.id):
        raise RuleForbids(
            Text("起草人与发布人不得为同一人，请由另一位发布岗发布", "Author and publisher must be two persons"),
            extra={"rule": "four-eyes"},
        )
    pieces = work.drafts.pieces(draft.id)

    def author_of(change: Change) -> str:
        piece = pieces.get(piece_of(change, ready.opened.sketch))
        return draft.author if piece is None else piece.changed_by

    texts = {name: text.encode() for name, text in ready.opened.sketch.calendar_texts.items()}
    made = publish(
        work,
        house,
        registry_text=ready.opened.sketch.text.encode(),
        calendars=texts,
        author=draft.author,
        note=(note or "").strip()[:1000] or draft.reason or draft.title,
        effective_from=effective_from,
        based_on=draft.based_on,
        publisher=actor.id,
        draft=draft.id,
        prepared=ready.prepared,
        author_of=author_of,
    )
    closed = replace(draft, state=PUBLISHED, revision=made.number, version=version + 1, changed_at=made.published_at)
    work.drafts.save(closed, version, {}, (), actor.id)
    return made


def piece_of(change: Change, found: Sketch) -> str:
    """The piece of the draft that a change comes from; where several may be, the likeliest."""
    if change.part == "matter":
        own = f"matters/{change.id}"
        if own in found.edits:
            return own
        matter = found.registry.matters.get(change.id)
        return f"families/{matter.family}" if matter is not None else own
    if change.part == "overlay":
        return f"regions/{change.id.partition('/')[0]}"
    if change.part in ("office", "division", "jurisdiction", "region"):
        return f"regions/{_region_of(change, found)}"
    if change.part == "calendar":
        calendar = found.calendars.get(change.id)
        return f"{CALENDARS}{calendar.file}" if calendar is not None else ""
    if change.part in ("law", "family"):
        return f"{'laws' if change.part == 'law' else 'families'}/{change.id}"
    return {"category": "categories", "source": "sources"}.get(change.part, change.part)


def _region_of(change: Change, found: Sketch) -> str:
    if change.part == "region":
        return change.id
    for registry in (found.registry, found.base.registry):
        if change.part == "office" and change.id in registry.offices:
            return registry.offices[change.id].region
        code = change.id.partition(" ")[0].partition("/")[0]
        if code in registry.divisions:
            return registry.divisions[code][1].id
    return ""


def overtaken(number: int) -> RuleForbids:
    """Why a draft waits: another revision was published since."""
    return RuleForbids(
        Text(
            f"草案之后已有人发布第{number}版，请先与之合并",
            f"Revision {number} was published meanwhile; lay the draft together with it first",
        ),
        extra={"rule": "newer-revision", "newest": number},
    )

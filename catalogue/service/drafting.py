"""Draft 起草: changes of the registry in the making, kept piece by piece on the revision they were made from.

A draft that somebody else's publication has overtaken is laid together with it field by field (``rebase``): what only
one side changed is taken, what both changed is shown and settled by a person. Nothing is overwritten.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace

from catalogue.domain.people import Actor, Role
from catalogue.domain.problems import Fault, InvalidInput, InvalidRegistry, NotAllowed, NotFound, RuleForbids
from catalogue.domain.registry.pieces import (
    HEADER,
    ORDER,
    Edits,
    canonical_pieces,
    edits_between,
    read_piece,
    write_piece,
)
from catalogue.domain.registry.revision import REGISTRY_FILE
from catalogue.domain.registry.sketch import CALENDARS, Base, Sketch, sketch
from catalogue.domain.registry.threeway import ABSENT, Conflict, merge
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.house import House
from catalogue.service.ports import Draft, Work
from catalogue.service.ports.drafts import DISCARDED, OPEN
from catalogue.service.standing import base, newest

LONGEST_TITLE = 100
LARGEST_UPLOAD = 48 * 1024 * 1024
"""Bytes of an uploaded registry; ten thousand matters are 22 MB."""


class Opened(Value, frozen=True):
    """A draft with what it would be, and whether a newer revision has overtaken it."""

    draft: Draft
    sketch: Sketch
    newest: int
    hands: frozenset[str]

    @property
    def overtaken(self) -> bool:
        """Whether something was published since the draft was made, or its base was withdrawn."""
        return self.draft.based_on != self.newest


def open_draft(
    work: Work, house: House, actor: Actor | None, title: str, reason: str | None = None, *, origin: str = "edit",
    edits: Edits | None = None, by: str = "",
) -> Draft:  # fmt: skip
    """A new draft on the newest revision. ``actor`` None is the command line, which signs as ``by``."""
    _may_edit(actor)
    row = newest(work)
    if row is None:
        raise NotFound(Text("尚未发布事项清单", "No registry has been published yet"))
    now = house.clock.now()
    signed = by if actor is None else actor.id
    draft = Draft(
        id=f"d{secrets.token_hex(6)}",
        title=_title(title),
        reason=(reason or "").strip()[:1000] or None,
        origin=origin,
        based_on=row["number"],
        author=signed,
        made_at=now,
        changed_at=now,
        version=1,
        state=OPEN,
    )
    work.drafts.add(draft)
    if edits:
        draft = replace(draft, version=2)
        work.drafts.save(draft, 1, edits, (), signed)
    work.access.administered(signed, "draft-opened", draft.id, now)
    return draft


def opened(work: Work, house: House, draft_id: str) -> Opened:
    """A draft with what it would be. Raises NotFound."""
    draft = draft_of(work, draft_id)
    edits = {name: piece.text for name, piece in work.drafts.pieces(draft_id).items()}
    row = newest(work)
    return Opened(
        draft,
        sketched(work, house, draft, edits),
        draft.based_on if row is None else row["number"],
        work.drafts.hands(draft_id),
    )


def draft_of(work: Work, draft_id: str) -> Draft:
    """The draft. Raises NotFound."""
    draft = work.drafts.get(draft_id)
    if draft is None:
        raise NotFound(Text("没有这份草案", "There is no such draft"))
    return draft


def sketched(work: Work, house: House, draft: Draft, edits: Edits) -> Sketch:
    """What these edits on the base of the draft would be."""
    return sketch(base(work, house, draft.based_on), edits)


def save(
    work: Work,
    house: House,
    actor: Actor,
    draft_id: str,
    version: int,
    edits: Edits,
    *,
    title: str | None = None,
    reason: str | None = None,
) -> Draft:
    """Write pieces into a draft. What is as in the base is no edit any more; what cannot be read is refused.

    Raises NotAllowed, NotFound, InvalidRegistry (a piece that is not well formed), RuleForbids (changed meanwhile).
    """
    _may_edit(actor)
    draft = draft_of(work, draft_id)
    held = base(work, house, draft.based_on)
    faults = [
        finding
        for name, text in edits.items()
        if text is not None and name != HEADER and not name.startswith((CALENDARS, ORDER))
        for finding in read_piece(name, text)[1]
    ]
    if faults:
        raise InvalidRegistry(findings=tuple(faults))
    same = [name for name, text in edits.items() if _in_base(held, name) == text]
    after = replace(
        draft,
        title=draft.title if title is None else _title(title),
        reason=draft.reason if reason is None else reason.strip()[:1000] or None,
        changed_at=house.clock.now(),
        version=version + 1,
    )
    kept = {name: text for name, text in edits.items() if name not in same}
    work.drafts.save(after, version, kept, same, actor.id)
    return after


def _in_base(held: Base, name: str) -> str | None:
    if name.startswith(CALENDARS):
        return held.calendar_texts.get(name.removeprefix(CALENDARS))
    return held.pieces.get(name)


def discard(work: Work, house: House, actor: Actor, draft_id: str, version: int) -> None:
    """Give a draft up; it stays readable and can be published no more."""
    _may_edit(actor)
    draft = draft_of(work, draft_id)
    now = house.clock.now()
    work.drafts.save(replace(draft, state=DISCARDED, changed_at=now, version=version + 1), version, {}, (), actor.id)
    work.access.administered(actor.id, "draft-discarded", draft_id, now)


def upload(
    work: Work, house: House, actor: Actor | None, data: bytes, title: str, reason: str | None = None,
    calendars: Mapping[str, str] | None = None, by: str = "",
) -> Draft:  # fmt: skip
    """A ``matters.yaml`` as a draft that holds its difference from the newest revision.

    Raises BodyTooLarge is the edge's; InvalidRegistry with every finding, InvalidInput where nothing differs.
    """
    _may_edit(actor)
    if len(data) > LARGEST_UPLOAD:
        raise InvalidInput(
            errors=(
                Fault("file", "too-large", Text("文件超过 48 MB", "The file is larger than 48 MB")),
            )
        )  # fmt: skip
    held = base(work, house)
    pieces = canonical_pieces(data, REGISTRY_FILE, held.pieces)
    edits = edits_between(held.pieces, pieces)
    for name, text in (calendars or {}).items():
        if held.calendar_texts.get(name) != text:
            edits[f"{CALENDARS}{name}"] = text
    if not edits:
        raise InvalidInput(
            errors=(
                Fault("file", "nothing-changed", Text("与最新版本内容相同", "The same as the newest revision")),
            )
        )  # fmt: skip
    found = sketch(held, edits).findings
    if found:
        # Read whole once more, for findings with the lines of the file.
        from catalogue.domain.registry.reader import read_registry

        raise InvalidRegistry(findings=read_registry(data, REGISTRY_FILE)[1] or found)
    return open_draft(work, house, actor, title, reason, origin="upload", edits=edits, by=by)


def reinstate(work: Work, house: House, actor: Actor, number: int, reason: str | None) -> Draft:
    """An older revision again, as a draft on the newest one; another person publishes it like any other."""
    if not actor.has(Role.REGISTRY_EDITOR, Role.REGISTRY_PUBLISHER):
        raise NotAllowed
    current, older = base(work, house), base(work, house, number)
    edits = edits_between(current.pieces, older.pieces)
    for name in {*current.calendar_texts, *older.calendar_texts}:
        text = older.calendar_texts.get(name)
        if current.calendar_texts.get(name) != text:
            edits[f"{CALENDARS}{name}"] = text
    if not edits:
        raise RuleForbids(
            Text(f"第 {number} 版与最新版本内容相同", f"Revision {number} is the same as the newest one"),
            extra={"rule": "nothing-changed"},
        )
    as_editor = replace(actor, roles=actor.roles | {Role.REGISTRY_EDITOR})
    return open_draft(
        work,
        house,
        as_editor,
        f"恢复第 {number} 版 / Revision {number} again",
        reason,
        origin="reinstated",
        edits=edits,
    )


# --- two drafts that met ----------------------------------------------------------------------------------------------


class Clash(Value, frozen=True):
    """A field that the draft and the newest revision changed differently, within a piece."""

    piece: str
    conflict: Conflict

    @property
    def key(self) -> str:
        """What names it in a form."""
        return f"{self.piece}#{self.conflict.path}"


class Rebased(Value, frozen=True):
    """The edits of a draft on the newest revision, and what stands in conflict."""

    based_on: int
    edits: Edits
    clashes: tuple[Clash, ...]
    taken: tuple[str, ...]
    """Pieces that both sides changed and that were laid together without a conflict."""


def rebased(work: Work, house: House, draft: Draft, settled: Mapping[str, str]) -> Rebased:
    """The draft laid together with the newest revision. ``settled``: key of a clash -> ``ours`` or ``theirs``."""
    old, new = base(work, house, draft.based_on), base(work, house)
    edits: dict[str, str | None] = {}
    clashes: list[Clash] = []
    taken: list[str] = []
    for name, piece in work.drafts.pieces(draft.id).items():
        before, theirs = _in_base(old, name), _in_base(new, name)
        if before == theirs or name.startswith(ORDER):
            edits[name] = piece.text
            continue
        text, found = _laid_together(name, before, piece.text, theirs, settled)
        clashes += found
        if text != theirs:
            edits[name] = text
        if not found:
            taken.append(name)
    return Rebased(new.number, edits, tuple(clashes), tuple(taken))


def _laid_together(
    name: str, before: str | None, ours: str | None, theirs: str | None, settled: Mapping[str, str]
) -> tuple[str | None, list[Clash]]:
    chosen = {
        key.partition("#")[2]: side for key, side in settled.items() if key.partition("#")[0] == name
    }  # fmt: skip
    merged, conflicts = merge(_value(name, before), _value(name, ours), _value(name, theirs), chosen)
    clashes = [Clash(name, conflict) for conflict in conflicts]
    if merged is ABSENT:
        return None, clashes
    if name.startswith(CALENDARS) or name == HEADER:
        return merged, clashes
    return write_piece(name, merged, ours or theirs), clashes


def _value(name: str, text: str | None) -> object:
    if text is None:
        return ABSENT
    if name.startswith(CALENDARS) or name == HEADER:
        return text
    return read_piece(name, text)[0]


def rebase(
    work: Work, house: House, actor: Actor, draft_id: str, version: int, settled: Mapping[str, str]
) -> Draft:  # fmt: skip
    """Put a draft on the newest revision. Raises RuleForbids while a clash is open, naming each of them."""
    _may_edit(actor)
    draft = draft_of(work, draft_id)
    found = rebased(work, house, draft, settled)
    if found.clashes:
        raise RuleForbids(
            Text(
                f"有 {len(found.clashes)} 处双方都改了，请逐处选定",
                f"Both sides changed {len(found.clashes)} fields; settle each of them",
            ),
            errors=tuple(
                Fault(clash.key, "both-changed", Text("双方都改了此处", "Both sides changed this"))
                for clash in found.clashes
            ),
            extra={"rule": "both-changed"},
        )
    after = replace(draft, based_on=found.based_on, changed_at=house.clock.now(), version=version + 1)
    held = work.drafts.pieces(draft_id)
    dropped: Iterable[str] = [name for name in held if name not in found.edits]
    changed = {name: text for name, text in found.edits.items() if held[name].text != text}
    work.drafts.save(after, version, changed, dropped, actor.id)
    return after


def _may_edit(actor: Actor | None) -> None:
    if actor is not None and not actor.has(Role.REGISTRY_EDITOR):
        raise NotAllowed(Text("起草由清单编辑岗办理", "Editors of the registry write drafts"))


def _title(title: str) -> str:
    text = " ".join(title.split())
    if not text or len(text) > LONGEST_TITLE:
        raise InvalidInput(
            errors=(
                Fault(
                    "title",
                    "missing",
                    Text(f"请写标题，不超过{LONGEST_TITLE}字", f"Give a title of {LONGEST_TITLE} characters at most"),
                ),
            )
        )
    return text

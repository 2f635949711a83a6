"""What a draft would be: the pieces of its base with its edits, checked by the rules of ``registry check``, and the
values that routing, pages and comparison read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from catalogue.domain.calendar import Calendar, read_calendars
from catalogue.domain.handler import Handler
from catalogue.domain.registry.assemble import assemble, needed_for, touched_matters
from catalogue.domain.registry.calendar_diff import calendar_difference
from catalogue.domain.registry.check import CheckReport, check_registry
from catalogue.domain.registry.consistency import check_document
from catalogue.domain.registry.diff import Change, difference
from catalogue.domain.registry.findings import Finding, Findings
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.pieces import (
    HEADER,
    ITEMIZED,
    ORDER,
    Edits,
    Pieces,
    document_of,
    edited,
    join,
    names,
    read_piece,
)
from catalogue.domain.registry.revision import REGISTRY_FILE, Revision, trial_revision
from catalogue.domain.registry.schema import DOCUMENT
from catalogue.domain.text import Text
from catalogue.domain.value import Value

CALENDARS = "calendars/"
"""Begins the names of calendar files among the pieces of a draft."""


class Base(Value, frozen=True):
    """A published revision taken to pieces."""

    number: int
    pieces: Pieces
    calendar_texts: Mapping[str, str]
    registry: Registry
    calendars: Mapping[str, Calendar]


class Sketch(Value, frozen=True):
    """A draft on its base. ``registry`` and ``calendars`` are those of the base where ``findings`` forbid new ones."""

    base: Base
    edits: Edits
    pieces: Pieces
    calendar_texts: Mapping[str, str]
    findings: tuple[Finding, ...]
    registry: Registry
    calendars: Mapping[str, Calendar]

    @property
    def changed(self) -> frozenset[str]:
        """The pieces of the registry that differ from the base."""
        return frozenset(name for name in self.edits if not name.startswith((CALENDARS, ORDER)))

    @property
    def is_local(self) -> bool:
        """Whether all that it changes was checked with everything it bears on, so that the whole need not be read anew.

        What every matter may name, such as categories and sources, is not: a matter that nobody touched may name one
        that is gone.
        """
        return all(name.partition("/")[0] in ITEMIZED for name in self.changed)

    @property
    def text(self) -> str:
        """The whole registry as it would be published."""
        return join(self.pieces)

    def changes(self) -> tuple[Change, ...]:
        """What publishing it would change, in words."""
        return (
            *difference(self.base.registry, self.registry),
            *calendar_difference(self.base.calendars, self.calendars),
        )

    def trial(self, digest: str = "") -> Revision:
        """The draft as if it were published, for dry runs."""
        registry = self.registry if not digest else replace(self.registry, digest=digest)
        return trial_revision(registry, self.calendars)

    def prove(self, handlers: Mapping[str, Handler]) -> CheckReport:
        """That every place still has exactly one office, for everything that the draft touches.

        The base was proved when it was published; matters whose text and law are as before need a new proof only in
        cities that changed.
        """
        cities = {name.partition("/")[2] for name in self.changed if name.startswith("regions/")}
        cities |= _cities_by_calendar(self)
        touched = set(touched_matters(self.pieces, self.changed))
        return check_registry(self.registry, self.calendars, handlers, matters=touched, regions=cities)


def _cities_by_calendar(sketch: Sketch) -> set[str]:
    changed = {
        id
        for id, calendar in sketch.calendars.items()
        if (before := sketch.base.calendars.get(id)) is None or before.last != calendar.last
    }
    return {region.id for region in sketch.registry.regions.values() if region.calendar in changed}


def sketch(base: Base, edits: Edits) -> Sketch:
    """The draft of those edits. What cannot be read or does not fit together stands in ``findings``."""
    pieces = edited(base.pieces, {name: text for name, text in edits.items() if not name.startswith(CALENDARS)})
    changed = {name for name in edits if not name.startswith((CALENDARS, ORDER))}
    calendar_texts = dict(base.calendar_texts)
    for name, text in edits.items():
        if name.startswith(CALENDARS) and text is None:
            calendar_texts.pop(name.removeprefix(CALENDARS), None)
        elif name.startswith(CALENDARS) and text is not None:
            calendar_texts[name.removeprefix(CALENDARS)] = text
    findings = _findings(pieces, changed)
    calendars = base.calendars
    if calendar_texts != base.calendar_texts:
        calendars, found = read_calendars({name: text.encode() for name, text in calendar_texts.items()})
        findings += found
    reordered = any(name.startswith(ORDER) for name in edits)
    registry = base.registry
    if not findings and (changed or reordered):
        registry = assemble(base.registry, pieces, changed)
    findings += _missing_calendars(registry, calendars) if not findings else ()
    if findings:
        registry, calendars = base.registry, base.calendars
    return Sketch(base, dict(edits), pieces, calendar_texts, findings, registry, calendars)


def _findings(pieces: Pieces, changed: set[str]) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for name in sorted(changed):
        section, _, id = name.partition("/")
        if name not in pieces or name == HEADER:
            continue
        value, problems = read_piece(name, pieces[name])
        found += problems
        if id and isinstance(value, dict) and value.get("id") not in (None, id):
            found.append(
                Finding(
                    REGISTRY_FILE, None, f"{section}.{id}.id", "other-id",
                    Text(f"代号应为 {id}，现为 {value['id']}", f"The id must be {id}, it is {value['id']}"),
                )
            )  # fmt: skip
    for section, entry in DOCUMENT.entries.items():
        absent = not names(pieces, section) if section in ITEMIZED else section not in pieces
        if entry.required and absent:
            found.append(
                Finding(REGISTRY_FILE, None, section, "missing-key", Text(f"缺少 {section}", f"{section} is missing"))
            )
    if found:
        return tuple(found)
    needed = needed_for(pieces, changed)
    document = document_of(pieces, needed)
    findings = Findings(REGISTRY_FILE, document=document)
    check_document(document, findings, others=names(pieces, "matters"))
    return findings.sorted()


def _missing_calendars(registry: Registry, calendars: Mapping[str, Calendar]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            REGISTRY_FILE, None, f"regions.{region.id}.calendar", "missing-calendar",
            Text(
                f"没有工作日历 {region.calendar}，请补上文件或改正名称",
                f"There is no calendar {region.calendar}; add its file or mend the name",
            ),
        )
        for region in registry.regions.values()
        if region.calendar not in calendars
    )  # fmt: skip

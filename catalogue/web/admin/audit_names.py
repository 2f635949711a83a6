"""What the objects of the access log are called: accounts, offices, drafts, revisions, moves and cases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from catalogue.domain.numbers import grouped, parse_reference
from catalogue.domain.registry.model import Registry
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import WORDS
from catalogue.service.desk import names_of
from catalogue.service.ports import Work
from catalogue.service.ports.records import AccessEntry

_DRAFT, _MOVE = re.compile(r"d[0-9a-f]{12}"), re.compile(r"m[0-9a-f]{12}")
_OF_REVISIONS = ("revision-published", "revision-withdrawn")


class Named(Value, frozen=True):
    """One word of what an entry is about: the id as it was written, what it is called, where it is looked at."""

    id: str
    name: Text | None = None
    address: str = ""


def objects(work: Work, registry: Registry, entries: Sequence[AccessEntry]) -> list[list[Named]]:
    """What each entry is about. What is neither known nor there any more stands by its id alone."""
    words = {word for entry in entries for word in entry.subject.split()}
    found = _of_registry(registry, words)
    found |= {id: Named(id, Text(name, name)) for id, name in names_of(work, words - {*found}).items()}
    cases = work.open_cases.several(word for word in words if parse_reference(word) == word)
    for case in cases:
        matter = registry.matters.get(case.matter)
        name = Text(case.matter, case.matter) if matter is None else matter.name
        found[case.reference] = Named(grouped(case.reference), name)
    for id in (word for word in words if _DRAFT.fullmatch(word)):
        draft = work.drafts.get(id)
        if draft is not None:
            found[id] = Named(id, Text(draft.title, draft.title), f"/admin/drafts/{id}")
    for id in (word for word in words if _MOVE.fullmatch(word)):
        move = work.moves.get(id)
        if move is not None:
            found[id] = Named(id, Text(move.reason, move.reason), f"/admin/moves/{id}")
    return [
        [_of_entry(entry, word) or found.get(word, Named(word)) for word in entry.subject.split()] for entry in entries
    ]


def _of_entry(entry: AccessEntry, word: str) -> Named | None:
    """What only the act tells: a number that is one of a revision."""
    if entry.detail in _OF_REVISIONS and word.isdigit():
        return Named(word, Text(f"第 {word} 版", f"Revision {word}"), f"/admin/revisions/{word}")
    return None


def _of_registry(registry: Registry, words: Iterable[str]) -> dict[str, Named]:
    found = {}
    for word in words:
        if word in registry.offices:
            found[word] = Named(word, registry.offices[word].name)
        elif word in registry.regions:
            found[word] = Named(word, registry.regions[word].name)
        elif word in registry.matters:
            found[word] = Named(word, registry.matters[word].name)
        elif word in WORDS["roles"]:
            found[word] = Named(word, WORDS["roles"][word])
    return found

"""Finding a matter as people type it: name, alias, code, pinyin in full or by initials. One index for each revision."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache

from catalogue.domain.divisions import plain_pinyin
from catalogue.domain.problems import Unavailable
from catalogue.domain.registry.model import Matter, Registry
from catalogue.domain.registry.revision import Revision
from catalogue.domain.value import Value
from catalogue.service.house import House

KEPT = 4
SHORTEST = 2
"""Characters from which a search of cases looks at the names of matters."""
NAMED = 3
"""The last rank of those whose name, code or initials hold what was typed."""
AHEAD = timedelta(minutes=10)
"""So long before a scheduled revision comes into force its index is made."""


class _Entry(Value, frozen=True):
    matter: str
    names: tuple[str, ...]
    codes: tuple[str, ...]
    pinyin: tuple[str, ...]
    initials: tuple[str, ...]


class Finder:
    """The index over the matters of one registry."""

    def __init__(self, registry: Registry) -> None:
        self._order = tuple(registry.matters)
        self._entries = tuple(_entry(matter) for matter in registry.matters.values())

    def find(self, asked: str) -> tuple[str, ...]:
        """Ids of the matters that meet the query, the nearest first; all in the order of the registry for none."""
        wanted = " ".join(unicodedata.normalize("NFKC", asked).lower().split())
        if not wanted:
            return self._order
        latin = wanted.isascii()
        letters = plain_pinyin(wanted) if latin else ""
        ranked = []
        for position, entry in enumerate(self._entries):
            rank = _rank(entry, wanted, letters)
            if rank is not None:
                ranked.append((rank, position, entry.matter))
        return tuple(matter for _, _, matter in sorted(ranked))

    def named(self, asked: str) -> tuple[str, ...]:
        """Ids of the matters a searcher of cases means: by name, alias, code or initials, never by a likeness."""
        wanted = " ".join(unicodedata.normalize("NFKC", asked).lower().split())
        if len(wanted) < SHORTEST:
            return ()
        letters = plain_pinyin(wanted) if wanted.isascii() else ""
        ranked = ((_rank(entry, wanted, letters), entry.matter) for entry in self._entries)
        return tuple(matter for rank, matter in ranked if rank is not None and rank <= NAMED)


def _rank(entry: _Entry, wanted: str, letters: str) -> int | None:
    if wanted == entry.matter or wanted in entry.names or wanted in entry.codes:
        return 0
    if any(name.startswith(wanted) for name in entry.names):
        return 1
    if any(word.startswith(letters) for word in entry.initials if letters):
        return 2
    if any(wanted in name for name in entry.names):
        return 3
    if any(code.startswith(wanted) for code in entry.codes) or wanted in entry.matter:
        return 4
    if len(letters) > 1 and any(word.startswith(letters) for word in entry.pinyin):
        return 5
    if len(letters) > 1 and any(letters in word for word in entry.initials):
        return 6
    if len(letters) > 3 and any(letters in word for word in entry.pinyin):
        return 7
    words = wanted.split()
    if len(words) > 1 and any(all(word in name for word in words) for name in entry.names):
        return 8
    return None


def _entry(matter: Matter) -> _Entry:
    codes = (matter.codes.item, matter.codes.sub_item, matter.codes.business_item)
    return _made(matter.id, matter.name.zh, matter.name.en, matter.aliases, codes)


@lru_cache(maxsize=65_536)
def _made(
    matter: str, zh: str, en: str, aliases: tuple[str, ...], numbers: tuple[str | None, ...]
) -> _Entry:  # fmt: skip
    # Kept by what it is made of: the index of a new revision costs the matters that changed, and no others.
    # imported here because its dictionaries take time to load and only the index needs them
    from pypinyin import lazy_pinyin

    chinese = [re.sub(r"[^\w]", "", name) for name in (zh, *aliases)]
    spelt = [lazy_pinyin(name, errors=lambda other: f"{_LATIN}{other}") for name in chinese]
    return _Entry(
        matter,
        tuple(unicodedata.normalize("NFKC", name).lower() for name in (zh, en, *aliases)),
        tuple(code.lower() for code in numbers if code),
        tuple(dict.fromkeys(plain_pinyin("".join(word.lstrip(_LATIN) for word in words)) for words in spelt)),
        tuple(dict.fromkeys(plain_pinyin("".join(_initial(word) for word in words)) for words in spelt)),
    )


_LATIN = "\0"
"""Marks what is no Chinese character, and has no initial but itself."""


def _initial(word: str) -> str:
    return word[1:] if word.startswith(_LATIN) else word[:1]


_FINDERS: dict[str, Finder] = {}
_MAKING = threading.Lock()
"""Held while an index is made, so that who asks meanwhile waits for it and makes no second one."""


def finder(revision: Revision) -> Finder:
    """The index of a revision; where it is not ready it is waited for or made, so call it in a thread then."""
    held = _FINDERS.get(revision.registry.digest)
    if held is None:
        with _MAKING:
            held = _FINDERS.get(revision.registry.digest) or _keep(revision)
    return held


def prepare(house: House, stopping: Callable[[], bool]) -> Mapping[str, int]:
    """Make the index of the revision in force, and of one about to be, before anybody searches; answers how many.

    It is broken off between two matters once ``stopping`` says so, and what was made of it is kept.
    """
    now, made = house.clock.now(), 0
    for at in (now, now + AHEAD):
        try:
            revision = house.in_force(at)
        except Unavailable:
            continue
        if is_ready(revision):
            continue
        with _MAKING:
            for matter in revision.registry.matters.values():
                if stopping():
                    return {"indexes": made}
                _entry(matter)
            _keep(revision)
            made += 1
    return {"indexes": made}


def _keep(revision: Revision) -> Finder:
    made = Finder(revision.registry)
    if len(_FINDERS) >= KEPT:
        _FINDERS.clear()
    _FINDERS[revision.registry.digest] = made
    return made


def is_ready(revision: Revision) -> bool:
    """Whether the index is there already and a search costs microseconds."""
    return revision.registry.digest in _FINDERS


def named_matters(house: House, asked: str | None) -> tuple[str, ...]:
    """The matters in force that a search of cases names; call it in a thread, the index may have to be made."""
    return finder(house.in_force()).named(asked) if asked and asked.strip() else ()

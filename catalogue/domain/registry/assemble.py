"""The registry that a draft would be: what it changes built anew, everything else taken over from its base.

The same values as reading the whole text would give (a property test holds the two together), at the cost of the
changes alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from catalogue.domain.registry.build import Builder
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.pieces import ITEMIZED, document_of, names, read_piece


def touched_matters(pieces: Mapping[str, str], changed: Iterable[str]) -> list[str]:
    """The matters that these changes concern: changed themselves, by their family or by a law they rest on."""
    changed = set(changed)
    own = {name.partition("/")[2] for name in changed if name.startswith("matters/")}
    families = {name.partition("/")[2] for name in changed if name.startswith("families/")}
    laws = {name.partition("/")[2] for name in changed if name.startswith("laws/")}
    if laws:
        families |= {family for family in names(pieces, "families") if _names_law(pieces[f"families/{family}"], laws)}
    found = []
    for matter in names(pieces, "matters"):
        text = pieces[f"matters/{matter}"]
        if matter in own or (families and _family(text) in families) or (laws and _names_law(text, laws)):
            found.append(matter)
    return found


def _family(text: str) -> str | None:
    for line in text.split("\n"):
        if line.startswith("    family: "):
            return line[12:].strip().strip('"')
    return None


def _names_law(text: str, laws: set[str]) -> bool:
    return any(f"law: {law}," in text or f"law: {law}\n" in text for law in laws)


def needed_for(pieces: Mapping[str, str], changed: Iterable[str]) -> set[str]:
    """The pieces that checking these changes has to look at: the touched matters, and all that is no matter."""
    wanted = {f"matters/{matter}" for matter in touched_matters(pieces, changed)}
    wanted |= {name for name in pieces if not name.startswith("matters/")}
    for name in changed:
        if name.startswith("regions/") and name in pieces:
            region, _ = read_piece(name, pieces[name])
            overlays = region.get("overlays") if isinstance(region, dict) else None
            wanted |= {f"matters/{matter}" for matter in overlays or ()}
    return wanted


def assemble(base: Registry, pieces: Mapping[str, str], changed: Iterable[str], digest: str = "") -> Registry:
    """The registry of these pieces, which differ from ``base`` in ``changed`` and are without findings."""
    changed = set(changed)
    rebuilt = touched_matters(pieces, changed)
    document = document_of(
        pieces,
        {f"matters/{matter}" for matter in rebuilt}
        | {name for name in pieces if name in changed or name.partition("/")[0] not in ("matters", "regions")},
    )
    builder = Builder(document)
    matters = {matter["id"]: builder.matter(matter) for matter in document["matters"]}
    regions = {region["id"]: builder.region(region) for region in document["regions"]}
    parts: dict[str, Any] = {
        "matters": _ordered(names(pieces, "matters"), matters, base.matters),
        "regions": _ordered(names(pieces, "regions"), regions, base.regions),
    }
    if changed - {name for name in changed if name.partition("/")[0] in ITEMIZED}:
        parts |= builder.head()
    parts |= builder.shared()
    return replace(base, digest=digest, **parts)


def _ordered(ids: list[str], new: Mapping[str, Any], old: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType({id: new[id] if id in new else old[id] for id in ids})

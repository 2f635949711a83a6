"""What a new registry would change, in words: which matter, which fact, from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from catalogue.domain.registry.compiled import as_plain
from catalogue.domain.registry.model import Family, Region, Registry
from catalogue.domain.registry.wording import Names, in_words, item_name, phrases
from catalogue.domain.registry.words import PARTS, field_name
from catalogue.domain.text import Text
from catalogue.domain.value import Value

Kind = Literal["added", "removed", "changed"]
Plain = dict[str, Any]

_NESTED = ("codes", "limits", "decided_by", "fee")
"""Parts of a matter that are compared fact by fact."""
_LISTED = {
    "materials": "id", "form": "key", "particulars": "key", "extra_materials": "id", "windows": "id", "numbers": "id",
}  # fmt: skip
"""Lists that are compared item by item, and what tells their items apart."""


class Change(Value, frozen=True):
    """One difference. ``part`` and ``id`` name what changed (matter, office …), ``path`` the fact within it."""

    kind: Kind
    part: str
    id: str
    name: Text
    path: str
    before: Any
    after: Any
    sentence: Text

    def as_json(self) -> dict[str, Any]:
        """The shape of ``catalogue registry plan --json``."""
        return {
            "kind": self.kind,
            "part": self.part,
            "id": self.id,
            "path": self.path,
            "before": self.before,
            "after": self.after,
            "text": self.sentence.as_json(),
        }


def difference(old: Registry | None, new: Registry) -> tuple[Change, ...]:
    """Every change from the old registry to the new, in the order of the file; without an old one all is added.

    Parts that are equal are told apart as values; only the others are taken to pieces.
    """
    before = _parts(old) if old else {}
    after = _parts(new)
    changes: list[Change] = []
    names = _references(old, new)
    for key in [*after, *(key for key in before if key not in after)]:
        part, id = key
        was, now = before.get(key), after.get(key)
        if was is None and now is not None:
            changes.append(_whole("added", part, id, _plain(now)))
        elif now is None and was is not None:
            changes.append(_whole("removed", part, id, _plain(was)))
        elif was is not None and now is not None and was[0] != now[0]:
            changes += _facts(part, id, _plain(was), _plain(now), names)
    return (*changes, *_orders(old, new))


_ORDERED = {"region": "regions", "category": "categories", "law": "laws", "family": "families", "matter": "matters"}


def _orders(old: Registry | None, new: Registry) -> Iterator[Change]:
    """Sections whose items stand in another order than before."""
    for part, section in _ORDERED.items():
        before, after = list(getattr(old, section) if old else ()), list(getattr(new, section))
        kept = set(before) & set(after)
        if [id for id in before if id in kept] != [id for id in after if id in kept]:
            said = Text(f"{PARTS[part].zh}的排列顺序有变", f"Order of section {section} changes")
            yield Change("changed", "registry", "", new.title, section, None, None, said)


_Part = tuple[Any, Text | None]
"""What can be added, removed or changed by itself, and its name where it has none of its own."""


def _parts(registry: Registry) -> dict[tuple[str, str], _Part]:
    head = {
        "name": registry.title, "note": registry.note, "as_of": registry.as_of, "numbers": registry.numbers,
    }  # fmt: skip
    parts: dict[tuple[str, str], _Part] = {
        ("registry", ""): (head, None),
        ("province", registry.province.code): (registry.province, None),
    }
    parts |= {("category", key): (item, None) for key, item in registry.categories.items()}
    for region in registry.regions.values():
        parts["region", region.id] = (
            replace(region, divisions=(), offices=(), jurisdictions=(), overlays=_NO_OVERLAYS), None
        )  # fmt: skip
        parts |= {("division", item.code): (item, None) for item in region.divisions}
        parts |= {("office", item.id): (item, None) for item in region.offices}
        parts |= {
            ("jurisdiction", " ".join((item.place, *item.matters))): (item, None) for item in region.jurisdictions
        }
        for matter, overlay in region.overlays.items():
            words = registry.matters[matter].name
            shown = Text(f"{region.short.zh}·{words.zh}", f"{region.short.en}, {words.en}")
            parts["overlay", f"{region.id}/{matter}"] = (overlay, shown)
    parts |= {("law", key): (item, Text(item.title, item.title)) for key, item in registry.laws.items()}
    parts |= {("family", key): (item, None) for key, item in registry.families.items()}
    parts |= {("matter", key): (item, None) for key, item in registry.matters.items()}
    parts |= {("source", key): (item, Text(key, key)) for key, item in registry.sources.items()}
    return parts


_NO_OVERLAYS: Mapping[str, Any] = {}
_INNER = frozenset({"divisions", "offices", "jurisdictions", "overlays"})


def _plain(part: _Part) -> Plain:
    """The part as plain values; of a city only what is its own."""
    value, name = part
    plain: Plain = (
        {key: as_plain(inner) for key, inner in value.items()} if isinstance(value, dict) else as_plain(value)
    )
    if isinstance(value, Family):
        plain = {"id": plain["id"], "name": plain["name"], **plain["facts"]}
    if isinstance(value, Region):
        plain = {key: inner for key, inner in plain.items() if key not in _INNER}
    return plain if name is None else {"name": name.as_json(), **plain}


def _name(plain: Plain) -> Text:
    name = plain["name"]
    return Text(name["zh"], name["en"])


def _whole(kind: Kind, part: str, id: str, plain: Plain) -> Change:
    name = _name(plain)
    zh, en = ("新增", "added") if kind == "added" else ("删除", "removed")
    text = Text(f"{zh}{PARTS[part].zh}：{name.zh}", f"{PARTS[part].en} {en}: {name.en}")
    before, after = (None, id) if kind == "added" else (id, None)
    return Change(kind, part, id, name, "", before, after, text)


def _facts(part: str, id: str, was: Plain, now: Plain, names: Names) -> Iterator[Change]:
    names = {**names, **_conditions(was, now)}
    for path, before, after in _unequal(was, now, part):
        kind: Kind = "changed"
        head, _, item = path.partition("[")
        label = field_name(head)
        key = "provenance" if head.startswith("provenance.") else head
        name = _name(now)
        lead = Text(f"{name.zh}：{label.zh}", f"{name.en}: {label.en}")
        if item and (before is None or after is None):
            kind = "added" if before is None else "removed"
            shown = item_name(after if before is None else before)
            zh, en = ("新增", "added") if kind == "added" else ("删除", "removed")
            text = Text(f"{lead.zh}{zh}“{shown.zh}”", f"{lead.en} {en}: {shown.en}")
            if head == "numbers" and before is None:
                words = in_words(key, {name: value for name, value in after.items() if name != "id"}, names)
                text = Text(f"{text.zh}：{words.zh}", f"{text.en}, {words.en}")
        else:
            if item:
                shown = item_name(after)
                lead = Text(f"{lead.zh}“{shown.zh}”", f"{lead.en} “{shown.en}”")
            said = list(phrases(lead, key, before, after, names))
            text = Text("；".join(one.zh for one in said), "; ".join(one.en for one in said))
        yield Change(kind, part, id, name, path, before, after, text)


def _conditions(*sides: Plain) -> Names:
    """What the keys and choices of conditions are called in a matter."""
    found: dict[str, Mapping[str, Text]] = {}
    keys: dict[str, Text] = {}
    for side in sides:
        for particular in side.get("particulars") or ():
            keys[particular["key"]] = item_name(particular)
            found[particular["key"]] = {choice["value"]: item_name(choice) for choice in particular["choices"]}
    return {**found, "when": keys}


def _unequal(was: Plain, now: Plain, part: str) -> Iterator[tuple[str, Any, Any]]:
    for key in [*now, *(key for key in was if key not in now)]:
        before, after = was.get(key), now.get(key)
        if before == after or (part == "overlay" and key == "name"):
            continue
        if key in _LISTED:
            yield from _items(key, before or [], after or [])
        elif (part in ("matter", "family") and key in _NESTED) or key == "provenance":
            old, new = before or {}, after or {}
            for name in [*new, *(name for name in old if name not in new)]:
                if old.get(name) != new.get(name):
                    yield f"{key}.{name}", old.get(name), new.get(name)
        else:
            yield key, before, after


def _items(key: str, before: list[Plain], after: list[Plain]) -> Iterator[tuple[str, Any, Any]]:
    mark = _LISTED[key]
    old = {item[mark]: item for item in before}
    new = {item[mark]: item for item in after}
    for id in [*new, *(id for id in old if id not in new)]:
        if old.get(id) != new.get(id):
            yield f"{key}[{id}]", old.get(id), new.get(id)
    if list(old) != list(new) and set(old) == set(new):
        yield key, list(old), list(new)


def _references(*registries: Registry | None) -> Names:
    """What the codes that fields refer to are called."""
    offices: dict[str, Text] = {}
    categories: dict[str, Text] = {}
    families: dict[str, Text] = {}
    for registry in registries:
        if registry is not None:
            offices |= {
                o.id: Text(f"{o.name.zh}（{o.id}）", f"{o.name.en} ({o.id})") for o in registry.offices.values()
            }
            categories |= {item.id: item.name for item in registry.categories.values()}
            families |= {item.id: item.name for item in registry.families.values()}
    return {
        **dict.fromkeys(("parent", "successor", "office", "city_office"), offices),
        "category": categories,
        "family": families,
    }

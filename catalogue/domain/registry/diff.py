"""What a new registry would change, in words: which matter, which fact, from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from catalogue.domain.registry.compiled import as_plain
from catalogue.domain.registry.model import Region, Registry
from catalogue.domain.registry.words import CONFIDENCES_IN_WORDS, PARTS, field_name
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
_NOTHING = Text("无", "none")
_UNKNOWN = Text("未知", "unknown")


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
    for key in [*after, *(key for key in before if key not in after)]:
        part, id = key
        was, now = before.get(key), after.get(key)
        if was is None and now is not None:
            changes.append(_whole("added", part, id, _plain(now)))
        elif now is None and was is not None:
            changes.append(_whole("removed", part, id, _plain(was)))
        elif was is not None and now is not None and was[0] != now[0]:
            changes += _facts(part, id, _plain(was), _plain(now))
    return tuple(changes)


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


def _facts(part: str, id: str, was: Plain, now: Plain) -> Iterator[Change]:
    for path, before, after in _unequal(was, now, part):
        kind: Kind = "changed"
        head, _, item = path.partition("[")
        label = field_name(head)
        name = _name(now)
        zh_head, en_head = f"{name.zh}：{label.zh}", f"{name.en}: {label.en}"
        if item and (before is None or after is None):
            kind = "added" if before is None else "removed"
            shown = _item_name(after if before is None else before)
            zh, en = ("新增", "added") if kind == "added" else ("删除", "removed")
            text = Text(f"{zh_head}{zh}“{shown.zh}”", f"{en_head} {en}: {shown.en}")
            if head == "numbers" and before is None:
                words = _rule_in_words(after)
                text = Text(f"{text.zh}：{words.zh}", f"{text.en}, {words.en}")
        else:
            if item:
                shown = _item_name(after)
                zh_head, en_head = f"{zh_head}“{shown.zh}”", f"{en_head} “{shown.en}”"
            unit = Text("个工作日", " working days") if head.endswith("_days") else Text("", "")
            old, new = _shown(before, head, unit), _shown(after, head, unit)
            text = Text(f"{zh_head}由{old.zh}改为{new.zh}", f"{en_head} changes from {old.en} to {new.en}")
        yield Change(kind, part, id, name, path, before, after, text)


def _unequal(was: Plain, now: Plain, part: str) -> Iterator[tuple[str, Any, Any]]:
    for key in now:
        before, after = was.get(key), now[key]
        if before == after or (part == "overlay" and key == "name"):
            continue
        if key in _LISTED:
            yield from _items(key, before or [], after or [])
        elif (part == "matter" and key in _NESTED) or key == "provenance":
            inner = [*after, *(name for name in before or {} if name not in after)]
            for name in inner:
                if (before or {}).get(name) != after.get(name):
                    yield f"{key}.{name}", (before or {}).get(name), after.get(name)
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


def _item_name(item: Mapping[str, Any]) -> Text:
    name = item.get("name") or item.get("label") or {}
    if not name and "form" in item:
        # A rule of numbers has no name but the one that commands and findings use.
        return Text(item["id"], item["id"])
    return Text(name.get("zh", ""), name.get("en", ""))


def _rule_in_words(rule: Mapping[str, Any]) -> Text:
    zh = [f"“{rule['form']}”", f"序号至少{rule['width']}位"]
    en = [f"“{rule['form']}”", f"serial of {rule['width']} digits or more"]
    for key, of_zh, of_en in (("kinds", "限于", "for"), ("offices", "机关", "offices")):
        if rule[key]:
            zh.append(f"{of_zh}{'、'.join(rule[key])}")
            en.append(f"{of_en} {', '.join(rule[key])}")
    if rule["series"]:
        zh.append(f"序列{rule['series']}")
        en.append(f"series {rule['series']}")
    return Text("，".join(zh), ", ".join(en))


def _shown(value: Any, path: str, unit: Text) -> Text:
    """A value in words; what is long is left to ``before`` and ``after``."""
    if value is None:
        return _UNKNOWN if path.startswith(("limits", "codes", "phone", "fee")) else _NOTHING
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, dict) and set(value) == {"zh", "en"}:
        return Text(f"“{value['zh']}”", f"“{value['en']}”")
    if isinstance(value, dict) and "form" in value:
        return _rule_in_words(value)
    if isinstance(value, dict) and value.get("confidence") in CONFIDENCES_IN_WORDS:
        return CONFIDENCES_IN_WORDS[value["confidence"]]
    if isinstance(value, dict | list):
        plain = isinstance(value, list) and all(isinstance(item, str) for item in value) and len(value) <= 6
        if plain and value:
            return Text("、".join(value), ", ".join(value))
        return Text("（见原文）", "(see the texts)") if value else _NOTHING
    return Text(f"{value}{unit.zh}", f"{value}{unit.en}")

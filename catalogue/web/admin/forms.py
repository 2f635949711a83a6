"""Forms made from the shapes of the registry, so that every field there is can be edited and none is written twice.

``control`` turns a shape and a value into what a template renders; ``form_reading`` reads the same form back. Both
follow ``catalogue.domain.registry.schema``; whether the values hold is judged by ``registry check``'s rules alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from msgspec import field

from catalogue.domain.registry.schema import (
    BASIS,
    CONDITION,
    CONFIDENCES,
    OVERLAID,
    OVERLAY_BASES,
    Entry,
    Keyed,
    Kind,
    Many,
    Plain,
    Shape,
)
from catalogue.domain.registry.threeway import ABSENT
from catalogue.domain.registry.words import VALUES, VOCABULARY
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import WORDS
from catalogue.web.admin.terms import HELP, LABELS

Form = Mapping[str, list[str]]
Choice = tuple[str, Text]

BLANK = 1
"""Empty rows at the end of a list."""
SHORT = 4
"""Plain fields that an item may have to be typed on one line."""
MOST_CHOICES = 400
"""More than these are typed, not picked."""
SAY_NONE = ("families",)
"""Blocks of which a list may be stated as empty, which is not the same as not being stated."""


class Around(Value, frozen=True):
    """What references may point to, and the particulars that conditions name.

    ``groups``: what a list of ids, named as ``numbers.kinds``, may hold, under headings.
    """

    references: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    groups: Mapping[str, Sequence[tuple[Text, Sequence[Choice]]]] = field(default_factory=dict)
    particulars: Sequence[tuple[str, Text, Sequence[Choice]]] = ()


class Control(Value, frozen=True):
    """One field of a form. ``kind``: line, count, day, choice, lines, table, ticks, picks, basis, when, pair, group,
    folded, rows. ``says_none``: an empty list can be stated. ``groups``: the choices of picks under their headings.
    """

    kind: str
    name: str
    path: str
    label: Text
    help: Text | None = None
    value: Any = None
    choices: Sequence[Choice] = ()
    optional: bool = True
    parts: Sequence[Control] = ()
    columns: Sequence[Text] = ()
    shown: str = ""
    """What a row is called while it is closed."""
    groups: Sequence[tuple[Text, Sequence[Choice]]] = ()
    says_none: bool = False


def label_of(key: str, block: str = "") -> Text:
    """The label of a field, in that block where it means something of its own there."""
    return LABELS.get(f"{block}.{key}") or LABELS.get(key, Text(key, key))


def control(
    kind: Kind,
    value: Any,
    name: str,
    around: Around,
    *,
    optional: bool = True,
    path: str = "",
    depth: int = 0,
    rows: int = BLANK,
    block: str = "",
) -> Control:
    """What a template renders for a value of that kind. ``rows``: how many empty ones a list ends with."""
    key = name.rpartition(".")[2]
    block = block or name.partition(".")[0]
    own = f"{block}.{key}"
    told: dict[str, Any] = {
        "name": name,
        "path": path or name,
        "label": label_of(key, block),
        "help": HELP.get(own) or (HELP.get(key) if depth and own not in LABELS else None),
    }
    value = None if value is ABSENT else value
    if isinstance(kind, Many) and own in around.groups:
        return _picks(value or [], around.groups[own], optional, told)
    if kind is BASIS:
        confidence, _, rest = str(value or "").partition(" ")
        return Control("basis", value=(confidence, rest), choices=_values(key, CONFIDENCES), optional=optional, **told)
    if kind is CONDITION:
        return Control("when", value=value or {}, choices=(), parts=_when(name, value or {}, around), **told)
    if isinstance(kind, Plain):
        return _plain(kind, value, key, around, optional, told)
    if isinstance(kind, Shape):
        if set(kind.entries) == {"zh", "en"}:
            return Control("pair", value=value or {}, optional=optional, **told)
        return Control(
            "group", optional=optional, parts=_parts(kind, value or {}, name, around, told["path"], depth), **told
        )
    if isinstance(kind, Many):
        found = _many(kind, value or [], around, optional, told, depth, rows)
        says_none = found.kind == "rows" and optional and block in SAY_NONE
        return replace(found, says_none=says_none, shown="none" if value == [] else "")
    if kind is OVERLAY_BASES:
        parts = [
            control(BASIS, (value or {}).get(one), f"{name}.{one}", around, path=f"{path or name}.{one}")
            for one in OVERLAID
        ]
        return Control("folded", value=value or {}, parts=parts, **{**told, "help": HELP["overlay.provenance"]})
    if isinstance(kind, Keyed) and kind.value is BASIS:
        text = "\n".join(f"{fact}: {basis}" for fact, basis in (value or {}).items())
        return Control("lines", value=text, optional=optional, **{**told, "help": HELP["bases"]})
    return Control("line", value=value, optional=optional, **told)


def _parts(kind: Shape, value: Mapping[str, Any], name: str, around: Around, path: str, depth: int) -> list[Control]:
    return [
        control(
            entry.kind, value.get(key), f"{name}.{key}", around, optional=_may_be_empty(entry), path=f"{path}.{key}",
            depth=depth + 1,
        )
        for key, entry in kind.entries.items()
    ]  # fmt: skip


def _may_be_empty(entry: Entry) -> bool:
    return not entry.required or (isinstance(entry.kind, Plain) and entry.kind.nullable)


def _plain(kind: Plain, value: Any, key: str, around: Around, optional: bool, told: dict[str, Any]) -> Control:
    if kind.of == "switch":
        shown = {True: "true", False: "false"}.get(value, "")
        return Control("choice", value=shown, choices=_SWITCH, optional=optional, **told)
    if kind.values:
        return Control("choice", value=value or "", choices=_values(key, kind.values), optional=optional, **told)
    picked = around.references.get(key)
    if picked is not None and len(picked) <= MOST_CHOICES:
        missing = value is not None and all(value != code for code, _ in picked)
        known = [*picked, (value, Text(value, value))] if missing else picked
        return Control("choice", value=value or "", choices=known, optional=optional, **told)
    how = {"count": "count", "day": "day"}.get(kind.of, "line")
    shown = "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
    return Control(how, value=shown, optional=optional, **told)


_SWITCH: tuple[Choice, ...] = (("true", Text("是", "yes")), ("false", Text("否", "no")))


def _values(key: str, codes: Sequence[str]) -> list[Choice]:
    words = WORDS.get(VOCABULARY.get(key, ""), {})
    return [(code, words.get(code) or VALUES.get(code) or Text(code, code)) for code in codes]


def _many(
    kind: Many, value: list[Any], around: Around, optional: bool, told: dict[str, Any], depth: int, rows: int
) -> Control:
    item = kind.item
    if isinstance(item, Plain):
        if item.values:
            key = told["name"].rpartition(".")[2]
            return Control("ticks", value=value, choices=_values(key, item.values), optional=optional, **told)
        return Control("lines", value="\n".join(str(one) for one in value), optional=optional, **told)
    if isinstance(item, Shape) and depth and is_table(item):
        text = "\n".join(" | ".join(str(one.get(key) or "") for key in item.entries).rstrip(" |") for one in value)
        return Control("table", value=text, optional=optional, columns=[label_of(key) for key in item.entries], **told)
    parts = []
    for n, one in enumerate([*value, *({} for _ in range(rows))]):
        row = control(item, one, f"{told['name']}.{n}", around, path=_row_path(told["path"], one, n), depth=depth)
        called = (one.get(key) for key in ("zh", "law", "level", "place", "id"))
        name = next((str(name) for name in called if name), "")
        parts.append(replace(row, shown=WORDS["levels"][name].zh if name in WORDS["levels"] else name))
    return Control("rows", value=len(value), optional=optional, parts=parts, **told)


def _picks(
    value: list[Any], groups: Sequence[tuple[Text, Sequence[Choice]]], optional: bool, told: dict[str, Any]
) -> Control:
    """Ids chosen by name. A group with more than can be picked is typed; what no group has is kept as it is."""
    known = {code: words for _, choices in groups for code, words in choices}
    shown = [(heading, choices) for heading, choices in groups if 0 < len(choices) <= MOST_CHOICES]
    listed = {code for _, choices in shown for code, _ in choices}
    chosen = [(code, known.get(code, Text(code, code))) for code in value]
    left = [(code, words) for code, words in chosen if code not in listed]
    if left:
        shown = [(Text("已选", "Chosen"), left), *shown]
    typed = "lines" if any(len(choices) > MOST_CHOICES for _, choices in groups) else ""
    return Control("picks", value=value, choices=chosen, groups=shown, shown=typed, optional=optional, **told)


def is_table(kind: Shape) -> bool:
    """Whether items are short enough to be typed one a line."""
    return len(kind.entries) <= SHORT and all(isinstance(entry.kind, Plain) for entry in kind.entries.values())


def _row_path(path: str, value: Mapping[str, Any], n: int) -> str:
    """As findings name it: by the item's own name where it has one."""
    name = next((value[key] for key in ("id", "key", "value", "place", "law") if value.get(key)), None)
    return f"{path}.{name}" if name else f"{path}[{n}]"


def _when(name: str, value: Mapping[str, Any], around: Around) -> list[Control]:
    found = [
        Control("ticks", f"{name}.{key}", f"{name}.{key}", label, value=list(value.get(key, ())), choices=choices)
        for key, label, choices in around.particulars
    ]
    # What no particular explains is kept, so that saving loses nothing before it is mended.
    found += [
        Control(
            "ticks",
            f"{name}.{key}",
            f"{name}.{key}",
            Text(key, key),
            value=list(values),
            choices=[(v, Text(v, v)) for v in values],
        )
        for key, values in value.items()
        if key not in {known for known, _, _ in around.particulars}
    ]
    return found

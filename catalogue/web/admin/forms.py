"""Forms made from the shapes of the registry, so that every field there is can be edited and none is written twice.

``control`` turns a shape and a value into what a template renders; ``value_of`` reads the same form back. Both follow
``catalogue.domain.registry.schema``; whether the values hold is judged by the rules of ``registry check`` alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from msgspec import field

from catalogue.domain.problems import Fault
from catalogue.domain.registry.schema import BASIS, CONDITION, CONFIDENCES, Entry, Keyed, Kind, Many, Plain, Shape
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
MOST_ROWS = 200
MOST_CHOICES = 400
"""More than these are typed, not picked."""


class Around(Value, frozen=True):
    """What references may point to, and the particulars that conditions name."""

    references: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    particulars: Sequence[tuple[str, Text, Sequence[Choice]]] = ()


class Control(Value, frozen=True):
    """One field of a form. ``kind``: line, count, day, choice, lines, table, ticks, basis, when, pair, group, rows."""

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
        return _many(kind, value or [], around, optional, told, depth, rows)
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


# --- reading a form back ----------------------------------------------------------------------------------------------


def text_of(form: Form, name: str) -> str:
    """What was typed, line ends as one character, spaces at its ends off."""
    return (form.get(name) or [""])[0].replace("\r\n", "\n").replace("\r", "\n").strip()


def value_of(
    kind: Kind,
    form: Form,
    name: str,
    around: Around,
    faults: list[Fault],
    *,
    optional: bool,
    path: str = "",
    depth: int = 0,
) -> Any:
    """The plain value of a form's field; ``ABSENT`` where it was left out."""
    path = path or name
    if kind is BASIS:
        rest = text_of(form, f"{name}.rest")
        basis = " ".join(part for part in (text_of(form, name), rest) if part)
        return basis or (ABSENT if optional else "")
    if kind is CONDITION:
        return _when_of(form, name, around) or ABSENT
    if isinstance(kind, Plain):
        return _plain_of(kind, text_of(form, name), optional, path, faults)
    if isinstance(kind, Shape):
        return _shape_of(kind, form, name, around, faults, optional, path, depth)
    if isinstance(kind, Many):
        return _many_of(kind, form, name, around, faults, optional, path, depth)
    if isinstance(kind, Keyed) and kind.value is BASIS:
        return _bases_of(text_of(form, name), optional, path, faults)
    return ABSENT


def _bases_of(text: str, optional: bool, path: str, faults: list[Fault]) -> Any:
    """Provenance typed a fact a line."""
    found = {}
    for line in text.split("\n"):
        fact, colon, basis = line.partition(":")
        if colon and fact.strip() and basis.strip():
            found[fact.strip()] = " ".join(basis.split())
        elif line.strip():
            faults.append(Fault(path, "bad-line", Text("每行写：内容: 把握 来源", "A line: fact: confidence source")))
    return found or (ABSENT if optional else {})


def _plain_of(kind: Plain, text: str, optional: bool, path: str, faults: list[Fault]) -> Any:
    if not text:
        # A field that may be null and must be there is unknown; one that may be left out is left out.
        return None if kind.nullable and (not optional or kind.of == "count") else ABSENT if optional else ""
    if kind.of == "switch":
        return text == "true"
    if kind.of == "count":
        if text.isascii() and text.isdigit() and len(text) < 9:
            return int(text)
        faults.append(Fault(path, "not-a-number", Text("应为整数，如 10", "Must be a whole number, like 10")))
        return None
    if kind.of == "day":
        try:
            return date.fromisoformat(text)
        except ValueError:
            faults.append(Fault(path, "bad-date", Text("应为日期，如 2026-12-01", "Must be a date, like 2026-12-01")))
            return None
    return " ".join(text.split("\n"))


def _shape_of(
    kind: Shape, form: Form, name: str, around: Around, faults: list[Fault], optional: bool, path: str, depth: int
) -> Any:
    found = {}
    for key, entry in kind.entries.items():
        value = value_of(
            entry.kind, form, f"{name}.{key}", around, faults, optional=not entry.required, path=f"{path}.{key}",
            depth=depth + 1,
        )  # fmt: skip
        if value is not ABSENT:
            found[key] = value
    empty = all(value in ("", None, [], {}) for value in found.values())
    return ABSENT if optional and empty else found


def _many_of(
    kind: Many, form: Form, name: str, around: Around, faults: list[Fault], optional: bool, path: str, depth: int
) -> Any:
    item = kind.item
    if isinstance(item, Plain):
        if item.values:
            picked = [value for value in form.get(name, ()) if value]
        else:
            picked = [" ".join(line.split()) for line in text_of(form, name).split("\n") if line.strip()]
        return picked if picked or not optional else ABSENT
    if isinstance(item, Shape) and depth and is_table(item):
        rows = [_row(item, line) for line in text_of(form, name).split("\n") if line.strip()]
        return rows if rows or not optional else ABSENT
    found = []
    for n in range(MOST_ROWS):
        here = f"{name}.{n}"
        if f"{here}._" not in form:
            break
        if text_of(form, f"{here}.drop"):
            continue
        value = value_of(item, form, here, around, faults, optional=True, path=f"{path}[{n}]", depth=depth)
        if value is not ABSENT and not _untouched(value):
            found.append(value)
    return found if found or not optional else ABSENT


def _untouched(value: Any) -> bool:
    """Whether nothing was typed into a row: choices that always have a value do not count."""
    if not isinstance(value, Mapping):
        return False
    return all(
        inner in ("", None, [], {}) or isinstance(inner, bool) or key in ("kind", "type", "level")
        for key, inner in value.items()
    )


def _row(kind: Shape, line: str) -> dict[str, Any]:
    cells = [cell.strip() for cell in line.split("|")]
    row = {}
    for (key, entry), cell in zip(kind.entries.items(), [*cells, *[""] * len(kind.entries)], strict=False):
        if cell or entry.required:
            row[key] = cell
    return row


def _when_of(form: Form, name: str, around: Around) -> dict[str, list[str]]:
    start = f"{name}."
    found = {}
    for key in (name_[len(start) :] for name_ in form if name_.startswith(start)):
        values = [value for value in form[f"{start}{key}"] if value]
        if values:
            found[key] = values
    order = [key for key, _, _ in around.particulars]
    return dict(sorted(found.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)))


# --- an empty field says neither null nor absent ----------------------------------------------------------------------


def settled(before: Any, new: Any, *, in_list: bool = False) -> Any:
    """The new value, with null and absent, order and defaults as they stood where the form cannot tell them apart."""
    if isinstance(new, Mapping):
        held = before if isinstance(before, Mapping) else {}
        found = {}
        for key, value in new.items():
            if value is None and key not in held and (in_list or held):
                continue
            found[key] = settled(held.get(key), value, in_list=in_list)
        found |= {key: None for key, value in held.items() if value is None and key not in found}
        return found
    if isinstance(new, list):
        if isinstance(before, list) and sorted(map(str, before)) == sorted(map(str, new)):
            return before
        return [settled(_counterpart(before, one, n, len(new)), one, in_list=True) for n, one in enumerate(new)]
    return new


def _counterpart(before: Any, item: Any, n: int, count: int) -> Any:
    """The item of the old list that this one was: by name, else by place where the list is as long as it was."""
    if not isinstance(before, list) or not isinstance(item, Mapping):
        return None
    for key in ("id", "key", "value", "place"):
        if key in item:
            return next((old for old in before if isinstance(old, Mapping) and old.get(key) == item[key]), None)
    return before[n] if len(before) == count else None

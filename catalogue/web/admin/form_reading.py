"""Reading back a form that ``forms.control`` made: plain values of the registry, and what cannot even be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from catalogue.domain.problems import Fault
from catalogue.domain.registry.schema import BASIS, CONDITION, OVERLAID, OVERLAY_BASES, Keyed, Kind, Many, Plain, Shape
from catalogue.domain.registry.threeway import ABSENT
from catalogue.domain.text import Text
from catalogue.web.admin.forms import Around, Form, is_table

MOST_ROWS = 200


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
    if kind is OVERLAY_BASES:
        bases = {one: value_of(BASIS, form, f"{name}.{one}", around, faults, optional=True) for one in OVERLAID}
        return {one: basis for one, basis in bases.items() if basis is not ABSENT} or ABSENT
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
        if f"{name}._" in form:
            picked = list(dict.fromkeys([*form.get(name, ()), *text_of(form, f"{name}.other").split()]))
        elif item.values:
            picked = [value for value in form.get(name, ()) if value]
        else:
            picked = [" ".join(line.split()) for line in text_of(form, name).split("\n") if line.strip()]
        return picked if picked or not optional else ABSENT
    if isinstance(item, Shape) and depth and is_table(item):
        rows = [_row(item, line) for line in text_of(form, name).split("\n") if line.strip()]
        return rows if rows or not optional else ABSENT
    found: list[tuple[tuple[int, int], Any]] = []
    for n in range(MOST_ROWS):
        here = f"{name}.{n}"
        if f"{here}._" not in form:
            break
        if text_of(form, f"{here}.drop"):
            continue
        value = value_of(item, form, here, around, faults, optional=True, path=f"{path}[{n}]", depth=depth)
        if value is not ABSENT and not _untouched(value):
            found.append((_place(text_of(form, f"{here}.at"), n + 1, f"{path}[{n}]", faults), value))
    if text_of(form, f"{name}.none"):
        if found:
            words = Text("写明没有，就不能同时有各项", "It cannot say that there is none and hold some")
            faults.append(Fault(path, "none-and-some", words))
        return [value for _, value in found]
    # A row that was given a place goes before or after the one that stands there.
    found.sort(key=lambda one: one[0])
    return [value for _, value in found] if found or not optional else ABSENT


def _place(text: str, own: int, path: str, faults: list[Fault]) -> tuple[int, int]:
    if not text:
        return own, 1
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        faults.append(Fault(path, "not-a-number", Text("次序应为整数，如 1", "A place is a whole number, like 1")))
        return own, 1
    wanted = int(text)
    return wanted, 1 + (wanted > own) - (wanted < own)


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
        if isinstance(before, list) and not any(isinstance(one, Mapping) for one in new):
            # Ticks have no order of their own.
            return before if sorted(map(str, before)) == sorted(map(str, new)) else new
        return [settled(_counterpart(before, one, n, len(new)), one, in_list=True) for n, one in enumerate(new)]
    return new


def _counterpart(before: Any, item: Any, n: int, count: int) -> Any:
    """The item of the old list that this one was: by name, by what it says, else by place in a list as long."""
    if not isinstance(before, list) or not isinstance(item, Mapping):
        return None
    for key in ("id", "key", "value", "place"):
        if key in item:
            return next((old for old in before if isinstance(old, Mapping) and old.get(key) == item[key]), None)
    same = next((old for old in before if _said(old) == _said(item)), None)
    return same if same is not None or len(before) != count else before[n]


def _said(item: Any) -> Any:
    return {k: v for k, v in item.items() if v is not None} if isinstance(item, Mapping) else item


def says_nothing(value: Any) -> bool:
    """Whether a value says that there is none, or that it is unknown: which is not the same as not being there."""
    return value in (None, []) or (isinstance(value, Mapping) and all(inner is None for inner in value.values()))

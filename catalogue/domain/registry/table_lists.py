"""The lists of a matter as tables: papers, legal bases, results, form, particulars, rules of level, one row an item;
the special jurisdictions of the cities, and the papers that a city asks for beside the others. The columns are made
from the shapes of the registry, so that none is forgotten.

The rows of a matter (of a city and matter) replace its list. A matter that stands in no row keeps what it has; a row
that holds nothing but the matter says that it has none. An empty cell is left out, or unknown where the registry must
say something. Within a cell ``；`` parts two items and ``|`` the parts of one; a backslash before it makes it a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.domain.registry.schema import (
    CONDITION,
    FIELD,
    JURISDICTION,
    LEGAL_BASIS,
    LEVEL_RULE,
    MATERIAL,
    PARTICULAR,
    RESULT,
    Entry,
    Keyed,
    Kind,
    Many,
    Plain,
    Shape,
)
from catalogue.domain.registry.words import FIELDS, value_label
from catalogue.domain.text import Text

BETWEEN = "；"


@dataclass(frozen=True, slots=True)
class ListSheet:
    """One table. ``path``: where the list stands in the piece; ``owner``: matter or region; ``mark``: names an item."""

    name: str
    title: str
    owner: str
    path: tuple[str, ...]
    shape: Shape
    mark: str | None = None
    beside: Mapping[str, Entry] | None = None
    """Columns that say something of the whole list, the same in each of its rows."""
    overlay: bool = False
    """Whether it stands in what the city declares for a matter, which a second column names."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that say whose list it is."""
        return (self.owner, "matter") if self.overlay else (self.owner,)

    @property
    def columns(self) -> dict[str, Entry]:
        """Column -> what its cells hold; words in two languages are two columns."""
        found: dict[str, Entry] = {**(self.beside or {})}
        for key, entry in self.shape.entries.items():
            if isinstance(entry.kind, Shape):
                found |= {f"{key}.{tongue}": Entry(held.kind, False) for tongue, held in entry.kind.entries.items()}
            else:
                found[key] = entry
        return found

    def heads(self) -> list[str]:
        """What stands in the first row: words, then the name of the column."""
        owners = {"matter": "事项代号", "region": "城市代号"}
        return [*(f"{owners[key]} {key}" for key in self.keys), *(f"{_head(key)} {key}" for key in self.columns)]

    def place(self, owners: Sequence[str]) -> str:
        """How findings name the list of those whose it is."""
        piece = "matters" if self.owner == "matter" else "regions"
        return ".".join((piece, owners[0], *(("overlays", owners[1]) if self.overlay else ()), *self.path))


def _head(key: str) -> str:
    last = key.rpartition(".")[2]
    words = {"zh": "中文", "en": "英文"}.get(last)
    if words and "." in key:
        return f"{FIELDS[key.partition('.')[0]].zh}{words}"
    return words or FIELDS.get(last, Text(last, last)).zh


_PLACE = Entry(Plain(values=("premises", "seat", "branch", "new_seat", "issuer", "residence")))

LIST_SHEETS: dict[str, ListSheet] = {
    sheet.name: sheet
    for sheet in (
        ListSheet("materials", "材料", "matter", ("materials",), MATERIAL, "id"),
        ListSheet("legal_basis", "设定依据", "matter", ("legal_basis",), LEGAL_BASIS),
        ListSheet("results", "结果", "matter", ("results",), RESULT),
        ListSheet("form", "表单字段", "matter", ("form",), FIELD, "key"),
        ListSheet("particulars", "情形", "matter", ("particulars",), PARTICULAR, "key"),
        ListSheet(
            "levels", "层级规则", "matter", ("decided_by", "levels"), LEVEL_RULE, beside={"counts": _PLACE},
        ),
        ListSheet("jurisdictions", "特别管辖", "region", ("jurisdictions",), JURISDICTION),
        ListSheet("extra_materials", "城市附加材料", "region", ("extra_materials",), MATERIAL, "id", overlay=True),
    )
}  # fmt: skip
"""``counts``: whose place counts for jurisdiction, of a matter as a whole."""


# --- cells ------------------------------------------------------------------------------------------------------------


def cell_of(kind: Kind, key: str, value: Any) -> str | None:
    """A value as a cell; None where it is empty."""
    if value is None or value in ({}, []):
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if kind is CONDITION:
        return BETWEEN.join(f"{name}={','.join(values)}" for name, values in value.items())
    if isinstance(kind, Many):
        if isinstance(kind.item, Shape):
            return BETWEEN.join("|".join(_marked(item[name]) for name in kind.item.entries) for item in value)
        return BETWEEN.join(_marked(item) for item in value)
    if isinstance(kind, Plain) and kind.values:
        label = value_label(key, value)
        return label.zh if label else str(value)
    return str(value)


class Unreadable(Exception):
    """A cell that cannot be read; says why in both languages."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code, self.words = code, Text(zh, en)
        super().__init__(code)


def value_of_cell(kind: Kind, key: str, text: str) -> Any:
    """The value of a cell that is not empty. Raises Unreadable."""
    if isinstance(kind, Keyed):
        return _condition(text)
    if isinstance(kind, Many):
        parts = [part for part in _parted(text, f"{BETWEEN};") if part.strip()]
        if isinstance(kind.item, Shape):
            return [_block(kind.item, part) for part in parts]
        return [_unmarked(part.strip()) for part in parts]
    assert isinstance(kind, Plain)
    if kind.of == "switch":
        found = {"是": True, "否": False, "yes": True, "no": False, "true": True, "false": False}.get(text.lower())
        if found is None:
            raise Unreadable("not-a-switch", "请写 是 或 否", "Write yes or no")
        return found
    if kind.of == "count":
        if text.isascii() and text.isdigit() and len(text) < 6:
            return int(text)
        raise Unreadable("not-a-number", f"{text[:20]} 不是整数", f"{text[:20]} is no whole number")
    if kind.values:
        for code in kind.values:
            label = value_label(key, code)
            if text == code or (label is not None and text in (label.zh, label.en)):
                return code
        raise Unreadable("unknown-value", f"没有“{text[:20]}”", f"There is no {text[:20]}")
    return text


_APART = re.compile(r"[\\|;；]")


def _marked(value: Any) -> str:
    """Words as a part of a cell: what would part them is marked by a backslash."""
    return _APART.sub(lambda found: f"\\{found[0]}", str(value))


def _unmarked(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _parted(text: str, signs: str) -> list[str]:
    """A cell parted at each of the signs that is not marked."""
    parts, held, n = [], "", 0
    while n < len(text):
        if text[n] == "\\" and n + 1 < len(text):
            held += text[n : n + 2]
            n += 2
            continue
        if text[n] in signs:
            parts.append(held)
            held = ""
        else:
            held += text[n]
        n += 1
    return [*parts, held]


def _condition(text: str) -> dict[str, list[str]]:
    found = {}
    for part in text.replace(";", BETWEEN).split(BETWEEN):
        name, equals, values = part.partition("=")
        picked = [value.strip() for value in values.replace("，", ",").split(",") if value.strip()]
        if not (name.strip() and equals and picked):
            raise Unreadable("bad-condition", "情形写作 size=small,large", "A condition reads size=small,large")
        found[name.strip()] = picked
    return found


def _block(kind: Shape, text: str) -> dict[str, str]:
    cells = [_unmarked(cell.strip()) for cell in _parted(text, "|")]
    if len(cells) != len(kind.entries) or not all(cells):
        form = " | ".join(kind.entries)
        raise Unreadable("bad-choice", f"选项写作 {form}，以；分开", f"A choice reads {form}, with ; between two")
    return dict(zip(kind.entries, cells, strict=True))


# --- out --------------------------------------------------------------------------------------------------------------


def list_rows(sheet: ListSheet, owner: str, block: Mapping[str, Any]) -> Iterator[list[str | None]]:
    """The rows of one matter or city, as merged; one with the owner alone where the list of a matter is empty."""
    if sheet.overlay:
        for matter, overlay in (block.get("overlays") or {}).items():
            for item in _held(sheet, overlay):
                yield [
                    owner,
                    matter,
                    *(cell_of(entry.kind, key, at(item, key)) for key, entry in sheet.columns.items()),
                ]
        return
    beside = _beside(sheet, block)
    items = _held(sheet, block)
    if not items:
        if sheet.owner == "matter":
            yield [owner, *(None for _ in sheet.columns)]
        return
    for item in items:
        yield [
            owner,
            *(
                cell_of(entry.kind, "place" if key in beside else key, beside[key] if key in beside else at(item, key))
                for key, entry in sheet.columns.items()
            ),
        ]


def at(item: Mapping[str, Any], key: str) -> Any:
    """The value of a column within an item."""
    head, _, tongue = key.partition(".")
    value = item.get(head)
    return value.get(tongue) if tongue and isinstance(value, Mapping) else None if tongue else value


def _held(sheet: ListSheet, block: Mapping[str, Any]) -> list[dict[str, Any]]:
    value: Any = block
    for step in sheet.path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return list(value or ())


def _beside(sheet: ListSheet, block: Mapping[str, Any]) -> dict[str, Any]:
    return {"counts": (block.get("decided_by") or {}).get("place")} if sheet.beside else {}


# --- in ---------------------------------------------------------------------------------------------------------------

Tell = Callable[[int, str, str, Text], None]
"""(row, column, code, words) of what cannot be read."""
Row = tuple[int, Mapping[str, str | None]]


def read_list(sheet: ListSheet, rows: Sequence[Row], before: Mapping[str, Any], tell: Tell) -> Any:
    """What the rows of one owner make of the field that the list stands in; None where a cell cannot be read."""
    old = _held(sheet, before)
    by_name = {item.get(sheet.mark): item for item in old} if sheet.mark else {}
    items: list[dict[str, Any]] = []
    beside: dict[str, Any] = {}
    right = True
    seen: set[Any] = set()
    for number, cells in rows:
        own = {key: cell for key, cell in cells.items() if key in sheet.columns and cell}
        if not own and len(rows) == 1:
            break
        values = {}
        for key, entry in sheet.columns.items():
            if key not in cells:
                continue
            try:
                values[key] = _cell(sheet, key, entry, cells[key])
            except Unreadable as found:
                tell(number, key, found.code, found.words)
                right = False
        for key in sheet.beside or ():
            said = values.pop(key, None)
            if said is not None and beside.setdefault(key, said) != said:
                words = Text("同一事项各行须相同", "It must be the same in all rows of a matter")
                tell(number, key, "not-the-same", words)
                right = False
        name = values.get(sheet.mark) if sheet.mark else None
        if name is not None and name in seen:
            tell(number, str(sheet.mark), "duplicate-id", Text(f"{name} 重复", f"{name} stands twice"))
            right = False
        seen.add(name)
        same = by_name.get(name, {}) if sheet.mark else old[len(items)] if len(items) < len(old) else {}
        items.append(_item(sheet, values, same, set(cells)))
    if not right:
        return None
    return _placed(sheet, items, beside, before)


def _cell(sheet: ListSheet, key: str, entry: Entry, text: str | None) -> Any:
    if text is not None and text.strip():
        return value_of_cell(entry.kind, "place" if key == "counts" else key, text.strip())
    if entry.required and not (isinstance(entry.kind, Plain) and entry.kind.nullable):
        if isinstance(entry.kind, Many) and not entry.kind.least:
            return []
        raise Unreadable("missing", "不能为空", "It must not be empty")
    return None


def _item(sheet: ListSheet, values: Mapping[str, Any], same: Mapping[str, Any], columns: set[str]) -> dict[str, Any]:
    """The item of a row: null and absent as they stood where a cell cannot tell them apart."""
    item: dict[str, Any] = {}
    for key, entry in sheet.shape.entries.items():
        if isinstance(entry.kind, Shape):
            tongues = {name: values.get(f"{key}.{name}") for name in entry.kind.entries}
            if not columns & {f"{key}.{name}" for name in tongues}:
                value = same.get(key)
            else:
                value = {name: said or "" for name, said in tongues.items()} if any(tongues.values()) else None
        else:
            value = values.get(key) if key in columns else same.get(key)
        if value is not None or (key in same and same[key] is None) or _must_be_null(entry):
            item[key] = value
    return item


def _must_be_null(entry: Entry) -> bool:
    return entry.required and isinstance(entry.kind, Plain) and entry.kind.nullable


def _placed(sheet: ListSheet, items: list[dict[str, Any]], beside: Mapping[str, Any], before: Mapping[str, Any]) -> Any:
    if len(sheet.path) == 1:
        return items
    held = before.get(sheet.path[0]) or {}
    place = beside.get("counts") or held.get("place")
    return {**held, "place": place, sheet.path[1]: items}

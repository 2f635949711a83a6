"""Registry and spreadsheet: the columns of matters and of city differences, out as rows and back as changes.

One table of matters with what a row can say, one of what the cities declare differently, and one for each list
(``table_lists``): papers, legal bases, results, form, particulars, rules of level, special jurisdictions, extra papers
of a city. An empty cell is unknown (limits, codes) or as for all (cities); a column, a row or a table that is not
there changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalogue.domain.problems import Fault
from catalogue.domain.registry.findings import IDENTITIES
from catalogue.domain.registry.merging import merged
from catalogue.domain.registry.pieces import Pieces, names, read_piece, write_piece
from catalogue.domain.registry.schema import FACTS, OVERLAID
from catalogue.domain.registry.table_lists import LIST_SHEETS, ListSheet, Row, list_rows, read_list
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import canonical, label

LIMITS = ("notice_days", "statutory_days", "promised_days", "extension_days", "deliver_days")
CODES = ("item", "item_name", "sub_item", "business_item")
IMPORTED = "assumed — 由表格导入，待核实"
"""The basis of what a spreadsheet says."""
MATTERS = "matters"
CITIES = "cities"

MATTER_COLUMNS: tuple[tuple[str, str], ...] = (
    ("id", "代号"), ("zh", "事项名称"), ("en", "English name"), ("mode", "通办方式"),
    ("limits.notice_days", "补正告知时限"), ("limits.statutory_days", "法定办结时限"),
    ("limits.promised_days", "承诺办结时限"), ("limits.extension_days", "可延长"), ("limits.deliver_days", "送达时限"),
    ("codes.item", "基本编码"), ("codes.item_name", "主项名称"), ("codes.sub_item", "子项编码"),
    ("codes.business_item", "业务办理项编码"), ("fee.charged", "是否收费"),
)  # fmt: skip
CITY_COLUMNS: tuple[tuple[str, str], ...] = (
    ("matter", "事项代号"), ("region", "城市代号"), ("available", "是否开通"), ("promised_days", "承诺办结时限"),
    ("acceptance", "谁受理"), ("mode", "通办方式"), ("contact", "联系方式"), ("note", "说明"),
)  # fmt: skip
COLUMNS: dict[str, tuple[str, ...]] = {
    MATTERS: tuple(key for key, _ in MATTER_COLUMNS),
    CITIES: tuple(key for key, _ in CITY_COLUMNS),
    **{name: (*sheet.keys, *sheet.columns) for name, sheet in LIST_SHEETS.items()},
}
"""Table -> its columns."""
NEEDED = {
    MATTERS: ("id",),
    CITIES: ("matter", "region"),
    **{name: (*sheet.keys, *filter(None, (sheet.mark,))) for name, sheet in LIST_SHEETS.items()},
}
TITLES = {MATTERS: "事项", CITIES: "城市差异", **{name: sheet.title for name, sheet in LIST_SHEETS.items()}}
"""Table -> the name of its sheet in a workbook."""


class Sheet(Value, frozen=True):
    """Rows as read, the first being the heads; ``name`` is one of ``COLUMNS``. Cells are text, empty ones None."""

    name: str
    rows: Sequence[Sequence[str | None]]


def sheets(pieces: Pieces) -> list[Sheet]:
    """The registry as tables."""
    families = {id: read_piece(f"families/{id}", pieces[f"families/{id}"])[0] for id in names(pieces, "families")}
    matters: list[list[str | None]] = [[f"{zh} {key}" for key, zh in MATTER_COLUMNS]]
    lists: dict[str, list[list[str | None]]] = {name: [[*sheet.heads()]] for name, sheet in LIST_SHEETS.items()}
    for id in names(pieces, "matters"):
        own = read_piece(f"matters/{id}", pieces[f"matters/{id}"])[0]
        full = merged(own, families.get(own.get("family")))
        matters.append([_cell(_at(full, key), key) for key, _ in MATTER_COLUMNS])
        _add_lists(lists, "matter", id, full)
    cities: list[list[str | None]] = [[f"{zh} {key}" for key, zh in CITY_COLUMNS]]
    for region in names(pieces, "regions"):
        block = read_piece(f"regions/{region}", pieces[f"regions/{region}"])[0]
        _add_lists(lists, "region", region, block)
        overlays = block.get("overlays") or {}
        for matter, overlay in overlays.items():
            row = {"matter": matter, "region": region, **overlay}
            cities.append([_cell(row.get(key), key) for key, _ in CITY_COLUMNS])
    return [Sheet(MATTERS, matters), Sheet(CITIES, cities), *(Sheet(name, rows) for name, rows in lists.items())]


def _add_lists(
    lists: Mapping[str, list[list[str | None]]], owner: str, id: str, block: Mapping[str, Any]
) -> None:  # fmt: skip
    for name, sheet in LIST_SHEETS.items():
        if sheet.owner == owner:
            lists[name].extend(list_rows(sheet, id, block))


def _at(block: Mapping[str, Any], path: str) -> Any:
    head, _, rest = path.partition(".")
    value = block.get(head)
    return value.get(rest) if rest and isinstance(value, Mapping) else None if rest else value


def _cell(value: Any, key: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if key == "mode":
        return label("modes", value).zh
    return label("acceptance", value).zh if key == "acceptance" else str(value)


def edits_of(pieces: Pieces, tables: Sequence[Sheet]) -> tuple[dict[str, str | None], list[Fault]]:
    """What the tables change of these pieces, or every cell that cannot be read: sheet, row and column in its path."""
    faults: list[Fault] = []
    blocks: dict[str, dict[str, Any]] = {}
    for table in tables:
        columns = _columns(table, faults)
        if columns is None:
            continue
        if table.name in LIST_SHEETS:
            _list_rows(pieces, blocks, LIST_SHEETS[table.name], list(_cells(table, columns)), faults)
            continue
        seen: set[tuple[str | None, ...]] = set()
        for number, cells in _cells(table, columns):
            key = (cells.get("id"),) if table.name == MATTERS else (cells.get("matter"), cells.get("region"))
            if key in seen:
                faults.append(
                    _fault(table.name, number, "id", "duplicate-id", f"{key[0]} 重复", f"{key[0]} stands twice")
                )
                continue
            seen.add(key)
            act = _matter_row if table.name == MATTERS else _city_row
            act(pieces, blocks, cells, number, faults)
    edits: dict[str, str | None] = {}
    for name, block in blocks.items():
        text = write_piece(name, block, pieces[name])
        if text != pieces[name]:
            edits[name] = text
    return edits, faults


def _cells(table: Sheet, columns: Mapping[str, int]) -> Iterator[Row]:
    """The rows that hold anything, by column, with their numbers."""
    for number, row in enumerate(table.rows[1:], start=2):
        cells = {key: (row[n] if n < len(row) else None) for key, n in columns.items()}
        if any(cells.values()):
            yield number, cells


def _columns(table: Sheet, faults: list[Fault]) -> dict[str, int] | None:
    wanted = set(COLUMNS[table.name])
    heads = [(head or "").split()[-1] if head else "" for head in (table.rows[0] if table.rows else ())]
    found = {head: n for n, head in enumerate(heads) if head in wanted}
    missing = [key for key in NEEDED[table.name] if key not in found]
    strange = [head for head in heads if head and head not in wanted]
    for key in missing:
        faults.append(_fault(table.name, 1, key, "missing-column", f"缺少列 {key}", f"The column {key} is missing"))
    for head in strange:
        faults.append(
            _fault(table.name, 1, head[:40], "unknown-column", f"没有列 {head[:40]}", f"No column {head[:40]}")
        )
    return None if missing or strange else found


def _fault(sheet: str, row: int, column: str, code: str, zh: str, en: str) -> Fault:
    return Fault(f"{sheet}!{row}.{column}", code, Text(zh, en))


def _matter_row(
    pieces: Pieces, blocks: dict[str, dict[str, Any]], cells: Mapping[str, str | None], row: int, faults: list[Fault]
) -> None:
    name = f"matters/{cells.get('id')}"
    if name not in pieces:
        faults.append(
            _fault(MATTERS, row, "id", "dangling", f"没有事项 {cells.get('id')}", f"No matter {cells.get('id')}")
        )
        return
    block = dict(blocks.get(name) or read_piece(name, pieces[name])[0])
    family = pieces.get(f"families/{block.get('family')}")
    full = merged(block, read_piece(f"families/{block.get('family')}", family)[0] if family else None)
    for key, cell in cells.items():
        if key == "id":
            continue
        value = _value(key, cell, MATTERS, row, faults)
        if value is _WRONG or value == _at(full, key):
            continue
        head, _, rest = key.partition(".")
        if rest:
            block[head] = {**(block.get(head) or {}), rest: value}
        else:
            block[head] = value
        path = key if head == "limits" else head
        if path not in ("zh", "en") and path not in (block.get("provenance") or {}):
            block["provenance"] = {**(block.get("provenance") or {}), path: IMPORTED}
    blocks[name] = block


def _city_row(
    pieces: Pieces, blocks: dict[str, dict[str, Any]], cells: Mapping[str, str | None], row: int, faults: list[Fault]
) -> None:
    name, matter = f"regions/{cells.get('region')}", cells.get("matter")
    for key, known in (("region", name), ("matter", f"matters/{matter}")):
        if known not in pieces:
            faults.append(
                _fault(CITIES, row, key, "dangling", f"没有 {cells.get(key)}", f"There is no {cells.get(key)}")
            )
            return
    block = dict(blocks.get(name) or read_piece(name, pieces[name])[0])
    overlays = dict(block.get("overlays") or {})
    overlay = dict(overlays.get(matter) or {})
    bases = dict(overlay.get("provenance") or {})
    for key, cell in cells.items():
        if key in ("matter", "region"):
            continue
        value = _value(key, cell, CITIES, row, faults)
        if value is None:
            overlay.pop(key, None)
            bases.pop(key, None)
        elif value is not _WRONG:
            if overlay.get(key) != value and key in OVERLAID and key not in bases:
                bases[key] = IMPORTED
            overlay[key] = value
    if bases:
        overlay["provenance"] = bases
    else:
        overlay.pop("provenance", None)
    if overlay:
        overlays[str(matter)] = overlay
    else:
        overlays.pop(str(matter), None)
    block["overlays"] = overlays
    blocks[name] = block


def _list_rows(
    pieces: Pieces, blocks: dict[str, dict[str, Any]], sheet: ListSheet, rows: Sequence[Row], faults: list[Fault]
) -> None:
    """The lists of each matter or city that stands in a table."""
    owned: dict[tuple[str, ...], list[Row]] = {}
    for number, cells in rows:
        owned.setdefault(tuple(str(cells.get(key)) for key in sheet.keys), []).append((number, cells))
    for owners, its in owned.items():
        names_ = [
            f"{'matters' if key == 'matter' else 'regions'}/{owner}"
            for key, owner in zip(sheet.keys, owners, strict=True)
        ]
        missing = next((n for n, name in enumerate(names_) if name not in pieces), None)
        if missing is not None:
            zh, en = f"没有 {owners[missing]}", f"There is no {owners[missing]}"
            faults.extend(_fault(sheet.name, number, sheet.keys[missing], "dangling", zh, en) for number, _ in its)
            continue
        block = dict(blocks.get(names_[0]) or read_piece(names_[0], pieces[names_[0]])[0])

        def tell(number: int, column: str, code: str, words: Text) -> None:
            faults.append(_fault(sheet.name, number, column, code, words.zh, words.en))

        if sheet.overlay:
            overlay = (block.get("overlays") or {}).get(owners[1]) or {}
            new = read_list(sheet, its, overlay, tell)
            if new is not None and new != overlay.get(sheet.path[0], []):
                blocks[names_[0]] = _with_overlay(block, owners[1], {**overlay, sheet.path[0]: new})
            continue
        family = pieces.get(f"families/{block.get('family')}")
        full = merged(block, read_piece(f"families/{block.get('family')}", family)[0] if family else None)
        new = read_list(sheet, its, full, tell)
        head = sheet.path[0]
        if new is None or new == (full.get(head) or ([] if len(sheet.path) == 1 else {})):
            continue
        block[head] = new
        if sheet.owner == "matter" and head in FACTS and head not in (block.get("provenance") or {}):
            block["provenance"] = {**(block.get("provenance") or {}), head: IMPORTED}
        blocks[names_[0]] = block


def _with_overlay(block: Mapping[str, Any], matter: str, overlay: Mapping[str, Any]) -> dict[str, Any]:
    """The city with that declared for a matter; an empty list, and an empty declaration, is none."""
    said = {key: value for key, value in overlay.items() if value != []}
    bases = {key: basis for key, basis in (said.get("provenance") or {}).items() if key in said}
    if "extra_materials" in said:
        bases.setdefault("extra_materials", IMPORTED)
    said = {key: value for key, value in said.items() if key != "provenance"} | ({"provenance": bases} if bases else {})
    overlays = {**(block.get("overlays") or {}), matter: said}
    if not said:
        del overlays[matter]
    return {**block, "overlays": overlays}


def placed(tables: Sequence[Sheet], path: str) -> str:
    """Where in the tables a finding of the registry comes from: sheet, row and column; else the path itself."""
    found, longest = path, ""
    for table in tables:
        columns = _columns(table, [])
        counts: dict[str, int] = {}
        for number, cells in _cells(table, columns) if columns is not None else ():
            for start in _starts(table.name, cells, counts):
                rest = path[len(start) :]
                if path.startswith(start) and rest[:1] in ("", ".", "[") and len(start) > len(longest):
                    column = next((key for key in columns or () if rest.lstrip(".").startswith(key)), "")
                    found, longest = f"{table.name}!{number}.{column}", start
    return found


def _starts(name: str, cells: Mapping[str, str | None], counts: dict[str, int]) -> Iterator[str]:
    """How paths begin that lead to a row."""
    if name == MATTERS:
        yield f"matters.{cells.get('id')}"
    elif name == CITIES:
        yield f"regions.{cells.get('region')}.overlays.{cells.get('matter')}"
    else:
        sheet = LIST_SHEETS[name]
        start = sheet.place([str(cells.get(key)) for key in sheet.keys])
        n = counts[start] = counts.get(start, -1) + 1
        yield f"{start}[{n}]"
        yield from (f"{start}.{cells[key]}" for key in IDENTITIES if cells.get(key))


class _Wrong:
    pass


_WRONG = _Wrong()


def _value(key: str, cell: str | None, sheet: str, row: int, faults: list[Fault]) -> Any:
    if cell is None or not cell.strip():
        if key in ("zh", "en", "mode") and sheet == MATTERS:
            faults.append(_fault(sheet, row, key, "missing", "不能为空", "It must not be empty"))
            return _WRONG
        return None
    text = cell.strip()
    if key.endswith("_days"):
        if text.isascii() and text.isdigit() and len(text) < 6:
            return int(text)
        faults.append(
            _fault(sheet, row, key, "not-a-number", f"{text[:20]} 不是整数", f"{text[:20]} is no whole number")
        )
        return _WRONG
    if key in ("available", "fee.charged"):
        found = {"是": True, "否": False, "yes": True, "no": False, "true": True, "false": False}.get(text.lower())
        if found is None:
            faults.append(_fault(sheet, row, key, "not-a-switch", "请写 是 或 否", "Write yes or no"))
            return _WRONG
        return found
    if key in ("mode", "acceptance"):
        code = canonical("modes" if key == "mode" else "acceptance", text)
        if code is None:
            faults.append(_fault(sheet, row, key, "unknown-value", f"没有“{text[:20]}”", f"There is no {text[:20]}"))
            return _WRONG
        return code
    return text

"""Registry and spreadsheet: the columns of matters and of city differences, out as rows and back as changes.

A table holds only what a row can say: names, limits, mode, codes, fee, and per city availability, promise, acceptance.
Papers, forms and rules of level are edited in the registry itself. An empty cell is unknown (limits, codes) or as for
all (cities); a column that is not there changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalogue.domain.problems import Fault
from catalogue.domain.registry.merging import merged
from catalogue.domain.registry.pieces import Pieces, names, read_piece, write_piece
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import canonical, label

LIMITS = ("notice_days", "statutory_days", "promised_days", "extension_days", "deliver_days")
CODES = ("item", "item_name", "sub_item", "business_item")
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
SHEETS = {MATTERS: MATTER_COLUMNS, CITIES: CITY_COLUMNS}


class Sheet(Value, frozen=True):
    """Rows as read, the first being the heads; ``name`` is matters or cities. Cells are text, empty ones None."""

    name: str
    rows: Sequence[Sequence[str | None]]


def sheets(pieces: Pieces) -> list[Sheet]:
    """The registry as two tables."""
    families = {id: read_piece(f"families/{id}", pieces[f"families/{id}"])[0] for id in names(pieces, "families")}
    matters: list[list[str | None]] = [[f"{zh} {key}" for key, zh in MATTER_COLUMNS]]
    for id in names(pieces, "matters"):
        own = read_piece(f"matters/{id}", pieces[f"matters/{id}"])[0]
        full = merged(own, families.get(own.get("family")))
        matters.append([_cell(_at(full, key), key) for key, _ in MATTER_COLUMNS])
    cities: list[list[str | None]] = [[f"{zh} {key}" for key, zh in CITY_COLUMNS]]
    for region in names(pieces, "regions"):
        overlays = read_piece(f"regions/{region}", pieces[f"regions/{region}"])[0].get("overlays") or {}
        for matter, overlay in overlays.items():
            row = {"matter": matter, "region": region, **overlay}
            cities.append([_cell(row.get(key), key) for key, _ in CITY_COLUMNS])
    return [Sheet(MATTERS, matters), Sheet(CITIES, cities)]


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
        seen: set[tuple[str | None, ...]] = set()
        for number, row in enumerate(table.rows[1:], start=2):
            cells = {key: (row[n] if n < len(row) else None) for key, n in columns.items()}
            if not any(cells.values()):
                continue
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


def _columns(table: Sheet, faults: list[Fault]) -> dict[str, int] | None:
    wanted = {key for key, _ in SHEETS[table.name]}
    heads = [(head or "").split()[-1] if head else "" for head in (table.rows[0] if table.rows else ())]
    found = {head: n for n, head in enumerate(heads) if head in wanted}
    needed = ("id",) if table.name == MATTERS else ("matter", "region")
    missing = [key for key in needed if key not in found]
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
            block["provenance"] = {**(block.get("provenance") or {}), path: "assumed — 由表格导入，待核实"}
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
    for key, cell in cells.items():
        if key in ("matter", "region"):
            continue
        value = _value(key, cell, CITIES, row, faults)
        if value is None:
            overlay.pop(key, None)
        elif value is not _WRONG:
            overlay[key] = value
    if overlay:
        overlays[str(matter)] = overlay
    else:
        overlays.pop(str(matter), None)
    block["overlays"] = overlays
    blocks[name] = block


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

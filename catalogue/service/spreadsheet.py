"""Spreadsheets in and out: CSV and XLSX of the registry's tables, read with suspicion.

An upload is bounded before it is unpacked, XML entities are refused (defusedxml), formulas are refused, and a row that
cannot be read names sheet, row and column; nothing of such a file is imported.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence

from catalogue.domain.people import Actor
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.registry.pieces import Pieces
from catalogue.domain.registry.sketch import Base, sketch
from catalogue.domain.registry.table import COLUMNS, TITLES, Sheet, edits_of, placed, sheets
from catalogue.domain.text import Text
from catalogue.service.drafting import open_draft
from catalogue.service.house import House
from catalogue.service.ports import Draft, Work
from catalogue.service.standing import base

LARGEST = 12 * 1024 * 1024
"""Bytes of an uploaded spreadsheet."""
UNPACKED = 120 * 1024 * 1024
"""Bytes that an XLSX may unpack to; a bomb says more in its own directory."""
MOST_ROWS = 100_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _refuse(code: str, zh: str, en: str, path: str = "file") -> InvalidInput:
    return InvalidInput(Text(zh, en), errors=(Fault(path, code, Text(zh, en)),))


def xlsx(pieces: Pieces) -> bytes:
    """The registry as a workbook, a sheet for each table; every cell is text or a number, none a formula."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for table in sheets(pieces):
        sheet = book.create_sheet(TITLES[table.name])
        for number, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row, start=1):
                if cell is None:
                    continue
                target = sheet.cell(number, column)
                days = number > 1 and cell.isdigit() and len(cell) < 6 and str(int(cell)) == cell
                target.value = int(cell) if days else cell
                if not days:
                    target.data_type = "s"
                if number == 1:
                    target.font = Font(bold=True)
        sheet.freeze_panes = "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_text(pieces: Pieces, name: str) -> str:
    """One of the tables as CSV with a BOM, so that spreadsheet programs read the Chinese."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in next(table for table in sheets(pieces) if table.name == name).rows:
        writer.writerow(["" if cell is None else f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return f"\ufeff{out.getvalue()}"


def read_tables(data: bytes, file: str) -> list[Sheet]:
    """The tables of an uploaded file. Raises InvalidInput for what is too large, hostile or no table of ours."""
    if len(data) > LARGEST:
        raise _refuse("too-large", "表格超过 12 MB", "The spreadsheet is larger than 12 MB")
    if data[:4] == b"PK\x03\x04":
        return _read_xlsx(data)
    if file.lower().endswith((".xlsx", ".xls", ".ods")):
        raise _refuse("not-a-table", "不是 XLSX 文件，请另存为 .xlsx", "This is no XLSX; save it as .xlsx")
    return [_read_csv(data)]


def _read_csv(data: bytes) -> Sheet:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refuse("not-utf8", "CSV 应为 UTF-8 编码", "A CSV must be UTF-8") from None
    try:
        rows = [[cell or None for cell in row] for row in csv.reader(io.StringIO(text), strict=True)]
    except csv.Error:
        raise _refuse("not-a-table", "CSV 无法读取，请检查引号", "The CSV cannot be read; check its quotes") from None
    heads = {(head or " ").split()[-1] for head in rows[0] if (head or "").split()} if rows else set()
    return _plain(max(COLUMNS, key=lambda name: _likeness(heads, {*COLUMNS[name]})), rows)


def _likeness(heads: set[str], columns: set[str]) -> tuple[int, int]:
    """How well columns fit the heads of a file: those they share, then how few of them are missing."""
    return len(heads & columns) - len(heads - columns), -len(columns - heads)


def _read_xlsx(data: bytes) -> list[Sheet]:
    _look_inside(data)
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        found = []
        for name, title in TITLES.items():
            if title in book.sheetnames or name in book.sheetnames:
                sheet = book[title if title in book.sheetnames else name]
                rows: list[list[str | None]] = []
                for row in sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=40):
                    rows.append(
                        [_text(cell.value, cell.data_type, name, len(rows) + 1, n) for n, cell in enumerate(row)]
                    )
                found.append(_plain(name, rows))
        book.close()
    except InvalidInput:
        raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, AttributeError):
        raise _refuse("not-a-table", "XLSX 无法读取", "The XLSX cannot be read") from None
    if not found:
        raise _refuse(
            "no-sheet",
            f"没有我们的工作表（{'、'.join(TITLES.values())}）",
            f"There is none of the sheets {', '.join(TITLES.values())}",
        )
    return found


def _look_inside(data: bytes) -> None:
    """Refuse before anything is unpacked: too large, too many parts, entities or macros in it."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parcel:
            parts = parcel.infolist()
            if len(parts) > 200 or sum(part.file_size for part in parts) > UNPACKED:
                raise _refuse("too-large", "解开后过大，不予读取", "It unpacks to too much; refused")
            if any("vbaProject" in part.filename for part in parts):
                raise _refuse("macro", "不接受带宏的文件", "Files with macros are refused")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with parcel.open(part) as stream:
                        for _, element in iterparse(stream, forbid_dtd=True):
                            element.clear()
    except (zipfile.BadZipFile, ParseError, NotImplementedError, RuntimeError, OSError, EOFError):
        raise _refuse("not-a-table", "XLSX 无法读取", "The XLSX cannot be read") from None
    except DefusedXmlException:
        raise _refuse("hostile", "文件含有实体或 DTD，不予读取", "The file holds entities or a DTD; refused") from None


def _text(value: object, kind: str, sheet: str, row: int, column: int) -> str | None:
    if value is None:
        return None
    if kind == "f":
        raise _formula(sheet, row, column)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value).strip() or None


def _formula(sheet: str, row: int, column: int) -> InvalidInput:
    where = f"{sheet}!{row}.{column + 1}"
    return _refuse("formula", f"{where} 是公式，请改为值", f"{where} is a formula; put a value there", where)


def _plain(name: str, rows: Sequence[Sequence[str | None]]) -> Sheet:
    if len(rows) > MOST_ROWS:
        raise _refuse("too-large", f"超过 {MOST_ROWS} 行", f"More than {MOST_ROWS} rows")
    checked: list[list[str | None]] = []
    for number, row in enumerate(rows, start=1):
        cells = [cell[1:] if cell and cell[0] == "'" and cell[1:2] in _FORMULA else cell for cell in row]
        for column, (cell, raw) in enumerate(zip(cells, row, strict=True)):
            if raw and raw == cell and raw[0] in "=@":
                raise _formula(name, number, column)
        checked.append(cells)
    return Sheet(name, checked)


def import_tables(
    work: Work, house: House, actor: Actor | None, data: bytes, file: str, title: str, reason: str | None, by: str = ""
) -> Draft:
    """A spreadsheet as a draft that holds what it changes; ``actor`` None is the command line, which signs as ``by``.

    Raises InvalidInput naming sheet, row and column.
    """
    edits = table_edits(base(work, house), data, file)
    return open_draft(work, house, actor, title, reason, origin="table", edits=edits, by=by)


def table_edits(held: Base, data: bytes, file: str) -> dict[str, str | None]:
    """What a spreadsheet changes of a revision. Raises InvalidInput naming sheet, row and column."""
    tables = read_tables(data, file)
    edits, faults = edits_of(held.pieces, tables)
    if faults:
        raise InvalidInput(
            Text(f"表格有 {len(faults)} 处读不懂，未导入", f"{len(faults)} cells cannot be read; nothing was imported"),
            errors=tuple(faults[:100]),
        )
    if not edits:
        raise _refuse("nothing-changed", "与最新版本相同，没有可导入的", "The same as the newest revision")
    found = sketch(held, edits).findings
    if found:
        raise InvalidInput(
            Text("表格内容不合规，未导入", "What the table says does not hold; nothing was imported"),
            errors=tuple(Fault(placed(tables, one.path), one.code, one.message) for one in found[:100]),
        )
    return edits

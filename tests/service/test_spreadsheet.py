"""Spreadsheets: out and back without a change, read with suspicion, and nothing of a broken one is imported."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from catalogue.domain.problems import InvalidInput, Problem
from catalogue.domain.registry.table import COLUMNS, TITLES, edits_of, placed, sheets
from catalogue.service import spreadsheet
from catalogue.service.drafting import opened
from catalogue.service.spreadsheet import csv_text, import_tables, read_tables, xlsx
from catalogue.service.standing import base
from tests.service.conftest import Bench


def held(bench: Bench) -> dict[str, str]:
    return dict(bench.read(lambda work: base(work, bench.house)).pieces)


def changed(data: bytes, sheet: str, cell: str, value: object) -> bytes:
    book = load_workbook(io.BytesIO(data))
    book[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_table_comes_back_as_it_went_out(bench: Bench, form: str) -> None:
    pieces = held(bench)
    if form == "xlsx":
        tables = read_tables(xlsx(pieces), "registry.xlsx")
    else:
        tables = [read_tables(csv_text(pieces, name).encode(), f"{name}.csv")[0] for name in COLUMNS]
    assert edits_of(pieces, tables) == ({}, [])
    assert [len(table.rows) for table in tables] == [len(table.rows) for table in sheets(pieces)]


def test_what_a_bureau_changes_lands_as_a_draft(bench: Bench) -> None:
    data = changed(xlsx(held(bench)), "事项", "B2", "公司设立登记（演示）")
    book = load_workbook(io.BytesIO(data))
    book["城市差异"].append(["food-business-licence-new", "yuxi", "否", 7, "授权受理"])
    out = io.BytesIO()
    book.save(out)
    draft = bench.write(
        lambda work: import_tables(work, bench.house, bench.editor, out.getvalue(), "r.xlsx", "演示表格", None)
    )
    found = bench.read(lambda work: opened(work, bench.house, draft.id)).sketch
    assert set(found.edits) == {"matters/company-establishment", "regions/yuxi"}
    overlay = found.registry.overlay("yuxi", "food-business-licence-new")
    assert (overlay.available, overlay.promised_days, overlay.acceptance) == (False, 7, "delegated")


@pytest.mark.parametrize(
    ("cell", "value", "path"),
    [
        ("A2", "nothing", "matters!2.id"),
        ("G3", "三天", "matters!3.limits.promised_days"),
        ("D4", "电话办", "matters!4.mode"),
        ("N5", "也许", "matters!5.fee.charged"),
        ("A1", "别的 other", "matters!1.id"),
        ("B6", "=1+1", "matters!6.2"),
    ],
)
def test_a_broken_row_names_sheet_row_and_column_and_imports_nothing(
    bench: Bench, cell: str, value: str, path: str
) -> None:
    data = changed(xlsx(held(bench)), "事项", cell, value)
    with pytest.raises(InvalidInput) as refused:
        bench.write(lambda work: import_tables(work, bench.house, bench.editor, data, "r.xlsx", "演示", None))
    assert path in {fault.path for fault in refused.value.errors}
    assert bench.read(lambda work: work.drafts.list()) == []


def row_of(data: bytes, title: str, **wanted: str) -> int:
    """The row of a sheet whose cells say that."""
    rows = list(load_workbook(io.BytesIO(data))[title].iter_rows(values_only=True))
    heads = [str(head).split()[-1] for head in rows[0]]
    return next(
        n for n, row in enumerate(rows, 1) if all(str(row[heads.index(key)]) == value for key, value in wanted.items())
    )


def put(data: bytes, title: str, row: int, **cells: object) -> bytes:
    book = load_workbook(io.BytesIO(data))
    heads = [str(cell.value).split()[-1] for cell in book[title][1]]
    for key, value in cells.items():
        book[title].cell(row, heads.index(key.replace("__", ".")) + 1).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


MATTER = "food-business-licence-new"


def test_papers_with_conditions_and_counts_come_in_row_by_row(bench: Bench) -> None:
    data = xlsx(held(bench))
    matter = bench.house.in_force().registry.matters[MATTER]
    first = matter.materials[0]
    row = row_of(data, "材料", matter=MATTER, id=first.id)
    data = put(data, "材料", row, originals=1, copies=2, required="否", condition__zh="有的话", condition__en="If any")
    end = load_workbook(io.BytesIO(data))["材料"].max_row + 1
    data = put(data, "材料", end, matter=MATTER, id="demo_paper", zh="演示材料", en="Demonstration paper", copies=3)
    draft = bench.write(lambda work: import_tables(work, bench.house, bench.editor, data, "r.xlsx", "演示", None))
    found = bench.read(lambda work: opened(work, bench.house, draft.id)).sketch
    made = found.registry.matters[MATTER]
    assert [paper.id for paper in made.materials] == [*(paper.id for paper in matter.materials), "demo_paper"]
    assert (made.materials[0].originals, made.materials[0].copies, made.materials[0].required) == (1, 2, False)
    assert made.materials[0].condition is not None
    assert made.materials[0].condition.zh == "有的话"
    assert made.materials[0].when == first.when
    assert made.materials[1:-1] == matter.materials[1:]
    assert set(found.edits) == {f"matters/{MATTER}"}


def test_a_row_with_nothing_but_the_matter_says_that_it_has_none(bench: Bench) -> None:
    sheet = f"事项代号 matter,中文 zh,英文 en,性质 kind\n{MATTER},,,\n".encode()
    draft = bench.write(lambda work: import_tables(work, bench.house, bench.editor, sheet, "r.csv", "演示", None))
    found = bench.read(lambda work: opened(work, bench.house, draft.id)).sketch
    assert found.registry.matters[MATTER].results == ()
    others = {id: held for id, held in found.registry.matters.items() if id != MATTER}
    assert others == {id: held for id, held in found.base.registry.matters.items() if id != MATTER}


@pytest.mark.parametrize(
    ("title", "cells", "path"),
    [
        ("材料", {"copies": "两份"}, "materials!2.copies"),
        ("材料", {"required": "也许"}, "materials!2.required"),
        ("材料", {"when": "大公司"}, "materials!2.when"),
        ("材料", {"zh": None}, "materials!2.zh"),
        ("材料", {"matter": "nothing"}, "materials!2.matter"),
        ("材料", {"when": "nothing=a"}, "materials!2.when"),
        ("结果", {"kind": "奖状"}, "results!2.kind"),
        ("设定依据", {"law": "NOSUCH"}, "legal_basis!2.law"),
        ("表单字段", {"type": "随便"}, "form!2.type"),
        ("层级规则", {"level": "乡级"}, "levels!2.level"),
        ("层级规则", {"provenance": "听说"}, "levels!2.provenance"),
        ("特别管辖", {"office": "999999"}, "jurisdictions!2.office"),
    ],
)
def test_a_broken_row_of_a_list_names_sheet_row_and_column(
    bench: Bench, title: str, cells: dict[str, object], path: str
) -> None:
    data = put(xlsx(held(bench)), title, 2, **cells)
    with pytest.raises(InvalidInput) as refused:
        bench.write(lambda work: import_tables(work, bench.house, bench.editor, data, "r.xlsx", "演示", None))
    assert path in {fault.path for fault in refused.value.errors}, refused.value.errors
    assert bench.read(lambda work: work.drafts.list()) == []


def test_every_table_has_a_sheet_of_its_own_and_no_formula(bench: Bench) -> None:
    book = load_workbook(io.BytesIO(xlsx(held(bench))))
    assert book.sheetnames == list(TITLES.values())
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_a_finding_that_no_row_says_keeps_its_own_path() -> None:
    assert placed([], "matters.x.limits") == "matters.x.limits"


def test_a_limit_that_breaks_a_rule_is_refused(bench: Bench) -> None:
    data = changed(xlsx(held(bench)), "事项", "G2", 3000)
    with pytest.raises(InvalidInput) as refused:
        bench.write(lambda work: import_tables(work, bench.house, bench.editor, data, "r.xlsx", "演示", None))
    assert "limit-too-long" in {fault.code for fault in refused.value.errors}


def parcel(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><workbook>&c;</workbook>"""


def hostile() -> dict[str, bytes]:
    book = Workbook()
    book.active.title = "别的"  # type: ignore[union-attr]
    strange = io.BytesIO()
    book.save(strange)
    return {
        "billion laughs": parcel(**{"xl__workbook.xml": LAUGHS}),
        "a bomb": parcel(**{"xl__workbook.xml": b" " * (spreadsheet.UNPACKED + 1)}),
        "macros": parcel(**{"xl__vbaProject.bin": b"x", "xl__workbook.xml": b"<a/>"}),
        "fifty megabytes": b"x" * (50 * 1024 * 1024),
        "no spreadsheet": b"PK\x03\x04nonsense",
        "another sheet": strange.getvalue(),
        "not utf-8": "事项".encode("gb18030"),
        "a CSV formula": "代号 id,事项名称 zh\ncompany-change,=HYPERLINK(1)\n".encode(),
        "no columns of ours": b"a,b\n1,2\n",
    }


@pytest.mark.parametrize("kind", list(hostile()))
def test_a_hostile_or_foreign_file_is_refused(bench: Bench, kind: str) -> None:
    data = hostile()[kind]
    with pytest.raises(Problem) as refused:
        bench.write(lambda work: import_tables(work, bench.house, bench.editor, data, "file", "演示", None))
    assert refused.value.status == 422
    assert bench.read(lambda work: work.drafts.list()) == []


@pytest.mark.parametrize(
    "text",
    [
        b"registry: &a [*a]\n",
        b"matters: &a\n- *a\n",
        b"x" * (49 * 1024 * 1024),
        b"registry: {}\nregistry: {}\n",
    ],
)
def test_a_hostile_registry_is_refused(bench: Bench, text: bytes) -> None:
    from catalogue.service.drafting import upload

    with pytest.raises(Problem) as refused:
        bench.write(lambda work: upload(work, bench.house, bench.editor, text, "演示"))
    assert refused.value.status == 422
    assert bench.read(lambda work: work.drafts.list()) == []

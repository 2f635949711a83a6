"""Spreadsheets: out and back without a change, read with suspicion, and nothing of a broken one is imported."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from catalogue.domain.problems import InvalidInput, Problem
from catalogue.domain.registry.pieces import read_piece, split, write_piece
from catalogue.domain.registry.table import COLUMNS, IMPORTED, TITLES, edits_of, placed, sheets
from catalogue.service import spreadsheet
from catalogue.service.drafting import opened
from catalogue.service.spreadsheet import csv_text, import_tables, read_tables, xlsx
from catalogue.service.standing import base
from tests.service.conftest import ROOT, Bench


def held(bench: Bench) -> dict[str, str]:
    return dict(bench.read(lambda work: base(work, bench.house)).pieces)


def changed(data: bytes, sheet: str, cell: str, value: Any) -> bytes:
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


def put(data: bytes, title: str, row: int, **cells: Any) -> bytes:
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
    book.worksheets[0].title = "别的"
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


# --- extra papers of a city, particulars ------------------------------------------------------------------------------

WORDS = st.builds(
    lambda first, rest: (first + rest).strip(),
    st.sampled_from("演示材料a"),
    st.text("演示，；;|\\、(1)= '\"", max_size=8),
)
KEYS = st.lists(st.sampled_from([f"demo_{letter}" for letter in "abcdef"]), unique=True, max_size=4)


@st.composite
def papers(draw: st.DrawFn) -> list[dict[str, object]]:
    found = []
    for key in draw(KEYS):
        paper: dict[str, object] = {"id": key, "zh": draw(WORDS), "en": draw(WORDS)}
        optional: dict[str, st.SearchStrategy[object]] = {
            "required": st.booleans(), "condition": st.fixed_dictionaries({"zh": WORDS, "en": WORDS}),
            "originals": st.integers(0, 9), "copies": st.integers(0, 9), "deferrable": st.booleans(),
        }  # fmt: skip
        paper |= {name: draw(values) for name, values in optional.items() if draw(st.booleans())}
        found.append(paper)
    return found


@st.composite
def particulars(draw: st.DrawFn) -> list[dict[str, object]]:
    return [
        {
            "key": key, "zh": draw(WORDS), "en": draw(WORDS),
            "choices": [{"value": one, "zh": draw(WORDS), "en": draw(WORDS)} for one in draw(KEYS) or ["only"]],
        }
        for key in draw(KEYS)
    ]  # fmt: skip


def with_lists(
    pieces: dict[str, str], extra: list[dict[str, object]], asked: list[dict[str, object]]
) -> dict[str, str]:
    """The pieces with these extra papers of a city for a matter, and these particulars of the matter."""
    region, matter = (read_piece(name, pieces[name])[0] for name in ("regions/yuxi", f"matters/{MATTER}"))
    overlays = {**(region.get("overlays") or {})}
    overlay = {key: value for key, value in overlays.pop(MATTER, {}).items() if key != "extra_materials"}
    if extra:
        overlay["extra_materials"] = extra
    if overlay:
        overlays[MATTER] = overlay
    region = {**region, "overlays": overlays}
    matter = {**{key: value for key, value in matter.items() if key != "particulars"}, "particulars": asked}
    return pieces | {
        "regions/yuxi": write_piece("regions/yuxi", region, pieces["regions/yuxi"]),
        f"matters/{MATTER}": write_piece(f"matters/{MATTER}", matter, pieces[f"matters/{MATTER}"]),
    }


@given(extra=papers(), asked=particulars(), form=st.sampled_from(["xlsx", "csv"]))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_extra_papers_and_particulars_come_back_as_they_went_out(
    few: dict[str, str], extra: list[dict[str, object]], asked: list[dict[str, object]], form: str
) -> None:
    """Into the registry as it was before, and without a change into the one they came from."""
    made = with_lists(few, extra, asked)
    named = ("extra_materials", "particulars")
    if form == "xlsx":
        tables = [table for table in read_tables(xlsx(made), "r.xlsx") if table.name in named]
    else:
        tables = [read_tables(csv_text(made, name).encode(), "r.csv")[0] for name in named]
    assert {table.name for table in tables} == {*named}
    assert edits_of(made, tables) == ({}, [])
    edits, faults = edits_of(few, tables)
    assert faults == []
    after = {**few, **{name: text for name, text in edits.items() if text is not None}}
    for name in ("regions/yuxi", f"matters/{MATTER}"):
        had, has = (dict(read_piece(name, pieces[name])[0]) for pieces in (made, after))
        if not asked:
            # The matter has none before and after; saying so is no change.
            had.pop("particulars", None)
        # What a spreadsheet brings in says so.
        overlay = dict(has.get("overlays", {}).get(MATTER, {}))
        assert overlay.pop("provenance", {"extra_materials": IMPORTED}) == {"extra_materials": IMPORTED}
        has["overlays"] = has.get("overlays", {}) | {MATTER: overlay} if overlay else has.get("overlays", {})
        had.setdefault("overlays", {})
        has.setdefault("overlays", {})
        assert has == had


@pytest.fixture(scope="module")
def few() -> dict[str, str]:
    """The shipped registry with a handful of its matters, so that many tables are written quickly."""
    pieces = split((ROOT / "matters.yaml").read_text("utf-8"))
    kept = {MATTER, "company-establishment"}
    found = {name: text for name, text in pieces.items() if not name.startswith("matters/") or name[8:] in kept}
    return with_lists(found, [], []) | {f"matters/{MATTER}": pieces[f"matters/{MATTER}"]}


def test_a_row_with_city_and_matter_alone_says_that_the_city_asks_for_nothing_more(bench: Bench) -> None:
    heads = "城市代号 region,事项代号 matter,代号 id,中文 zh,英文 en\n"
    given = f"{heads}yuxi,{MATTER},demo_paper,演示材料,Demonstration paper\n".encode()
    draft = bench.write(lambda work: import_tables(work, bench.house, bench.editor, given, "r.csv", "演示", None))
    found = bench.read(lambda work: opened(work, bench.house, draft.id)).sketch
    (paper,) = found.registry.overlay("yuxi", MATTER).extra_materials
    assert paper.id == "demo_paper"
    assert set(found.edits) == {"regions/yuxi"}
    none = f"{heads}yuxi,{MATTER},,,\n".encode()
    tables = read_tables(none, "r.csv")
    edits, faults = edits_of(found.pieces, tables)
    assert (faults, edits["regions/yuxi"]) == ([], found.base.pieces["regions/yuxi"])


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ("yuxi,nothing,demo,演示,Demo,", "extra_materials!2.matter"),
        (f"nowhere,{MATTER},demo,演示,Demo,", "extra_materials!2.region"),
        (f"yuxi,{MATTER},demo,演示,Demo,两份", "extra_materials!2.copies"),
        (f"yuxi,{MATTER},,演示,Demo,1", "extra_materials!2.id"),
    ],
)
def test_a_broken_row_of_extra_papers_names_sheet_row_and_column(bench: Bench, row: str, path: str) -> None:
    data = f"城市代号 region,事项代号 matter,代号 id,中文 zh,英文 en,复印件 copies\n{row}\n".encode()
    with pytest.raises(InvalidInput) as refused:
        bench.write(lambda work: import_tables(work, bench.house, bench.editor, data, "r.csv", "演示", None))
    assert path in {fault.path for fault in refused.value.errors}, refused.value.errors

"""A registry text in pieces is the text again, and a draft of pieces is what reading its whole text gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.domain.problems import InvalidRegistry
from catalogue.domain.registry.compiled import compile_registry
from catalogue.domain.registry.pieces import (
    canonical_pieces,
    document_of,
    edited,
    edits_between,
    join,
    read_piece,
    split,
    write_piece,
)
from catalogue.domain.registry.reader import read_document, read_registry
from catalogue.domain.registry.revision import read_parts
from catalogue.domain.registry.sketch import Base, sketch
from catalogue.domain.registry.writer import format_registry
from tests.registry.samples import FILE, SMALL

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "matters.yaml").read_text("utf-8")
CANONICAL = format_registry(SMALL.encode(), FILE)


def base() -> Base:
    calendars = {path.name: path.read_text("utf-8") for path in (ROOT / "regions/calendars").glob("*.yaml")}
    registry, read = read_parts(SHIPPED.encode(), {name: text.encode() for name, text in calendars.items()})
    return Base(1, split(SHIPPED), calendars, registry, read)


BASE = base()


@pytest.mark.parametrize("text", [SHIPPED, CANONICAL])
def test_the_pieces_make_the_file_again_byte_for_byte(text: str) -> None:
    pieces = split(text)
    assert join(pieces) == text
    assert document_of(pieces) == read_document(text.encode(), FILE)[0]


@pytest.mark.parametrize("text", [SHIPPED, CANONICAL])
def test_every_piece_is_written_as_it_stands(text: str) -> None:
    for name, piece in split(text).items():
        if name:
            value, found = read_piece(name, piece)
            assert found == ()
            assert write_piece(name, value, piece) == piece


def test_comments_of_a_piece_survive_its_change() -> None:
    text = CANONICAL.replace("  - id: licence\n", "  # 演示说明\n  - id: licence\n", 1)
    piece = split(format_registry(text.encode(), FILE))["matters/licence"]
    value, _ = read_piece("matters/licence", piece)
    assert "# 演示说明" in write_piece("matters/licence", {**value, "zh": "演示"}, piece)


def test_a_file_in_another_form_is_put_into_form_first() -> None:
    odd = CANONICAL.replace("promised_days: 5", "promised_days:    7")
    assert canonical_pieces(odd.encode(), FILE) == canonical_pieces(odd.encode(), FILE, split(CANONICAL))
    assert edits_between(split(CANONICAL), canonical_pieces(odd.encode(), FILE)).keys() == {"regions/east"}
    with pytest.raises(InvalidRegistry):
        canonical_pieces(b"matters: [", FILE, split(CANONICAL))


def test_another_order_is_an_edit_of_its_own() -> None:
    pieces = dict(split(SHIPPED))
    first = "matters/company-establishment"
    moved = {name: text for name, text in pieces.items() if name != first} | {first: pieces[first]}
    edits = edits_between(pieces, moved)
    assert list(edits) == ["order/matters"]
    assert join(edited(pieces, edits)) == join(moved)


names = st.sampled_from(sorted(name for name in BASE.pieces if name.startswith(("matters/", "families/", "regions/"))))
labels = st.text("演示甲乙丙ABC: #'\"-0123", min_size=1, max_size=12).map(str.strip).filter(bool)


@settings(max_examples=25, deadline=None)
@given(changes=st.dictionaries(names, labels, min_size=1, max_size=3))
def test_a_sketch_is_what_its_whole_text_reads_as(changes: dict[str, str]) -> None:
    edits: dict[str, Any] = {}
    for name, label in changes.items():
        value, _ = read_piece(name, BASE.pieces[name])
        edits[name] = write_piece(name, {**value, "en": label})
    found = sketch(BASE, edits)
    registry, problems = read_registry(found.text.encode(), FILE)
    assert (problems, found.findings) == ((), ())
    assert registry is not None
    assert replace(registry, digest="") == replace(found.registry, digest="")
    assert format_registry(found.text.encode(), FILE) == found.text


matters = sorted(name for name in BASE.pieces if name.startswith("matters/"))
families = sorted(name for name in BASE.pieces if name.startswith("families/"))
laws = sorted(name for name in BASE.pieces if name.startswith("laws/"))
cities = sorted(name for name in BASE.pieces if name.startswith("regions/"))


@st.composite
def many_edits(draw: st.DrawFn) -> dict[str, str | None]:
    """What drafts do to items: facts changed, items taken out, copied under a new id, put in another order."""
    edits: dict[str, str | None] = {}
    for name in draw(st.lists(st.sampled_from([*matters, *families, *laws, *cities]), max_size=4, unique=True)):
        value = dict(read_piece(name, BASE.pieces[name])[0])
        section, _, id = name.partition("/")
        act = draw(st.sampled_from(["out", "copy", "fact", "fact", "fact"]))
        if act == "out":
            edits[name] = None
            continue
        if act == "copy" and section == "matters":
            value["id"] = f"{id}-copy"
            edits[f"{name}-copy"] = write_piece(f"{name}-copy", value)
            continue
        if section in ("matters", "families"):
            value["limits"] = {**(value.get("limits") or {}), "promised_days": draw(st.integers(1, 12))}
            value["provenance"] = {**(value.get("provenance") or {}), "limits.promised_days": "assumed"}
        elif section == "laws":
            value["title"] = draw(labels)
        else:
            overlay = {"promised_days": draw(st.integers(1, 12)), "available": draw(st.booleans())}
            matter = draw(st.sampled_from(matters)).partition("/")[2]
            value["overlays"] = {**(value.get("overlays") or {}), matter: overlay}
        edits[name] = write_piece(name, value, BASE.pieces[name])
    if draw(st.booleans()):
        ids = [name.partition("/")[2] for name in edited(BASE.pieces, edits) if name.startswith("matters/")]
        edits["order/matters"] = "\n".join(draw(st.permutations(ids)))
    return edits


@settings(max_examples=20, deadline=None)
@given(edits=many_edits())
def test_a_draft_of_items_holds_if_and_only_if_its_whole_text_holds_and_reads_as_the_same(
    edits: dict[str, str | None],
) -> None:
    """By this a draft is published without reading the whole text again."""
    found = sketch(BASE, edits)
    assert found.is_local
    registry, problems = read_registry(found.text.encode(), FILE)
    assert {one.code for one in problems} == {one.code for one in found.findings}
    if registry is not None and not found.findings:
        assert replace(registry, digest="") == replace(found.registry, digest="")
        assert list(registry.matters) == list(found.registry.matters)
        assert compile_registry(replace(registry, digest="")) == compile_registry(replace(found.registry, digest=""))


def test_what_every_matter_may_name_is_read_with_the_whole() -> None:
    """A category that an untouched matter names may be gone: the draft alone would not see it."""
    for name in ("categories", "sources", "registry", "province"):
        assert not sketch(BASE, {name: BASE.pieces[name]}).is_local


def test_a_duplicate_or_other_id_within_a_piece_is_found() -> None:
    value, _ = read_piece("matters/company-change", BASE.pieces["matters/company-change"])
    taken = sketch(BASE, {"matters/company-change": write_piece("matters/company-change", {**value, "id": "other"})})
    assert [finding.code for finding in taken.findings] == ["other-id"]

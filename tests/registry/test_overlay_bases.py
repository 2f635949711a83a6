"""What a city declares differently says where it comes from, value by value."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from catalogue.domain.registry.coverage import unverified_of_cities
from catalogue.domain.registry.diff import difference
from catalogue.domain.registry.model import Confidence, Registry
from catalogue.domain.registry.pieces import join, read_piece, split, write_piece
from catalogue.domain.registry.reader import read_registry
from catalogue.domain.registry.show import show_block
from catalogue.domain.registry.writer import format_registry
from tests.registry.samples import FILE
from tests.registry.test_pieces import SHIPPED

MATTER = "company-change"


def text_with(overlay: Mapping[str, object]) -> str:
    pieces = dict(split(SHIPPED))
    region = read_piece("regions/yuxi", pieces["regions/yuxi"])[0]
    region["overlays"] = {MATTER: overlay}
    pieces["regions/yuxi"] = write_piece("regions/yuxi", region)
    return join(pieces)


def registry_with(overlay: Mapping[str, object]) -> Registry:
    registry, found = read_registry(text_with(overlay).encode(), FILE)
    assert registry is not None, found
    return registry


SAID = {"promised_days": 2, "contact": "演示", "provenance": {"promised_days": "official REG — 演示"}}


def test_each_value_names_its_own_basis_and_one_without_is_unknown() -> None:
    registry = registry_with(SAID)
    overlay = registry.overlay("yuxi", MATTER)
    assert overlay.provenance["promised_days"].confidence is Confidence.OFFICIAL
    assert overlay.provenance["promised_days"].sources == ("REG",)
    (doubtful,) = unverified_of_cities(registry.regions.values(), {MATTER})
    assert (doubtful.region, doubtful.path, doubtful.basis.confidence) == ("yuxi", "contact", Confidence.UNKNOWN)
    assert list(unverified_of_cities(registry.regions.values(), {"another"})) == []


def test_the_canonical_form_keeps_it_and_the_merged_matter_shows_it() -> None:
    text = text_with(SAID)
    assert format_registry(text.encode(), FILE) == text
    pieces = split(text)
    own, city = (read_piece(name, pieces[name])[0] for name in (f"matters/{MATTER}", "regions/yuxi"))
    family = read_piece(f"families/{own['family']}", pieces[f"families/{own['family']}"])[0]
    shown = {row.path: row for row in show_block(own, family, city)}
    assert (shown["limits.promised_days"].value, shown["limits.promised_days"].basis) == (2, "official REG — 演示")
    assert "provenance" not in shown


@pytest.mark.parametrize(
    ("bases", "code"),
    [
        ({"mode": "official REG"}, "basis-without-value"),
        ({"promised_days": "official NOSUCH"}, "dangling"),
        ({"promised_days": "official"}, "missing-source"),
        ({"promised_days": "听说"}, "bad-provenance"),
        ({"weather": "assumed"}, "bad-form"),
    ],
)
def test_a_basis_that_founds_nothing_is_an_error_at_its_place(bases: dict[str, str], code: str) -> None:
    registry, found = read_registry(text_with({**SAID, "provenance": bases}).encode(), FILE)
    assert registry is None
    path = f"regions.yuxi.overlays.{MATTER}.provenance"
    assert [one.code for one in found if one.path.startswith(path)] == [code]


def test_another_basis_is_a_change_in_words() -> None:
    before, after = registry_with(SAID), registry_with({**SAID, "provenance": {"promised_days": "assumed — 演示"}})
    (change,) = difference(before, after)
    assert (change.part, change.path) == ("overlay", "provenance.promised_days")
    assert "承诺" in change.sentence.zh
    assert change.sentence.en

"""The fixed words: every code has two labels, and what machines send under another name is understood."""

from __future__ import annotations

import pytest

from catalogue.domain.vocabulary import STOPPING_PROCEDURES, WORDS, canonical, label


def test_every_word_has_a_label_in_both_languages() -> None:
    assert all(text.zh and text.en for words in WORDS.values() for text in words.values())


@pytest.mark.parametrize(
    ("section", "name", "code"),
    [
        ("document_types", "resident_id", "resident_id"),
        ("document_types", "ID-card", "resident_id"),
        ("document_types", "居民身份证", "resident_id"),
        ("relations", "The applicant", "self"),
        ("special_procedures", "expert review", "expert_review"),
        ("bounce_codes", "no such code", None),
    ],
)
def test_a_code_is_known_by_its_labels_and_aliases(section: str, name: str, code: str | None) -> None:
    assert canonical(section, name) == code


def test_a_name_means_one_code_only() -> None:
    for section, words in WORDS.items():
        assert all(canonical(section, code) == code for code in words)


def test_a_site_check_is_not_among_what_stops_the_clock() -> None:
    assert "hearing" in STOPPING_PROCEDURES
    assert "site_check" not in STOPPING_PROCEDURES


def test_an_unknown_code_labels_itself() -> None:
    assert label("states", "no-such-state").zh == "no-such-state"

"""The canonical form: one way to write each value, nothing lost, formatting twice changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalogue.domain.problems import InvalidRegistry
from catalogue.domain.registry.reader import read_registry
from catalogue.domain.registry.writer import WIDTH, format_registry, width
from tests.registry.samples import FILE, SMALL, changed, small


def form(text: str) -> str:
    """The canonical form, which must be its own canonical form."""
    once = format_registry(text.encode(), FILE)
    assert format_registry(once.encode(), FILE) == once
    return once


def test_the_sample_is_canonical() -> None:
    assert form(SMALL) == SMALL


def test_block_and_flow_quotes_and_order_do_not_matter() -> None:
    loose = yaml.safe_dump(yaml.load(SMALL, yaml.CSafeLoader), allow_unicode=True, sort_keys=True)
    assert form("# 样例\n\n" + loose) == SMALL


def test_windows_line_ends_become_plain_ones() -> None:
    assert form(SMALL.replace("\n", "\r\n")) == SMALL


@pytest.mark.parametrize("needle", ["  - id: licence\n", "    form:\n", "        - level: county\n", "sources:\n"])
def test_remarks_on_lines_of_their_own_stay_before_their_item(needle: str) -> None:
    indent = len(needle) - len(needle.lstrip())
    text = changed(needle, f"{' ' * indent}# 备注 remark\n{needle}")
    assert form(text) == text


def test_a_remark_keeps_its_item_in_lines() -> None:
    text = changed(
        "      - {id: plan, zh: 平面图, en: Plan, when: {size: [large]}}\n",
        "      - id: plan\n        # why\n        zh: 平面图\n        en: Plan\n        when: {size: [large]}\n",
    )
    assert form(text) == text


def test_a_remark_at_the_end_stays() -> None:
    assert form(SMALL + "\n# the end\n") == SMALL + "\n# the end\n"


def test_a_hash_within_a_value_is_no_remark() -> None:
    text = changed("ref: null", "ref: https://example.org/a#b")
    assert form(text) == text
    text = changed("ref: null", 'ref: "a # b"')
    assert form(text) == text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mode: proxy", "mode: proxy  # the other window"),
        ("aliases: [样证]", "aliases: [\n      # short\n      样证]"),
        ("    what: 样例来源", "    what: >-  # folded\n      样例来源"),
    ],
)
def test_a_remark_that_would_be_lost_is_refused_with_its_line(old: str, new: str) -> None:
    text = changed(old, new)
    with pytest.raises(InvalidRegistry) as raised:
        format_registry(text.encode(), FILE)
    (finding,) = raised.value.findings
    assert finding.code == "comment-not-kept"
    assert "#" in text.splitlines()[finding.line - 1]


@pytest.mark.parametrize(
    "text", ["", "a: [", "a: 1\na: 2\n", "a: &x 1\nb: *x\n", "\ufeffa: 1\n", "a:\n  b: 1\n  b: 2\n"]
)
def test_what_cannot_be_kept_safely_is_refused(text: str) -> None:
    with pytest.raises(InvalidRegistry):
        format_registry(text.encode(), FILE)


def test_long_texts_are_folded_at_spaces_and_lines_keep_their_width() -> None:
    words = " ".join(["provenance"] * 40)
    text = form(changed("what: 样例来源", f"what: {words}"))
    assert "what: >-" in text
    assert max(width(line) for line in text.splitlines()) <= WIDTH
    registry, found = read_registry(text.encode(), FILE)
    assert not found
    assert registry is not None
    assert registry.sources["LAW"].what == words


def test_unknown_keys_stay_for_the_reader_to_name() -> None:
    text = changed("    kind: sample", "    kind: sample\n    extra: {a: [1, 2]}")
    once = format_registry(text.encode(), FILE)
    assert yaml.load(once, yaml.CSafeLoader)["sources"]["LAW"]["extra"] == {"a": [1, 2]}
    assert format_registry(once.encode(), FILE) == once


TRICKY = ["010", "12:30", "no", "~", "null", "1e3", "0x1F", "- a", "a: b", "a #b", "{x}", "a, b", "'q'", '"', "\\",
          "第3条", "2022-03-01", "=", "<<", "1_000", ".5", "True", "y", "a:", ":a", "?", "*a", "&a", "!t", "%d", "@x",
          "`", "|", ">", "0o14", "1.2.3", "11e0", "000131127004", "00013112700Y", "530100", "a\tb", "a\nb", "\u2028",
          "\u0085", "\U0001f600", "a\u00a0b", "-", "--- a", "...", "1:2:3.4", "+1", "0b1", "1,2"]  # fmt: skip
texts = st.one_of(
    st.sampled_from(TRICKY),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.text("ab #:,[]{}\"'-?\\&*!|>%@`0189.~中 ", min_size=1, max_size=160),
).filter(lambda text: text == text.strip())


@given(texts, texts)
def test_every_text_comes_back_as_it_was(block: str, row: str) -> None:
    """Written by the dumper of YAML, formatted, read: the same value, whatever the text."""
    document: dict[str, Any] = yaml.load(SMALL, yaml.CSafeLoader)
    document["sources"]["LAW"]["what"] = block
    document["categories"][0]["en"] = row
    dumped = yaml.safe_dump(document, allow_unicode=False, sort_keys=False)
    formatted = form(dumped)
    assert yaml.load(formatted, yaml.CSafeLoader) == document


scalars = st.one_of(texts, st.integers(-5, 10**6), st.booleans(), st.none(), st.dates())
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(st.sampled_from(["registry", "regions", "matters", "sources", "else"]), trees, min_size=1))
def test_formatting_is_idempotent_and_keeps_the_values_of_any_tree(tree: dict[str, Any]) -> None:
    assert yaml.load(form(yaml.safe_dump(tree, allow_unicode=False)), yaml.CSafeLoader) == tree


@given(st.data())
def test_remarks_are_never_lost(data: st.DataObject) -> None:
    """A full-line remark before any line of the sample is kept or refused, never dropped."""
    lines = SMALL.splitlines()
    at = data.draw(st.integers(0, len(lines)))
    text = "\n".join([*lines[:at], "# kept?", *lines[at:]]) + "\n"
    refused: set[str] = set()
    formatted = ""
    try:
        formatted = format_registry(text.encode(), FILE)
    except InvalidRegistry as problem:
        refused = {finding.code for finding in problem.findings}
    assert refused <= {"comment-not-kept"}
    if not refused:
        assert formatted.count("# kept?") == 1
        assert read_registry(formatted.encode(), FILE)[0] is not None


def test_the_sample_formatted_reads_the_same() -> None:
    registry, _ = read_registry(form(SMALL).encode(), FILE)
    assert registry == small()

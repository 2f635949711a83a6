"""Rules of numbers: what the strict reader refuses and says how to mend, the canonical form, the proof, the words."""

from __future__ import annotations

import pytest

from catalogue.domain.registry.compiled import compile_registry, load_compiled
from catalogue.domain.registry.diff import difference
from catalogue.domain.registry.model import Confidence, NumberRule, Provenance, Registry
from catalogue.domain.registry.reader import read_registry
from catalogue.domain.registry.writer import format_registry
from tests.registry.samples import FILE, SMALL, changed, only
from tests.registry.test_check import report

AS_READ = NumberRule(
    "papers",
    "document",
    "{office}{nature}〔{year}〕{serial}号",
    4,
    basis=Provenance(Confidence.ASSUMED, (), "a sample"),
)

DAY = "  as_of: 2026-11-23\n"
RULE = """\
  numbers:
    - id: papers
      of: document
      form: "{office}{nature}〔{year}〕{serial}号"
      width: 4
      provenance: assumed — a sample
"""


def ruled(old: str = "", new: str = "") -> str:
    """The sample with that rule, one place of it changed."""
    return changed(DAY, DAY + (changed(old, new, RULE) if old else RULE))


def read(text: str) -> Registry:
    registry, found = read_registry(text.encode(), FILE)
    assert registry is not None, found
    return registry


def test_a_rule_is_read_kept_in_its_form_and_compiled() -> None:
    registry = read(ruled())
    assert registry.numbers == (AS_READ,)
    assert format_registry(ruled().encode(), FILE) == ruled()
    assert load_compiled(compile_registry(registry)) == registry


def test_a_registry_that_says_nothing_of_numbers_is_whole() -> None:
    assert read(SMALL).numbers == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "mend"),
    [
        ("{nature}", "{natur}", "bad-number-form", "可用：{office}"),
        ("{serial}", "", "bad-number-form", "{serial}"),
        ("〔{year}〕{serial}", "{serial}〔{year}〕", "bad-number-form", "先写一次 {year}"),
        ("{serial}", "{serial", "bad-number-form", "不成对"),
        ("号", "9号", "bad-number-form", "不能有数字"),
        ("{office}", "东监", "bad-number-form", "须写 {office}"),
        ("width: 4", "width: 13", "bad-number-form", "12"),
        ("width: 4", "width: 0", "out-of-range", "不能小于 1"),
        ("of: document", "of: certificate", "bad-number-form", "没有 {nature}"),
        ("of: document", "of: paper", "unknown-value", "document"),
        ("      width: 4\n", "      kinds: [acceptence]\n", "dangling", "acceptance"),
        ("      width: 4\n", '      offices: ["530199"]\n', "dangling", "530199"),
        ("      width: 4\n", "      series: own\n", "unknown-key", "请删除 series"),
        ("assumed — a sample", "sure", "bad-provenance", "official"),
    ],
)
def test_a_faulty_rule_is_refused_with_how_to_mend_it(old: str, new: str, code: str, mend: str) -> None:
    found, problems = read_registry(ruled(old, new).encode(), FILE)
    assert found is None
    finding = next(one for one in problems if one.code == code)
    assert finding.path.startswith("registry.numbers.papers")
    assert mend in finding.message.zh
    assert finding.line is not None


def test_a_rule_for_certificates_names_its_matters_and_its_series() -> None:
    certificates = RULE.replace("{nature}", "证").replace("of: document", "of: certificate")
    bare = only(changed(DAY, DAY + certificates))
    assert (bare.code, "series" in bare.message.zh) == ("missing-key", True)
    whole = certificates.replace("      width: 4\n", "      kinds: [licence]\n      series: licences\n")
    assert read(changed(DAY, DAY + whole)).numbers[0].series == "licences"


def test_two_offices_that_would_give_one_number_are_found() -> None:
    own = """\
    numbers:
      - id: own
        of: document
        form: "{text}〔{year}〕{serial}号"
        offices: ["OFFICE"]
        provenance: assumed
"""
    east = own.replace("{text}", "市监").replace("OFFICE", "530102")
    west = own.replace("{text}", "市监").replace("OFFICE", "530400")
    anchor = '    divisions:\n      - {id: "530102"'
    text = changed("    divisions: []\n", west + "    divisions: []\n", changed(anchor, east + anchor))
    (finding,) = report(text).problems
    assert (finding.code, finding.path) == ("shared-number", "regions.west.numbers.own")
    assert report(changed("    divisions: []\n", west + "    divisions: []\n")).problems == ()


def test_a_changed_rule_is_said_in_words() -> None:
    (added,) = difference(read(SMALL), read(ruled()))
    assert added.sentence.zh == (
        "样例清单：编号规则新增“papers”：编什么的号 文书，编号形式 {office}{nature}〔{year}〕{serial}号，"
        "序号至少几位 4，"
        "来源 假定（说明“a sample”）"
    )
    (altered,) = difference(read(ruled()), read(ruled("width: 4", "width: 5\n      kinds: [acceptance]")))
    assert altered.sentence.zh == (
        "样例清单：编号规则“papers”的序号至少几位由4改为5；样例清单：编号规则“papers”的限于由无改为acceptance"
    )
    assert "for changes from none to acceptance" in altered.sentence.en

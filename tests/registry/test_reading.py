"""Strict reading: every error with its line, its path and its code, all of them at once."""

from __future__ import annotations

from datetime import date

import pytest

from catalogue.domain.registry.model import Acceptance, Confidence, Level, PlaceRule
from catalogue.domain.registry.reader import read_registry
from tests.registry.samples import FILE, SMALL, changed, findings, only, small


def line_of(needle: str, text: str = SMALL) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if needle in line)


def test_sample_is_read_whole() -> None:
    registry = small()
    matter = registry.matters["licence"]
    assert registry.as_of == date(2026, 11, 23)
    assert (matter.limits.notice_days, matter.limits.statutory_days, matter.limits.promised_days) == (5, 15, None)
    assert matter.decided_by.place is PlaceRule.PREMISES
    assert [rule.level for rule in matter.decided_by.levels] == [Level.CITY, Level.COUNTY]
    assert dict(matter.decided_by.levels[0].when) == {"size": ("large",)}
    assert matter.decided_by.levels[0].source == "LAW"
    assert matter.provenance["limits.notice_days"].note == "5 days"
    assert matter.provenance["limits.statutory_days"].confidence is Confidence.DERIVED
    assert matter.legal_basis[0].title == "样例法"
    assert matter.legal_basis[0].valid_from == date(2022, 3, 1)
    assert registry.offices["530102"].division == "530102"
    assert registry.offices["530102"].phone is None
    assert registry.regions["west"].acceptance is Acceptance.DELEGATED
    assert registry.regions["east"].jurisdictions[0].office == "530400"
    assert registry.overlay("east", "licence").promised_days == 5
    assert registry.overlay("west", "licence").promised_days is None
    assert registry.divisions["530102"][0].former_codes == ("530101",)
    assert registry.categories["food"].name.en == "Food"


def test_digest_is_sm3_of_the_text() -> None:
    assert len(small().digest) == 64
    other = read_registry(changed("zh: 样例清单", "zh: 样例清单二").encode(), FILE)[0]
    assert other is not None
    assert other.digest != small().digest


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("promised_days: 5\n", "promised_days: 010\n", "yaml-trap", "regions.east.overlays.licence.promised_days"),
        ("promised_days: 5\n", "promised_days: 12:30\n", "yaml-trap", "regions.east.overlays.licence.promised_days"),
        ("promised_days: 5\n", "promised_days: 1_000\n", "yaml-trap", "regions.east.overlays.licence.promised_days"),
        ("promised_days: 5\n", 'promised_days: "5"\n', "wrong-type", "regions.east.overlays.licence.promised_days"),
        ("promised_days: 5\n", "promised_days: five\n", "yaml-trap", "regions.east.overlays.licence.promised_days"),
        ("promised_days: 5\n", "promised_days: -1\n", "out-of-range", "regions.east.overlays.licence.promised_days"),
        ("promised_days: 5\n", "promised_days: [5]\n", "wrong-type", "regions.east.overlays.licence.promised_days"),
        ("on_the_spot: false\n", "on_the_spot: no\n", "yaml-trap", "families.licences.on_the_spot"),
        ("on_the_spot: false\n", "on_the_spot: off\n", "yaml-trap", "families.licences.on_the_spot"),
        ("on_the_spot: false\n", 'on_the_spot: "false"\n', "wrong-type", "families.licences.on_the_spot"),
        ("aliases: [样证]", "aliases: [no]", "yaml-trap", "matters.licence.aliases[0]"),
        ("aliases: [样证]", "aliases: [010]", "yaml-trap", "matters.licence.aliases[0]"),
        ("aliases: [样证]", "aliases: [12:30]", "yaml-trap", "matters.licence.aliases[0]"),
        ("aliases: [样证]", "aliases: [2022-03-01]", "yaml-trap", "matters.licence.aliases[0]"),
        ("aliases: [样证]", "aliases: [1e3, y]", "yaml-trap", "matters.licence.aliases[1]"),
        ("aliases: [样证]", "aliases: [null]", "missing-value", "matters.licence.aliases[0]"),
        ("aliases: [样证]", 'aliases: [""]', "stray-space", "matters.licence.aliases[0]"),
        ("aliases: [样证]", 'aliases: ["样\\0证"]', "control-character", "matters.licence.aliases[0]"),
        ("aliases: [样证]", "aliases: [样\u200b证]", "control-character", "matters.licence.aliases[0]"),
        ("aliases: [样证]", "aliases: 样证", "wrong-type", "matters.licence.aliases"),
        ("aliases: [样证]", "aliases: [样证, 样证]", "duplicate-id", "matters.licence.aliases[1]"),
        ("fallback_mode: null", "fallback_mode:", "null-spelling", "families.licences.fallback_mode"),
        ("fallback_mode: null", "fallback_mode: ~", "null-spelling", "families.licences.fallback_mode"),
        ("fallback_mode: null", "fallback_mode: proxy", "same-mode", "matters.licence.fallback_mode"),
        ("as_of: 2026-11-23", "as_of: 2026-11-31", "bad-date", "registry.as_of"),
        ("as_of: 2026-11-23", 'as_of: "2026-11-23"', "wrong-type", "registry.as_of"),
        ("    kind: sample", "    kind: sample\n    knd: x", "unknown-key", "sources.LAW.knd"),
        ("    kind: sample", "    kind: sample\n    kind: x", "duplicate-key", "sources.LAW.kind"),
        ("    kind: sample\n", "", "missing-key", "sources.LAW"),
        ("mode: proxy", "mode: post", "unknown-value", "families.licences.mode"),
        ("category: food", "category: fod", "dangling", "families.licences.category"),
        ("family: licences", "family: licenses", "dangling", "matters.licence.family"),
        ('        office: "530400"', '        office: "530401"', "dangling",
         "regions.east.jurisdictions.530102/乙镇.office"),
        ("place: 530102/乙镇", "place: 530402/乙镇", "dangling", "regions.east.jurisdictions.530402/乙镇.place"),
        ("provenance: assumed LAW — a sample", "provenance: assumed — a sample", "missing-source",
         "regions.east.jurisdictions.530102/乙镇.provenance"),
        ('    city_office: "530400"', '    city_office: "530402"', "dangling", "regions.west.city_office"),
        ('    city_office: "530100"', '    city_office: "530102"', "wrong-level", "regions.east.city_office"),
        ('parent: "530100"', 'parent: "530102"', "own-parent", "regions.east.offices.530102.parent"),
        ("{law: ACT, articles", "{law: ACTS, articles", "dangling", "matters.licence.legal_basis.ACTS.law"),
        ("fee: unknown", "fee: surely LAW", "bad-provenance", "families.licences.provenance.fee"),
        ("fee: unknown", "fee: official — so it is", "missing-source", "families.licences.provenance.fee"),
        ("fee: unknown", "fee: official law", "bad-provenance", "families.licences.provenance.fee"),
        ("fee: unknown", "fee: official LAWS", "dangling", "families.licences.provenance.fee"),
        ("      fee: unknown", "      fees: unknown\n      fee: unknown", "dangling",
         "families.licences.provenance.fees"),
        ("      fee: unknown\n", "", "missing-provenance", "families.licences.fee"),
        ("      name: assumed\n", "", "missing-provenance", "matters.licence"),
        ("      limits.statutory_days: derived LAW\n", "", "missing-provenance",
         "matters.licence.limits.statutory_days"),
        ("    substance_check: true\n", "", "missing-key", "matters.licence"),
        ("plan, zh: 平面图, en: Plan, when: {size: [large]}", "plan, zh: 平面图, en: Plan, when: {size: [huge]}",
         "dangling", "matters.licence.materials.plan.when.size"),
        ("plan, zh: 平面图, en: Plan, when: {size: [large]}", "plan, zh: 平面图, en: Plan, when: {sise: [large]}",
         "dangling", "matters.licence.materials.plan.when.sise"),
        ("plan, zh: 平面图", "application, zh: 平面图", "duplicate-id", "matters.licence.materials.application"),
        ("        - level: county\n          provenance: assumed\n", "", "missing-default",
         "matters.licence.decided_by.levels"),
        ("          when: {size: [large]}\n", "", "never-matches", "matters.licence.decided_by.levels[1]"),
        ("        - level: county\n", "        - level: county\n          when: {size: [large]}\n"
         "          provenance: assumed\n        - level: county\n", "never-matches",
         "matters.licence.decided_by.levels[1]"),
        ("promised_days: 5\n", "promised_days: 16\n", "promise-too-long",
         "regions.east.overlays.licence.promised_days"),
        ("      licence:\n", "      licences:\n", "dangling", "regions.east.overlays.licences"),
        ("required: true, searchable: true", "required: true, searchable: true, personal: true",
         "personal-searchable", "matters.licence.form.enterprise_name"),
        ("required: true, searchable: true", "type: choice", "choices", "matters.licence.form.enterprise_name"),
        ("kind: licence, validity_years: 5", "kind: licence, validity_years: 0", "out-of-range",
         "matters.licence.results[0].validity_years"),
        ("applicant_kinds: [legal_person]", "applicant_kinds: []", "empty-list", "families.licences.applicant_kinds"),
        ("  - id: west", "  - id: east", "duplicate-id", "regions.east"),
        ('id: "530400", zh: 西市局', 'id: 530400, zh: 西市局', "yaml-trap", "regions.west.offices.530400.id"),
    ],
)  # fmt: skip
def test_each_error_has_its_line_path_and_code(old: str, new: str, code: str, path: str) -> None:
    text = changed(old, new)
    matching = [finding for finding in findings(text) if (finding.code, finding.path) == (code, path)]
    assert len(matching) == 1, [(f.line, f.path, f.code) for f in findings(text)]
    finding = matching[0]
    assert finding.file == FILE
    assert finding.line is not None
    assert 1 <= finding.line <= len(text.splitlines())
    assert finding.message.zh
    assert finding.message.en
    assert finding.message.zh != finding.message.en


@pytest.mark.parametrize(
    ("old", "new", "needle"),
    [
        ("promised_days: 5\n", "promised_days: 010\n", "promised_days: 010"),
        ("mode: proxy", "mode: post", "mode: post"),
        ("family: licences", "family: licenses", "family: licenses"),
        ("          when: {size: [large]}\n", "          when: {size: [lage]}\n", "when: {size: [lage]}"),
    ],
)
def test_line_is_the_line_of_the_error(old: str, new: str, needle: str) -> None:
    text = changed(old, new)
    assert only(text).line == line_of(needle, text)


def test_two_matters_with_one_id() -> None:
    start = SMALL.index("  - id: licence\n")
    block = SMALL[start : SMALL.index("\nsources:")]
    finding = only(SMALL[:start] + block + "\n" + SMALL[start:])
    assert (finding.code, finding.path) == ("duplicate-id", "matters.licence")
    assert str(SMALL[:start].count("\n") + 1) in finding.message.en


def test_one_office_id_in_two_regions() -> None:
    text = changed('id: "530400", zh: 西市局', 'id: "530102", zh: 西市局')
    assert "duplicate-id" in {finding.code for finding in findings(text)}


def test_all_errors_at_once_in_the_order_of_the_file() -> None:
    text = changed("as_of: 2026-11-23", "as_of: soon")
    text = changed("mode: proxy", "mode: post", text)
    text = changed("{law: ACT, articles", "{law: ACTS, articles", text)
    text = changed("    kind: sample", "    kind: sample\n    extra: 1", text)
    found = findings(text)
    assert {finding.code for finding in found} >= {"bad-date", "unknown-value", "dangling", "unknown-key"}
    lines = [finding.line or 0 for finding in found]
    assert lines == sorted(lines)


def test_the_nearest_name_is_suggested() -> None:
    assert "licences" in only(changed("family: licences", "family: licenses")).message.en
    assert "kind" in only(changed("    kind: sample", "    kind: sample\n    knd: x")).message.en


def test_a_trap_says_to_quote() -> None:
    finding = only(changed("aliases: [样证]", "aliases: [010]"))
    assert '"010"' in finding.message.en
    assert '"010"' in finding.message.zh


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# only a remark\n"])
def test_an_empty_file_is_an_error(data: bytes) -> None:
    assert only(data).code == "empty-file"


def test_a_bom_is_an_error() -> None:
    finding = only(b"\xef\xbb\xbf" + SMALL.encode())
    assert (finding.code, finding.line) == ("bom", 1)


def test_bytes_that_are_not_utf8_are_errors_with_their_lines() -> None:
    lines = SMALL.encode().split(b"\n")
    lines[3] = lines[3].replace("样例清单".encode(), "样例清单".encode("gb18030"))
    codes = {(finding.code, finding.line) for finding in findings(b"\n".join(lines))}
    assert ("not-utf8", 4) in codes


def test_utf16_is_an_error_and_no_crash() -> None:
    assert "not-utf8" in {finding.code for finding in findings(SMALL.encode("utf-16"))}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("applicant_kinds: [legal_person]", "applicant_kinds: &kinds [legal_person]", "anchor"),
        ("aliases: [样证]", "aliases: *kinds", "anchor"),
        ("aliases: [样证]", "aliases: !!set {样证}", "tag"),
        ("    fallback_mode: null", "    <<: {fallback_mode: null}", "anchor"),
    ],
)
def test_anchors_aliases_tags_and_merge_keys_are_refused(old: str, new: str, code: str) -> None:
    assert code in {finding.code for finding in findings(changed(old, new))}


def test_an_anchor_hides_no_other_error() -> None:
    text = changed(
        "    kind: sample", "    kind: sample\n    knd: x", changed("[legal_person]", "&kinds [legal_person]")
    )
    assert {finding.code for finding in findings(text)} == {"anchor", "unknown-key"}


@pytest.mark.parametrize("text", ["a: &a [*a]\n", "a: &a {b: *a}\n"])
def test_a_file_that_holds_itself_is_an_error_and_no_crash(text: str) -> None:
    assert "anchor" in {finding.code for finding in findings(text)}


def test_aliases_that_unfold_without_end_are_an_error_and_no_crash() -> None:
    lines = ["a0: &a0 [x, x, x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    assert {finding.code for finding in findings("\n".join(lines))} == {"anchor"}


@pytest.mark.parametrize(
    "text",
    ["a: [1, 2", "a: b: c", "a:\n\t- b", "- just\n- a list", "registry: {}\n---\nregistry: {}", "a: \x07"],
)
def test_what_is_not_a_mapping_is_one_finding_with_a_line(text: str) -> None:
    finding = only(text)
    assert finding.line is not None
    assert finding.code in {"yaml-syntax", "wrong-type", "control-character"}


def test_any_number_of_matters_and_regions_is_readable() -> None:
    start = SMALL.index("  - id: licence\n")
    block = SMALL[start : SMALL.index("\nsources:")]
    many = "\n".join(block.replace("id: licence\n", f"id: licence-{n}\n") for n in range(200))
    text = SMALL[:start] + block + "\n" + many + SMALL[SMALL.index("\nsources:") :]
    registry, found = read_registry(text.encode(), FILE)
    assert not found
    assert registry is not None
    assert len(registry.matters) == 201

"""Differences in words: what a new registry would change."""

from __future__ import annotations

import pytest

from catalogue.domain.registry.diff import difference
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.reader import read_registry
from tests.registry.samples import FILE, SMALL, changed, small


def read(text: str) -> Registry:
    registry, found = read_registry(text.encode(), FILE)
    assert registry is not None, found
    return registry


def test_nothing_changes_between_a_registry_and_itself() -> None:
    assert difference(small(), small()) == ()


def test_form_alone_is_no_change() -> None:
    assert difference(small(), read(changed("aliases: [样证]", "aliases:\n      - 样证"))) == ()


def test_without_an_old_registry_everything_is_added() -> None:
    changes = difference(None, small())
    assert {change.kind for change in changes} == {"added"}
    assert {change.part for change in changes} == {
        "registry", "province", "category", "region", "division", "office", "jurisdiction", "overlay", "law", "family",
        "matter", "source",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "path", "zh", "en"),
    [
        ("limits: {statutory_days: 15}", "limits: {statutory_days: 12}", "limits.statutory_days",
         "样例许可：法定办结期限由15个工作日改为12个工作日",
         "Sample licence: statutory limit changes from 15 working days to 12 working days"),
        ("limits: {statutory_days: 15}", "limits: {statutory_days: null}", "limits.statutory_days",
         "样例许可：法定办结期限由15个工作日改为未知",
         "Sample licence: statutory limit changes from 15 working days to unknown"),
        ("en: Sample licence\n", "en: Model licence\n", "name",
         "样例许可：名称的英文由“Sample licence”改为“Model licence”",
         "Model licence: name changes from “Sample licence” to “Model licence”"),
        ("      name: assumed\n", "      name: official LAW — 第1条\n", "provenance.name",
         "样例许可：名称的来源由假定改为官方（来源LAW，说明“第1条”）",
         "Sample licence: provenance of name changes from assumed to official (source LAW, remark “第1条”)"),
        ("zh: 平面图, en: Plan, when: {size: [large]}}", "zh: 平面图, en: Plan, when: {size: [small]}, copies: 2}",
         "materials[plan]",
         "样例许可：材料“平面图”的情形的规模由大改为小；样例许可：材料“平面图”的复印件份数由未知改为2",
         "Sample licence: material “Plan”, when, Size changes from Large to Small; "
         "Sample licence: material “Plan”, copies changes from unknown to 2"),
        ("- {law: ACT, articles: [第1条]}", "- {law: ACT, articles: [第2条]}", "legal_basis",
         "样例许可：设定依据“样例法”的条款由第1条改为第2条",
         "Sample licence: legal basis “样例法”, articles changes from 第1条 to 第2条"),
        ("level: county\n          provenance: assumed", "level: station\n          provenance: assumed",
         "decided_by.levels", "样例许可：层级规则的行使层级由县级改为派出机构",
         "Sample licence: rules of level, level changes from County to Station"),
        ("      - {id: application, zh: 申请书, en: Application}\n", "", "materials[application]",
         "样例许可：材料删除“申请书”", "Sample licence: material removed: Application"),
        ("      - {id: application, zh: 申请书, en: Application}\n",
         "      - {id: application, zh: 申请书, en: Application}\n      - {id: lease, zh: 租约, en: Lease}\n",
         "materials[lease]", "样例许可：材料新增“租约”", "Sample licence: material added: Lease"),
        ("    on_the_spot: false\n", "    on_the_spot: true\n", "on_the_spot",
         "样例许可：即办由否改为是", "Sample licence: decision on the spot changes from no to yes"),
        ("aliases: [样证]", "aliases: [样证, 证]", "aliases",
         "样例许可：别名由样证改为样证、证", "Sample licence: aliases changes from 样证 to 样证, 证"),
        ('phone: "0877-0000000"', "phone: null", "phone",
         "西市局：电话由0877-0000000改为未知", "West Bureau: telephone changes from 0877-0000000 to unknown"),
        ("        promised_days: 5\n", "        promised_days: 6\n", "promised_days",
         "东·样例许可：承诺办结时限由5个工作日改为6个工作日",
         "East, Sample licence: promised limit changes from 5 working days to 6 working days"),
    ],
)  # fmt: skip
def test_a_change_is_said_in_both_languages(old: str, new: str, path: str, zh: str, en: str) -> None:
    (change,) = [one for one in difference(small(), read(changed(old, new))) if one.part != "family"]
    assert (change.path, change.sentence.zh, change.sentence.en) == (path, zh, en)


def test_a_matter_that_comes_or_goes_is_one_change() -> None:
    start = SMALL.index("  - id: licence\n")
    block = SMALL[start : SMALL.index("\nsources:")]
    twice = block + "\n" + block.replace("id: licence\n", "id: other\n")
    more = read(SMALL.replace(block, twice))
    (added,) = difference(small(), more)
    (removed,) = difference(more, small())
    assert (added.kind, added.part, added.id) == ("added", "matter", "other")
    assert (removed.kind, removed.part, removed.id) == ("removed", "matter", "other")
    assert added.as_json()["text"]["zh"] == "新增事项：样例许可"

"""The shared lists of the registry and new cities, through the pages without scripts."""

from __future__ import annotations

import pytest

from catalogue.domain.people import Role
from catalogue.domain.registry.shared import LISTS, items
from catalogue.domain.registry.sketch import Sketch
from catalogue.service.drafting import opened
from tests.web.conftest import JINGHONG, WUHUA, Browser, Town
from tests.web.forms import filled
from tests.web.test_admin_story import FORM, follow, new_draft, send


@pytest.fixture(scope="module")
def editor(own_town: Town) -> Browser:
    own_town.add("lists-editor", WUHUA, Role.REGISTRY_EDITOR)
    return own_town.sign_in("lists-editor")


def sketch_of(town: Town, draft: str) -> Sketch:
    id = draft.rpartition("/")[2]
    return town.database.read(lambda work: opened(work, town.house, id)).result().sketch


@pytest.mark.parametrize("section", list(LISTS))
def test_every_item_is_saved_by_its_form_as_it_stood(own_town: Town, editor: Browser, section: str) -> None:
    draft = new_draft(editor, f"演示往返 {section}")
    for id in items(sketch_of(own_town, draft).pieces, section):
        page = f"{draft}/lists/{section}/item"
        send(editor, f"{page}?id={id}", page, act="save")
    assert sketch_of(own_town, draft).edits == {}
    send(editor, draft, f"{draft}/discard")


NEW = {
    "categories": {"id": "demo-goods", "zh": "演示类别", "en": "Demonstration"},
    "families": {"id": "demo-family", "zh": "演示组", "en": "Demonstration family"},
    "laws": {"id": "DEMOLAW", "title": "演示法", "valid_from": "2026-01-01", "provenance": "assumed"},
    "sources": {"id": "DEMOSRC", "what": "演示来源", "ref": "", "kind": ""},
    "numbers": {
        "id": "demo_number",
        "of": "document",
        "form": "演示{office}{nature}〔{year}〕{serial}号",
        "provenance": "assumed",
    },
}


@pytest.mark.parametrize("section", list(LISTS))
def test_an_item_is_added_changed_and_removed_while_nothing_uses_it(
    own_town: Town, editor: Browser, section: str
) -> None:
    draft = new_draft(editor, f"演示 {section}")
    page = f"{draft}/lists/{section}/item"
    send(editor, page, page, **NEW[section], act="save")
    id = NEW[section]["id"]
    assert id in items(sketch_of(own_town, draft).pieces, section)
    assert id in editor.get(f"{draft}/lists/{section}?q={id}").text
    words = sketch_of(own_town, draft).changes()
    assert [change.kind for change in words] == ["added"]
    twice = send(editor, page, page, 422, **NEW[section], act="save")
    assert f"代号 {id} 已被用" in twice.text
    send(editor, f"{page}?id={id}", page, act="remove")
    assert sketch_of(own_town, draft).edits == {}
    send(editor, draft, f"{draft}/discard")


@pytest.mark.parametrize("section", [name for name, one in LISTS.items() if not one.ordered])
def test_what_is_used_is_not_removed_and_the_users_are_named(own_town: Town, editor: Browser, section: str) -> None:
    draft = new_draft(editor, f"演示在用 {section}")
    matter = own_town.house.in_force().registry.matters["company-change"]
    id = {
        "categories": matter.category,
        "families": str(matter.family),
        "laws": next(iter(own_town.house.in_force().registry.laws)),
        "sources": matter.provenance["name"].sources[0],
    }[section]
    page = f"{draft}/lists/{section}/item"
    refused = send(editor, f"{page}?id={id}", page, 409, act="remove")
    assert f"{id} 还在用，不能删去" in refused.text
    assert "families/" in refused.text or "matters/" in refused.text
    assert id in items(sketch_of(own_town, draft).pieces, section)
    send(editor, draft, f"{draft}/discard")


def test_a_broken_item_is_refused_at_its_field(editor: Browser) -> None:
    draft = new_draft(editor, "演示有误")
    page = f"{draft}/lists/laws/item"
    wrong = send(
        editor, page, page, 422, id="DEMOLAW", title="演示法", valid_from="", provenance="official",
        provenance__rest="NOSUCH", act="save",
    )  # fmt: skip
    assert "NOSUCH" in wrong.text
    assert 'aria-describedby="f-provenance-said"' in wrong.text
    bad = send(editor, page, page, 422, id="小写", title="演示法", valid_from="", provenance="assumed", act="save")
    assert "代号的形式如" in bad.text
    send(editor, draft, f"{draft}/discard")


CITY = {
    "id": "demo-city", "zh": "演示州", "en": "Demonstration Prefecture", "short_zh": "演示",
    "short_en": "Demonstration", "pinyin": "Yanshi Zhou", "division": "532500", "bureau_zh": "市场监督管理局",
    "bureau_en": "Administration for Market Regulation",
    "divisions": "532501 | 演示市 | Demonstration City | Yanshi Shi\n532502 | 样例市 | Sample City | Yangli Shi",
    "windows": "hall | 政务大厅 | Service hall | ",
}  # fmt: skip


def test_a_city_is_added_without_a_module_and_answers_for_every_matter(own_town: Town, editor: Browser) -> None:
    """With the standard handler and a calendar of its own: published by a second person, it routes at once."""
    own_town.add("lists-publisher", JINGHONG, Role.REGISTRY_PUBLISHER)
    draft = new_draft(editor, "演示新城市")
    page = f"{draft}/new-city"
    wrong = send(editor, page, page, 422, **{**CITY, "division": "5325", "divisions": "532501 | 演示市"})
    assert "行政区划代码是6位数字" in wrong.text
    assert "每行写：代码" in wrong.text
    assert follow(editor, send(editor, page, page, **CITY)) == f"{draft}/cities/demo-city"
    made = sketch_of(own_town, draft)
    assert made.findings == ()
    assert set(made.edits) == {"regions/demo-city", "calendars/demo_city.yaml"}
    assert made.prove(own_town.house.handlers).problems == ()
    shown = editor.get(f"{draft}/cities/demo-city").text
    assert "政务大厅" in shown
    assert "新增地区：演示州" in editor.get(draft).text
    publisher = own_town.sign_in("lists-publisher")
    send(publisher, draft, f"{draft}/publish", note="演示")
    answer = editor.get("/api/routes?matter=food-business-licence-new&place=532502")
    assert (answer.status_code, answer.json()["office"]["id"]) == (200, "532502"), answer.text


def test_a_reader_sees_the_lists_and_changes_nothing(own_town: Town, editor: Browser) -> None:
    draft = new_draft(editor, "演示只读")
    reader = own_town.sign_in("lists-publisher")
    assert reader.get(f"{draft}/lists/laws").status_code == 200
    assert reader.get(f"{draft}/new-city").status_code == 403
    answer = reader.post(f"{draft}/lists/laws/item", content="was=&id=X", headers=FORM)
    assert answer.status_code == 403
    send(editor, draft, f"{draft}/discard")


def test_a_rule_of_numbers_that_would_give_a_number_twice_is_told_at_its_form(own_town: Town, editor: Browser) -> None:
    draft = new_draft(editor, "演示编号")
    page = f"{draft}/lists/numbers/item"
    twice = {**NEW["numbers"], "form": "{nature}〔{year}〕{serial}号"}
    refused = send(editor, page, page, 422, **twice, act="save")
    assert "须写 {office}" in refused.text
    assert 'aria-describedby="f-form-' in refused.text
    send(editor, page, page, **NEW["numbers"], act="save")
    assert sketch_of(own_town, draft).registry.numbers[0].id == "demo_number", "read first"
    send(editor, draft, f"{draft}/discard")


def test_a_city_has_rules_of_numbers_of_its_own_by_its_form(own_town: Town, editor: Browser) -> None:
    draft = new_draft(editor, "演示本市编号")
    page = f"{draft}/cities/puer"
    own = {"id": "demo", "of": "document", "form": "{office}演{nature}〔{year}〕{serial}号", "width": "3"}
    typed = {f"numbers__0__{key}": value for key, value in own.items()}
    send(editor, page, page, **typed, numbers__0__provenance="assumed")
    (rule,) = sketch_of(own_town, draft).registry.regions["puer"].numbers
    assert (rule.form, rule.width) == (own["form"], 3)
    send(editor, draft, f"{draft}/discard")


def test_every_city_is_saved_by_its_form_as_it_stood(own_town: Town, editor: Browser) -> None:
    draft = new_draft(editor, "演示城市往返")
    for id in own_town.house.in_force().registry.regions:
        page = f"{draft}/cities/{id}"
        send(editor, page, page)
    assert sketch_of(own_town, draft).edits == {}
    send(editor, draft, f"{draft}/discard")


def test_names_telephones_and_days_on_the_way_of_a_city_are_edited_on_its_page(own_town: Town, editor: Browser) -> None:
    draft = new_draft(editor, "演示城市内容")
    page = f"{draft}/cities/yuxi"
    wrong = send(editor, page, page, 422, legs__back_days="三天")
    assert 'aria-describedby="f-legs-back_days-said"' in wrong.text
    send(editor, page, page, en="Yuxi Municipality", hotlines__supervision="0877-0000000", legs__back_days="3")
    region = sketch_of(own_town, draft).registry.regions["yuxi"]
    assert region.name.en == "Yuxi Municipality"
    assert (region.hotlines.supervision, region.legs.back_days) == ("0877-0000000", 3)
    assert region.legs.to_home_days is None
    words = editor.get(draft).text
    assert "0877-0000000" in words
    send(editor, page, page, legs__back_days="")
    assert sketch_of(own_town, draft).registry.regions["yuxi"].legs.back_days is None
    send(editor, draft, f"{draft}/discard")


def test_documents_matters_and_offices_of_a_rule_of_numbers_are_chosen_by_name(own_town: Town, editor: Browser) -> None:
    draft = new_draft(editor, "演示按名称选")
    page = f"{draft}/lists/numbers/item"
    shown = editor.get(page).text
    registry = own_town.house.in_force().registry
    for name in ("不予登记通知书", registry.matters["company-change"].name.zh, registry.offices[JINGHONG].name.zh):
        assert f"> {name}</label>" in shown
    chosen = {"kinds": ["grant_decision", "acceptance"], "offices": [JINGHONG]}
    send(editor, page, page, **NEW["numbers"], **chosen, act="save")
    rule = sketch_of(own_town, draft).registry.numbers[0]
    assert (set(rule.kinds), rule.offices) == (set(chosen["kinds"]), (JINGHONG,))
    again = f"{page}?id=demo_number"
    refused = send(editor, again, page, 422, of="certificate", act="save")
    assert 'aria-describedby="f-kinds-said"' in refused.text or "请改正" in refused.text
    send(editor, again, page, kinds=[], offices=[], act="save")
    rule = sketch_of(own_town, draft).registry.numbers[0]
    assert (rule.kinds, rule.offices) == ((), ())
    send(editor, draft, f"{draft}/discard")


def test_the_order_of_rules_of_numbers_is_changed_in_the_list_and_on_the_page_of_a_city(
    own_town: Town, editor: Browser
) -> None:
    draft = new_draft(editor, "演示次序")
    listed = f"{draft}/lists/numbers"
    send(editor, f"{listed}/item", f"{listed}/item", **NEW["numbers"], act="save")
    before = list(items(sketch_of(own_town, draft).pieces, "numbers"))
    content = filled(editor.get(listed).text, f"{listed}/order", act="down")
    assert editor.post(f"{listed}/order", content=content, headers=FORM).status_code == 303
    after = sketch_of(own_town, draft)
    assert list(items(after.pieces, "numbers")) == [before[1], before[0], *before[2:]]
    assert [rule.id for rule in after.registry.numbers] == [before[1], before[0], *before[2:]]
    page = f"{draft}/cities/puer"
    for n, name in enumerate("abc"):
        rule = {"id": name, "of": "document", "form": f"{{office}}{name}{{nature}}〔{{year}}〕{{serial}}号"}
        typed = {f"numbers__{n}__{key}": value for key, value in rule.items()}
        send(editor, page, page, **typed, **{f"numbers__{n}__provenance": "assumed"})
    send(editor, page, page, numbers__2__at="1")
    assert [rule.id for rule in sketch_of(own_town, draft).registry.regions["puer"].numbers] == ["c", "a", "b"]
    send(editor, page, page, numbers__0__at="3")
    assert [rule.id for rule in sketch_of(own_town, draft).registry.regions["puer"].numbers] == ["a", "b", "c"]
    assert "次序应为整数" in send(editor, page, page, 422, numbers__0__at="前").text
    assert "普洱" in editor.get(draft).text
    send(editor, draft, f"{draft}/discard")


def test_a_family_states_that_there_is_none_and_takes_it_back(own_town: Town, editor: Browser) -> None:
    draft = new_draft(editor, "演示写明没有")
    page = f"{draft}/lists/families/item"
    send(editor, page, page, **NEW["families"], act="save")
    here = f"{page}?id=demo-family"
    send(editor, here, page, materials__none="1", provenance="materials: assumed", act="save")
    assert items(sketch_of(own_town, draft).pieces, "families")["demo-family"]["materials"] == []
    send(editor, here, page, act="save")
    assert items(sketch_of(own_town, draft).pieces, "families")["demo-family"]["materials"] == [], "kept as it stands"
    paper = {"materials__0__id": "demo", "materials__0__zh": "演示", "materials__0__en": "Demo"}
    assert "就不能同时有各项" in send(editor, here, page, 422, **paper, act="save").text
    send(editor, here, page, materials__none=None, provenance="", act="save")
    assert "materials" not in items(sketch_of(own_town, draft).pieces, "families")["demo-family"]
    send(editor, draft, f"{draft}/discard")


def test_a_city_added_in_a_draft_is_removed_again_with_its_calendar(own_town: Town, editor: Browser) -> None:
    draft = new_draft(editor, "演示又删去")
    page = f"{draft}/new-city"
    other = {
        **CITY, "id": "other-city", "division": "532600",
        "divisions": "532601 | 样市 | Sample City | Yang Shi", "zh": "样例州", "short_zh": "样例",
    }  # fmt: skip
    send(editor, page, page, **other)
    here = f"{draft}/cities/other-city"
    answer = send(editor, here, f"{here}/remove")
    assert follow(editor, answer) == f"{draft}/cities"
    assert sketch_of(own_town, draft).edits == {}
    assert editor.get(here).status_code == 404
    send(editor, draft, f"{draft}/discard")


def test_a_city_or_office_that_cases_or_accounts_refer_to_is_not_removed(own_town: Town, editor: Browser) -> None:
    clerk = own_town.machine("clerk", "cases:write")
    reference = str(clerk.receive().json()["reference"])
    draft = new_draft(editor, "演示删去在用城市")
    here = f"{draft}/cities/xishuangbanna"
    refused = send(editor, here, f"{here}/remove", 422)
    assert "须留在清单里" in refused.text
    assert sketch_of(own_town, draft).edits == {}
    offices = own_town.house.in_force().registry.regions["xishuangbanna"].offices
    n = next(n for n, office in enumerate(offices) if office.id == JINGHONG)
    divisions = own_town.house.in_force().registry.regions["xishuangbanna"].divisions
    at = next(n for n, one in enumerate(divisions) if one.code == JINGHONG)
    send(editor, here, here, **{f"offices__{n}__drop": "1", f"divisions__{at}__drop": "1"})
    assert "不能发布" in editor.get(draft).text
    told = own_town.machine("lists-editor", "registry").get(f"/api/registry/drafts/{draft.rpartition('/')[2]}")
    faults = told.json()["open_cases"]["removed_in_use"]
    assert {fault["code"] for fault in faults} == {"removed-in-use"}
    named = [f"regions.xishuangbanna.{kind}.{JINGHONG}" for kind in ("offices", "divisions")]
    assert [fault["path"] for fault in faults] == named
    own_town.add("removal-publisher", WUHUA, Role.REGISTRY_PUBLISHER)
    publisher = own_town.sign_in("removal-publisher")
    html = publisher.get(draft).text
    answer = publisher.post(f"{draft}/publish", content=filled(html, f"{draft}/publish"), headers=FORM)
    assert answer.status_code == 422
    assert reference[:4] in answer.text
    send(editor, draft, f"{draft}/discard")

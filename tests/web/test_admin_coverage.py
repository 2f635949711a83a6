"""The administrator's first page: what is covered where, and what nobody has verified."""

from __future__ import annotations

import re

import pytest

from catalogue.domain.people import Role
from tests.web.conftest import WUHUA, Browser, Town
from tests.web.test_admin_story import new_draft, send


@pytest.fixture(scope="module")
def editor(town: Town) -> Browser:
    """An editor of the registry, signed in."""
    town.add("coverage-editor", WUHUA, Role.REGISTRY_EDITOR)
    return town.sign_in("coverage-editor")


def test_the_matrix_shows_every_matter_in_every_city(town: Town, editor: Browser) -> None:
    text = editor.get("/admin").text
    registry = town.house.in_force().registry
    for matter in registry.matters.values():
        assert matter.name.zh in text
    for region in registry.regions.values():
        assert region.short.zh in text
    assert text.count('<th scope="row">') == 61


def test_the_matrix_is_narrowed_by_name_category_city_and_mode(editor: Browser) -> None:
    def rows(query: str) -> int:
        return editor.get(f"/admin?{query}").text.count('<th scope="row">')

    assert rows("q=spjyxk") < 61
    assert rows("category=metrology") == 2
    assert rows("mode=joint") == 1
    assert rows("show=gap") == 0
    text = editor.get("/admin?city=puer").text
    assert text.count('class="stn') == 1


def test_what_cannot_be_read_in_an_address_is_no_filter(editor: Browser) -> None:
    assert editor.get("/admin?category=nothing&mode=x&show=y&from=abc&cities=-1").status_code == 200


def test_the_work_list_holds_assumed_and_unknown_facts_alone(town: Town, editor: Browser) -> None:
    text = editor.get("/admin/unverified?basis=unknown&category=metrology").text
    registry = town.house.in_force().registry
    unknown = sum(
        basis.confidence == "unknown"
        for matter in registry.matters.values()
        if matter.category == "metrology"
        for basis in matter.provenance.values()
    )
    assert unknown > 0
    assert f"共 {unknown} 条" in text
    assert 'class="mark mark--assumed"' not in text


@pytest.mark.parametrize("name", ["clerk", "intake", "reviewer"])
def test_who_works_on_cases_is_no_administrator(town: Town, name: str) -> None:
    answer = town.sign_in(name).get("/admin", headers={"accept": "text/html"})
    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["auditor", "admin"])
def test_auditor_and_administrators_read(town: Town, name: str) -> None:
    answer = town.sign_in(name).get("/admin")
    assert answer.status_code == 200
    assert not re.search(r'<form[^>]*method="post"[^>]*action="/admin', answer.text)


def test_what_a_city_declares_names_its_basis_beside_what_holds_for_all(own_town: Town) -> None:
    own_town.add("bases-editor", WUHUA, Role.REGISTRY_EDITOR)
    own_town.add("bases-publisher", WUHUA, Role.REGISTRY_PUBLISHER)
    editor, publisher = own_town.sign_in("bases-editor"), own_town.sign_in("bases-publisher")
    draft = new_draft(editor, "演示城市来源")
    page = f"{draft}/matters/company-change/cities"
    shown = editor.get(page).text
    assert "共同规定" in shown
    assert "mark--" in shown, "what holds for all says how well it is founded"
    wrong = {"city.yuxi.provenance.mode": "assumed", "city.yuxi.promised_days": "2"}
    refused = send(editor, page, page, 422, **{key.replace(".", "__"): value for key, value in wrong.items()})
    assert "不必写它的来源" in refused.text
    right = {
        "city.yuxi.promised_days": "2", "city.yuxi.contact": "演示", "city.yuxi.provenance.promised_days": "official",
        "city.yuxi.provenance.promised_days.rest": "REG — 演示",
    }  # fmt: skip
    send(editor, page, page, **{key.replace(".", "__"): value for key, value in right.items()})
    send(editor, page, page)
    send(publisher, draft, f"{draft}/publish", note="演示")
    overlay = own_town.house.in_force().registry.overlay("yuxi", "company-change")
    assert overlay.provenance["promised_days"].sources == ("REG",)
    listed = editor.get("/admin/unverified?fact=overlays").text
    assert "玉溪 · 联系方式" in listed
    assert "玉溪 · 承诺" not in listed
    told = editor.get("/api/matters/company-change").json()["regions"]["yuxi"]["provenance"]
    assert told["promised_days"]["confidence"] == "official"

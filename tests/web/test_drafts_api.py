"""Drafts by the API: uploaded, published by a second person, withdrawn, brought back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from catalogue.domain.people import Role
from tests.web.conftest import JINGHONG, WUHUA, Town

TEXT = (Path(__file__).parents[2] / "matters.yaml").read_text("utf-8")
CHANGED = TEXT.replace("    zh: 公司变更登记\n", "    zh: 公司变更登记（演示）\n", 1)


@pytest.fixture(scope="module")
def house(own_town: Town) -> Town:
    own_town.add("api-editor", WUHUA, Role.REGISTRY_EDITOR)
    own_town.add("api-publisher", JINGHONG, Role.REGISTRY_PUBLISHER)
    return own_town


def test_a_registry_is_uploaded_published_from_a_time_withdrawn_and_brought_back(house: Town) -> None:
    editor, publisher = house.machine("api-editor", "registry"), house.machine("api-publisher", "registry")
    answer = editor.post("/api/registry/drafts", json={"title": "演示", "registry": CHANGED})
    assert answer.status_code == 201, answer.text
    draft = answer.json()
    assert [change["text"]["zh"] for change in draft["changes"]] == [
        "公司变更登记（演示）：名称由“公司变更登记”改为“公司变更登记（演示）”"
    ]
    assert draft["problems"] == []
    path = f"/api/registry/drafts/{draft['id']}"
    assert editor.post(f"{path}/publish", json={"version": draft["version"]}).status_code == 403
    stale = publisher.post(f"{path}/publish", json={"version": 1})
    assert (stale.status_code, stale.json()["rule"]) == (409, "draft-changed")
    start = (house.clock.now() + timedelta(days=1)).isoformat()
    made = publisher.post(f"{path}/publish", json={"version": draft["version"], "effective_from": start})
    assert made.status_code == 200, made.text
    number = made.json()["revision"]
    assert publisher.post(f"/api/registry/revisions/{number}/withdraw", json={}).status_code == 422
    withdrawn = publisher.post(f"/api/registry/revisions/{number}/withdraw", json={"reason": "演示"})
    assert withdrawn.status_code == 200
    again = editor.post(f"/api/registry/revisions/{number}/again", json={"reason": "演示"}).json()
    back = f"/api/registry/drafts/{again['id']}"
    assert publisher.post(f"{back}/publish", json={"version": again["version"]}).status_code == 200
    assert house.anybody().get("/api/matters/company-change").json()["name"]["zh"] == "公司变更登记（演示）"
    states = {one["id"]: one["state"] for one in editor.get("/api/registry/drafts").json()["drafts"]}
    assert states == {draft["id"]: "published", again["id"]: "published"}


def test_two_that_publish_at_once_do_not_overwrite_each_other(house: Town) -> None:
    editor, publisher = house.machine("api-editor", "registry"), house.machine("api-publisher", "registry")
    texts = [CHANGED.replace("en: Drugs}", f"en: Drugs {n}}}", 1) for n in (1, 2)]
    drafts = [
        editor.post("/api/registry/drafts", json={"title": "演示", "registry": text}).json() for text in texts
    ]  # fmt: skip
    answers = [
        publisher.post(f"/api/registry/drafts/{draft['id']}/publish", json={"version": draft["version"]})
        for draft in drafts
    ]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["rule"] == "newer-revision"
    path = f"/api/registry/drafts/{drafts[1]['id']}"
    clash = editor.post(f"{path}/merge", json={"version": drafts[1]["version"]})
    assert clash.status_code == 409
    settled = {clash.json()["errors"][0]["path"]: "ours"}
    merged = editor.post(f"{path}/merge", json={"version": drafts[1]["version"], "settled": settled})
    assert merged.status_code == 200, merged.text
    assert len(merged.json()["changes"]) == 1


def test_a_broken_registry_is_refused_with_its_lines(house: Town) -> None:
    editor = house.machine("api-editor", "registry")
    twice = TEXT.replace("    zh: 公司变更登记\n", "    zh: 公司变更登记\n    zh: 再来\n", 1)
    answer = editor.post("/api/registry/drafts", json={"title": "演示", "registry": twice})
    assert answer.status_code == 422
    assert "duplicate-key" in {fault["code"] for fault in answer.json()["errors"]}


def test_a_token_needs_the_scope_of_the_registry(house: Town) -> None:
    assert house.machine("api-editor", "cases:write").get("/api/registry/drafts").status_code == 403
    assert house.machine("clerk", "registry").get("/api/registry/drafts").status_code == 403

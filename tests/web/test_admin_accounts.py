"""Accounts are kept by three separated administrators, and an auditor reads what they did."""

from __future__ import annotations

import re

import pytest

from catalogue.domain.numbers import grouped
from catalogue.domain.people import Account, Role
from catalogue.domain.vocabulary import WORDS
from tests.web.conftest import WUHUA, Browser, Town
from tests.web.forms import filled
from tests.web.test_admin_story import FORM, new_draft, send


@pytest.fixture(scope="module")
def keepers(own_town: Town) -> tuple[Browser, Browser]:
    """A system and a security administrator."""
    own_town.add("security", WUHUA, Role.SECURITY_ADMIN)
    return own_town.sign_in("admin"), own_town.sign_in("security")


def found(town: Town, username: str) -> Account:
    """The account of that name."""
    credential = town.database.read(lambda work: work.accounts.find(username)).result()
    assert credential is not None, username
    return credential.account


def test_an_account_is_opened_by_one_and_empowered_by_another(own_town: Town, keepers: tuple[Browser, Browser]) -> None:
    system, security = keepers
    html = system.get("/admin/accounts").text
    opened = system.post(
        "/admin/accounts", content=filled(html, "/admin/accounts", username="newcomer", office=WUHUA), headers=FORM
    )
    password = re.search(r"<code>([^<]+)</code></p>", opened.text)
    assert password, opened.text
    again = system.post(
        "/admin/accounts", content=filled(html, "/admin/accounts", username="newcomer", office=WUHUA), headers=FORM
    )
    assert again.status_code == 422
    account = found(own_town, "newcomer")
    assert account.roles == frozenset()
    path = f"/admin/accounts/{account.id}/roles"
    assert system.post(path, content=f"csrf={system.csrf}&role=decider", headers=FORM).status_code == 403
    together = f"csrf={security.csrf}&role=auditor&role=system_admin"
    assert security.post(path, content=together, headers=FORM).status_code == 422
    assert security.post(path, content=f"csrf={security.csrf}&role=window_clerk", headers=FORM).status_code == 303
    answer = own_town.anybody().post("/api/session", json={"username": "newcomer", "password": password[1]})
    assert answer.json()["account"]["roles"] == ["window_clerk"]
    disable = f"/admin/accounts/{account.id}/disable"
    assert security.post(disable, content=f"csrf={security.csrf}", headers=FORM).status_code == 403
    assert system.post(disable, content=f"csrf={system.csrf}", headers=FORM).status_code == 303
    assert (
        own_town.anybody().post("/api/session", json={"username": "newcomer", "password": password[1]}).status_code
        == 401
    )


def test_nobody_changes_the_own_account(own_town: Town, keepers: tuple[Browser, Browser]) -> None:
    system, security = keepers
    for browser, name, act in (
        (system, "admin", "disable"),
        (system, "admin", "reset"),
        (security, "security", "roles"),
    ):
        account = own_town.accounts[name]
        body = f"csrf={browser.csrf}&role=decider"
        answer = browser.post(f"/admin/accounts/{account.id}/{act}", content=body, headers=FORM)
        assert answer.status_code == 409


def test_the_auditor_reads_who_did_what(own_town: Town, keepers: tuple[Browser, Browser]) -> None:
    auditor = own_town.sign_in("auditor")
    text = auditor.get("/admin/audit?act=administered").text
    assert "授予岗位" in text
    assert "停用账号" in text
    assert "roles-given" not in text
    assert keepers[0].get("/admin/audit", headers={"accept": "text/html"}).status_code == 403
    assert auditor.get("/admin/accounts", headers={"accept": "text/html"}).status_code == 403


def test_the_audit_log_calls_its_objects_by_name(own_town: Town) -> None:
    """Matter and number of a case, title of a draft, number of a revision, account and role: beside their ids."""
    reference = str(own_town.machine("clerk", "cases:write").receive().json()["reference"])
    own_town.machine("intake", "cases:write").post(f"/api/cases/{reference}/unmask", json={"reason": "演示"})
    account = own_town.add("audit-editor", WUHUA, Role.REGISTRY_EDITOR)
    draft = new_draft(own_town.sign_in("audit-editor"), "演示审计草案")
    now = own_town.clock.now()
    told = f"{account.id} {WUHUA} reviewer"
    own_town.database.write(lambda work: work.access.administered(account.id, "account-moved", told, now)).result()
    own_town.database.write(lambda work: work.access.administered("x", "revision-published", "1", now)).result()
    text = own_town.sign_in("auditor").get("/admin/audit").text
    registry = own_town.house.in_force().registry
    assert f"{registry.matters['company-establishment'].name.zh} <code>{grouped(reference)}</code>" in text
    assert f'<a href="{draft}">演示审计草案</a>' in text
    assert '<a href="/admin/revisions/1">第 1 版</a>' in text
    assert f"audit-editor <code>{account.id}</code>" in text
    assert f"{registry.offices[WUHUA].name.zh} <code>{WUHUA}</code>" in text
    assert f"{WORDS['roles']['reviewer'].zh} <code>reviewer</code>" in text


def test_the_accounts_of_a_closed_office_move_to_its_successor_with_one_act(
    own_town: Town, keepers: tuple[Browser, Browser]
) -> None:
    """They keep their roles and sign in anew at the new office; what is done is in the log."""
    system, security = keepers
    own_town.add("closing-clerk", "530103", Role.WINDOW_CLERK)
    own_town.add("closing-editor", WUHUA, Role.REGISTRY_EDITOR)
    own_town.add("closing-publisher", WUHUA, Role.REGISTRY_PUBLISHER)
    assert "已撤销机关的账号" not in system.get("/admin/accounts").text
    clerk = own_town.sign_in("closing-clerk")
    editor, publisher = own_town.sign_in("closing-editor"), own_town.sign_in("closing-publisher")
    draft = new_draft(editor, "演示撤并")
    region = own_town.house.in_force().registry.regions["kunming"]
    n = next(n for n, office in enumerate(region.offices) if office.id == "530103")
    page = f"{draft}/cities/kunming"
    send(editor, page, page, **{f"offices__{n}__successor": WUHUA})
    send(publisher, draft, f"{draft}/publish", note="演示")
    html = system.get("/admin/accounts").text
    assert "已撤销机关的账号" in html
    assert "closing-clerk" in html
    assert security.post(
        "/admin/accounts/moves", content=f"csrf={security.csrf}&office=530103", headers=FORM
    ).status_code == 403  # fmt: skip
    send(system, "/admin/accounts", "/admin/accounts/moves")
    moved = found(own_town, "closing-clerk")
    assert (moved.office, moved.region, moved.roles) == (WUHUA, "kunming", frozenset({Role.WINDOW_CLERK}))
    assert clerk.get("/api/me").status_code == 401
    assert "已撤销机关的账号" not in system.get("/admin/accounts").text
    again = system.post("/admin/accounts/moves", content=f"csrf={system.csrf}&office=530103", headers=FORM)
    assert again.status_code == 409


def test_an_auditor_sees_the_anchors_and_verifies_the_chains(own_town: Town, keepers: tuple[Browser, Browser]) -> None:
    own_town.add("chain-auditor", WUHUA, Role.AUDITOR)
    auditor = own_town.sign_in("chain-auditor")
    assert "现在校验" in auditor.get("/admin/audit").text
    checked = auditor.post("/admin/audit", content=f"csrf={auditor.csrf}", headers=FORM)
    assert checked.status_code == 200
    assert "全部锚点都对得上" in checked.text
    assert keepers[0].post("/admin/audit", content=f"csrf={keepers[0].csrf}", headers=FORM).status_code == 403


def test_the_work_list_leads_to_the_field(own_town: Town) -> None:
    own_town.add("list-editor", WUHUA, Role.REGISTRY_EDITOR)
    editor = own_town.sign_in("list-editor")
    draft = new_draft(editor, "演示核实")
    html = editor.get("/admin/unverified?fact=limits.promised_days").text
    link = re.search(r'href="(/admin/matters/[^"#]+)#(f-limits-promised_days)"', html)
    assert link, html
    assert f'id="{link[2]}"' in editor.get(link[1]).text
    field = re.search(rf'href="({draft}/matters/[^"#]+)#(s-limits)"', html)
    assert field, html
    assert f'id="{field[2]}"' in editor.get(field[1]).text
    send(editor, draft, f"{draft}/discard")

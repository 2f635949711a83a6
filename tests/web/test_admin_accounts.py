"""Accounts are kept by three separated administrators, and an auditor reads what they did."""

from __future__ import annotations

import re

import pytest

from catalogue.domain.people import Role
from tests.web.conftest import WUHUA, Browser, Town
from tests.web.forms import filled
from tests.web.test_admin_story import FORM


@pytest.fixture(scope="module")
def keepers(own_town: Town) -> tuple[Browser, Browser]:
    """A system and a security administrator."""
    own_town.add("security", WUHUA, Role.SECURITY_ADMIN)
    return own_town.sign_in("admin"), own_town.sign_in("security")


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
    account = own_town.database.read(lambda work: work.accounts.find("newcomer")).result().account
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
    assert "roles-given" in text
    assert "account-disabled" in text
    assert keepers[0].get("/admin/audit", headers={"accept": "text/html"}).status_code == 403
    assert auditor.get("/admin/accounts", headers={"accept": "text/html"}).status_code == 403

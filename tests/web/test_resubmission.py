"""A returned registration comes again through the pages: everything carried over, what was asked for in sight."""

from __future__ import annotations

import re
from html import unescape

import pytest

from catalogue.domain.people import Role
from tests.web.conftest import Browser, Town, resident_id
from tests.web.test_intake_pages import PDF, filled, number_of, send, value, window

__all__ = ["window"]


def named(tag: str) -> str:
    """The name of a control."""
    found = re.search(r'name="([^"]*)"', tag)
    assert found is not None, tag
    return found[1]


def form_of(page: str) -> dict[str, str]:
    """What the intake form of a page would send."""
    form = re.search(r'<form id="intake".*?</form>', page, re.DOTALL)
    assert form is not None
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        name = re.search(r'name="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            given = re.search(r'value="([^"]*)"', tag)
            found[name[1]] = unescape(given[1]) if given else ""
    for tag, inside in re.findall(r"(<select[^>]*>)(.*?)</select>", form[0], re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        found[named(tag)] = chosen[1] if chosen else ""
    for tag, text in re.findall(r"(<textarea[^>]*>)(.*?)</textarea>", form[0], re.DOTALL):
        found[named(tag)] = unescape(text)
    return found


@pytest.fixture
def returned(town: Town, window: Browser) -> str:
    """A registration with an agent, a shareholder and a scan, returned for its articles."""
    more = {
        "agent.name": "演示代理人",
        "agent.document_type": "resident_id",
        "agent.document_number": resident_id(),
        "agent.scope": "代为提交",
        "people.3.role": "shareholder",
        "people.3.name": "演示乙",
        "people.3.document_type": "passport",
        "people.3.document_number": "E00000001",
        "people.3.identity_check": "document_seen",
    }
    reference = number_of(send(window, filled(window, **more, forward="1")).text)
    sent = window.post(
        f"/api/cases/{reference}/files",
        files={"file": ("住所.pdf", PDF, "application/pdf")},
        data={"material": "premises"},
    )
    assert sent.status_code == 201, sent.text
    intake = town.machine("intake")
    assert intake.command(reference, "receive-at-home").status_code == 200
    items = [{"material": "articles", "text": "演示：章程缺签名"}, {"text": "演示：另补说明"}]
    assert intake.command(reference, "return-for-resubmission", {"items": items}).status_code == 200
    return reference


def test_the_case_page_offers_it_to_the_window_alone(town: Town, window: Browser, returned: str) -> None:
    shown = window.get(f"/desk/cases/{returned}")
    assert shown.status_code == 200, shown.text[:3000]
    assert f'value="carry:{returned}"' in shown.text
    assert f'value="carry:{returned}"' not in town.sign_in("intake").get(f"/desk/cases/{returned}").text


def test_nothing_is_typed_twice_and_what_was_asked_for_is_in_sight(window: Browser, returned: str) -> None:
    page = send(window, {"csrf": window.csrf or "", "do": f"carry:{returned}"}).text
    assert "演示：章程缺签名" in page
    assert "演示：另补说明" in page
    form = form_of(page)
    assert form["applicant.name"] == "演示申请人"
    assert form["people.0.same"] == "1"
    assert (form["people.1.name"], form["people.1.identity_check"]) == ("演示乙", "document_seen")
    assert form["agent.scope"] == "代为提交"
    assert form["form.enterprise_name"] == "演示企业（景洪）有限公司"
    assert form.get("materials.premises.taken") == "1"
    assert "materials.articles.taken" not in form
    assert "identity_check.method" in form
    assert not form["identity_check.method"]
    form |= {"materials.articles.taken": "1", "identity_check.method": "id_card_reader", "consent": "1", "do": "submit"}
    second = number_of(send(window, form).text)
    case = window.get(f"/api/cases/{second}").json()
    assert case["resubmits"] == returned
    assert case["unverified"] == []
    assert window.get(f"/api/cases/{returned}").json()["resubmitted_as"] == second
    scans = window.get(f"/api/cases/{second}/files").json()["files"]
    assert [(scan["name"], scan["material"]) for scan in scans] == [("住所.pdf", "premises")]
    again = window.get(f"/desk/cases/{returned}").text
    assert f'value="carry:{returned}"' not in again
    assert second in again.replace(" ", "")


def test_a_resubmission_begun_by_address_offers_to_carry_over(window: Browser, returned: str) -> None:
    page = window.get(f"/desk/intake?resubmits={returned}").text
    assert f'value="carry:{returned}"' in page
    assert "演示申请人" not in page


def test_the_public_status_leads_from_the_old_case_to_the_new_one(window: Browser, returned: str, town: Town) -> None:
    form = form_of(send(window, {"csrf": window.csrf or "", "do": f"carry:{returned}"}).text)
    form |= {"materials.articles.taken": "1", "identity_check.method": "id_card_reader", "consent": "1", "do": "submit"}
    page = send(window, form).text
    code = re.search(r'id="code">([^<]+)<', page)
    assert code is not None
    status = town.anybody().post("/status", data={"reference": number_of(page), "code": code[1]})
    assert status.status_code == 200


def test_an_earlier_case_of_the_applicant_gives_its_people_and_its_scans(town: Town, window: Browser) -> None:
    number = {"applicant.document_number": "E20260101", "applicant.document_type": "passport"}
    more = {
        "people.3.role": "shareholder",
        "people.3.name": "演示乙",
        "people.3.document_type": "passport",
        "people.3.document_number": "E00000001",
        "people.3.identity_check": "document_seen",
    }
    first = number_of(send(window, filled(window, **number, **more)).text)
    window.post(
        f"/api/cases/{first}/files", files={"file": ("护照.pdf", PDF, "application/pdf")},
        data={"material": "applicant_identity"},
    )  # fmt: skip
    empty = {"csrf": window.csrf or "", "matter": "company-establishment", **number}
    page = send(window, {**empty, "do": f"fill:{first}"}).text
    form = form_of(page)
    assert form["people.0.same"] == "1"
    assert form["people.1.name"] == "演示乙"
    assert form["people.1.identity_check"] == "", "who was verified then is verified anew"
    assert form["materials.applicant_identity.reuse"] == first
    whole = {**filled(window, **number), "materials.applicant_identity.reuse": first}
    second = number_of(send(window, whole).text)
    scans = window.get(f"/api/cases/{second}/files").json()["files"]
    assert [(scan["name"], scan["material"]) for scan in scans] == [("护照.pdf", "applicant_identity")]
    assert value(page, "applicant.name") == "演示申请人"


def test_scans_of_a_case_one_may_not_see_are_not_taken_over(town: Town, window: Browser) -> None:
    town.add("stranger", "530802", Role.WINDOW_CLERK, password="Demo-password-7")
    stranger = town.sign_in("stranger")
    hidden = number_of(send(stranger, filled(stranger, **{"delivery.window": "530802"})).text)
    stranger.post(
        f"/api/cases/{hidden}/files", files={"file": ("秘.pdf", PDF, "application/pdf")},
        data={"material": "applicant_identity"},
    )  # fmt: skip
    form = {**filled(window), "materials.applicant_identity.reuse": hidden}
    second = number_of(send(window, form).text)
    assert window.get(f"/api/cases/{second}/files").json()["files"] == []

"""The window's intake page and its receipt without a browser: each button, each fault, exactly once."""

from __future__ import annotations

import io
import re
import uuid
from html import unescape
from typing import Any

import pytest
from pypdf import PdfReader

from catalogue.domain.people import Role
from tests.web.conftest import JINGHONG, Browser, Town, resident_id
from tests.web.test_pages import check as check_page

PANLONG = "530103"
"""A window of its own: the many cases of these tests fill nobody else's lists."""
PDF = b"%PDF-1.4 demonstration"


@pytest.fixture
def window(town: Town) -> Browser:
    """A clerk of 盘龙区 at the pages."""
    name = f"window-{uuid.uuid4().hex[:8]}"
    town.add(name, PANLONG, Role.WINDOW_CLERK, password="Demo-password-7")
    return town.sign_in(name)


def filled(window: Browser, /, **changes: str) -> dict[str, str]:
    """A complete simple application as the form sends it, nothing left to look at again."""
    papers = ("application", "applicant_identity", "premises", "articles", "officers")
    return {
        "csrf": window.csrf or "",
        "key": uuid.uuid4().hex,
        "matter": "company-establishment",
        "place": JINGHONG,
        "particulars.company_type": "limited",
        "applicant.kind": "natural_person",
        "applicant.name": "演示申请人",
        "applicant.document_type": "resident_id",
        "applicant.document_number": resident_id(),
        "applicant.phone": "13800000000",
        "people.0.role": "legal_representative",
        "people.0.same": "1",
        "form.enterprise_name": "演示企业（景洪）有限公司",
        "form.address": "演示路1号",
        "form.registered_capital": "100",
        "form.business_scope": "演示",
        "form.representative": "演示申请人",
        **{f"materials.{paper}.{part}": "1" for paper in papers for part in ("taken", "originals")},
        "delivery.method": "window",
        "delivery.window": PANLONG,
        "identity_check.method": "id_card_reader",
        "identity_check.at": "2026-11-23T09:00:00+08:00",
        "consent": "1",
        "do": "submit",
        **changes,
    }


def send(window: Browser, form: dict[str, str], path: str = "/desk/intake") -> Any:
    return window.post(path, data=form, headers={"X-CSRFToken": "", "accept": "text/html"})


def value(text: str, name: str) -> str:
    """The value of a control of the page."""
    tag = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', text)
    assert tag is not None, name
    found = re.search(r'value="([^"]*)"', tag[0])
    return unescape(found[1]) if found else ""


def number_of(text: str) -> str:
    found = re.search(r'data-receipt="(\d{16})"', text)
    assert found is not None, re.findall(r"<b>(?:请改正|请再看一眼)</b>[^<]*", text)
    return found[1]


def test_only_windows_have_the_page(town: Town, window: Browser) -> None:
    assert window.get("/desk/intake").status_code == 200
    assert town.sign_in("decider").get("/desk/intake").status_code == 403
    assert town.anybody().get("/desk/intake", headers={"accept": "text/html"}).status_code == 303


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_whole_in_both_languages(window: Browser, lang: str) -> None:
    answer = window.get(f"/desk/intake?matter=company-establishment&place={JINGHONG}&lang={lang}")
    assert answer.headers["cache-control"] == "no-store"
    page = re.sub(
        r'<script type="module" src="[^"]*"></script>|<noscript>.*?</noscript>|<datalist.*?</datalist>', "", answer.text
    )
    check_page(page.replace(' type="file"', ' type="file" '))
    assert len(answer.content) < 36_500


def test_initials_find_the_matter_and_pinyin_the_place(window: Browser) -> None:
    form = {"csrf": window.csrf or "", "matter_q": "gssl", "do": "search"}
    page = send(window, form).text
    assert 'value="matter:company-establishment"' in page
    page = send(window, {**form, "do": "matter:company-establishment", "place_q": "jinghong"}).text
    assert value(page, "matter") == "company-establishment"
    assert value(page, "place") == JINGHONG
    assert "景洪市 532801" in page
    assert 'data-kind="empty"' in page, "the kind of company is still to be said"


def test_the_card_says_who_by_when_and_why(window: Browser) -> None:
    page = send(window, filled(window, do="route")).text
    assert 'data-kind="route"' in page
    assert "景洪市市场监督管理局" in page
    assert "为什么是这里" in page
    assert "西双版纳傣族自治州工作日历" in page


def test_what_belongs_elsewhere_is_a_notice_and_no_case(town: Town, window: Browser) -> None:
    for form in (filled(window, place="532901"), filled(window, **{"particulars.company_type": "provincial"})):
        page = send(window, form)
        assert 'data-kind="outside"' in page.text
        assert "data-receipt" not in page.text


def test_everything_typed_comes_back_with_its_faults_beside_it(window: Browser) -> None:
    form = filled(window, **{"applicant.document_number": "110105194912310021", "consent": "", "ticket_no": "A007"})
    answer = send(window, form)
    assert answer.status_code == 422
    assert value(answer.text, "ticket_no") == "A007"
    assert value(answer.text, "applicant.document_number") == "110105194912310021"
    beside = re.search(r'id="b-applicant.document_number".*?</div>', answer.text, re.S)
    assert beside is not None
    assert "校验位不符" in beside[0]
    assert 'aria-invalid="true"' in answer.text


def test_a_complete_application_is_received_and_shown_once_with_its_code(window: Browser) -> None:
    answer = send(window, filled(window))
    reference = number_of(answer.text)
    assert answer.headers["cache-control"] == "no-store"
    code = re.search(r'id="code">([^<]+)<', answer.text)
    assert code is not None
    assert re.search(r'id="number">(\d{4} ){3}\d{4}<', answer.text)
    again = window.get(f"/desk/receipts/{reference}")
    assert code[1] not in again.text
    assert "不再显示" in again.text
    check_page(re.sub(r'<script type="module" src="[^"]*"></script>', "", again.text))


def test_sent_twice_is_received_once(town: Town, window: Browser) -> None:
    form = filled(window, forward="1")
    first, second = send(window, form).text, send(window, form).text
    assert number_of(first) == number_of(second)
    case = window.get(f"/api/cases/{number_of(first)}").json()
    assert [event["type"] for event in case["events"]] == ["received", "forwarded"]
    changed = send(window, {**form, "applicant.name": "演示另一人"})
    assert changed.status_code == 409
    assert "没有再收一次" in changed.text
    renewed = send(window, {**form, "applicant.name": "演示另一人", "do": "renew"})
    assert value(renewed.text, "key") != form["key"]
    assert value(renewed.text, "applicant.name") == "演示另一人"


def test_warnings_ask_for_a_second_look_and_then_go_through(window: Browser) -> None:
    form = filled(window, **{"applicant.unified_code": "91110000000000000X", "materials.articles.taken": ""})
    answer = send(window, form)
    assert answer.status_code == 422
    assert "请再看一眼" in answer.text
    looked = value(answer.text, "looked")
    receipt = send(window, {**form, "looked": looked}).text
    assert number_of(receipt)
    assert "缺少材料：公司章程" in receipt


def test_a_session_that_ended_keeps_the_form(town: Town, window: Browser) -> None:
    name = next(reversed(town.accounts))
    form = filled(window)
    window.cookies.clear()
    answer = send(window, form)
    assert answer.status_code == 401
    assert value(answer.text, "applicant.name") == "演示申请人"
    assert "again.password" in answer.text
    wrong = send(window, {**form, "again.username": name, "again.password": "wrong"})
    assert wrong.status_code == 401
    assert value(wrong.text, "applicant.name") == "演示申请人"
    back = send(window, {**form, "again.username": name, "again.password": "Demo-password-7"})
    assert back.status_code == 200
    assert value(back.text, "applicant.document_number") == resident_id()
    assert "data-receipt" not in back.text
    assert window.cookies["session"]
    form["csrf"] = value(back.text, "csrf")
    assert number_of(send(window, form).text)


def test_a_stale_form_token_does_nothing_but_keeps_the_form(window: Browser) -> None:
    answer = send(window, filled(window, csrf="stale"))
    assert "data-receipt" not in answer.text
    assert value(answer.text, "applicant.name") == "演示申请人"
    cross = window.post("/desk/intake", data=filled(window, csrf="stale"),
                        headers={"X-CSRFToken": "", "accept": "text/html", "sec-fetch-site": "cross-site"})  # fmt: skip
    assert cross.status_code == 403


def test_rows_are_added_and_removed_without_scripts(window: Browser) -> None:
    page = send(window, filled(window, do="add:people")).text
    assert 'name="people.1.name"' in page
    page = send(window, filled(window, **{"people.1.name": "演示乙", "do": "drop:people.1"})).text
    assert 'name="people.1.name"' not in page
    page = send(window, filled(window, do="add:surrendered")).text
    assert 'name="surrendered.0.kind"' in page


def test_people_agent_and_old_licences_reach_the_case(window: Browser) -> None:
    form = filled(
        window,
        **{
            "people.3.role": "shareholder",
            "people.3.name": "演示乙",
            "people.3.document_type": "passport",
            "people.3.document_number": "E00000001",
            "people.3.identity_check": "document_seen",
            "agent.name": "演示代理人",
            "agent.document_type": "resident_id",
            "agent.document_number": resident_id(),
            "agent.scope": "代为提交、领取",
            "surrendered.0.kind": "营业执照副本",
            "surrendered.0.received": "1",
            "ticket_no": "A012",
            "window": "3",
        },
    )
    case = window.get(f"/api/cases/{number_of(send(window, form).text)}").json()
    assert [person["role"] for person in case["dossier"]["people"]] == ["legal_representative", "shareholder"]
    assert case["unverified"] == []
    assert case["dossier"]["agent"]["scope"] == "代为提交、领取"
    assert case["dossier"]["surrendered"][0]["received"] is True
    assert case["accepting"]["window"] == "3"


def test_recipients_and_the_wish_for_e_mail_reach_the_case(town: Town, window: Browser) -> None:
    page = send(window, filled(window, do="add:delivery.recipients")).text
    assert 'name="delivery.recipients.0.name"' in page
    named = {"delivery.recipients.1.name": "演示领取人", "delivery.recipients.1.document_type": "resident_id"}
    wrong = send(window, filled(window, **named, **{"delivery.recipients.1.document_number": "1"})).text
    assert 'id="b-delivery.recipients.1.document_number"' in wrong
    wish = {"applicant.email": "demo@mail.example", "applicant.email_notices": "1"}
    reference = number_of(send(window, filled(window, **named, **wish)).text)
    case = window.get(f"/api/cases/{reference}").json()
    assert case["delivery"]["recipients"] == 1
    assert case["dossier"]["applicant"]["email_notices"] is True
    unasked = send(window, filled(window, **{"applicant.email": "demo@mail.example"})).text
    assert "没有勾选同意接收邮件通知" in unasked


def test_what_an_earlier_case_holds_is_offered_and_the_look_is_logged(town: Town, window: Browser) -> None:
    number = {"applicant.document_number": f"E{uuid.uuid4().hex[:8]}", "applicant.document_type": "passport"}
    reference = number_of(send(window, filled(window, **number)).text)
    empty = {"csrf": window.csrf or "", "matter": "company-establishment", **number}
    offered = send(window, {**empty, "do": "earlier"}).text
    assert f'value="fill:{reference}"' in offered
    page = send(window, {**empty, "do": f"fill:{reference}"}).text
    assert value(page, "applicant.name") == "演示申请人"
    assert value(page, "applicant.phone") == "13800000000"
    assert value(page, "form.enterprise_name") == "演示企业（景洪）有限公司"
    other = send(window, {**empty, "applicant.document_number": "E99999999", "do": f"fill:{reference}"}).text
    assert value(other, "applicant.name") == ""


@pytest.mark.parametrize(
    ("kind", "typed", "level"),
    [
        ("resident_id", resident_id(), "ok"),
        ("resident_id", "110105194912310021", "stop"),
        ("passport", "E1", "ok"),
        ("uscc", "91110000000000000X", "look"),
        ("phone", "138", "look"),
        ("phone", "", "none"),
    ],
)
def test_numbers_are_checked_by_the_rules_of_the_domain(window: Browser, kind: str, typed: str, level: str) -> None:
    answer = window.post("/desk/intake/check", data={"kind": kind, "value": typed})
    assert answer.json()["level"] == level
    assert answer.headers["cache-control"] == "no-store"


def test_draft_keys_differ_by_account_and_need_a_session(town: Town, window: Browser) -> None:
    mine, again = window.get("/desk/draft-key"), window.get("/desk/draft-key")
    assert mine.json() == again.json()
    assert mine.headers["cache-control"] == "no-store"
    assert town.sign_in("clerk").get("/desk/draft-key").json()["key"] != mine.json()["key"]
    assert town.anybody().get("/desk/draft-key", headers={"accept": "application/json"}).status_code == 401


def test_a_scan_is_sent_by_form(town: Town, window: Browser) -> None:
    reference = number_of(send(window, filled(window)).text)
    path = f"/desk/receipts/{reference}/files"
    sent = window.post(path, data={"csrf": window.csrf, "material": "articles"}, files={"file": ("章程.pdf", PDF)},
                       headers={"X-CSRFToken": ""})  # fmt: skip
    assert sent.status_code == 303
    assert "章程.pdf" in window.get(f"/desk/receipts/{reference}").text
    refused = window.post(path, data={"csrf": "stale"}, files={"file": ("x.pdf", PDF)}, headers={"X-CSRFToken": ""})
    assert refused.status_code == 403
    wrong = window.post(path, data={"csrf": window.csrf}, files={"file": ("x.pdf", b"MZ")}, headers={"X-CSRFToken": ""})
    assert wrong.status_code == 415
    assert "PDF" in wrong.text


def test_what_is_missing_is_printed_at_once_and_nothing_is_received(town: Town, window: Browser) -> None:
    wrong = {"materials.articles.taken": "", "applicant.document_number": "110105194912310021", "do": "lacking"}
    form = filled(window, **wrong)
    answer = send(window, form)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/pdf", "no-store")
    said = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "公司章程" in said
    assert "校验位不符" in said
    assert "登记（备案）申请书" not in said
    assert resident_id() not in said
    whole = send(window, filled(window, do="lacking"))
    assert "没有缺的材料" in whole.text
    assert "选好事项和地点" in send(window, {"csrf": window.csrf or "", "do": "lacking"}).text
    assert window.get("/api/cases", params={"q": "110105194912310021"}).json()["cases"] == []


def test_the_next_application_begins_with_what_stays_the_same(window: Browser) -> None:
    page = send(window, filled(window, window="3", forward="1")).text
    onward = re.search(r'id="next" href="([^"]+)"', page)
    assert onward is not None
    following = window.get(unescape(onward[1])).text
    assert value(following, "window") == "3"
    assert re.search(r'name="forward"[^>]* checked', following)
    assert value(following, "applicant.name") == ""
    assert 'href="/desk/intake"' in send(window, filled(window)).text


def test_an_enterprise_gives_its_code_and_its_name_once(window: Browser) -> None:
    code, name = "91530100000000000X", "演示企业（昆明）有限公司"
    typed = {
        "csrf": window.csrf or "", "matter": "company-change", "do": "route", "applicant.kind": "legal_person",
        "applicant.name": name, "applicant.document_type": "unified_code", "applicant.document_number": code,
    }  # fmt: skip
    page = send(window, typed).text
    assert [value(page, f"{group}.unified_code") for group in ("applicant", "form")] == [code, code]
    assert value(page, "form.enterprise_name") == name
    other = send(window, {**typed, "form.unified_code": "91530100000000001X"}).text
    assert value(other, "form.unified_code") == "91530100000000001X"
    assert value(other, "form.enterprise_name") == ""
    person = send(window, {**typed, "applicant.kind": "natural_person", "applicant.document_type": "passport"}).text
    assert value(person, "form.unified_code") == ""


def test_nothing_typed_is_logged(town: Town, window: Browser) -> None:
    send(window, filled(window))
    window.post("/desk/intake/check", data={"kind": "resident_id", "value": resident_id()})
    assert resident_id() not in town.logged()


def test_a_fault_of_somebody_entered_once_is_told_once_and_beside_where_it_was_typed(window: Browser) -> None:
    page = send(window, filled(window, **{"applicant.document_number": "110105194912310021"})).text
    assert 'id="b-applicant.document_number"' in page
    assert 'id="b-people.0.document_number"' not in page
    assert "须改正 1 处" in page

"""Documents: what each says, its number, and that it is set once and the same for ever."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from catalogue.domain.documents import KINDS
from catalogue.domain.people import Role
from catalogue.domain.problems import GlyphMissing
from catalogue.press import TypstPress
from catalogue.service.documents import COMPOSERS
from tests.web.conftest import JINGHONG, SIMAO, Browser, Town, application
from tests.web.papers.pdf import fonts_embedded, text

RARE = "䶮𬭎"


@pytest.fixture(scope="module")
def officers(town: Town) -> dict[str, Browser]:
    names = {"clerk", "intake", "reviewer", "decider", "other-clerk"}
    return {name: town.machine(name) for name in names}


def begun(officers: dict[str, Browser], **changes: Any) -> dict[str, Any]:
    answer = officers["clerk"].receive(application(**changes))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def give(officers: dict[str, Browser], who: str, reference: str, command: str, **body: Any) -> dict[str, Any]:
    answer = officers[who].command(reference, command, body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def to_home(officers: dict[str, Browser], reference: str) -> None:
    give(officers, "clerk", reference, "forward")
    give(officers, "intake", reference, "receive-at-home")


def granted(officers: dict[str, Browser], **changes: Any) -> dict[str, Any]:
    case = begun(officers, **changes)
    reference = case["reference"]
    to_home(officers, reference)
    give(officers, "intake", reference, "accept")
    give(officers, "reviewer", reference, "review", opinion="符合", advice="grant")
    give(officers, "decider", reference, "grant", opinion="准予")
    return case


def papers(browser: Browser, reference: str) -> dict[str, dict[str, Any]]:
    answer = browser.get(f"/api/cases/{reference}/papers")
    assert answer.status_code == 200, answer.text
    return {paper["kind"]: paper for paper in answer.json()["papers"]}


def permit(**changes: Any) -> dict[str, Any]:
    return {"matter": "food-business-licence-new", "particulars": {}, **changes}


def test_every_kind_of_document_has_its_words() -> None:
    assert set(COMPOSERS) == set(KINDS)


def test_the_founding_case_prints_its_documents_as_pdf_a_with_the_font_inside(
    town: Town, officers: dict[str, Browser]
) -> None:
    case = granted(officers)
    reference = case["reference"]
    found = papers(officers["clerk"], reference)
    assert list(found) == ["receipt", "consent", "material_slip", "acceptance", "registration_notice"]
    for kind, paper in found.items():
        answer = officers["clerk"].get(paper["href"])
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/pdf"
        content = answer.content
        assert b"pdfaid" in content
        assert fonts_embedded(content)
        said = text(content)
        assert "演示甲" in said or kind == "material_slip"
        assert "公司设立登记" in said
        assert "演示数据，不作凭证" in said
        if paper["number"]:
            assert paper["number"] in said
    assert "接收申请材料凭证" in text(officers["clerk"].get(found["receipt"]["href"]).content)
    assert "不是受理" in text(officers["clerk"].get(found["receipt"]["href"]).content)


def test_a_document_is_set_once_and_printed_identically_for_ever(town: Town, officers: dict[str, Browser]) -> None:
    reference = begun(officers)["reference"]
    href = f"/api/cases/{reference}/papers/receipt-1"
    first = officers["clerk"].get(href).content
    assert papers(officers["clerk"], reference)["receipt"]["digest"]
    give(officers, "clerk", reference, "correct-entry", path="applicant.name", value="演示乙", evidence="身份证")
    again = officers["clerk"].get(href).content
    assert again == first
    assert "演示甲" in text(again)


def test_an_entry_mended_before_the_act_stands_in_its_document(town: Town, officers: dict[str, Browser]) -> None:
    reference = begun(officers)["reference"]
    give(officers, "clerk", reference, "correct-entry", path="applicant.name", value="演示乙", evidence="身份证")
    to_home(officers, reference)
    give(officers, "intake", reference, "accept")
    said = text(officers["intake"].get(papers(officers["intake"], reference)["acceptance"]["href"]).content)
    assert "演示乙" in said
    assert "演示甲" not in said


def test_what_an_applicant_wrote_never_becomes_markup(town: Town, officers: dict[str, Browser]) -> None:
    name = '甲 #eval("1+1") *b* $x$ <a> `c` //'
    person = {**application()["applicant"], "name": "演示甲"}
    case = begun(officers, applicant=person, form={"enterprise_name": name})
    said = text(officers["clerk"].get(f"/api/cases/{case['reference']}/papers/receipt-1").content)
    assert "".join(name.split()) in said


def test_rare_characters_of_names_are_printed(town: Town, officers: dict[str, Browser]) -> None:
    person = {**application()["applicant"], "name": f"演示{RARE}"}
    case = begun(officers, applicant=person)
    said = text(officers["clerk"].get(f"/api/cases/{case['reference']}/papers/receipt-1").content)
    assert RARE in said


def test_a_character_the_font_lacks_is_an_error_and_no_empty_box(town: Town, officers: dict[str, Browser]) -> None:
    person = {**application()["applicant"], "name": "演示ሀ"}
    case = begun(officers, applicant=person)
    answer = officers["clerk"].get(f"/api/cases/{case['reference']}/papers/receipt-1")
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"].endswith("glyph-missing")
    assert problem["characters"] == ["ሀ"]
    assert "U+1200" in problem["detail"]
    assert papers(officers["clerk"], case["reference"])["receipt"]["digest"] is None


def test_the_press_refuses_what_its_own_check_overlooks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.press.missing", lambda text, font: "")
    sheet = {
        "title": "ሀ", "title_en": "", "subtitle": "", "number": "", "organ": "", "corner": [], "blocks": [], "foot": "",
    }  # fmt: skip
    with pytest.raises(GlyphMissing):
        TypstPress().pdf("document", sheet, datetime(2026, 1, 1, tzinfo=UTC))


def test_the_receipt_carries_the_query_code_only_where_it_is_still_known(
    town: Town, officers: dict[str, Browser]
) -> None:
    case = begun(officers)
    href = f"/api/cases/{case['reference']}/papers/receipt-1"
    wrong = begun(officers)
    said = text(officers["clerk"].get(href, headers={"X-Query-Code": case["query_code"]}).content)
    plain = case["query_code"].replace("-", "")
    assert f"{plain[:4]}-{plain[4:]}" in said
    other = f"/api/cases/{wrong['reference']}/papers/receipt-1"
    assert "收件时已当面告知" in text(officers["clerk"].get(other, headers={"X-Query-Code": "AAAAAAAA"}).content)


def test_the_numbers_of_an_authority_have_no_gap_and_no_double(town: Town, officers: dict[str, Browser]) -> None:
    numbers = []
    for _ in range(3):
        reference = begun(officers)["reference"]
        to_home(officers, reference)
        # A refused act takes no number.
        assert officers["intake"].command(reference, "grant", {"opinion": "准予"}).status_code == 409
        assert officers["intake"].command(reference, "accept", {}, '"stale"').status_code == 412
        give(officers, "intake", reference, "accept")
        numbers.append(papers(officers["intake"], reference)["acceptance"]["number"])
    serials = [int(number.split("〕")[1].removesuffix("号")) for number in numbers]
    assert serials == list(range(serials[0], serials[0] + 3))
    assert numbers[0].startswith("景洪市市监受〔")


def test_a_refusal_says_reasons_basis_and_remedies(town: Town, officers: dict[str, Browser]) -> None:
    reference = begun(officers)["reference"]
    to_home(officers, reference)
    give(officers, "intake", reference, "accept")
    give(officers, "reviewer", reference, "review", opinion="不符合", advice="refuse")
    give(officers, "decider", reference, "refuse", reasons="理由甲", basis="依据乙", remedies="救济丙")
    said = text(officers["decider"].get(papers(officers["decider"], reference)["registration_refusal"]["href"]).content)
    assert all(words in said for words in ("不予登记通知书", "理由甲", "依据乙", "救济丙"))


def test_a_permit_prints_correction_notice_special_procedure_and_extension(
    town: Town, officers: dict[str, Browser]
) -> None:
    reference = begun(officers, **permit())["reference"]
    to_home(officers, reference)
    give(officers, "intake", reference, "request-correction", items=[{"text": "缺少平面图"}], days=10)
    give(officers, "clerk", reference, "supply-correction", items=[{"text": "已补"}])
    give(officers, "intake", reference, "accept")
    give(officers, "reviewer", reference, "start-special-procedure", kind="testing", basis="依据", days=5)
    give(officers, "reviewer", reference, "end-special-procedure", result="合格")
    give(officers, "reviewer", reference, "request-extension", reason="情况复杂")
    give(officers, "decider", reference, "approve-extension")
    found = papers(officers["decider"], reference)
    said = {kind: text(officers["decider"].get(paper["href"]).content) for kind, paper in found.items()}
    assert "缺少平面图" in said["correction_notice"]
    assert "10个工作日" in said["correction_notice"]
    assert "检测" in said["special_notice"]
    assert "不计入" in said["special_notice"]
    assert "情况复杂" in said["extension_notice"]
    assert "收件回执" in said["receipt"]


def test_the_windows_return_list_is_no_correction_notice(town: Town, officers: dict[str, Browser]) -> None:
    reference = begun(officers)["reference"]
    give(officers, "clerk", reference, "return-at-window", items=[{"text": "缺章程"}])
    paper = papers(officers["clerk"], reference)["window_return"]
    said = text(officers["clerk"].get(paper["href"]).content)
    assert "缺章程" in said
    assert "不是行政机关的补正告知" in said
    assert paper["number"] is None


def test_the_applicant_downloads_what_was_made_for_them_and_nothing_else(
    town: Town, officers: dict[str, Browser]
) -> None:
    case = granted(officers)
    public = town.anybody()
    base = f"/api/public/cases/{case['reference']}/papers"
    code = {"X-Query-Code": case["query_code"]}
    found = {paper["kind"]: paper for paper in public.get(base, headers=code).json()["papers"]}
    assert "material_slip" not in found
    notice = public.get(found["registration_notice"]["href"], headers=code)
    assert notice.status_code == 200
    assert (
        notice.content
        == officers["decider"]
        .get(f"/api/cases/{case['reference']}/papers/{found['registration_notice']['id']}")
        .content
    )
    assert public.get(f"{base}/material-slip-2", headers=code).status_code == 403
    assert public.get(base, headers={"X-Query-Code": "AAAAAAAA"}).status_code == 404
    assert public.get(base).status_code == 404


def test_a_window_of_collection_sees_what_collection_needs(town: Town, officers: dict[str, Browser]) -> None:
    case = granted(officers, delivery={"method": "window", "window": SIMAO})
    give(officers, "intake", case["reference"], "make-certificate", copies=[{"kind": "正本", "copy_no": 1}])
    found = papers(officers["other-clerk"], case["reference"])
    assert list(found) == ["result_slip", "certificate_copy", "collection_notice"]
    answer = officers["other-clerk"].get(f"/api/cases/{case['reference']}/papers/receipt-1")
    assert answer.status_code == 403
    assert "思茅" in text(officers["other-clerk"].get(found["collection_notice"]["href"]).content)


def test_another_office_sees_no_document(town: Town, officers: dict[str, Browser]) -> None:
    town.add("stranger-clerk", SIMAO, Role.WINDOW_CLERK)
    case = begun(officers)
    stranger = town.machine("stranger-clerk")
    assert stranger.get(f"/api/cases/{case['reference']}/papers").status_code == 404
    assert stranger.get(f"/api/cases/{case['reference']}/papers/receipt-1").status_code == 404


def test_a_document_is_no_scan_and_delays_no_grant(town: Town, officers: dict[str, Browser]) -> None:
    reference = begun(officers)["reference"]
    officers["clerk"].get(f"/api/cases/{reference}/papers/receipt-1")
    to_home(officers, reference)
    give(officers, "intake", reference, "accept")
    officers["intake"].get(papers(officers["intake"], reference)["acceptance"]["href"])
    files = officers["intake"].get(f"/api/cases/{reference}/files").json()["files"]
    assert {file["kind"] for file in files} == {"document"}
    give(officers, "reviewer", reference, "review", opinion="符合", advice="grant")
    give(officers, "decider", reference, "grant", opinion="准予")


def test_the_pages_show_documents_and_their_pdf(town: Town, officers: dict[str, Browser]) -> None:
    case = granted(officers)
    desk = town.sign_in("clerk")
    page = desk.get(f"/desk/cases/{case['reference']}").text
    assert "登记通知书" in page
    shown = desk.get(f"/desk/cases/{case['reference']}/papers/receipt-1")
    assert shown.status_code == 200
    assert "接收申请材料凭证" in shown.text
    pdf = desk.get(f"/desk/cases/{case['reference']}/papers/receipt-1/pdf")
    assert pdf.content.startswith(b"%PDF")
    public = town.anybody()
    form = {"reference": case["reference"], "code": case["query_code"]}
    status = public.post("/status", data=form).text
    assert "/status/papers/registration-notice-" in status
    assert public.post("/status/papers/receipt-1", data=form).content == pdf.content
    assert public.get("/status/papers/receipt-1").status_code == 404


def test_the_notice_outside_scope_is_printed_and_nothing_is_kept(town: Town) -> None:
    desk = town.sign_in("clerk")
    answer = desk.get("/desk/outside-notice?matter=company-establishment&place=530302&company_type=limited")
    assert answer.status_code == 200, answer.text
    said = text(answer.content)
    assert "不属通办范围告知单" in said
    inside = desk.get(f"/desk/outside-notice?matter=company-establishment&place={JINGHONG}&company_type=limited")
    assert inside.status_code == 404

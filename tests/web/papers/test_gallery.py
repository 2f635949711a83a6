"""Every document once, as a picture: one page of A4 each, inked and legible in black and white.

``CATALOGUE_SCREENS=docs/screens/papers pytest tests/web/papers/test_gallery.py`` keeps the pictures.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from catalogue.domain.documents import KINDS
from tests.web.conftest import Browser, Town, application, resident_id
from tests.web.papers.picture import ink, png
from tests.web.papers.test_documents import begun, give, granted, officers, papers, permit, to_home

__all__ = ["officers"]


def company(town: Town) -> dict[str, Any]:
    """A complete application, plainly a demonstration."""
    matter = town.house.in_force().registry.matters["company-establishment"]
    form: dict[str, Any] = {}
    for field in matter.form:
        if field.choices:
            form[field.key] = field.choices[0].value
        elif field.type in ("text", "long_text"):
            form[field.key] = f"演示{field.label.zh}"
    form["enterprise_name"] = "演示企业（景洪）有限公司"
    kept = {key: value for key, value in form.items() if key in {field.key for field in matter.form}}
    person = {"document_type": "resident_id", "document_number": resident_id(), "phone": "13800000000"}
    return application(
        form=kept,
        agent={"name": "演示代理人", **person},
        materials=[{"id": paper.id, "originals": 1, "copies": n % 2} for n, paper in enumerate(matter.materials[:5])],
    )


def _founding(town: Town, officers: dict[str, Browser], found: dict[str, bytes]) -> None:
    case = officers["clerk"].receive(company(town)).json()
    reference = case["reference"]
    receipt = officers["clerk"].get(
        f"/api/cases/{reference}/papers/receipt-1", headers={"X-Query-Code": case["query_code"]}
    )
    found["receipt"] = receipt.content
    to_home(officers, reference)
    give(officers, "intake", reference, "accept")
    give(officers, "reviewer", reference, "review", opinion="符合", advice="grant")
    give(officers, "decider", reference, "grant", opinion="准予")
    copies = [{"kind": "正本", "copy_no": 1, "blank_no": f"演示{reference[-5:]}"}, {"kind": "副本", "copy_no": 1}]
    give(officers, "intake", reference, "make-certificate", number="91532801MA0DEMO00X", copies=copies)
    give(officers, "clerk", reference, "print-copy", kind="正本", copy_no=1)
    give(officers, "clerk", reference, "report-print", kind="正本", copy_no=1, outcome="printed", seal=True)
    give(
        officers, "clerk", reference, "hand-over",
        collector="演示领取人", document_type="resident_id", document_number=resident_id(), relation="self",
        signature="M40 120L90 40L120 150L180 60L230 140L300 50L340 130L420 70L520 110",
    )  # fmt: skip
    give(
        officers, "decider", reference, "annul",
        ground="deception", basis="《中华人民共和国行政许可法》第六十九条第二款",
        notified_on="2026-11-20", statement="申请人未陈述、申辩",
    )  # fmt: skip
    _collect(officers, reference, found)
    form = {"reference": reference, "code": case["query_code"]}
    found["history"] = town.anybody().post("/status/history", data=form).content


def _collect(officers: dict[str, Browser], reference: str, found: dict[str, bytes]) -> None:
    for who in ("clerk", "decider"):
        for kind, paper in papers(officers[who], reference).items():
            if kind not in found:
                answer = officers[who].get(paper["href"])
                assert answer.status_code == 200, (kind, answer.text)
                found[kind] = answer.content


def _others(town: Town, officers: dict[str, Browser], found: dict[str, bytes]) -> None:
    items = [
        {"text": "演示：住所使用证明未载明使用期限，请提交完整的租赁合同"},
        {"text": "演示：公司章程第八条缺股东签字"},
    ]
    one = begun(officers, **permit())["reference"]
    to_home(officers, one)
    give(officers, "intake", one, "request-correction", items=items, days=10)
    give(officers, "clerk", one, "supply-correction", items=[{"text": "已补"}])
    give(officers, "intake", one, "accept")
    give(officers, "reviewer", one, "start-special-procedure", kind="expert_review", basis="演示依据", days=10)
    give(officers, "reviewer", one, "end-special-procedure", result="合格")
    give(officers, "reviewer", one, "request-extension", reason="演示：需要核实场所布局")
    give(officers, "decider", one, "approve-extension")
    give(officers, "reviewer", one, "review", opinion="符合", advice="grant")
    give(officers, "decider", one, "grant", opinion="准予")
    give(officers, "intake", one, "make-certificate", copies=[{"kind": "正本"}])
    give(officers, "decider", one, "withdraw-permit", ground="law_changed", basis="演示依据")
    two = begun(officers, **permit())["reference"]
    to_home(officers, two)
    give(
        officers, "intake", two, "decline-acceptance",
        reason="演示：该事项依法不需要取得行政许可", basis="《中华人民共和国行政许可法》第三十二条第一款第（一）项",
        authority="无需申请",
    )  # fmt: skip
    three = begun(officers)["reference"]
    to_home(officers, three)
    give(officers, "intake", three, "return-for-resubmission", items=items)
    four = begun(officers)["reference"]
    give(officers, "clerk", four, "return-at-window", items=items)
    refusal = {
        "reasons": "演示：不符合规定条件",
        "basis": "演示依据",
        "remedies": "可以依法申请行政复议或者提起行政诉讼",
    }
    refused = []
    for given in ({}, permit()):
        reference = begun(officers, **given)["reference"]
        to_home(officers, reference)
        give(officers, "intake", reference, "accept")
        give(officers, "reviewer", reference, "review", opinion="不符合", advice="refuse")
        give(officers, "decider", reference, "refuse", **refusal)
        refused.append(reference)
    five = begun(officers, **permit())["reference"]
    to_home(officers, five)
    give(officers, "intake", five, "accept")
    give(officers, "decider", five, "terminate", reason="演示：申请人主体终止")
    six = begun(officers)["reference"]
    to_home(officers, six)
    give(officers, "intake", six, "accept")
    give(officers, "reviewer", six, "review", opinion="符合", advice="grant")
    give(officers, "decider", six, "grant", opinion="准予")
    give(officers, "intake", six, "make-certificate", copies=[{"kind": "正本"}])
    give(officers, "decider", six, "cancel", ground="organisation_ended", basis="演示依据")
    seven = granted(officers, **permit())["reference"]
    give(officers, "intake", seven, "make-certificate", number="演示食经许可0001号", copies=[{"kind": "正本"}])
    give(
        officers, "decider", seven, "propose-annulment",
        ground="deception", facts="演示：申请时提交的住所证明经核实不实",
        basis="《中华人民共和国行政许可法》第六十九条第二款",
    )  # fmt: skip
    give(
        officers, "decider", seven, "record-penalty",
        kind="revocation", authority="演示市场监督管理局", decision_no="演示市监罚〔2026〕1号",
    )  # fmt: skip
    for reference in (one, two, three, four, *refused, five, six, seven):
        _collect(officers, reference, found)


@pytest.fixture(scope="module")
def gallery(town: Town, officers: dict[str, Browser]) -> dict[str, bytes]:
    """Every kind of document, set once."""
    found: dict[str, bytes] = {}
    _founding(town, officers, found)
    _others(town, officers, found)
    desk = town.sign_in("clerk")
    outside = desk.get("/desk/outside-notice?matter=company-establishment&place=530302&company_type=limited")
    found["outside_scope_notice"] = outside.content
    return found


def test_every_kind_of_document_is_printed_on_one_page_of_a4(gallery: dict[str, bytes]) -> None:
    assert set(gallery) >= set(KINDS)
    for kind, content in gallery.items():
        reader = PdfReader(io.BytesIO(content))
        assert len(reader.pages) == 1, kind
        width, height = sorted(float(side) for side in reader.pages[0].mediabox[2:])
        assert (round(width), round(height)) == (595, 842), kind
        assert 0.01 < ink(content) < 0.3, kind


def test_the_pictures_are_kept_where_asked_for(gallery: dict[str, bytes], tmp_path: Path) -> None:
    folder = Path(os.environ.get("CATALOGUE_SCREENS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, content in gallery.items():
        (folder / f"{kind.replace('_', '-')}.png").write_bytes(png(content))
    assert len(list(folder.glob("*.png"))) >= len(gallery)

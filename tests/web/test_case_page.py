"""The page of one case: what it offers first, what each act must record, what is shown within it."""

from __future__ import annotations

import re

import pytest

from catalogue.domain.workflow import COMMANDS as ALL_COMMANDS
from catalogue.web.pages.act_words import GROUPS, KEYS
from tests.web.conftest import Browser, Town, application
from tests.web.test_desk_pages import COLLECTOR, Desk, accepted, desks, forwarded, text

__all__ = ["desks"]

PDF = b"%PDF-1.4\n" + bytes(64) + b"\n%%EOF\n"
COPY = {"copy.0": "1", "copy_kind.0": "正本", "copy_no.0": "1"}


def main_act(page: str) -> str | None:
    """The act the page puts first."""
    found = re.search(r'<details name="act" id="act-([a-z-]+)"[^>]* class="main"', page)
    return found and found.group(1)


def granted(desks: dict[str, Desk], clerk: Browser, intake: Browser) -> str:
    reference = accepted(clerk, intake)
    desks["reviewer"].done(reference, "review", {"opinion": "可", "advice": "grant"})
    desks["decider"].done(reference, "grant", {"opinion": "准予"})
    return reference


def test_a_result_is_printed_reported_and_handed_over_in_that_order(
    desks: dict[str, Desk], clerk: Browser, intake: Browser
) -> None:
    reference = granted(desks, clerk, intake)
    desks["intake"].done(reference, "make-certificate", {**COPY, "copy_blank.0": f"演示{reference}"})
    window = desks["clerk"]
    page = text(window.get(f"/desk/cases/{reference}"))
    assert main_act(page) == "print-copy"
    assert "还没有打印：正本第1本" in page
    window.done(reference, "print-copy", {"copy": "正本-1"})
    page = text(window.get(f"/desk/cases/{reference}"))
    assert main_act(page) == "report-print"
    assert "还没有打印" not in page
    window.done(reference, "report-print", {"copy": "正本-1", "outcome": "printed"})
    assert main_act(text(window.get(f"/desk/cases/{reference}"))) == "hand-over"
    window.done(reference, "hand-over", COLLECTOR)
    # Nothing moves it on any more: what is left stands in its groups, with no main act above them.
    page = text(window.get(f"/desk/cases/{reference}"))
    assert main_act(page) is None
    assert "<h3>交接与送达</h3>" in page


def test_a_result_without_a_copy_goes_straight_to_the_hand_over(
    desks: dict[str, Desk], clerk: Browser, intake: Browser
) -> None:
    reference = granted(desks, clerk, intake)
    desks["intake"].done(reference, "make-certificate")
    assert main_act(text(desks["clerk"].get(f"/desk/cases/{reference}"))) == "hand-over"


def test_what_an_act_must_record_is_named_before_it_is_opened(
    desks: dict[str, Desk], clerk: Browser, intake: Browser
) -> None:
    page = text(desks["reviewer"].get(f"/desk/cases/{accepted(clerk, intake)}"))
    summary = re.search(r'id="act-assign".*?<summary>(.*?)</summary>', page, re.DOTALL)
    assert summary
    assert "<small>交给、理由</small>" in summary.group(1)


def test_acts_stand_in_groups_each_named_once(desks: dict[str, Desk], clerk: Browser, intake: Browser) -> None:
    page = text(desks["reviewer"].get(f"/desk/cases/{accepted(clerk, intake)}"))
    headings = re.findall(r"<h3>(交接与送达|记录与更正|了结与撤销)</h3>", page)
    assert headings == ["交接与送达", "记录与更正"]
    assert page.index('id="act-return-for-resubmission"') < page.index("<h3>交接与送达</h3>")
    grouped = [command for _, commands in GROUPS for command in commands]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) <= ALL_COMMANDS


@pytest.mark.parametrize("key", ["j", "k", "[", "]"])
def test_no_act_takes_a_key_that_turns_pages(key: str) -> None:
    assert key not in KEYS.values()


def test_a_pdf_is_shown_within_its_case_and_nothing_else_within_anything(
    desks: dict[str, Desk], clerk: Browser
) -> None:
    reference = forwarded(clerk)
    sent = clerk.post(f"/api/cases/{reference}/files", files={"file": ("章程.pdf", PDF, "application/pdf")})
    assert sent.status_code == 201, sent.text
    file = sent.json()["id"]
    page = desks["intake"].get(f"/desk/cases/{reference}?scan={file}")
    assert f'<iframe src="/desk/cases/{reference}/scans/{file}' in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    scan = desks["intake"].get(f"/desk/cases/{reference}/scans/{file}")
    policies = scan.headers.get_list("content-security-policy")
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"]
    assert scan.headers.get_list("x-frame-options") == ["SAMEORIGIN"]
    assert scan.headers["x-content-type-options"] == "nosniff"
    missing = desks["intake"].get(f"/desk/cases/{reference}/scans/none")
    assert missing.headers["x-frame-options"] == "DENY"


def test_what_was_done_leads_back_to_its_case(desks: dict[str, Desk], clerk: Browser) -> None:
    reference = forwarded(clerk)
    desks["intake"].done(reference, "receive-at-home")
    page = text(desks["intake"].get(f"/desk?done=receive-at-home&case={reference}"))
    assert re.search(rf'class="told" role="status">已办：接件　 <a class="ref" href="/desk/cases/{reference}">', page)


def test_the_head_names_the_enterprise_and_hides_the_person(desks: dict[str, Desk], clerk: Browser) -> None:
    reference = forwarded(clerk, form={"enterprise_name": "演示题名企业有限公司"})
    page = text(desks["intake"].get(f"/desk/cases/{reference}"))
    assert "<b>演示题名企业有限公司</b>·申请人 演**" in page


def test_a_choice_of_the_form_is_shown_in_words(town: Town, clerk: Browser) -> None:
    body = application(
        matter="company-deregistration", particulars={"company_type": "limited"}, form={"procedure_kind": "simplified"}
    )
    answer = clerk.receive(body)
    assert answer.status_code == 201, answer.text
    page = text(town.sign_in("clerk").get(f"/desk/cases/{answer.json()['reference']}"))
    assert "简易注销" in page
    assert "<dd>simplified</dd>" not in page

"""The desk by its pages: queues, the case page and its forms, several cases at once, saved filters, opened scans."""

from __future__ import annotations

import html
import itertools
import re
from typing import Any

import pytest

from catalogue.domain.people import Role
from catalogue.domain.workflow import COMMANDS as ALL_COMMANDS
from catalogue.domain.workflow import EDGES
from catalogue.service.ports import BrokenEvent, CheckedChain
from catalogue.store import tables
from catalogue.store.audit import StoredAudit
from catalogue.store.work import StoredWork
from catalogue.web.pages.act_words import COMMANDS, FIELDS, KEYS
from catalogue.web.pages.commands import controls
from tests.web.conftest import JINGHONG, Browser, Town, application

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
COLLECTOR = {
    "collector": "演示甲",
    "document_type": "resident_id",
    "document_number": "11010119900307123X",
    "relation": "self",
}


def text(answer: Any) -> str:
    return html.unescape(answer.text)


class Desk:
    """Somebody at the desk by forms alone, as a browser without script."""

    def __init__(self, town: Town, name: str) -> None:
        self.browser = town.sign_in(name)
        self.csrf = self.browser.csrf or ""

    def get(self, path: str) -> Any:
        return self.browser.get(path)

    def post(self, path: str, fields: dict[str, Any]) -> Any:
        return self.browser.post(path, data={"csrf": self.csrf, **fields})

    def hidden(self, page: str, command: str) -> dict[str, str]:
        """The hidden fields of an act's form."""
        form = re.search(rf'<details[^>]*id="act-{command}".*?</form>', page, re.DOTALL)
        assert form, f"no form for {command}"
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.group(0))
        return {name: html.unescape(value) for name, value in found}

    def act(self, reference: str, command: str, fields: dict[str, Any] | None = None, context: str = "") -> Any:
        """Open the page, fill in the form of that act and send it."""
        page = self.get(f"/desk/cases/{reference}{context}").text
        return self.post(f"/desk/cases/{reference}/{command}", {**self.hidden(page, command), **(fields or {})})

    def done(self, reference: str, command: str, fields: dict[str, Any] | None = None, context: str = "") -> str:
        answer = self.act(reference, command, fields, context)
        assert answer.status_code == 303, text(answer)[:4000]
        return str(answer.headers["location"])


@pytest.fixture(scope="module")
def desks(town: Town) -> dict[str, Desk]:
    if "decider-2" not in town.accounts:
        town.add("decider-2", JINGHONG, Role.DECIDER)
    return {name: Desk(town, name) for name in ("clerk", "intake", "reviewer", "decider")}


def forwarded(clerk: Browser, **changes: Any) -> str:
    reference: str = clerk.receive(application(**changes)).json()["reference"]
    assert clerk.command(reference, "forward").status_code == 200
    return reference


def accepted(clerk: Browser, intake: Browser, **changes: Any) -> str:
    reference = forwarded(clerk, **changes)
    assert intake.command(reference, "receive-at-home").status_code == 200
    assert intake.command(reference, "accept").status_code == 200
    return reference


def test_the_whole_way_by_forms_alone(desks: dict[str, Desk], clerk: Browser) -> None:
    reference = clerk.receive().json()["reference"]
    window, intake, reviewer, decider = desks.values()
    window.done(reference, "forward")
    intake.done(reference, "receive-at-home")
    intake.done(reference, "accept")
    reviewer.done(reference, "claim")
    reviewer.done(reference, "review", {"opinion": "齐全", "advice": "grant"})
    decider.done(reference, "grant", {"opinion": "准予"})
    copies = {"copy.0": "1", "copy_kind.0": "正本", "copy_no.0": "1", "copy_blank.0": "B001"}
    copies |= {"copy.1": "1", "copy_kind.1": "副本", "copy_no.1": "1"}
    intake.done(reference, "make-certificate", copies)
    window.done(reference, "hand-over", COLLECTOR)
    events = clerk.get(f"/api/cases/{reference}").json()["events"]
    made = next(event for event in events if event["type"] == "certificate_made")
    assert made["facts"]["copies"] == [
        {"kind": "正本", "copy_no": 1, "blank_no": "B001"},
        {"kind": "副本", "copy_no": 1},
    ]
    assert events[-1]["type"] == "handed_over"


def test_the_desk_opens_the_first_queue_of_ones_role_that_holds_something(
    desks: dict[str, Desk], clerk: Browser
) -> None:
    reference = forwarded(clerk)
    page = text(desks["intake"].get("/desk"))
    assert re.search(r'href="/desk\?queue=to_receive" aria-current="page"', page)
    grouped = " ".join(reference[n : n + 4] for n in range(0, 16, 4))
    assert grouped in page
    assert "昆明·五华区 → 西双版纳·景洪市" in page
    assert "queue=to_review" not in page.split("queues-rest")[0]


def test_a_queue_holds_what_the_own_office_must_act_on(town: Town, desks: dict[str, Desk], clerk: Browser) -> None:
    linked = f"/desk/cases/{forwarded(clerk)}"
    home, window = (town.sign_in(name).get("/desk?queue=to_receive&limit=200").text for name in ("intake", "clerk"))
    assert linked in home
    assert linked not in window, "the accepting window waits, it does not receive"
    assert linked in town.sign_in("clerk").get("/desk?queue=all&limit=200").text


def test_after_an_act_comes_the_next_case_of_the_queue(desks: dict[str, Desk], clerk: Browser) -> None:
    forwarded(clerk)
    forwarded(clerk)
    queue = re.findall(r"/desk/cases/(\d{16})\?queue=to_receive", desks["intake"].get("/desk?queue=to_receive").text)
    first, second = queue[:2]
    location = desks["intake"].done(first, "receive-at-home", context="?queue=to_receive")
    assert location == f"/desk/cases/{second}?queue=to_receive&done=receive-at-home&case={first}"
    assert "已办：接件" in text(desks["intake"].get(location))


def test_a_stale_form_shows_what_changed_and_keeps_what_was_typed(
    desks: dict[str, Desk], clerk: Browser, intake: Browser
) -> None:
    reference = accepted(clerk, intake)
    reviewer = desks["reviewer"]
    seen = reviewer.hidden(reviewer.get(f"/desk/cases/{reference}").text, "review")
    assert intake.command(reference, "note", {"text": "窗口来电"}).status_code == 200
    answer = reviewer.post(f"/desk/cases/{reference}/review", {**seen, "opinion": "我写的意见", "advice": "grant"})
    assert answer.status_code == 412
    page = text(answer)
    assert "办件已有新的变化" in page
    assert "窗口来电" in page.split("case-head")[0]
    assert "我写的意见" in page
    again = reviewer.hidden(answer.text, "review")
    assert again["etag"] != seen["etag"]
    sent = reviewer.post(f"/desk/cases/{reference}/review", {**again, "opinion": "我写的意见", "advice": "grant"})
    assert sent.status_code == 303


def test_an_act_that_is_no_longer_possible_gives_back_what_was_typed(desks: dict[str, Desk], clerk: Browser) -> None:
    reference = clerk.receive().json()["reference"]
    window = desks["clerk"]
    seen = window.hidden(window.get(f"/desk/cases/{reference}").text, "return-at-window")
    window.done(reference, "forward")
    answer = window.post(f"/desk/cases/{reference}/return-at-window", {**seen, "etag": "*", "reason": "缺身份证明"})
    assert answer.status_code == 409
    assert "「缺身份证明」" in text(answer) or "<q>缺身份证明</q>" in answer.text


def test_what_is_missing_stands_beside_its_field(desks: dict[str, Desk], clerk: Browser, intake: Browser) -> None:
    reference = accepted(clerk, intake)
    answer = desks["reviewer"].act(reference, "review", {"advice": "grant"})
    assert answer.status_code == 422
    page = text(answer)
    assert 'id="review-opinion-said"' in page
    assert 'aria-describedby="review-opinion-said"' in page
    assert '<details name="act" id="act-review" open' in page
    assert '<option value="grant" selected>' in page


def test_a_form_sent_twice_acts_once(desks: dict[str, Desk], clerk: Browser) -> None:
    reference = clerk.receive().json()["reference"]
    window = desks["clerk"]
    fields = window.hidden(window.get(f"/desk/cases/{reference}").text, "forward")
    for _ in range(2):
        assert window.post(f"/desk/cases/{reference}/forward", fields).status_code == 303
    events = clerk.get(f"/api/cases/{reference}").json()["events"]
    assert [event["type"] for event in events] == ["received", "forwarded"]


def test_a_form_for_missing_papers_names_them(desks: dict[str, Desk], clerk: Browser, intake: Browser) -> None:
    reference = forwarded(clerk)
    intake.command(reference, "receive-at-home")
    page = desks["intake"].get(f"/desk/cases/{reference}").text
    paper = re.findall(r'name="item\.([^"]+)"', page)[0]
    desks["intake"].done(reference, "return-for-resubmission", {f"item.{paper}": "缺签名", "items": "住所证明\n章程"})
    items = clerk.get(f"/api/cases/{reference}").json()["events"][-1]["particulars"]["items"]
    assert items == [{"material": paper, "text": "缺签名"}, {"text": "住所证明"}, {"text": "章程"}]


def test_a_grant_waits_until_every_scan_was_opened(
    town: Town, desks: dict[str, Desk], clerk: Browser, intake: Browser
) -> None:
    reference = clerk.receive().json()["reference"]
    sent = clerk.post(f"/api/cases/{reference}/files", files={"file": ("申请书.png", PNG, "image/png")})
    assert sent.status_code == 201, sent.text
    file = sent.json()["id"]
    for command in ("receive-at-home", "accept"):
        if command == "receive-at-home":
            clerk.command(reference, "forward")
        intake.command(reference, command)
    desks["reviewer"].done(reference, "review", {"opinion": "可", "advice": "grant"})
    decider = town.machine("decider", "cases:write")
    refused = decider.command(reference, "grant", {"opinion": "准予"})
    assert (refused.status_code, refused.json()["rule"], refused.json()["files"]) == (409, "unopened-papers", [file])
    assert intake.get(f"/api/cases/{reference}/files/{file}").status_code == 200
    assert decider.command(reference, "grant", {"opinion": "准予"}).status_code == 409, "intake's look is not enough"
    page = desks["decider"].get(f"/desk/cases/{reference}")
    assert "还没有打开" in text(page)
    shown = desks["decider"].get(f"/desk/cases/{reference}?scan={file}")
    assert f"/scans/{file}" in shown.text
    assert "还没有打开" not in text(shown)
    scan = desks["decider"].get(f"/desk/cases/{reference}/scans/{file}")
    assert (scan.content, scan.headers["content-type"], scan.headers["cache-control"]) == (PNG, "image/png", "no-store")
    assert scan.headers["content-disposition"].startswith("inline")
    assert decider.command(reference, "grant", {"opinion": "准予"}).status_code == 200


def test_several_cases_at_once_and_which_of_them_failed(
    desks: dict[str, Desk], clerk: Browser, intake: Browser
) -> None:
    one, two, three = (accepted(clerk, intake) for _ in range(3))
    reviewer = desks["reviewer"]
    page = reviewer.get("/desk?queue=to_review").text
    tags = dict(re.findall(r'name="case" value="((\d{16})-\d+)"', page))
    tags = {reference: tag for tag, reference in tags.items()}
    intake.command(two, "note", {"text": "变了"})
    (key,) = set(re.findall(r'name="key" value="([^"]+)"', page))
    answer = reviewer.post(
        "/desk/batch",
        {"batch": "claim", "key": key, "context": "queue=to_review", "case": [tags[one], tags[two], tags[three]]},
    )
    assert answer.status_code == 200
    told = text(answer)
    assert "办成 2 件，未办成 1 件" in told
    assert two in told.split("已办成")[0]
    mine = reviewer.get("/desk?queue=to_review&who=mine").text
    assert one in mine
    assert three in mine
    assert two not in mine
    assert two in reviewer.get("/desk?queue=to_review&who=none").text


def test_nothing_ticked_is_said(desks: dict[str, Desk]) -> None:
    answer = desks["reviewer"].post("/desk/batch", {"batch": "claim", "context": "queue=to_review"})
    assert answer.status_code == 422
    assert "请先勾选办件" in text(answer)


def test_a_list_is_kept_under_a_name(town: Town, desks: dict[str, Desk]) -> None:
    reviewer = desks["reviewer"]
    sent = reviewer.post("/desk/filters", {"name": "昆明来的", "context": "queue=to_review&region=kunming"})
    assert sent.status_code == 303
    page = reviewer.get("/desk?queue=to_review&region=kunming").text
    assert re.search(r'<a href="/desk\?queue=to_review&amp;region=kunming" aria-current="page">昆明来的</a>', page)
    assert "昆明来的" not in town.sign_in("decider").get("/desk").text
    saved = re.search(r"/desk/filters/(\w+)/remove", page)
    assert saved
    assert reviewer.post(f"/desk/filters/{saved.group(1)}/remove", {}).status_code == 303
    assert "昆明来的" not in reviewer.get("/desk").text


def test_a_filter_needs_a_name_and_known_values(desks: dict[str, Desk]) -> None:
    assert desks["reviewer"].post("/desk/filters", {"name": " ", "context": "queue=all"}).status_code == 422
    assert desks["reviewer"].post("/desk/filters", {"name": "x", "context": "queue=nowhere"}).status_code == 422


@pytest.mark.parametrize("wanted", ["演示检索企业有限公司", "检索企业", "演示丙"])
def test_search_finds_by_enterprise_and_by_full_name(desks: dict[str, Desk], clerk: Browser, wanted: str) -> None:
    body = application()
    body["applicant"] = {**body["applicant"], "name": "演示丙"}
    body["form"] = {"enterprise_name": "演示检索企业有限公司"}
    reference = clerk.receive(body).json()["reference"]
    assert reference in desks["clerk"].get(f"/desk?q={wanted}").text


def test_unmasking_is_logged_with_its_reason_and_not_kept(town: Town, desks: dict[str, Desk], clerk: Browser) -> None:
    reference = clerk.receive().json()["reference"]
    window = desks["clerk"]
    assert "演示甲" not in text(window.get(f"/desk/cases/{reference}"))
    assert window.post(f"/desk/cases/{reference}/unmask", {"reason": ""}).status_code == 422
    shown = window.post(f"/desk/cases/{reference}/unmask", {"reason": "核对姓名"})
    assert shown.headers["cache-control"] == "no-store"
    assert "演示甲" in text(shown)

    def looks(work: StoredWork) -> list[Any]:
        log = tables.access_log.c
        return list(
            work.session.connection.execute(
                tables.access_log.select().where(log.act == "unmasked", log.subject == reference)
            )
        )

    assert [entry.actor for entry in town.database.read(looks).result()] == [town.accounts["clerk"].id]


def test_the_page_says_whether_the_record_holds_to_those_who_decide_by_it_and_audit_it(
    town: Town, desks: dict[str, Desk], clerk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = clerk.receive().json()["reference"]
    assert clerk.command(reference, "forward").status_code == 200
    path = f"/desk/cases/{reference}"
    for reader in (desks["intake"], Desk(town, "auditor")):
        assert "记录链完整·2 条·校验于 " in text(reader.get(path))
    assert 'id="chain"' not in text(desks["clerk"].get(path))
    fault = BrokenEvent(reference, 2, "its content was changed")
    monkeypatch.setattr(StoredAudit, "check", lambda self, reference, at: CheckedChain(2, fault, at))
    broken = text(desks["intake"].get(path))
    assert "记录链不完整" in broken
    assert "从第 2 条起" in broken


def test_what_was_handed_in_comes_before_the_acts_and_a_link_above_leads_to_them(
    desks: dict[str, Desk], clerk: Browser
) -> None:
    reference = clerk.receive().json()["reference"]
    page = text(desks["clerk"].get(f"/desk/cases/{reference}"))
    order = [page.index(part) for part in ('href="#acts"', 'id="dossier-h"', 'id="acts"')]
    assert order == sorted(order)


def test_the_case_on_paper(desks: dict[str, Desk], clerk: Browser) -> None:
    reference = clerk.receive().json()["reference"]
    page = text(desks["clerk"].get(f"/desk/cases/{reference}/print"))
    assert "办件单" in page
    assert "窗口收件" in page
    assert "演示甲" not in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_the_desk_in_both_languages(desks: dict[str, Desk], clerk: Browser, language: str) -> None:
    reference = clerk.receive().json()["reference"]
    for path in (
        "/desk",
        "/desk?queue=all",
        f"/desk/cases/{reference}",
        f"/desk/cases/{reference}/print",
        "/desk/stand-ins",
    ):
        joint = "&" if "?" in path else "?"
        answer = desks["clerk"].get(f"{path}{joint}lang={language}")
        assert answer.status_code == 200, path
        assert answer.headers["content-language"] == language
        assert answer.headers["cache-control"] == "no-store"
    desks["clerk"].get("/desk?lang=zh")


def test_who_signed_out_sees_nothing(town: Town, clerk: Browser) -> None:
    reference = clerk.receive().json()["reference"]
    window = Desk(town, "clerk")
    assert window.post("/sign-out", {}).headers["clear-site-data"] == '"cache"'
    assert window.get(f"/desk/cases/{reference}").status_code == 303


def test_every_command_has_words_a_key_and_named_fields() -> None:
    assert set(COMMANDS) == set(KEYS) == ALL_COMMANDS
    for command in COMMANDS:
        assert {control.key for control in controls(command)} <= set(FIELDS)


def test_no_two_acts_of_one_account_share_a_key() -> None:
    excluded = (
        {"request-correction", "return-for-resubmission"},
        {"request-extension", "approve-extension"},
        # One after the other: a file is asked for, sent by another office, received.
        {"request-file", "send-file"},
        {"request-file", "receive-file"},
        {"send-file", "receive-file"},
    )
    for one, other in itertools.combinations(EDGES, 2):
        together = one.states & other.states and one.procedures & other.procedures
        if one.command == other.command or not together or {one.command, other.command} in excluded:
            continue
        assert KEYS[one.command] != KEYS[other.command], (one.command, other.command)

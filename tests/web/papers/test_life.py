"""The life of a certificate: delivered in time, annulled by its authority or the one above, replaced, renewed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from catalogue.domain.clocks import months_later
from catalogue.domain.people import Role
from catalogue.service.jobs import run_once
from tests.web.conftest import Browser, Town, new_town
from tests.web.papers.pdf import text
from tests.web.papers.test_certificates import made, verified
from tests.web.papers.test_documents import give, granted, papers, permit

PREFECTURE, YUXI = "532800", "530400"
HANDING = {"collector": "演示领取人", "document_type": "resident_id", "document_number": "1", "relation": "self"}
LICENCE = "food-business-licence"


@pytest.fixture(scope="module")
def town(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One of its own: the clock goes far, and the jobs look at every case."""
    with new_town(sqlite_template, tmp_path_factory.mktemp("life")) as built:
        built.add("prefecture", PREFECTURE, Role.DECIDER)
        built.add("prefecture-intake", PREFECTURE, Role.HOME_INTAKE)
        built.add("yuxi", YUXI, Role.DECIDER)
        yield built


@pytest.fixture(scope="module")
def officers(town: Town) -> dict[str, Browser]:
    names = ("clerk", "intake", "reviewer", "decider", "other-clerk", "prefecture", "prefecture-intake", "yuxi")
    return {name: town.machine(name) for name in names}


@pytest.fixture(autouse=True)
def present(town: Town) -> Iterator[None]:
    yield
    town.clock.moved = timedelta()


def jobs(town: Town) -> Any:
    return run_once(town.database, town.house, {"desk": lambda message: None}, anchor=False, measure=False)


def events(browser: Browser, reference: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.get(f"/api/cases/{reference}").json()["events"]
    return found


def listed(browser: Browser, queue: str) -> set[str]:
    return {case["reference"] for case in browser.get(f"/api/cases?queue={queue}&limit=100").json()["cases"]}


def to(town: Town, day: str, *, after: int = 0) -> None:
    """Move the clock to that day, or some days after it."""
    town.clock.moved += timedelta(days=(date.fromisoformat(day) - town.clock.now().date()).days + after)


# --- K4: delivered within ten days of the decision (行政许可法 §44) ---


def test_xkf_44_a_result_not_delivered_in_time_is_warned_of_and_stands_in_a_queue_of_its_own(
    town: Town, officers: dict[str, Browser]
) -> None:
    reference = made(officers, **permit())["reference"]
    limit = officers["clerk"].get(f"/api/cases/{reference}").json()["limits"]["deliver_by"]
    assert reference not in listed(officers["clerk"], "late_delivery")
    to(town, limit)
    jobs(town)
    warned = [one["facts"]["limit"] for one in events(officers["clerk"], reference) if one["type"] == "limit_warned"]
    assert warned == [f"delivery:{limit}"]
    jobs(town)
    assert len([one for one in events(officers["clerk"], reference) if one["type"] == "limit_warned"]) == 1
    to(town, limit, after=1)
    found = officers["clerk"].get(f"/api/cases/{reference}").json()["limits"]
    assert (found["overdue"], found["delivery_overdue"]) == (False, True)
    for officer in ("clerk", "decider"):
        assert reference in listed(officers[officer], "late_delivery")
        assert reference not in listed(officers[officer], "overdue")
    page = town.sign_in("clerk").get("/desk?queue=late_delivery").text
    assert "送达超期" in page
    assert reference in page
    assert 'catalogue_cases_waiting{queue="late_delivery"} 1.0' in town.client.get("/metrics").text
    give(officers, "clerk", reference, "hand-over", **HANDING)
    assert reference not in listed(officers["clerk"], "late_delivery")
    assert not officers["clerk"].get(f"/api/cases/{reference}").json()["limits"]["delivery_overdue"]


def test_who_has_not_collected_is_reminded_with_the_warning_of_the_limit(
    town: Town, officers: dict[str, Browser]
) -> None:
    waiting = made(officers, **permit())["reference"]
    posted = made(officers, **permit(delivery={"method": "post", "address": "演示地址"}))["reference"]
    to(town, officers["clerk"].get(f"/api/cases/{waiting}").json()["limits"]["deliver_by"])
    jobs(town)
    jobs(town)
    assert [one["type"] for one in events(officers["clerk"], waiting)].count("collection_reminded") == 1
    assert "collection_reminded" not in {one["type"] for one in events(officers["clerk"], posted)}


# --- a claim on the carrier has an owner, a day and a reminder: the house's own choice, no source gives any ---


def test_a_claim_for_lost_post_is_followed_up_until_it_is_settled(town: Town, officers: dict[str, Browser]) -> None:
    reference = made(officers, **permit())["reference"]
    give(officers, "clerk", reference, "post", carrier="演示快递", tracking="演示0009", address="演示地址")
    lost = give(officers, "clerk", reference, "report-post", outcome="lost")
    claim = lost["claim"]
    assert (claim["office"], claim["filed"]) == ("530102", False)
    due = date.fromisoformat(claim["lost_on"]) + timedelta(days=town.house.claim_days)
    assert claim["due_on"] == due.isoformat()
    give(officers, "intake", reference, "make-certificate")
    give(officers, "clerk", reference, "hand-over", **HANDING)
    to(town, claim["due_on"], after=-1)
    jobs(town)
    warned = [one["facts"]["limit"] for one in events(officers["clerk"], reference) if one["type"] == "limit_warned"]
    assert f"claim:{claim['due_on']}" in warned
    assert reference in listed(officers["clerk"], "to_claim")
    assert reference not in listed(officers["yuxi"], "to_claim")
    filed = give(officers, "clerk", reference, "record-claim", outcome="filed", claim_no="演示C9")
    assert (filed["queue"], filed["claim"]["filed"]) == ("to_claim", True)
    settled = give(officers, "clerk", reference, "record-claim", outcome="compensated")
    assert (settled["queue"], settled["claim"]) == (None, None)


def test_a_case_decided_in_time_is_not_overdue_because_its_statutory_day_passes(
    town: Town, officers: dict[str, Browser]
) -> None:
    reference = made(officers, **permit())["reference"]
    limits = officers["clerk"].get(f"/api/cases/{reference}").json()["limits"]
    assert limits["statutory_by"] > limits["deliver_by"]
    (line,) = officers["clerk"].get(f"/api/cases?q={reference}").json()["cases"]
    assert not line["overdue"]
    to(town, limits["deliver_by"], after=1)
    (line,) = officers["clerk"].get(f"/api/cases?q={reference}").json()["cases"]
    assert line["overdue"]


# --- 撤销 by the authority or the one above it (行政许可法 §69) ---


def test_xkf_69_the_superior_authority_sees_and_annuls_under_its_own_number(
    town: Town, officers: dict[str, Browser]
) -> None:
    undecided = granted(officers, **permit())["reference"]
    assert officers["prefecture"].get(f"/api/cases/{undecided}").status_code == 404
    case = made(officers, **permit())
    reference = case["reference"]
    found = officers["prefecture"].get(f"/api/cases/{reference}").json()
    assert "annul" in found["allowed"]
    assert {"withdraw-permit", "cancel", "hand-over"}.isdisjoint(found["allowed"])
    body = {"ground": "deception", "basis": "行政许可法第六十九条"}
    assert officers["prefecture-intake"].get(f"/api/cases/{reference}").status_code == 404
    assert officers["yuxi"].command(reference, "annul", body).status_code == 404
    give(officers, "prefecture", reference, "annul", **body)
    assert verified(town, case["certificate"])["status"] == "revoked"
    paper = papers(officers["prefecture"], reference)["annulment_decision"]
    assert paper["office"] == PREFECTURE
    assert paper["number"].startswith("西双版纳傣族自治州市监撤〔")
    said = text(officers["prefecture"].get(paper["href"]).content)
    assert "上级行政机关" in said
    assert "景洪市市场监督管理局" in said


def test_samr16_44_the_holder_is_heard_before_the_decision(town: Town, officers: dict[str, Browser]) -> None:
    case = made(officers, **permit())
    reference = case["reference"]
    give(officers, "clerk", reference, "hand-over", **HANDING)
    proposal = {"ground": "unqualified", "facts": "演示事实", "basis": "演示依据"}
    assert officers["intake"].command(reference, "propose-annulment", proposal).status_code == 403
    told = give(officers, "decider", reference, "propose-annulment", **proposal)
    (event,) = told["events"]
    today = town.clock.now().date()
    assert date.fromisoformat(event["facts"]["hear_until"]) >= today + timedelta(days=5)
    assert told["queue"] == "to_annul"
    assert reference in listed(officers["decider"], "to_annul")
    paper = papers(officers["decider"], reference)["annulment_notice"]
    said = text(officers["decider"].get(paper["href"]).content)
    for words in ("演示事实", "演示依据", "陈述", paper["number"]):
        assert words in said
    decision = {"ground": "unqualified", "basis": "演示依据"}
    early = officers["decider"].command(reference, "annul", decision)
    assert (early.status_code, early.json()["rule"]) == (409, "hearing-period")
    silent = officers["decider"].command(reference, "record-statement", {"waived": True})
    assert silent.json()["rule"] == "hearing-period"
    assert officers["prefecture"].command(reference, "drop-annulment", {"reason": "x"}).json()["rule"] == (
        "another-authority"
    )
    give(officers, "decider", reference, "record-statement", statement="演示陈述")
    after = give(officers, "decider", reference, "annul", **decision)
    assert after["queue"] is None
    assert verified(town, case["certificate"])["status"] == "revoked"


def test_samr16_44_silence_until_the_day_waives_the_hearing(town: Town, officers: dict[str, Browser]) -> None:
    reference = made(officers, **permit())["reference"]
    give(officers, "clerk", reference, "hand-over", **HANDING)
    told = give(officers, "decider", reference, "propose-annulment", ground="other", facts="演示", basis="演示")
    to(town, told["events"][0]["facts"]["hear_until"], after=1)
    assert give(officers, "decider", reference, "annul", ground="other", basis="演示")["queue"] is None


def test_samr16_45_sixty_days_to_decide_and_twenty_more_once(town: Town, officers: dict[str, Browser]) -> None:
    case = made(officers, **permit())
    reference = case["reference"]
    give(officers, "clerk", reference, "hand-over", **HANDING)
    told = give(officers, "decider", reference, "propose-annulment", ground="other", facts="演示", basis="演示")
    found, decide = (date.fromisoformat(told["events"][0]["facts"][key]) for key in ("found_on", "decide_by"))
    assert decide == found + timedelta(days=60)
    to(town, decide.isoformat())
    jobs(town)
    warned = [one["facts"]["limit"] for one in events(officers["decider"], reference) if one["type"] == "limit_warned"]
    assert f"annulment:{decide.isoformat()}" in warned
    longer = give(officers, "decider", reference, "extend-annulment", reason="演示")["events"][0]["facts"]["decide_by"]
    assert date.fromisoformat(longer) == found + timedelta(days=80)
    again = officers["decider"].command(reference, "extend-annulment", {"reason": "演示"})
    assert again.status_code == 409
    dropped = give(officers, "decider", reference, "drop-annulment", reason="演示")
    assert dropped["queue"] is None
    assert verified(town, case["certificate"])["status"] == "valid"


def test_a_registration_is_annulled_under_its_own_rules(officers: dict[str, Browser]) -> None:
    reference = made(officers)["reference"]
    proposal = {"ground": "other", "facts": "演示", "basis": "演示"}
    assert officers["decider"].command(reference, "propose-annulment", proposal).status_code == 409


def test_djxz_52_a_registration_is_inquired_into_in_public_and_settled_within_three_months(
    town: Town, officers: dict[str, Browser]
) -> None:
    case = made(officers)
    reference = case["reference"]
    opened = give(officers, "decider", reference, "open-inquiry", facts="演示：冒用他人身份")
    (event,) = opened["events"]
    began = date.fromisoformat(event["at"][:10])
    assert event["facts"]["hear_until"] == (began + timedelta(days=45)).isoformat()
    assert event["facts"]["decide_by"] == months_later(began, 3).isoformat()
    body = {"ground": "deception", "basis": "登记管理条例实施细则第五十四条"}
    early = officers["decider"].command(reference, "annul", body)
    assert (early.status_code, early.json()["rule"]) == (409, "public-notice")
    assert officers["prefecture"].command(reference, "drop-annulment", {"reason": "演示"}).status_code == 403
    longer = give(officers, "decider", reference, "extend-annulment", reason="演示：需要取证")
    assert longer["events"][0]["facts"]["decide_by"] == months_later(months_later(began, 3), 3).isoformat()
    again = officers["decider"].command(reference, "extend-annulment", {"reason": "演示"})
    assert again.status_code == 409
    to(town, event["facts"]["hear_until"], after=1)
    give(officers, "decider", reference, "annul", **body)
    assert verified(town, case["certificate"])["status"] == "revoked"


def test_an_inquiry_may_end_without_annulment(officers: dict[str, Browser]) -> None:
    reference = made(officers)["reference"]
    late = officers["decider"].command(reference, "open-inquiry", {"facts": "演示", "requested_on": "2020-01-01"})
    assert late.json()["errors"][0]["path"] == "requested_on"
    give(officers, "decider", reference, "open-inquiry", facts="演示：冒用他人身份")
    told = give(officers, "decider", reference, "drop-annulment", reason="演示：查无此事")
    assert "open-inquiry" in told["allowed"]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [("2026-11-30", 3, "2027-02-28"), ("2026-10-15", 3, "2027-01-15"), ("2027-11-30", 3, "2028-02-29")],
)
def test_a_month_that_lacks_the_day_ends_the_term_with_its_last(day: str, months: int, later: str) -> None:
    assert months_later(date.fromisoformat(day), months).isoformat() == later


def test_a_revocation_on_a_certificate_still_with_the_office_leaves_a_paper(officers: dict[str, Browser]) -> None:
    reference = made(officers, **permit())["reference"]
    penalty = {"kind": "revocation", "authority": "演示处罚机关", "decision_no": "演示罚1号"}
    assert give(officers, "decider", reference, "record-penalty", **penalty)["state"] == "closed"
    said = text(officers["decider"].get(papers(officers["decider"], reference)["penalty_notice"]["href"]).content)
    for words in ("演示处罚机关", "演示罚1号", "不再发放", "吊销"):
        assert words in said


# --- superseded by a change, renewal or reissue: a relation that is stated, never a guess ---


def licensed(officers: dict[str, Browser], number: str, kind: str = "new", **form: str) -> dict[str, Any]:
    case = granted(officers, **permit(matter=f"{LICENCE}-{kind}", form=form))
    return {**case, **give(officers, "intake", case["reference"], "make-certificate", number=number)}


def test_a_renewed_licence_takes_the_place_of_the_one_the_application_names(
    town: Town, officers: dict[str, Browser]
) -> None:
    old = licensed(officers, "演示JY0001")
    new = licensed(officers, "演示JY0001", "renewal", licence_number="演示JY0001")
    assert verified(town, old["certificate_id"])["status"] == "superseded"
    assert verified(town, new["certificate_id"])["status"] == "valid"
    ended = events(officers["clerk"], old["reference"])[-1]
    assert (ended["type"], ended["facts"]["by"]) == ("certificate_superseded", new["certificate_id"])
    handing = officers["clerk"].command(old["reference"], "hand-over", HANDING)
    assert handing.status_code == 409
    made_event = next(one for one in events(officers["clerk"], new["reference"]) if one["type"] == "certificate_made")
    assert made_event["facts"]["supersedes"] == old["certificate_id"]


def test_nothing_is_superseded_by_guess(town: Town, officers: dict[str, Browser]) -> None:
    old = licensed(officers, "演示JY0002")
    licensed(officers, "演示JY0002")
    licensed(officers, "演示JY0003", "renewal")
    assert verified(town, old["certificate_id"])["status"] == "valid"
    several = granted(officers, **permit(matter=f"{LICENCE}-renewal", form={"licence_number": "演示JY0002"}))
    unclear = officers["intake"].command(several["reference"], "make-certificate", {"number": "演示JY0002"})
    assert (unclear.status_code, unclear.json()["rule"]) == (409, "which-certificate")
    body = {"number": "演示JY0002", "supersedes": old["certificate_id"]}
    give(officers, "intake", several["reference"], "make-certificate", **body)
    assert verified(town, old["certificate_id"])["status"] == "superseded"


def test_a_named_certificate_must_exist_and_be_of_that_kind(officers: dict[str, Browser]) -> None:
    other = made(officers)
    case = granted(officers, **permit(matter=f"{LICENCE}-renewal"))
    for named in (other["certificate"], "没有这个编号"):
        answer = officers["intake"].command(case["reference"], "make-certificate", {"supersedes": named})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["path"] == "supersedes"


def test_what_took_a_certificates_place_is_said_to_anybody_without_its_number(
    town: Town, officers: dict[str, Browser]
) -> None:
    old = licensed(officers, "演示JY0011")
    new = licensed(officers, "演示JY0011", "renewal", licence_number="演示JY0011")
    said = verified(town, old["certificate_id"])["superseded_by"]
    assert (said["id"], said["status"], said["stated"]) == (new["certificate_id"], "valid", False)
    assert said["issued_on"] == verified(town, new["certificate_id"])["issued_on"]
    assert verified(town, new["certificate_id"])["in_place_of"]["id"] == old["certificate_id"]
    page = town.anybody().get(f"/verify/{old['certificate_id']}").text
    assert f'href="/verify/{new["certificate_id"]}"' in page
    assert "演示JY0011" not in page
    again = give(officers, "intake", new["reference"], "rectify-certificate", reason="演示：地址有误")
    assert verified(town, new["certificate_id"])["superseded_by"]["id"] == again["certificate_id"]


def test_an_earlier_certificate_not_recorded_here_is_shown_as_stated(town: Town, officers: dict[str, Browser]) -> None:
    stated = {"earlier_number": "演示旧JY9", "earlier_authority": "演示外地机关", "earlier_issued_on": "2020-05-06"}
    case = granted(officers, **permit(matter=f"{LICENCE}-renewal"))
    answer = give(officers, "intake", case["reference"], "make-certificate", number="演示JY0012", **stated)
    shown = verified(town, answer["certificate_id"])["in_place_of"]
    assert shown == {"id": None, "issued_on": "2020-05-06", "authority": "演示外地机关", "stated": True}
    page = town.anybody().get(f"/verify/{answer['certificate_id']}").text
    assert "由经办人申报" in page
    assert "演示旧JY9" not in page
    assert "由经办人申报" in officers["intake"].get(f"/desk/cases/{case['reference']}").text


def test_a_statement_about_an_earlier_certificate_is_checked(officers: dict[str, Browser]) -> None:
    licensed(officers, "演示JY0013")
    renewal = granted(officers, **permit(matter=f"{LICENCE}-renewal"))["reference"]
    new = granted(officers, **permit(matter=f"{LICENCE}-new"))["reference"]
    for reference, body, code in (
        (renewal, {"earlier_number": "演示JY0013"}, "recorded-here"),
        (renewal, {"earlier_authority": "演示外地机关"}, "missing"),
        (renewal, {"earlier_number": "演示旧", "supersedes": "演示JY0013"}, "named-twice"),
        (new, {"earlier_number": "演示旧"}, "replaces-none"),
    ):
        answer = officers["intake"].command(reference, "make-certificate", body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


# --- K10: told in time to ask for a renewal thirty days before the end (行政许可法 §50) ---


def test_xkf_50_the_holder_is_told_before_the_last_day_to_ask_for_a_renewal(
    town: Town, officers: dict[str, Browser]
) -> None:
    case = granted(officers, **permit())
    last = town.clock.now().date() + timedelta(days=90)
    give(officers, "intake", case["reference"], "make-certificate", valid_until=last.isoformat())
    assert jobs(town).reminded == 0
    town.clock.moved += timedelta(days=31)
    assert jobs(town).reminded == 1
    assert jobs(town).reminded == 0
    (told,) = [one for one in events(officers["clerk"], case["reference"]) if one["type"] == "renewal_due"]
    assert told["facts"]["ask_by"] == (last - timedelta(days=30)).isoformat()

"""The clock of a registration 登记: 市场主体登记管理条例 §19, 3 + 3 working days from receipt, nothing stops it."""

from __future__ import annotations

from datetime import date

import pytest

from catalogue.domain.acts import deemed
from catalogue.domain.clocks import is_overdue
from catalogue.domain.problems import RuleForbids, StateForbids
from tests.domain.counter import MENGHAI, Counter, registration

UNVERIFIED = ({"role": "legal_representative", "verified": False}, {"role": "shareholder", "verified": True})


def test_the_decision_clock_runs_from_receipt_at_the_window() -> None:
    case = Counter(registration()).case
    assert (case.clock_from, case.statutory_by, case.notice_by) == (date(2026, 11, 2), date(2026, 11, 5), None)


def test_acceptance_does_not_restart_the_clock() -> None:
    counter = Counter(registration()).at_home().at("2026-11-04").do("accept", "intake")
    assert counter.case.accepted_on == date(2026, 11, 4)
    assert counter.case.statutory_by == date(2026, 11, 5)


def test_an_extension_adds_three_working_days() -> None:
    counter = Counter(registration()).accepted().do("request-extension", "reviewer", reason="演示")
    assert counter.do("approve-extension", "decider").case.statutory_by == date(2026, 11, 10)


def test_a_late_registration_is_overdue_and_never_deemed_accepted() -> None:
    case = Counter(registration()).at_home().case
    assert is_overdue(case, date(2026, 11, 6))
    assert not deemed(case, date(2026, 12, 31))


@pytest.mark.parametrize("command", ["request-correction", "start-special-procedure", "supply-correction"])
def test_a_registration_knows_no_correction_notice_and_no_special_procedure(command: str) -> None:
    counter = Counter(registration()).accepted()
    with pytest.raises(StateForbids):
        counter.do(command, "intake", items=[{"text": "演示"}], kind="testing", basis="演示", days=3)


def test_incomplete_papers_are_returned_with_one_list_and_the_case_ends() -> None:
    counter = Counter(registration()).at_home().do("return-for-resubmission", "intake", items=[{"text": "演示"}])
    assert counter.case.state == "returned"
    assert counter.case.closed_on == date(2026, 11, 2)
    assert counter.case.account == "none"


def test_a_complete_registration_may_be_decided_on_the_spot_by_one_officer() -> None:
    counter = Counter(registration()).at_home().do("decide-at-once", "decider", opinion="演示")
    assert counter.case.state == "decided_grant"
    assert counter.case.accepted_on == date(2026, 11, 2)


def test_on_the_spot_only_where_the_matter_allows_it() -> None:
    counter = Counter(registration(on_the_spot=False)).at_home()
    with pytest.raises(StateForbids):
        counter.do("decide-at-once", "decider", opinion="演示")


def test_persons_not_verified_may_be_received_but_not_registered() -> None:
    counter = Counter(registration(), people=UNVERIFIED).reviewed()
    with pytest.raises(RuleForbids) as caught:
        counter.do("grant", "decider", opinion="演示")
    assert caught.value.extra["unverified"] == ["legal_representative"]
    counter.do(
        "correct-entry", "intake", path="people.0.identity_check", value={"method": "face"}, old=None, evidence="演示"
    )
    assert counter.do("grant", "decider", opinion="演示").case.state == "decided_grant"


def test_an_extension_that_was_approved_stays_when_the_case_is_sent_elsewhere() -> None:
    counter = Counter(registration()).at_home().do("request-extension", "intake", reason="演示")
    counter.do("approve-extension", "decider").do("bounce", "intake", code="wrong_region", reason="演示")
    counter.do("reroute", "clerk", reason="演示", place=MENGHAI)
    assert (counter.case.home_office, counter.case.statutory_by) == (MENGHAI, date(2026, 11, 10))


def test_a_registration_past_its_limit_is_not_extended_any_more() -> None:
    counter = Counter(registration()).accepted().at("2026-11-06")
    with pytest.raises(RuleForbids) as caught:
        counter.do("request-extension", "reviewer", reason="演示")
    assert caught.value.extra["rule"] == "limit-passed"

"""The clocks of a permit 许可: 行政许可法 §§32, 42, 44, 45, by the calendar of the home region."""

from __future__ import annotations

from datetime import date

import pytest

from catalogue.domain.acts import deemed, deemed_acceptance
from catalogue.domain.clocks import is_overdue, next_due, time_used
from catalogue.domain.problems import RuleForbids
from tests.domain.counter import MENGHAI, Counter, permit

ITEMS = [{"text": "演示"}]


def test_receipt_starts_the_notice_clock_of_five_working_days_and_not_the_decision_clock() -> None:
    case = Counter(permit()).case
    assert case.notice_by == date(2026, 11, 9)
    assert case.statutory_by is None


def test_acceptance_starts_twenty_working_days_and_the_promised_ones() -> None:
    case = Counter(permit()).accepted().case
    assert (case.accepted_on, case.promised_by, case.statutory_by) == (
        date(2026, 11, 2),
        date(2026, 11, 12),
        date(2026, 11, 30),
    )
    assert case.notice_by is None


def test_an_unused_notice_period_is_acceptance_dated_back_to_receipt() -> None:
    counter = Counter(permit()).at_home()
    assert not deemed(counter.case, date(2026, 11, 9)), "the last day still belongs to the period"
    assert deemed(counter.case, date(2026, 11, 10))
    counter.at("2026-11-12").system(deemed_acceptance(counter.case, counter.revision.calendars["xishuangbanna"]))
    assert counter.case.state == "accepted"
    assert counter.case.deemed
    assert counter.case.accepted_on == date(2026, 11, 2)
    assert counter.case.statutory_by == date(2026, 11, 30)


def test_a_permit_still_on_its_way_is_deemed_accepted_all_the_same() -> None:
    counter = Counter(permit()).do("forward", "clerk")
    assert deemed(counter.case, date(2026, 11, 10))
    counter.at("2026-11-10").system(deemed_acceptance(counter.case, counter.revision.calendars["xishuangbanna"]))
    assert counter.case.state == "forwarded"
    assert counter.do("receive-at-home", "intake").case.state == "accepted"


def test_accepting_late_is_recorded_as_the_acceptance_the_law_supposes() -> None:
    counter = Counter(permit()).at_home().at("2026-11-11").do("accept", "intake")
    assert counter.case.deemed
    assert counter.case.accepted_on == date(2026, 11, 2)


@pytest.mark.parametrize(
    ("command", "body"), [("request-correction", {"items": ITEMS}), ("decline-acceptance", {"reason": "演示"})]
)
def test_after_the_notice_period_nothing_can_be_asked_or_declined(command: str, body: dict[str, object]) -> None:
    counter = Counter(permit()).at_home().at("2026-11-10")
    with pytest.raises(RuleForbids) as caught:
        counter.do(command, "intake", **body)
    assert caught.value.extra["rule"] == "deemed-accepted"


def test_corrections_are_asked_for_once_and_stop_the_notice_clock() -> None:
    counter = Counter(permit()).at_home().do("request-correction", "intake", items=ITEMS)
    assert counter.case.state == "correction_notice"
    assert counter.case.notice_by is None
    assert next_due(counter.case) is None
    counter.at("2026-11-20").do("supply-correction", "clerk")
    assert counter.case.notice_by == date(2026, 11, 27), "the notice period runs anew from the day of supply"
    with pytest.raises(RuleForbids) as caught:
        counter.do("request-correction", "intake", items=ITEMS)
    assert caught.value.extra["rule"] == "one-notice"


def test_deemed_acceptance_after_a_correction_dates_back_to_the_day_of_supply() -> None:
    counter = Counter(permit()).at_home().do("request-correction", "intake", items=ITEMS)
    counter.at("2026-11-20").do("supply-correction", "clerk").at("2026-11-30").do("accept", "intake")
    assert counter.case.accepted_on == date(2026, 11, 20)


@pytest.mark.parametrize("kind", ["hearing", "testing", "inspection", "quarantine", "appraisal", "expert_review"])
def test_special_procedures_of_article_45_stop_the_clock(kind: str) -> None:
    counter = Counter(permit()).accepted().at("2026-11-04")
    counter.do("start-special-procedure", "reviewer", kind=kind, basis="演示", days=5)
    assert counter.case.state == "special"
    assert not is_overdue(counter.case, date(2027, 1, 4))
    counter.at("2026-11-11").do("end-special-procedure", "reviewer")
    assert counter.case.stopped_days == 5
    assert counter.case.statutory_by == date(2026, 12, 7)
    assert counter.case.promised_by == date(2026, 11, 19)


def test_another_special_procedure_does_not_stop_the_clock() -> None:
    counter = Counter(permit()).accepted().at("2026-11-04")
    counter.do("start-special-procedure", "reviewer", kind="other", basis="演示", days=5)
    counter.at("2026-11-11").do("end-special-procedure", "reviewer")
    assert counter.case.statutory_by == date(2026, 11, 30)


def test_a_site_check_does_not_stop_the_clock_and_takes_two_officers() -> None:
    counter = Counter(permit()).accepted().at("2026-11-04")
    with pytest.raises(RuleForbids) as caught:
        counter.do("record-site-check", "reviewer", officers=["reviewer", "id-reviewer"], result="演示")
    assert caught.value.extra["rule"] == "two-officers"
    counter.do("record-site-check", "reviewer", officers=["reviewer", "reviewer2"], result="演示")
    assert counter.case.statutory_by == date(2026, 11, 30)
    assert counter.case.site_checks == 1


def test_an_approved_extension_adds_ten_days_once_and_to_the_statutory_date_only() -> None:
    counter = Counter(permit()).accepted().do("request-extension", "reviewer", reason="演示")
    assert counter.case.statutory_by == date(2026, 11, 30), "asking alone changes nothing"
    counter.do("approve-extension", "decider")
    assert counter.case.statutory_by == date(2026, 12, 14)
    assert counter.case.promised_by == date(2026, 11, 12)
    assert "request-extension" not in counter.allowed("reviewer")


def test_the_decision_starts_ten_days_for_delivery() -> None:
    case = Counter(permit()).granted().case
    assert case.deliver_by == date(2026, 11, 16)
    assert next_due(case) == date(2026, 11, 16)


def test_an_unknown_limit_gives_no_date_and_is_never_overdue() -> None:
    limits = permit().limits.__class__(notice_days=5)
    case = Counter(permit(limits=limits)).accepted().case
    assert case.statutory_by is None
    assert not is_overdue(case, date(2027, 6, 1))


def test_time_is_booked_to_whoever_holds_the_case() -> None:
    counter = Counter(permit())
    counter.at("2026-11-03").do("forward", "clerk").at("2026-11-04").do("receive-at-home", "intake")
    counter.at("2026-11-05").do("request-correction", "intake", items=ITEMS)
    counter.at("2026-11-12").do("supply-correction", "clerk")
    counter.at("2026-11-13").do("accept", "intake")
    used = time_used(counter.case, counter.revision.calendars["xishuangbanna"], date(2026, 11, 16))
    assert used == {"accepting": 1, "applicant": 5, "home": 4, "way_back": 0}


def test_the_home_regions_festivals_are_not_counted() -> None:
    case = Counter(permit(), "2025-04-11T10:00:00+08:00").case
    assert case.notice_by == date(2025, 4, 23), "14 to 16 April 2025 were 泼水节 in 西双版纳"


def test_a_limit_that_has_passed_is_not_extended_any_more() -> None:
    counter = Counter(permit()).accepted()
    assert counter.at("2026-12-01").case.statutory_by == date(2026, 11, 30)
    with pytest.raises(RuleForbids) as asked:
        counter.do("request-extension", "reviewer", reason="演示")
    assert asked.value.extra["rule"] == "limit-passed"
    counter.at("2026-11-30").do("request-extension", "reviewer", reason="演示")
    with pytest.raises(RuleForbids) as approved:
        counter.at("2026-12-01").do("approve-extension", "decider")
    assert approved.value.extra["rule"] == "limit-passed"
    assert counter.case.statutory_by == date(2026, 11, 30)


def test_a_special_procedure_that_stops_nothing_leaves_the_case_due_and_overdue() -> None:
    counter = Counter(permit()).accepted()
    counter.do("start-special-procedure", "reviewer", kind="other", basis="演示", days=5)
    assert next_due(counter.case) == date(2026, 11, 12)
    assert is_overdue(counter.case, date(2026, 12, 1))
    stopped = Counter(permit()).accepted()
    stopped.do("start-special-procedure", "reviewer", kind="testing", basis="演示", days=5)
    assert next_due(stopped.case) is None
    assert not is_overdue(stopped.case, date(2026, 12, 1))


def test_a_correction_supplied_starts_the_notice_anew_wherever_the_case_is_sent() -> None:
    counter = Counter(permit()).at_home().do("request-correction", "intake", items=ITEMS)
    counter.at("2026-11-20").do("supply-correction", "clerk").do("bounce", "intake", code="wrong_region", reason="演示")
    counter.do("reroute", "clerk", reason="演示", place=MENGHAI)
    assert (counter.case.notice_from, counter.case.notice_by) == (date(2026, 11, 20), date(2026, 11, 27))
    assert not deemed(counter.case, date(2026, 11, 27))


@pytest.mark.parametrize("end", ["withdraw", "terminate"])
def test_a_case_that_has_ended_is_never_overdue(end: str) -> None:
    who = "clerk" if end == "withdraw" else "decider"
    case = Counter(permit()).accepted().do(end, who, reason="演示").case
    assert case.closed_on == date(2026, 11, 2)
    assert not is_overdue(case, date(2027, 6, 1))

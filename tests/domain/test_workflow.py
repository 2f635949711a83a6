"""Who may do what, when: the table and the rules beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from catalogue.domain.acts import deemed_acceptance
from catalogue.domain.acts.way_back import superiors
from catalogue.domain.case import Hold
from catalogue.domain.folding import HOLDER, fold
from catalogue.domain.problems import InvalidInput, NotAllowed, Problem, RuleForbids, StateForbids
from catalogue.domain.registry.model import Acceptance, Level, Material, Office, Overlay
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS
from catalogue.domain.workflow import COMMANDS, EDGES, queue_of, state_allows
from catalogue.service.bodies import COMMAND_BODIES
from tests.domain import builders
from tests.domain.counter import HANDED, JINGHONG, MENGHAI, NOTICE, STAFF, Counter, actor, permit, registration


def test_every_state_and_command_of_the_table_has_its_words_and_its_body() -> None:
    states = {state for edge in EDGES for state in edge.states}
    assert states <= set(WORDS["states"])
    assert set(HOLDER) <= set(WORDS["states"])
    assert set(COMMAND_BODIES) == COMMANDS


def test_every_edge_names_its_source() -> None:
    assert all(edge.source for edge in EDGES)


def test_the_founding_case_from_window_to_hand_over() -> None:
    counter = Counter(registration()).ready().do("hand-over", "clerk", **HANDED)
    assert counter.case.state == "collected"
    assert [event.type for event in counter.events] == [
        "received",
        "forwarded",
        "received_at_home",
        "accepted",
        "reviewed",
        "granted",
        "certificate_made",
        "handed_over",
    ]


def test_receiving_is_not_accepting_the_window_cannot_accept() -> None:
    counter = Counter(registration())
    with pytest.raises(StateForbids):
        counter.do("accept", "clerk")
    with pytest.raises(NotAllowed):
        counter.at_home().do("accept", "clerk")


def test_the_window_accepts_where_the_home_region_has_delegated_it() -> None:
    cities = tuple(
        replace(city, acceptance=Acceptance.DELEGATED) if city.id == "xishuangbanna" else city
        for city in builders.four_cities()
    )
    counter = Counter(permit(), registry=builders.registry(cities, (permit(),)))
    assert "accept" in counter.allowed("clerk")
    counter.do("accept", "clerk")
    assert counter.case.state == "received"
    assert counter.case.statutory_by is not None
    assert "accept" not in counter.allowed("clerk")
    counter.do("forward", "clerk").do("receive-at-home", "intake")
    assert counter.case.state == "accepted"


def test_an_officer_of_another_office_may_do_nothing() -> None:
    assert Counter(permit()).do("forward", "clerk").allowed("menghai") == ()


def test_who_may_look_at_everything_may_do_nothing() -> None:
    counter = Counter(permit())
    for _ in range(2):
        assert counter.allowed("auditor") == ()
        counter.do("forward", "clerk") if counter.case.state == "received" else None


def test_the_window_recalls_until_the_home_region_has_received() -> None:
    counter = Counter(permit()).do("forward", "clerk").do("recall", "clerk")
    assert counter.case.state == "received"
    with pytest.raises(StateForbids):
        counter.at_home().do("recall", "clerk")


def test_the_reviewer_of_a_case_is_not_its_decider_where_the_matter_says_so() -> None:
    counter = Counter(permit()).accepted().do("review", "both", opinion="演示", advice="grant")
    with pytest.raises(RuleForbids) as caught:
        counter.do("grant", "both", opinion="演示")
    assert caught.value.extra["rule"] == "separate-decider"
    assert counter.do("grant", "decider", opinion="演示").case.state == "decided_grant"


def test_nothing_is_decided_before_it_was_reviewed() -> None:
    with pytest.raises(StateForbids):
        Counter(permit()).accepted().do("grant", "decider", opinion="演示")


def test_the_decider_sends_back_to_review() -> None:
    counter = Counter(permit()).reviewed().do("send-back", "decider", reason="演示")
    assert queue_of(counter.case) == "to_review"
    with pytest.raises(StateForbids):
        counter.do("grant", "decider", opinion="演示")


def test_a_claimed_case_is_reviewed_by_nobody_else_until_released_or_assigned() -> None:
    counter = Counter(permit()).accepted().do("claim", "reviewer")
    with pytest.raises(RuleForbids):
        counter.do("review", "reviewer2", opinion="演示", advice="grant")
    counter.do("assign", "decider", to="reviewer2", reason="演示")
    assert counter.do("review", "reviewer2", opinion="演示", advice="grant").case.reviewed_by == "id-reviewer2"


def test_a_case_is_assigned_to_a_colleague_of_the_same_office_only() -> None:
    counter = Counter(permit()).accepted()
    for name in ("menghai", "clerk", "home-clerk", "nobody"):
        with pytest.raises(Problem):
            counter.do("assign", "decider", to=name, reason="演示")


def test_a_misroute_is_bounced_with_its_code_and_rerouted_by_the_window() -> None:
    counter = Counter(permit()).do("forward", "clerk").do("bounce", "intake", code="wrong_office", reason="演示")
    assert (counter.case.state, counter.case.refused_offices) == ("bounced", (JINGHONG,))
    counter.do("reroute", "clerk", place=MENGHAI, reason="演示")
    assert (counter.case.state, counter.case.home_office) == ("received", MENGHAI)
    assert counter.events[-1].clear["returns_to_refuser"] is False


def test_a_return_to_an_office_that_refused_is_marked_and_carries_its_written_reason() -> None:
    counter = Counter(permit()).do("forward", "clerk").do("bounce", "intake", code="wrong_office", reason="演示")
    counter.do("reroute", "clerk", reason="演示：经电话确认仍由该局办理")
    assert counter.events[-1].clear["returns_to_refuser"] is True
    assert counter.events[-1].sealed["reason"]


def test_rerouting_keeps_the_day_of_receipt() -> None:
    counter = Counter(permit()).do("forward", "clerk").do("bounce", "intake", code="wrong_office", reason="演示")
    before = counter.case.notice_by
    assert counter.at("2026-11-05").do("reroute", "clerk", place=MENGHAI, reason="演示").case.notice_by == before


def test_a_deferred_paper_holds_up_the_grant_until_it_is_supplied() -> None:
    line = {"id": "paper", "originals": 0, "copies": 0, "deferred_until": "2026-12-01"}
    counter = Counter(permit(), materials=(line,)).reviewed()
    with pytest.raises(RuleForbids):
        counter.do("grant", "decider", opinion="演示")
    counter.do("supply-deferred", "clerk", material="paper")
    assert counter.do("grant", "decider", opinion="演示").case.state == "decided_grant"


def test_a_cancellation_yields_a_notice_and_no_certificate() -> None:
    counter = Counter(permit(results=(NOTICE,))).reviewed().do("grant", "decider", opinion="演示")
    assert counter.case.state == "cert_ready"
    with pytest.raises(StateForbids):
        counter.do("make-certificate", "intake")
    assert counter.do("hand-over", "clerk", **HANDED).case.state == "collected"


def test_a_refusal_is_handed_over_like_a_certificate() -> None:
    counter = (
        Counter(permit()).reviewed("refuse").do("refuse", "decider", reasons="演示", basis="演示", remedies="演示")
    )
    assert counter.case.state == "decided_refuse"
    assert counter.do("hand-over", "clerk", **HANDED).case.state == "collected"


@pytest.mark.parametrize(
    ("outcome", "state"), [("delivered", "collected"), ("returned", "mail_returned"), ("lost", "mail_lost")]
)
def test_post_ends_in_delivery_return_or_loss(outcome: str, state: str) -> None:
    counter = Counter(permit()).ready().do("post", "clerk", carrier="演示", tracking="1", address="演示")
    assert counter.do("report-post", "clerk", outcome=outcome).case.state == state


def test_a_lost_certificate_is_made_anew_and_the_old_one_replaced() -> None:
    counter = Counter(permit()).ready().do("post", "clerk", carrier="演示", tracking="1", address="演示")
    old = counter.case.certificate_id
    counter.do("report-post", "clerk", outcome="lost").do("make-certificate", "intake")
    assert counter.case.certificate_id != old
    assert counter.events[-1].clear["replaces"] == old


@pytest.mark.parametrize("stretch", ["at_home", "accepted", "reviewed"])
def test_the_applicant_may_withdraw_until_the_decision(stretch: str) -> None:
    counter = getattr(Counter(permit()), stretch)()
    assert counter.do("withdraw", "clerk").case.state == "withdrawn"


def test_after_the_decision_nothing_is_withdrawn_or_corrected() -> None:
    counter = Counter(permit()).granted()
    assert {"withdraw", "correct-entry", "terminate"}.isdisjoint(state_allows(counter.case, counter.matter))


def test_a_409_says_the_state_and_what_it_allows() -> None:
    with pytest.raises(StateForbids) as caught:
        Counter(permit()).do("hand-over", "clerk", **HANDED)
    assert caught.value.extra["state"] == "received"
    assert "forward" in caught.value.extra["allowed"]


BODIES: dict[str, dict[str, Any]] = {
    "reroute": {"place": MENGHAI, "reason": "演示"},
    "bounce": {"code": "wrong_office", "reason": "演示", "suggestion": {"text": "演示"}},
    "request-correction": {"items": [{"text": "演示"}]},
    "return-for-resubmission": {"items": [{"text": "演示"}]},
    "decline-acceptance": {"reason": "演示"},
    "assign": {"to": "reviewer", "reason": "演示"},
    "review": {"opinion": "演示", "advice": "grant"},
    "send-back": {"reason": "演示"},
    "record-site-check": {"officers": ["reviewer", "reviewer2"], "result": "演示"},
    "start-special-procedure": {"kind": "testing", "basis": "演示", "days": 3},
    "request-extension": {"reason": "演示"},
    "decide-at-once": {"opinion": "演示"},
    "grant": {"opinion": "演示"},
    "refuse": {"reasons": "演示", "basis": "演示", "remedies": "演示"},
    "terminate": {"reason": "演示"},
    "hand-over": HANDED,
    "post": {"carrier": "演示", "tracking": "1", "address": "演示"},
    "report-post": {"outcome": "returned"},
    "correct-entry": {"path": "applicant.phone", "value": "1", "old": "2", "evidence": "演示"},
    "note": {"text": "演示"},
    "record-external": {"number": "演示-1"},
    "attach-result": {"outcome": "granted", "decided_on": "2026-11-02", "number": "演示"},
    "send-papers": {"papers": ["other"], "carrier": "演示", "tracking": "1"},
    "receive-papers": {"received": ["other"]},
    "message": {"text": "演示"},
    "request-file": {"office": MENGHAI},
    "print-copy": {"kind": "正本", "reason": "演示"},
    "report-print": {"kind": "正本", "outcome": "printed"},
    "void-copy": {"kind": "正本", "reason": "演示"},
    "record-voidance": {"kind": "正本", "published_on": "2026-01-01"},
    "rectify-certificate": {"reason": "演示"},
    "annul": {"ground": "deception", "basis": "演示"},
    "withdraw-permit": {"ground": "law_changed", "basis": "演示"},
    "cancel": {"ground": "not_renewed", "basis": "演示"},
    "propose-annulment": {"ground": "deception", "basis": "演示"},
    "record-penalty": {"kind": "suspension", "authority": "演示", "decision_no": "演示"},
    "change-delivery": {"method": "window"},
    "serve": {"document": "acceptance-4", "method": "direct"},
}


SAID_ALOUD = frozenset({"number", "external_number"})
"""Keys of clear parts that hold what was typed: the numbers of the certificate and of the case at the registrar's."""
SPOKEN = ("note", "reason", "opinion", "evidence", "system", "text")


def spoken(command: str) -> dict[str, Any]:
    """The body of a command with words in every field that takes words of an officer."""
    known = COMMAND_BODIES[command].model_fields
    return {**{key: "演示" for key in SPOKEN if key in known}, **BODIES.get(command, {})}


def clear_words(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a clear part with the key it stands under."""
    if isinstance(value, Mapping):
        for inner, one in value.items():
            yield from clear_words(one, inner)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from clear_words(one, key)
    elif isinstance(value, str):
        yield key, value


class AnyWalk(RuleBasedStateMachine):
    """Whatever is allowed, in any order: the fold of the events is always the case, and no case is stuck."""

    def __init__(self) -> None:
        super().__init__()
        self.counter = Counter(permit())

    @rule(kind=st.sampled_from([permit, registration]))
    @precondition(lambda self: self.counter.case.seq == 1)
    def another_procedure(self, kind: Any) -> None:
        self.counter = Counter(kind())

    @rule(choice=st.randoms(use_true_random=False), days=st.integers(0, 3))
    def something_allowed(self, choice: Any, days: int) -> None:
        counter = self.counter
        for _ in range(days):
            counter.now = counter.now.replace(hour=10) + timedelta(days=1)
        ways = [(who, command) for who in sorted(STAFF) for command in counter.allowed(who)]
        if not ways:
            return
        who, command = choice.choice(ways)
        before = counter.case
        try:
            counter.do(command, who, **spoken(command))
        except (RuleForbids, InvalidInput):
            assert counter.case == before

    @invariant()
    def the_fold_is_the_case(self) -> None:
        assert fold(self.counter.case.reference, self.counter.events) == self.counter.case

    @invariant()
    def an_open_case_has_a_queue_a_holder_and_somebody_who_can_act(self) -> None:
        case, matter = self.counter.case, self.counter.matter
        if case.state in HOLDER and case.state != "returned_at_window":
            assert queue_of(case) is not None
            assert case.holds[-1] == Hold(HOLDER[case.state], case.holds[-1].since)
            assert state_allows(case, matter)
        else:
            assert queue_of(case) is None
            assert case.account == "none"

    @invariant()
    def no_words_of_an_officer_stand_in_the_clear(self) -> None:
        """The applicant's file shows every clear part; what officers write is sealed."""
        for event in self.counter.events:
            said = {key for key, text in clear_words(event.clear) if "演示" in text}
            assert said <= SAID_ALOUD, (event.type, said)

    @invariant()
    def dates_stand_in_order(self) -> None:
        case = self.counter.case
        if case.promised_by and case.statutory_by:
            assert case.promised_by <= case.statutory_by
        for earlier, later in zip(case.holds, case.holds[1:], strict=False):
            assert earlier.since <= later.since


AnyWalk.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestAnyWalk = AnyWalk.TestCase


def test_what_is_allowed_leaves_out_what_a_rule_bars_this_very_person_from() -> None:
    counter = Counter(permit()).accepted()
    assert {"claim", "review"} <= set(counter.allowed("reviewer"))
    counter.do("claim", "reviewer")
    assert "claim" not in counter.allowed("reviewer")
    assert {"release", "review"} <= set(counter.allowed("reviewer"))
    assert {"claim", "release", "review"}.isdisjoint(counter.allowed("reviewer2"))
    counter.do("review", "reviewer", opinion="演示", advice="grant")
    assert "grant" in counter.allowed("decider")
    both = Counter(permit()).accepted().do("review", "both", opinion="演示", advice="grant")
    assert {"grant", "refuse"}.isdisjoint(both.allowed("both"))


@pytest.mark.parametrize("command", ["request-correction", "return-for-resubmission"])
def test_a_list_of_what_is_missing_names_papers_of_the_matter_only(command: str) -> None:
    counter = Counter(permit() if command == "request-correction" else registration()).at_home()
    with pytest.raises(InvalidInput) as caught:
        counter.do(command, "intake", items=[{"text": "演示"}, {"material": "no-such-paper", "text": "演示"}])
    assert [(fault.path, fault.code) for fault in caught.value.errors] == [("items.1.material", "unknown-material")]
    assert counter.case.state == "home_received"


def test_rerouting_what_counts_as_accepted_keeps_the_decision_clock_from_acceptance() -> None:
    counter = Counter(permit()).do("forward", "clerk").at("2026-11-11")
    counter.system(deemed_acceptance(counter.case, counter.revision.calendars[counter.case.calendar or ""]))
    before = counter.case.statutory_by
    counter.do("bounce", "intake", code="wrong_office", reason="演示")
    counter.do("reroute", "clerk", place=MENGHAI, reason="演示")
    assert (counter.case.accepted_on, counter.case.statutory_by) == (date(2026, 11, 2), before)
    assert counter.case.notice_by is None


def test_a_list_of_what_is_missing_may_name_what_the_home_region_asks_for_beside() -> None:
    matter = permit()
    registry = builders.registry(matters=(matter,))
    region = registry.regions["xishuangbanna"]
    local = Material("local_proof", Text("本地证明", "Local proof"), required=True)
    asks = replace(region, overlays={**region.overlays, matter.id: Overlay(extra_materials=(local,))})
    counter = Counter(matter, registry=replace(registry, regions={**registry.regions, region.id: asks})).at_home()
    counter.do("request-correction", "intake", items=[{"material": "local_proof", "text": "演示"}])
    assert counter.events[-1].clear["materials"] == ["local_proof"]


def test_xkf_69_the_chain_of_superiors_is_written_with_the_certificate() -> None:
    counter = Counter(permit()).granted()

    def chain(**parents: str) -> Any:
        offices = tuple(
            Office(id, Text(id, id), Level.COUNTY, id, "xishuangbanna", parent=parent)
            for id, parent in ((name.strip("_"), parent) for name, parent in parents.items())
        )
        registry = builders.registry((builders.region("xishuangbanna", "532800", {}, offices=offices),))
        return superiors(counter.case, replace(counter.given(actor("intake")), registry=registry))

    assert chain(_532801="532800", _532800="530000") == {"superiors": ["532800", "530000"]}
    assert chain(_532801="532800", _532800="532801") == {"superiors": ["532800"]}, "a ring ends the chain"
    assert chain() == {}

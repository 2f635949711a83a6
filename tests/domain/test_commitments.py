"""容缺受理 and 告知承诺: what may follow later, what a commitment stands in for, and what is checked afterwards."""

from __future__ import annotations

from datetime import date

import pytest

from catalogue.domain import workflow
from catalogue.domain.clocks import next_due
from catalogue.domain.problems import InvalidInput, RuleForbids
from catalogue.domain.registry.model import Material, Matter
from catalogue.domain.text import Text
from tests.domain.counter import HANDED, Counter, permit

LATER = {"id": "lease", "originals": 0, "copies": 0, "deferred_until": "2026-11-20", "commitment": True}
PLEDGED = {"id": "layout", "originals": 0, "copies": 0, "taken_as": "pledge"}


def _matter() -> Matter:
    return permit(
        materials=(
            Material("lease", Text("租赁合同", "Lease"), True, deferrable=True),
            Material("layout", Text("布局图", "Layout"), True, pledge_check_days=10),
        )
    )


def test_accepting_agrees_that_a_paper_follows_later_and_says_so() -> None:
    counter = Counter(_matter(), materials=(LATER,)).accepted()
    assert counter.events[-1].clear["deferred"] == ["lease"]
    assert counter.case.deferred[0].commitment


def test_a_grant_waits_for_the_deferred_paper() -> None:
    counter = Counter(_matter(), materials=(LATER,)).reviewed()
    with pytest.raises(RuleForbids) as refused:
        counter.do("grant", "decider", opinion="演示")
    assert refused.value.extra["rule"] == "deferred-papers"
    counter.do("supply-deferred", "clerk", material="lease").do("grant", "decider", opinion="演示")
    assert counter.case.state == "decided_grant"


def test_a_commitment_does_not_hold_up_the_grant_and_its_check_is_due_in_working_days_of_it() -> None:
    counter = Counter(_matter(), materials=(PLEDGED,)).granted()
    assert counter.case.decided_on == date(2026, 11, 2)
    assert counter.case.check_by == date(2026, 11, 16)


def test_the_check_is_a_task_of_the_home_office_until_it_is_done() -> None:
    counter = Counter(_matter(), materials=(PLEDGED,)).ready().do("hand-over", "clerk", **HANDED)
    assert (workflow.queue_of(counter.case), next_due(counter.case)) == ("to_check", date(2026, 11, 16))
    assert "check-pledge" not in counter.allowed("clerk")
    with pytest.raises(InvalidInput):
        counter.do("check-pledge", "intake", material="lease", finding="kept", result="演示")
    counter.do("check-pledge", "intake", material="layout", finding="broken", result="演示")
    assert counter.case.materials[0].taken_as == "pledge_broken"
    assert workflow.queue_of(counter.case) is None
    assert "check-pledge" not in counter.allowed("intake")


def test_without_a_commitment_nothing_is_left_to_check() -> None:
    counter = Counter(_matter()).ready().do("hand-over", "clerk", **HANDED)
    assert counter.case.check_by is None
    assert workflow.queue_of(counter.case) is None

"""Roles and what they may see."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.domain.people import Actor, Role, Sight, forbidden_together, sight
from catalogue.domain.vocabulary import WORDS


def test_vocabulary_and_code_name_the_same_roles() -> None:
    assert set(WORDS["roles"]) == {str(role) for role in Role}


def test_the_three_administrators_are_never_in_one_hand() -> None:
    three = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)
    for pair in combinations(three, 2):
        assert forbidden_together({*pair, Role.WINDOW_CLERK}) == frozenset(pair)
    for role in three:
        assert not forbidden_together({role, Role.REGISTRY_EDITOR})


def _actor(*roles: Role, region: str = "kunming", office: str = "530102") -> Actor:
    return Actor("a1", "demo", frozenset(roles), region, office)


CASE = ("kunming", "530102", "xishuangbanna", "532801", "530402")


@pytest.mark.parametrize(
    ("actor", "reach"),
    [
        (_actor(Role.WINDOW_CLERK), "full"),
        (_actor(Role.WINDOW_HEAD, office="530103"), "none"),
        (_actor(Role.REVIEWER, region="xishuangbanna", office="532801"), "full"),
        (_actor(Role.DECIDER, region="xishuangbanna", office="532822"), "none"),
        (_actor(Role.WINDOW_CLERK, region="yuxi", office="530402"), "collection"),
        (_actor(Role.SUPERVISOR, region="kunming", office="530100"), "full"),
        (_actor(Role.SUPERVISOR, region="xishuangbanna", office="532800"), "full"),
        (_actor(Role.SUPERVISOR, region="yuxi", office="530400"), "none"),
        (_actor(Role.SUPERVISOR, Role.WINDOW_CLERK, region="yuxi", office="530402"), "collection"),
        (_actor(Role.AUDITOR, region="puer", office="530800"), "full"),
        (_actor(Role.SYSTEM_ADMIN), "none"),
        (_actor(Role.SECURITY_ADMIN), "none"),
        (_actor(Role.REGISTRY_EDITOR, Role.REGISTRY_PUBLISHER), "none"),
    ],
)
def test_who_may_see_which_case(actor: Actor, reach: str) -> None:
    assert sight(actor).reach(*CASE) == reach
    assert sight(actor).admits(*CASE) == (reach != "none")


def test_xkf_69_every_authority_above_sees_what_it_may_annul_and_only_a_decider_there() -> None:
    certified = (*CASE, None, "532800", "530000", "000000")
    for office in ("532800", "530000", "000000"):
        assert sight(_actor(Role.DECIDER, region="xishuangbanna", office=office)).reach(*certified) == "full"
        assert sight(_actor(Role.REVIEWER, region="xishuangbanna", office=office)).reach(*certified) == "none"
    assert sight(_actor(Role.DECIDER, region="yuxi", office="530400")).reach(*certified) == "none"


def test_a_case_without_home_is_seen_by_its_accepting_side_only() -> None:
    case = ("kunming", "530102", None, None, None)
    assert sight(_actor(Role.WINDOW_CLERK)).admits(*case)
    assert not sight(_actor(Role.DECIDER, region="xishuangbanna", office="532801")).admits(*case)
    assert not Sight("none").admits(*case)


@given(st.sets(st.sampled_from(Role)), st.sampled_from(["530102", "532801", "530402", "530802"]))
def test_more_roles_never_see_less(roles: set[Role], office: str) -> None:
    region = {"530102": "kunming", "532801": "xishuangbanna", "530402": "yuxi", "530802": "puer"}[office]
    ranks = ("none", "collection", "full")
    whole = ranks.index(sight(_actor(*roles, region=region, office=office)).reach(*CASE))
    for role in roles:
        assert ranks.index(sight(_actor(role, region=region, office=office)).reach(*CASE)) <= whole

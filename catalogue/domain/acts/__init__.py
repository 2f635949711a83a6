"""What each command records: an act on a case gives drafts of events.

``act`` checks the table of ``workflow`` first, then the rules that need more than state and role, and answers drafts;
it changes nothing. Dates are reckoned here, by the calendar of the home region, and recorded in the event.
"""

from __future__ import annotations

from typing import Any

from catalogue.domain import workflow
from catalogue.domain.acts import (
    annulment,
    copies,
    decision,
    exits,
    external,
    home,
    mending,
    passing,
    pledges,
    transfer,
    way_back,
    window,
    work,
)
from catalogue.domain.acts.base import Acts, Body, Circumstances, Draft, limit_facts, route_facts
from catalogue.domain.acts.home import deemed, deemed_acceptance
from catalogue.domain.case import Case
from catalogue.domain.people import Actor
from catalogue.domain.problems import NotAllowed, RuleForbids, StateForbids
from catalogue.domain.registry.model import Matter
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label

__all__ = [
    "Circumstances",
    "Draft",
    "act",
    "deemed",
    "deemed_acceptance",
    "drafts_of",
    "limit_facts",
    "may",
    "route_facts",
]


def may(case: Case, command: str, actor: Actor, matter: Matter) -> None:
    """Whether the command may be given at all, whatever it says.

    Raises StateForbids (409, with state and allowed commands), NotAllowed (403), RuleForbids (409).
    """
    state_allows = workflow.state_allows(case, matter)
    if command not in state_allows:
        raise StateForbids(
            Text(
                f"办件现为「{label('states', case.state).zh}」，不能进行此操作",
                f"The case is in state {case.state}; {command} is not allowed",
            ),
            extra=standing(case, matter),
        )
    if command not in workflow.permitted(case, matter, actor):
        raise NotAllowed(
            Text("此操作由其他岗位或机关办理", f"{command} belongs to another role or office"),
            extra={"state": case.state},
        )
    bar = workflow.barred(command, case, matter, actor)
    if bar is not None:
        raise RuleForbids(_BARS[bar], extra={"rule": bar, **standing(case, matter)})


def standing(case: Case, matter: Matter) -> dict[str, Any]:
    """What a refused command is told: the state of the case, and what that state does allow."""
    return {"state": case.state, "allowed": sorted(workflow.state_allows(case, matter))}


def act(case: Case, command: str, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    """The events this command amounts to.

    Raises StateForbids (409, with state and allowed commands), NotAllowed (403), RuleForbids (409), InvalidInput.
    """
    may(case, command, actor, given.matter)
    return drafts_of(case, command, body, actor, given)


def drafts_of(case: Case, command: str, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    """The events of a command that ``may`` has let pass. Raises RuleForbids (409), InvalidInput."""
    try:
        return _ACTS[command](case, body, actor, given)
    except RuleForbids as problem:
        problem.extra = {**standing(case, given.matter), **problem.extra}
        raise


_ACTS: Acts = {
    **window.ACTS,
    **home.ACTS,
    **work.ACTS,
    **decision.ACTS,
    **way_back.ACTS,
    **copies.ACTS,
    **exits.ACTS,
    **annulment.ACTS,
    **mending.ACTS,
    **pledges.ACTS,
    **external.ACTS,
    **passing.ACTS,
    **transfer.ACTS,
}

_BARS = {
    "claimed-by-another": Text("此办件已由他人领办", "Somebody else has claimed this case"),
    "claimed-already": Text("您已领办此件", "You have claimed this case already"),
    "decided-here": Text(
        "本件在本系统决定，补录外部结果由决定人办理",
        "This case is decided here; a result from elsewhere is attached by a decider",
    ),
    "separate-decider": Text("审查人不得同时为决定人", "The reviewer of a case is not its decider"),
}
"""Rule of ``workflow.barred`` -> how it is said."""

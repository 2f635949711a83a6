"""Answers that were not taken 未采纳的回传, and what a person does with one.

Three ways to settle one, the same for the city's administrators and for the officers of the office that decides the
case: have it judged again, ask the city's system again, or put it away. The fourth is to do here by hand what it said:
the act itself then puts it away.
"""

from __future__ import annotations

from catalogue.domain.case import Case
from catalogue.domain.people import HOME_ROLES, Actor, Role, Sight
from catalogue.domain.problems import NotAllowed, NotFound
from catalogue.domain.text import Text
from catalogue.service.answers import judge
from catalogue.service.by_hand import put_away, subject
from catalogue.service.house import House
from catalogue.service.ports import Database, KeptAnswer, Work
from catalogue.service.reconciling import state_anew

ACTS = ("again", "ask", "drop")
OPEN = ("refused", "waiting")


def settle_answer(database: Database, house: House, actor: Actor, region: str, answer_id: str, act: str) -> str:
    """Judge an open answer again, ask its sender again or put it away; answers what it is then: done, refused,
    waiting, dropped. Raises NotFound, NotAllowed, RuleForbids (asked about a case the region no longer has)."""
    kept = database.read(lambda work: _open(work, actor, region, answer_id)).result()
    if act == "again":
        state = judge(database, house, kept).state
        database.write(
            lambda work: work.access.administered(actor.id, "answer-again", subject(kept), house.clock.now())
        ).result()
        return state

    def settle(work: Work) -> str:
        kept = _open(work, actor, region, answer_id)
        if act == "ask":
            state_anew(work, house, region, kept.reference)
            work.access.administered(actor.id, "answer-ask", subject(kept), house.clock.now())
        else:
            work.access.administered(actor.id, "answer-drop", subject(kept), house.clock.now())
        put_away(work, house, kept)
        return "dropped"

    return database.write(settle).result()


def may_settle(actor: Actor, region: str, case: Case | None) -> bool:
    """A city's administrators settle what its system sent; its officers what it sent about a case they decide."""
    if actor.region != region:
        return False
    if actor.has(Role.SYSTEM_ADMIN):
        return True
    decides = case is not None and (case.home_region, case.home_office) == (region, actor.office)
    return decides and not actor.roles.isdisjoint(HOME_ROLES)


def _open(work: Work, actor: Actor, region: str, answer_id: str) -> KeptAnswer:
    kept = work.answers.get(region, answer_id)
    case = None if kept is None else work.cases.load(kept.reference, Sight("region", region=region))
    if not may_settle(actor, region, case):
        raise NotAllowed(
            Text(
                "该回传由所在城市的系统管理员或决定机关的办理人员处理",
                "That answer is for the administrators of its city or the officers of the deciding office",
            )
        )
    if kept is None or kept.state not in OPEN:
        raise NotFound(Text("没有这条待处理的回传", "No such answer is open"))
    return kept

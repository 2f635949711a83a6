"""What an officer does himself of what his city's own system was refused: the act puts the refused answer away."""

from __future__ import annotations

from dataclasses import replace

from catalogue.domain.case import Case
from catalogue.domain.people import Actor
from catalogue.service.house import House
from catalogue.service.meanings import wanted
from catalogue.service.ports import KeptAnswer, Work

MOST = 50
"""Answers of one case that an act is compared with."""


def done_by_hand(work: Work, house: House, actor: Actor, case: Case, command: str) -> None:
    """Put away the refused answers that said what an officer of the deciding office has just done himself.

    ``case``: as it stood before. Runs with every act on a case of a city that has a system of its own.
    """
    region = case.home_region
    if region is None or region not in house.webhooks or actor.office != case.home_office:
        return
    for answer in work.answers.listed(region=region, state="refused", reference=case.reference, limit=MOST):
        if command in wanted(answer.type, answer.body.get("data", {})):
            work.access.administered(actor.id, "answer-by-hand", subject(answer), house.clock.now())
            put_away(work, house, answer)


def put_away(work: Work, house: House, kept: KeptAnswer) -> None:
    """Nothing more is done with that answer; it stays kept."""
    work.answers.keep(replace(kept, state="dropped", settled_at=house.clock.now()))


def subject(kept: KeptAnswer) -> str:
    """How the log of acts names an answer."""
    return f"{kept.region}/{kept.id}"

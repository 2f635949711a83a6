"""告知承诺: a written commitment that stood in for a paper is checked afterwards, and what was found is kept."""

from __future__ import annotations

from datetime import date

from catalogue.domain.acts.base import Acts, Body, Circumstances, Draft, home_calendar
from catalogue.domain.case import Case
from catalogue.domain.people import Actor
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text


def check_by(case: Case, given: Circumstances) -> date | None:
    """The day by which the earliest of the open commitments is to be checked, counted from the grant."""
    wanted = {line.id for line in case.pledged}
    materials = [*given.matter.materials]
    if case.home_region is not None:
        materials += given.registry.overlay(case.home_region, case.matter).extra_materials
    days = [m.pledge_check_days for m in materials if m.id in wanted and m.pledge_check_days is not None]
    return home_calendar(given).add(given.today, min(days)).date if days else None


def _check_pledge(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    if body["material"] not in {line.id for line in case.pledged}:
        raise InvalidInput(
            errors=(
                Fault("material", "not-pledged", Text("该材料不是以承诺代替的", "No commitment stands for that paper")),
            )
        )
    clear = {"material": body["material"], "finding": body["finding"]}
    return (Draft("pledge_checked", clear, {"result": body["result"]}),)


ACTS: Acts = {"check-pledge": _check_pledge}

"""西双版纳 Xishuangbanna. An autonomous prefecture with festivals of its own and the border town 磨憨 in trusteeship.

The festivals are days of its calendar (``calendars/xishuangbanna.yaml``), not a rule here. What this handler adds:
it finds a station by the name of the town, and it asks about 磨憨 where the place given is the county alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.domain.handler import (
    ApplicationFacts,
    Choice,
    Finding,
    Question,
    StandardHandler,
    address_elsewhere,
    named_in_form,
    station_by_locality,
)
from catalogue.domain.registry.model import Level
from catalogue.domain.text import Text

MENGLA = "532823"
MOHAN = "磨憨"


@dataclass(frozen=True, slots=True)
class XishuangbannaHandler(StandardHandler):
    """The prefecture's own answers."""

    def choose(self, question: Question) -> Choice:
        """Where stations decide, the one named after the town; else as the registry says."""
        if question.level is Level.STATION and (station := station_by_locality(question)) is not None:
            return Choice(
                station,
                Text(f"按所在乡镇确定为{station.name.zh}", f"The station of the town: {station.name.en}"),
            )
        return StandardHandler.choose(self, question)

    def look(self, facts: ApplicationFacts) -> tuple[Finding, ...]:
        """Also: premises in 磨憨 that were given as the county of 勐腊 only."""
        return (*address_elsewhere(facts), *_mohan(facts))


def _mohan(facts: ApplicationFacts) -> tuple[Finding, ...]:
    path = named_in_form(facts, MOHAN)
    if facts.place != MENGLA or path is None or MOHAN in (facts.locality or ""):
        return ()
    return (
        Finding(
            "mohan-premises",
            Text(
                "地址写有磨憨；磨憨镇由昆明托管，请确认地点应填勐腊县还是磨憨镇",
                "The address names Mohan, a town in Kunming's trusteeship; confirm whether the place is Mengla county "
                "or Mohan town",
            ),
            "warning",
            path,
        ),
    )


handler = XishuangbannaHandler(id="xishuangbanna")

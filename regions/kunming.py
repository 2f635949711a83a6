"""昆明 Kunming. Receives 磨憨镇 of 勐腊县 in trusteeship, has three autonomous counties; else as the registry says.

The trusteeship (since May 2022) is known from a magazine's reprint only; whether it moves the powers of market
regulation is open. The registry says where such a case goes; this handler asks for a second look.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.domain.handler import (
    ApplicationFacts,
    Finding,
    StandardHandler,
    address_elsewhere,
    autonomous_county_note,
)
from catalogue.domain.text import Text


@dataclass(frozen=True, slots=True)
class KunmingHandler(StandardHandler):
    """The city's own answers."""

    def look(self, facts: ApplicationFacts) -> tuple[Finding, ...]:
        """Also: cases from the town in trusteeship, and the calendars of autonomous counties."""
        return (*address_elsewhere(facts), *autonomous_county_note(facts), *_trusteeship(facts))


def _trusteeship(facts: ApplicationFacts) -> tuple[Finding, ...]:
    if "磨憨" not in (facts.locality or ""):
        return ()
    return (
        Finding(
            "trusteeship-unconfirmed",
            Text(
                "磨憨镇由昆明托管，市场监管职权是否随之转移未见正式文件，受理前请与勐腊县市场监督管理局确认由谁办理",
                "Mohan is in Kunming's trusteeship, but no official paper was read that moves the powers of market "
                "regulation; before accepting, settle with the bureau of Mengla county who decides",
            ),
            "warning",
            "place",
        ),
    )


handler = KunmingHandler(id="kunming")

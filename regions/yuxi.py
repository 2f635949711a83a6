"""玉溪 Yuxi. Nothing was found in which its practice differs; its three autonomous counties get a note on calendars."""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.domain.handler import (
    ApplicationFacts,
    Finding,
    StandardHandler,
    address_elsewhere,
    autonomous_county_note,
)


@dataclass(frozen=True, slots=True)
class YuxiHandler(StandardHandler):
    """The city's own answers."""

    def look(self, facts: ApplicationFacts) -> tuple[Finding, ...]:
        """Also: the calendars of autonomous counties."""
        return (*address_elsewhere(facts), *autonomous_county_note(facts))


handler = YuxiHandler(id="yuxi")

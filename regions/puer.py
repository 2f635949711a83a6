"""普洱 Pu'er. Nine of its ten divisions are autonomous counties, and the city once was the prefecture 思茅.

Older papers may say 思茅地区; such an address is no sign of a misroute. Nothing else was found in which its practice
differs.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.domain.handler import (
    ApplicationFacts,
    Finding,
    StandardHandler,
    address_elsewhere,
    autonomous_county_note,
    named_in_form,
)
from catalogue.domain.text import Text

FORMER_PREFECTURE = "思茅地区"


@dataclass(frozen=True, slots=True)
class PuerHandler(StandardHandler):
    """The city's own answers."""

    def look(self, facts: ApplicationFacts) -> tuple[Finding, ...]:
        """Also: the calendars of autonomous counties, and addresses under the former prefecture."""
        return (*address_elsewhere(facts), *autonomous_county_note(facts), *_former_prefecture(facts))


def _former_prefecture(facts: ApplicationFacts) -> tuple[Finding, ...]:
    path = named_in_form(facts, FORMER_PREFECTURE)
    if path is None:
        return ()
    return (
        Finding(
            "former-prefecture",
            Text(
                "思茅地区即今普洱市，请按现行地址登记，旧证照不因此退回",
                "思茅地区 is today's Pu'er; register the present address, and do not return old papers for it",
            ),
            path=path,
        ),
    )


handler = PuerHandler(id="puer")

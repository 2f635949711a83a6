"""Routing cards kept for the day: the same question has the same answer, so it is worked out and written once.

An answer depends on the revision, the matter, the place, the particulars and the day alone. The memory is bounded and
forgotten whole when full; refusals (what is missing, what is unknown) are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec import field

from catalogue.domain import clocks
from catalogue.domain.acts import limit_facts, route_facts
from catalogue.domain.handler import Handler
from catalogue.domain.registry.revision import Revision
from catalogue.domain.routing import Answer, Route, route, route_json
from catalogue.domain.text import Language
from catalogue.domain.value import Value

LARGEST = 8192


class Card(Value, frozen=True):
    """An answer with what is made from it: its JSON in each language, and the facts an event of receipt keeps."""

    answer: Answer
    revision: Revision
    on: date
    _json: dict[str, bytes] = field(default_factory=dict)
    _facts: dict[str, Any] = field(default_factory=dict)

    def json(self, language: Language) -> bytes:
        """The body of ``GET /api/routes``."""
        body = self._json.get(language)
        if body is None:
            body = self._json[language] = msgspec.json.encode(route_json(self.answer, language))
        return body

    def receipt_facts(self, procedure: str) -> Mapping[str, Any]:
        """``route``, ``limits`` and ``clocks`` of a case received on the card's day. Only for a Route."""
        if not self._facts:
            found = self.answer
            assert isinstance(found, Route)
            calendar = self.revision.calendars[found.calendar]
            self._facts["clocks"] = clocks.at_receipt(calendar, procedure, found.limits, self.on)
            self._facts["limits"] = limit_facts(found.limits)
            self._facts["route"] = route_facts(found)
        return self._facts


class Cards:
    """The memory of one process; safe to share between threads, which at worst work an answer out twice."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers
        self._cards: dict[tuple[Any, ...], Card] = {}

    def card(self, revision: Revision, matter: str, place: str, particulars: Mapping[str, str], on: date) -> Card:
        """The card for a question. Raises what ``routing.route`` raises."""
        question = (revision.digest, revision.number, matter, place, on, *sorted(particulars.items()))
        card = self._cards.get(question)
        if card is None:
            card = Card(route(revision, self._handlers, matter, place, particulars, on), revision, on)
            if len(self._cards) >= LARGEST:
                self._cards = {}
            self._cards[question] = card
        return card

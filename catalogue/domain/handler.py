"""What a home region must answer: one handler a city in ``regions/``, ``standard`` for one that differs in nothing.

Papers, limits, levels and jurisdiction are data of the registry. A handler only chooses among declared offices where
local jurisdiction is finer than the registry's rule, may take acceptance back from the windows, looks at an
application with local eyes, and names the city's channel. Its id and version stand in every explanation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from catalogue.domain.divisions import locality_stem
from catalogue.domain.registry.model import Acceptance, Level, Matter, Office, Region
from catalogue.domain.text import Text
from catalogue.domain.value import Value

Channel = Literal["desk", "webhook"]
"""desk: officers work here. webhook: the city's own system is told by signed messages and answers by the API."""


class Question(Value, frozen=True):
    """Which of the declared ``candidates`` decides? ``usual`` is what the registry alone would say, if it can."""

    matter: Matter
    region: Region
    place: str
    """Division code of the place that counts."""
    locality: str | None
    """The finer place beneath the division, as given."""
    level: Level
    candidates: tuple[Office, ...]
    usual: Office | None
    particulars: Mapping[str, str]


class Choice(Value, frozen=True):
    """The chosen office and why; None where the handler cannot tell either."""

    office: Office | None
    reason: Text


class ApplicationFacts(Value, frozen=True):
    """What a handler may look at: no names, documents or telephone numbers of persons."""

    matter: Matter
    region: Region
    place: str
    locality: str | None
    particulars: Mapping[str, str]
    applicant_kind: str
    document_type: str
    form: Mapping[str, Any]
    materials: frozenset[str]


class Finding(Value, frozen=True):
    """What local eyes see. A note informs, a warning asks to look twice; neither stops an intake.

    ``path`` is the JSON path of the input concerned.
    """

    code: str
    message: Text
    severity: Literal["note", "warning"] = "note"
    path: str | None = None


class Handler(Protocol):
    """The home region's side of routing and intake. Pure: same question, same answer."""

    @property
    def id(self) -> str:
        """The name under which the registry's region calls it."""
        ...

    @property
    def version(self) -> str:
        """Raised whenever an answer changes."""
        ...

    @property
    def channel(self) -> Channel:
        """How cases reach the city."""
        ...

    def choose(self, question: Question) -> Choice:
        """One of the question's candidates, or None where it cannot be told."""
        ...

    def acceptance(self, matter: Matter, declared: Acceptance) -> Acceptance:
        """Who performs 受理; never delegated where the registry does not declare it so."""
        ...

    def look(self, facts: ApplicationFacts) -> tuple[Finding, ...]:
        """What the clerk and the home officer should know about this application."""
        ...


@dataclass(frozen=True, slots=True)
class StandardHandler:
    """Follows the registry and adds nothing but a look at addresses."""

    id: str = "standard"
    version: str = "1"
    channel: Channel = "desk"

    def choose(self, question: Question) -> Choice:
        """The office that the registry's rule leads to."""
        if question.usual is not None:
            return Choice(
                question.usual, Text("按清单规则确定，本地无更细规定", "As the registry says; nothing finer locally")
            )
        return Choice(
            None,
            Text(
                f"清单列有{len(question.candidates)}个机关，需要更具体的地点才能确定",
                f"The registry declares {len(question.candidates)} offices here; a finer place is needed to tell which",
            ),
        )

    def acceptance(self, matter: Matter, declared: Acceptance) -> Acceptance:
        """As the registry declares."""
        return declared

    def look(self, facts: ApplicationFacts) -> tuple[Finding, ...]:
        """Addresses that name another division of the city than the place that was given."""
        return address_elsewhere(facts)


def named_in_form(facts: ApplicationFacts, word: str) -> str | None:
    """The path of the first form field whose text contains the word."""
    return next((f"form.{key}" for key, value in facts.form.items() if isinstance(value, str) and word in value), None)


def address_elsewhere(facts: ApplicationFacts) -> tuple[Finding, ...]:
    """Warnings for form fields that name another division of the home city and not the one given: a likely misroute."""
    divisions = facts.region.divisions
    own = next((division.name for division in divisions if division.code == facts.place), None)
    found = []
    for key, value in facts.form.items():
        if own is None or not isinstance(value, str) or own.zh in value:
            continue
        # The given place is not among them: its name is not in the text.
        other = next((division.name for division in divisions if division.name.zh in value), None)
        if other is not None:
            found.append(
                Finding(
                    "address-elsewhere",
                    Text(
                        f"所填内容写有{other.zh}，而办理地点选的是{own.zh}，请核对",
                        f"The text names {other.en} while the place given is {own.en}; please check",
                    ),
                    "warning",
                    f"form.{key}",
                )
            )
    return tuple(found)


def autonomous_county_note(facts: ApplicationFacts) -> tuple[Finding, ...]:
    """A note for an autonomous county: whether it keeps days off of its own was looked for and not found.

    The city's calendar counts none, so an expected date there may be a little early.
    """
    division = next((division for division in facts.region.divisions if division.code == facts.place), None)
    if division is None or not division.name.zh.endswith("自治县"):
        return ()
    return (
        Finding(
            "autonomous-county-calendar",
            Text(
                f"{division.name.zh}可能另有县庆等假日，未查到通知，预计日期按全市日历计算，请与该县确认",
                f"{division.name.en} may keep days off of its own; no notice was found and dates follow the city's "
                "calendar, so confirm them with the county",
            ),
            path="place",
        ),
    )


def station_by_locality(question: Question) -> Office | None:
    """The one candidate whose name contains the locality's own name (磨憨 of 磨憨镇); None where none or several do."""
    stem = locality_stem((question.locality or "").split("/")[0])
    if not stem:
        return None
    named = [office for office in question.candidates if stem in office.name.zh]
    return named[0] if len(named) == 1 else None

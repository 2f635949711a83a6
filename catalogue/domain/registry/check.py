"""Proof of totality: for every matter, place and combination of particulars exactly one office answers.

What the province or another city decides is an answer too. A city as a whole, where the county decides, is answered by
asking which county; every county is then proved by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import product
from typing import Any

from catalogue.domain.calendar import Calendar
from catalogue.domain.handler import Handler, StandardHandler
from catalogue.domain.problems import CalendarExhausted, MatterNotOffered, MissingParticulars, Problem
from catalogue.domain.registry.findings import Finding
from catalogue.domain.registry.model import DecidedBy, Level, Matter, Region, Registry
from catalogue.domain.registry.numbering import shared_numbers
from catalogue.domain.registry.revision import REGISTRY_FILE, Revision, trial_revision
from catalogue.domain.routing import Route, Unroutable, route
from catalogue.domain.text import Text
from catalogue.domain.value import Value

NOT_OFFERED = "—"


class CheckReport(Value, frozen=True):
    """What was counted and proved. ``matrix``: matter -> region -> levels that decide there, or ``—``."""

    matters: int
    regions: int
    offices: int
    routes_checked: int
    problems: tuple[Finding, ...]
    matrix: Mapping[str, Mapping[str, str]]

    def as_json(self) -> dict[str, Any]:
        """The shape of ``catalogue registry check --json``."""
        return {
            "matters": self.matters,
            "regions": self.regions,
            "offices": self.offices,
            "routes_checked": self.routes_checked,
            "matrix": {matter: dict(row) for matter, row in self.matrix.items()},
            "problems": [problem.as_json() for problem in self.problems],
        }


def check_registry(
    registry: Registry,
    calendars: Mapping[str, Calendar],
    handlers: Mapping[str, Handler],
    file: str = REGISTRY_FILE,
    *,
    matters: Collection[str] | None = None,
    regions: Collection[str] = (),
) -> CheckReport:
    """Route every matter from every place under every combination of particulars and report what does not answer.

    With ``matters`` only those are routed, and all others in ``regions`` alone: what a draft of a proved registry
    touches. The matrix then holds what was routed.
    """
    problems = [*_parts_present(registry, calendars, handlers, file), *shared_numbers(registry, file)]
    revision = trial_revision(registry, calendars)
    matrix: dict[str, dict[str, str]] = {}
    checked = 0
    known = _Known(revision, handlers)
    every = list(registry.regions.values())
    some = [region for region in every if region.id in regions]
    for matter in registry.matters.values():
        row: dict[str, str] = {}
        for region in every if matters is None or matter.id in matters else some:
            if region.calendar not in calendars or region.handler not in handlers:
                row[region.id] = NOT_OFFERED
                continue
            answers, failures = known.routes(matter, region)
            checked += sum(answers.values()) + sum(failures.values())
            row[region.id] = _cell(answers)
            problems += (
                Finding(file, None, f"matters.{matter.id}", code, Text(f"{where}：{zh}", f"{where}: {en}"))
                for where, code, zh, en in failures
            )
        if row:
            matrix[matter.id] = row
    return CheckReport(
        matters=len(registry.matters),
        regions=len(registry.regions),
        offices=len(registry.offices),
        routes_checked=checked,
        problems=tuple(problems),
        matrix=matrix,
    )


def _parts_present(
    registry: Registry, calendars: Mapping[str, Calendar], handlers: Mapping[str, Handler], file: str
) -> Iterator[Finding]:
    for region in registry.regions.values():
        if region.handler not in handlers:
            yield Finding(
                file, None, f"regions.{region.id}.handler", "missing-handler", Text(
                    f"缺少属地办理模块 regions/{region.handler}.py，请补上或写 standard",
                    f"The module regions/{region.handler}.py is missing; add it or write standard",
                )
            )  # fmt: skip
        if region.calendar not in calendars:
            yield Finding(
                file, None, f"regions.{region.id}.calendar", "missing-calendar", Text(
                    f"没有工作日历 {region.calendar}，请补上文件或改正名称",
                    f"There is no calendar {region.calendar}; add its file or mend the name",
                )
            )  # fmt: skip


def _places(registry: Registry, region: Region) -> Iterator[str]:
    """Every place of a region that routing tells apart: the city, its counties, its special jurisdictions."""
    yield region.division
    for division in region.divisions:
        yield division.code
    for special in region.jurisdictions:
        if "/" in special.place:
            yield special.place


def _combinations(matter: Matter) -> Iterator[dict[str, str]]:
    """Every combination of particulars: rules of level read them, and a city's handler may."""
    axes = [[(particular.key, choice.value) for choice in particular.choices] for particular in matter.particulars]
    for combination in product(*axes):
        yield dict(combination)


Failure = tuple[str, str, str, str]


class _Known:
    """The routes of a matter in a city, worked out once for all matters whose rules of jurisdiction are the same.

    Only where the standard handler answers: another one may look at the matter itself.
    """

    def __init__(self, revision: Revision, handlers: Mapping[str, Handler]) -> None:
        self._revision = revision
        self._handlers = handlers
        self._found: dict[Any, tuple[Counter[str], Counter[Failure]]] = {}

    def routes(self, matter: Matter, region: Region) -> tuple[Counter[str], Counter[Failure]]:
        if type(self._handlers[region.handler]) is not StandardHandler:
            return _routes(self._revision, self._handlers, matter, region)
        overlay = region.overlays.get(matter.id)
        key = (
            region.id,
            _frozen(matter.decided_by),
            tuple((p.key, tuple(choice.value for choice in p.choices)) for p in matter.particulars),
            matter.limits,
            (overlay.available, overlay.promised_days) if overlay else None,
            tuple(j.place for j in region.jurisdictions if not j.matters or matter.id in j.matters),
        )
        if key not in self._found:
            self._found[key] = _routes(self._revision, self._handlers, matter, region)
        return self._found[key]


def _frozen(decided_by: DecidedBy) -> Any:
    rules = tuple((rule.level, tuple(sorted(rule.when.items()))) for rule in decided_by.levels)
    return (decided_by.place, rules)


def _routes(
    revision: Revision, handlers: Mapping[str, Handler], matter: Matter, region: Region
) -> tuple[Counter[str], Counter[Failure]]:
    """The levels that answered and the failures, each with how often."""
    answers: Counter[str] = Counter()
    failures: Counter[Failure] = Counter()
    for place in _places(revision.registry, region):
        for particulars in _combinations(matter):
            where = " ".join([place, *(f"{key}={value}" for key, value in particulars.items())])
            try:
                answer = route(revision, handlers, matter.id, place, particulars, revision.registry.as_of)
            except MatterNotOffered:
                answers[NOT_OFFERED] += 1
            except MissingParticulars as problem:
                if {entry["key"] for entry in problem.extra["missing"]} == {"place"} and place == region.division:
                    answers["asked"] += 1
                else:
                    failures[where, "asks-again", problem.detail.zh, problem.detail.en] += 1
            except CalendarExhausted as problem:
                failures[where, "calendar", problem.detail.zh, problem.detail.en] += 1
            except Problem as problem:
                failures[where, problem.code, problem.detail.zh, problem.detail.en] += 1
            else:
                if isinstance(answer, Unroutable):
                    failures[where, "unroutable", answer.reason.zh, answer.reason.en] += 1
                elif isinstance(answer, Route):
                    answers[answer.level.value if answer.region == region.id else "elsewhere"] += 1
                else:
                    answers["outside"] += 1
    return answers, failures


def _cell(answers: Mapping[str, int]) -> str:
    levels = [level.value for level in (Level.CITY, Level.COUNTY, Level.STATION) if answers.get(level.value)]
    return "+".join(levels) or ("outside" if answers.get("outside") else NOT_OFFERED)

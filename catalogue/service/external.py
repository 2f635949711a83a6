"""The registrar's own system of record 业务办理系统: what is keyed in there, and what was decided there and waits here.

The national and provincial systems are not reached by machine; people carry over. So the carrying is made short: one
sheet in order, all papers at once, and results taken from a list that system exports, as CSV.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from catalogue.domain import workflow
from catalogue.domain.case import Case
from catalogue.domain.numbers import parse_reference
from catalogue.domain.people import HOME_ROLES, Actor, sight
from catalogue.domain.problems import Fault, InvalidInput, NotAllowed, Problem
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import canonical
from catalogue.service.desk import DeskCase, desk_case
from catalogue.service.handling import handle
from catalogue.service.house import House
from catalogue.service.ports import CaseLine, CaseQuery, Database, Work
from catalogue.service.views import etag, seen

QUEUES = ("to_accept", "to_review", "to_decide")
LISTED = 200
MOST_ROWS = 500
LARGEST_ZIP = 300 * 1024 * 1024
REASON = "转录到登记机关业务系统"


def transcribed(work: Work, house: House, actor: Actor, reference: str) -> DeskCase:
    """The case in clear, to be keyed into the registrar's system; who looked goes to the access log.

    Raises NotAllowed for who does not work for the deciding office.
    """
    case = seen(work, actor, reference)
    _deciding(case, actor)
    return desk_case(work, house, actor, reference, REASON)


def _deciding(case: Case, actor: Actor) -> None:
    if actor.office != case.home_office or actor.roles.isdisjoint(HOME_ROLES):
        raise NotAllowed(Text("仅限决定机关的办理人员", "For the officers of the deciding office"))


def papers_zip(work: Work, house: House, actor: Actor, reference: str) -> bytes:
    """All papers of a case in one ZIP, each noted as opened by the actor."""
    case = seen(work, actor, reference)
    _deciding(case, actor)
    files = work.files.list(reference)
    if sum(file.size for file in files) > LARGEST_ZIP:
        raise InvalidInput(Text("材料过大，请逐份下载", "The papers are too large: fetch them one by one"))
    matter = house.revision(case.revision).registry.matters[case.matter]
    names = {material.id: material.name.zh for material in matter.materials}
    packed = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for number, file in enumerate(files, 1):
            found = work.files.content(reference, file.id)
            if found is None:
                continue
            name = _safe(f"{number:02d} {names.get(file.material or '', '')} {file.name}", taken)
            entry = zipfile.ZipInfo(name, date_time=file.added_at.timetuple()[:6])
            archive.writestr(entry, found[1])
            work.files.opened(reference, file.id, actor.id, house.clock.now())
    return packed.getvalue()


def _safe(name: str, taken: set[str]) -> str:
    """A name no system trips over, none twice."""
    cleaned = " ".join(re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name).split())[:150].strip(". ")
    unique, n = cleaned, 1
    while unique in taken:
        n += 1
        unique = f"{n} {cleaned}"
    taken.add(unique)
    return unique


class Outstanding(Value, frozen=True):
    """A case of the office that another system decides: keyed in under ``number``, or not yet."""

    line: CaseLine
    number: str | None


def outstanding(work: Work, actor: Actor) -> Sequence[Outstanding]:
    """The open cases of the actor's office that are decided in another system, the most urgent first."""
    found = []
    for queue in QUEUES:
        page = work.cases.page(CaseQuery(queue=queue, turn=True, limit=LISTED), sight(actor))
        for line in page.lines:
            case = work.cases.load(line.reference, sight(actor))
            if case is None or case.home_office != actor.office:
                continue
            if case.record == "external" or case.external_number:
                found.append(Outstanding(line, case.external_number))
    return sorted(found, key=lambda one: (one.line.due_on or "9999", one.line.reference))[:LISTED]


class Result(Value, frozen=True):
    """One line of the other system's list, and the case here it is about; ``problem``: why it cannot be attached."""

    row: int
    number: str
    outcome: str | None
    decided_on: str | None
    certificate_number: str | None
    reference: str | None = None
    etag: str | None = None
    problem: Text | None = None


def read_results(work: Work, house: House, actor: Actor, text: str) -> Sequence[Result]:
    """A list of results as CSV (number or reference, outcome, day, certificate number) against the cases here.

    What is not open here any more is left out silently only where it has that result; everything else says why.
    Raises InvalidInput for what is no such list.
    """
    rows = list(_rows(text))
    if not rows or len(rows) > MOST_ROWS:
        raise InvalidInput(
            errors=(
                Fault(
                    "results",
                    "no-list",
                    Text(
                        f"每行写：编号,准予或不予,决定日期,证照编号；最多 {MOST_ROWS} 行",
                        f"Each line: number, granted or refused, day, certificate number; {MOST_ROWS} lines at most",
                    ),
                ),
            )
        )
    return [_matched(work, house, actor, result) for result in rows]


def _rows(text: str) -> Iterator[Result]:
    for number, cells in enumerate(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")), 1):
        values = [cell.strip() for cell in cells]
        one, outcome, day, certificate = (values + [""] * 4)[:4]
        if not any(values) or (number == 1 and canonical("results", outcome) is None and _heading(values)):
            continue
        yield Result(number, one[:64], canonical("results", outcome), _day(day), certificate[:100] or None)


def _heading(values: Sequence[str]) -> bool:
    return not any(character.isdigit() for value in values for character in value)


def _day(text: str) -> str | None:
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    try:
        return None if parts is None else date(*(int(part) for part in parts.groups())).isoformat()
    except ValueError:
        return None


def _matched(work: Work, house: House, actor: Actor, result: Result) -> Result:
    def said(zh: str, en: str, **given: Any) -> Result:
        return _with(result, problem=Text(zh, en), **given)

    if result.outcome is None:
        return said("结果应写准予或不予", "The outcome is granted or refused")
    if result.decided_on is None:
        return said("决定日期写作 2026-12-01", "A day is written 2026-12-01")
    reference = parse_reference(result.number)
    references = [reference] if reference else list(work.passing.by_external(result.number))
    cases = [case for one in references if (case := work.cases.load(one, sight(actor))) is not None]
    if len(cases) != 1:
        if cases:
            return said("此编号对应多个办件，请逐件登记", "Several cases have this number: attach them singly")
        return said("本机关没有此编号的办件", "No case of this office has that number")
    case = cases[0]
    matter = house.revision(case.revision).registry.matters[case.matter]
    found = _with(result, reference=case.reference, etag=etag(case))
    if case.decided_on is not None:
        return _with(found, problem=Text("已有决定", "Decided already"))
    if "attach-result" not in workflow.allowed(case, matter, actor):
        return _with(found, problem=Text("当前状态或岗位不能登记结果", "Neither state nor role allows it now"))
    return found


def _with(result: Result, **changes: Any) -> Result:
    return replace(result, **changes)


def attach_all(database: Database, house: House, actor: Actor, results: Sequence[Result]) -> Sequence[Result]:
    """Attach each result that can be, in a unit of work of its own; what was refused says why."""
    done = []
    for result in results:
        if result.problem is not None or result.reference is None:
            done.append(result)
            continue
        body = {"outcome": result.outcome, "decided_on": result.decided_on}
        if result.certificate_number and result.outcome == "granted":
            body["number"] = result.certificate_number
        if parse_reference(result.number) is None:
            body["external_number"] = result.number
        try:
            database.write(
                lambda work, r=result, b=body: handle(  # type: ignore[misc]
                    work, house, actor, r.reference, "attach-result", b, if_match=r.etag
                )
            ).result()
        except Problem as problem:
            detail = problem.errors[0].message if problem.errors else problem.detail
            done.append(_with(result, problem=detail))
        else:
            done.append(result)
    return done

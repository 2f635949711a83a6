"""The registrar's own system of record 业务办理系统: what is keyed in there, and what was decided there and waits here.

The national and provincial systems are not reached by machine; people carry over. So the carrying is made short: one
sheet in order, all papers at once, and results taken from a list that system exports, as CSV.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
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
from catalogue.service.papers import SIGNATURE, attach, clean_name
from catalogue.service.ports import CaseLine, CaseQuery, Database, IdempotencyKey, Outcome, Work
from catalogue.service.views import etag, seen

QUEUES = ("to_accept", "to_review", "to_decide")
LISTED = 200
MOST_ROWS = 500
LARGEST_ZIP = 300 * 1024 * 1024
LARGEST_PACK = 60 * 1024 * 1024
"""What the files of a list of results may come to, unpacked."""
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
    file: str | None = None
    """Name of the file that shows it: one of the ZIP that comes with the list, or of the scans of the case."""
    reference: str | None = None
    etag: str | None = None
    problem: Text | None = None


Pack = Mapping[str, bytes]
"""The files of results by their names, as a ZIP brings them."""


def unpacked(content: bytes) -> Pack:
    """The files of a ZIP by their bare names. Raises InvalidInput for what is no ZIP or swells beyond measure."""
    found: dict[str, bytes] = {}
    left = LARGEST_PACK
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if entry.is_dir():
                    continue
                with archive.open(entry) as file:
                    inner = file.read(left + 1)
                left -= len(inner)
                name = clean_name(entry.filename)
                if left < 0 or len(found) >= MOST_ROWS:
                    raise _no_pack(
                        "zip-too-large", "ZIP 展开后过大，请分批上传", "The ZIP unpacks to too much: split it"
                    )
                if name in found:
                    raise _no_pack("name-twice", f"ZIP 里有两个“{name}”", f"The ZIP has “{name}” twice")
                found[name] = inner
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError):
        raise _no_pack(
            "no-zip", "这不是能打开的 ZIP（不能加密）", "No ZIP that can be opened (without password)"
        ) from None
    return found


def _no_pack(code: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(errors=(Fault("files", code, Text(zh, en)),))


def read_results(work: Work, house: House, actor: Actor, text: str, pack: Pack | None = None) -> Sequence[Result]:
    """A list of results as CSV (number or reference, outcome, day, certificate number, file) against the cases here.

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
                        f"每行写：编号,准予或不予,决定日期,证照编号,结果文件名；最多 {MOST_ROWS} 行",
                        "Each line: number, granted or refused, day, certificate number, name of its file; "
                        f"{MOST_ROWS} lines at most",
                    ),
                ),
            )
        )
    return [_matched(work, house, actor, result, pack or {}) for result in rows]


def _rows(text: str) -> Iterator[Result]:
    for number, cells in enumerate(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")), 1):
        values = [cell.strip() for cell in cells]
        one, outcome, day, certificate, file = (values + [""] * 5)[:5]
        if not any(values) or (number == 1 and canonical("results", outcome) is None and _heading(values)):
            continue
        yield Result(
            number, one[:64], canonical("results", outcome), _day(day), certificate[:100] or None, file or None
        )


def _heading(values: Sequence[str]) -> bool:
    return not any(character.isdigit() for value in values for character in value)


def _day(text: str) -> str | None:
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    try:
        return None if parts is None else date(*(int(part) for part in parts.groups())).isoformat()
    except ValueError:
        return None


def _matched(work: Work, house: House, actor: Actor, result: Result, pack: Pack) -> Result:
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
    if result.file is not None and result.file not in pack and _scan_of(work, case.reference, result.file) is None:
        return _with(
            found,
            problem=Text(
                f"ZIP 和本件的扫描件里都没有“{result.file}”，请连同 ZIP 再核对",
                f"Neither the ZIP nor the scans of the case have “{result.file}”: send it along and look again",
            ),
        )
    return found


def _scan_of(work: Work, reference: str, name: str) -> str | None:
    """The id of the case's scan with that name or id."""
    scans = (file for file in work.files.list(reference) if file.kind == "scan")
    return next((file.id for file in scans if name in (file.id, file.name)), None)


def with_its_file(
    work: Work,
    house: House,
    actor: Actor,
    reference: str,
    command: str,
    field: str,
    body: Mapping[str, Any],
    name: str,
    content: bytes,
    *,
    if_match: str | None,
    key: IdempotencyKey | None = None,
) -> Outcome:
    """A command whose scan comes with it: kept with the case and named in ``field`` by the act, or neither."""
    stored = None if key is None else work.outcome(key)
    if stored is not None:
        return stored
    purpose = SIGNATURE if field == "signature_file" else None
    file = attach(work, house, actor, reference, name, content, None, purpose)
    return handle(work, house, actor, reference, command, {**body, field: file.id}, if_match=if_match, key=key)


def _with(result: Result, **changes: Any) -> Result:
    return replace(result, **changes)


def attach_all(
    database: Database, house: House, actor: Actor, results: Sequence[Result], pack: Pack | None = None
) -> Sequence[Result]:
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
            database.write(lambda work, r=result, b=body: _attached(work, house, actor, r, b, pack or {})).result()  # type: ignore[misc]
        except Problem as problem:
            detail = problem.errors[0].message if problem.errors else problem.detail
            done.append(_with(result, problem=detail))
        else:
            done.append(result)
    return done


def _attached(work: Work, house: House, actor: Actor, result: Result, body: dict[str, Any], pack: Pack) -> None:
    reference, name = str(result.reference), result.file
    if name is not None and name in pack:
        content = pack[name]
        with_its_file(work, house, actor, reference, "attach-result", "file", body, name, content, if_match=result.etag)
        return
    if name is not None:
        body = {**body, "file": _scan_of(work, reference, name) or name}
    handle(work, house, actor, reference, "attach-result", body, if_match=result.etag)

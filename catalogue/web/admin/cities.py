"""Cities, offices and calendars 机关与日历: adding, changing and closing offices, entering a notice on holidays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from catalogue.domain.calendar import Calendar, Standing, read_calendars
from catalogue.domain.problems import Fault, InvalidInput, NotFound, Problem, RuleForbids
from catalogue.domain.registry.calendar_diff import STANDINGS
from catalogue.domain.registry.calendar_text import Span, YearEntry, with_year
from catalogue.domain.registry.pieces import names, write_piece
from catalogue.domain.registry.schema import REGION
from catalogue.domain.registry.sketch import CALENDARS, Sketch, sketch
from catalogue.domain.registry.threeway import ABSENT
from catalogue.domain.text import Text
from catalogue.service.drafting import Opened, save
from catalogue.service.ports.drafts import OPEN
from catalogue.web.access import form_of, visitor_of
from catalogue.web.admin.drafts import draft_id, faults_of, loaded, typed_of, version_of
from catalogue.web.admin.form_reading import says_nothing, settled, text_of, value_of
from catalogue.web.admin.forms import Around, Control, Form, control
from catalogue.web.admin.matter_form import piece_value
from catalogue.web.admin.picking import city_name, kinds_of, matters_of, office_choices
from catalogue.web.admin.shell import EDITS, ENTERS, admin_page, asked
from catalogue.web.answer import Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.render import switch_address

EDITED = (
    "zh",
    "en",
    "short",
    "pinyin",
    "acceptance",
    "calendar",
    "handler",
    "city_office",
    "hotlines",
    "legs",
    "offices",
    "jurisdictions",
    "divisions",
    "numbers",
)
"""What the page of a city edits; its id and code stay, what it declares of matters stands with them."""


@page("GET", "/admin/cities", ENTERS)
async def cities(request: AnyRequest) -> Answer:
    """The cities with their offices and calendars, in force."""
    edge = edge_of(request)
    revision = edge.house.in_force()
    city = asked(request).get("city", "")
    region = revision.registry.regions.get(city)
    drafts = await edge.read(lambda work: work.drafts.list(OPEN))
    return admin_page(
        request, "admin_cities.html", held=revision.registry, region=region, calendars=revision.calendars,
        standings=STANDINGS, drafts=drafts,
    )  # fmt: skip


@page("GET", "/admin/drafts/{draft:str}/cities", ENTERS)
async def draft_cities(request: AnyRequest) -> Answer:
    """The cities and calendars of a draft, to be picked for change."""
    found = await loaded(edge_of(request), draft_id(request))
    rows = [
        (id, piece_value(found.sketch, f"regions/{id}"), f"regions/{id}" in found.sketch.edits)
        for id in names(found.sketch.pieces, "regions")
    ]
    calendars = [
        (calendar, f"{CALENDARS}{calendar.file}" in found.sketch.edits) for calendar in found.sketch.calendars.values()
    ]
    return admin_page(
        request, "admin_draft_cities.html", draft=found.draft, rows=rows, calendars=calendars, standings=STANDINGS
    )


def _around(found: Sketch, region: Mapping[str, Any]) -> Around:
    offices = [
        (office["id"], Text(f"{office.get('zh', '')}（{office['id']}）", office.get("en", "")))
        for name in names(found.pieces, "regions")
        for office in piece_value(found, f"regions/{name}").get("offices", ())
        if isinstance(office, dict) and "id" in office
    ]
    own = [(d["id"], Text(d.get("zh", ""), d.get("en", ""))) for d in region.get("divisions", ()) if "id" in d]
    city = (str(region.get("division", "")), Text(str(region.get("zh", "")), str(region.get("en", ""))))
    mine = [pair for pair in offices if any(o.get("id") == pair[0] for o in region.get("offices", ()))]
    calendars = [(calendar.id, calendar.name) for calendar in found.calendars.values()]
    return Around(
        {
            "successor": offices, "parent": offices, "office": offices, "division": [city, *own], "city_office": mine,
            "calendar": calendars,
        },
        {
            "numbers.kinds": kinds_of(found),
            "numbers.offices": [(city_name("", region), office_choices(region.get("offices", ())))],
            "jurisdictions.matters": matters_of(found),
        },
    )  # fmt: skip


@page("GET", "/admin/drafts/{draft:str}/cities/{city:str}", ENTERS)
async def city_page(request: AnyRequest) -> Answer:
    """The form of a city: offices with windows, hours and successors, special jurisdictions, acceptance, calendar."""
    return await show_city(request, None, None)


async def show_city(
    request: AnyRequest, typed: Mapping[str, Any] | None, problem: Problem | None, more: str = ""
) -> Answer:
    """The page of a city, after an act that was refused with what is wrong."""
    id = str(request.path_params["city"])[:60]
    found = await loaded(edge_of(request), draft_id(request))
    region = dict(typed) if typed is not None else piece_value(found.sketch, f"regions/{id}")
    if not region:
        raise NotFound(Text("草案里没有这个城市", "The draft has no such city"))
    around = _around(found.sketch, piece_value(found.sketch, f"regions/{id}"))
    controls: list[Control] = [
        control(
            REGION.entries[key].kind, region.get(key, ABSENT), key, around, optional=not REGION.entries[key].required,
            rows=4 if more == key else 1, block="regions",
        )
        for key in EDITED
    ]  # fmt: skip
    faults = faults_of(problem.errors) if problem else {}
    return admin_page(
        request, "admin_city.html", 200 if problem is None else problem.status,
        draft=found.draft, id=id, city=region, controls=controls, faults=faults, problem=problem,
        changed=f"regions/{id}" in found.sketch.edits, is_new=f"regions/{id}" not in found.sketch.base.pieces,
        **switch_address(request, f"/admin/drafts/{found.draft.id}/cities/{id}"),
    )  # fmt: skip


@page("POST", "/admin/drafts/{draft:str}/cities/{city:str}", EDITS)
async def save_city(request: AnyRequest) -> Answer:
    """Save a city into the draft; what is wrong stands at its field and nothing is saved until it is mended."""
    id, form = str(request.path_params["city"])[:60], await form_of(request)
    found = await loaded(edge_of(request), draft_id(request))
    name = f"regions/{id}"
    region = piece_value(found.sketch, name)
    if not region:
        raise NotFound(Text("草案里没有这个城市", "The draft has no such city"))
    block, faults = _city_block(form, region, _around(found.sketch, region))
    more = text_of(form, "more")
    if more:
        return await show_city(request, block, None, more)
    text = write_piece(name, block, found.sketch.pieces.get(name))
    trial = sketch(found.sketch.base, {**found.sketch.edits, name: text})
    prefix = f"regions.{id}"
    faults += [
        Fault(finding.path.removeprefix(prefix).lstrip("."), finding.code, finding.message)
        for finding in trial.findings
        if finding.path.startswith(prefix)
    ]
    if faults:
        return await show_city(request, block, InvalidInput(errors=tuple(faults)))
    try:
        await _write(request, found, {name: text})
    except (InvalidInput, RuleForbids) as problem:
        return await show_city(request, block, problem)
    return see_other(f"/admin/drafts/{found.draft.id}/cities/{id}")


def _city_block(form: Form, region: Mapping[str, Any], around: Around) -> tuple[dict[str, Any], list[Fault]]:
    faults: list[Fault] = []
    block = dict(region)
    for key in EDITED:
        entry = REGION.entries[key]
        value = value_of(entry.kind, form, key, around, faults, optional=not entry.required)
        if value is ABSENT and key in region and says_nothing(region[key]):
            value = region[key]
        elif value is ABSENT and (entry.required or isinstance(region.get(key), list)):
            value = [] if isinstance(region.get(key), list) else ""
        if value is ABSENT:
            block.pop(key, None)
        else:
            block[key] = settled(region.get(key), value)
    for office in block.get("offices", ()):
        if isinstance(office, dict):
            office.setdefault("phone", None)
    return block, faults


async def _write(request: AnyRequest, found: Opened, edits: Mapping[str, str | None]) -> None:
    edge, actor = edge_of(request), visitor_of(request).actor
    version = version_of(await typed_of(request))
    await edge.write(lambda work: save(work, edge.house, actor, found.draft.id, version, edits))


# --- calendars --------------------------------------------------------------------------------------------------------


@page("GET", "/admin/drafts/{draft:str}/calendars/{calendar:str}", ENTERS)
async def calendar_page(request: AnyRequest) -> Answer:
    """The years of a calendar, and the form for a notice on one of them."""
    return await _calendar(request, {}, None)


async def _calendar(request: AnyRequest, typed: Mapping[str, str], problem: Problem | None) -> Answer:
    found = await loaded(edge_of(request), draft_id(request))
    calendar = _calendar_of(found, request)
    given = asked(request).get("year", "")
    year = next((one for one in calendar.years if str(one.year) == given), None)
    shown = dict(typed)
    if not shown and year is not None:
        shown = {
            "year": str(year.year), "standing": year.standing.value, "number": year.notice_number or "",
            "title": year.notice_title or "", "noticed_on": str(year.notice_date or ""), "source": year.source or "",
            "off": _lines(year.off), "work": "\n".join(map(str, year.work)), "awaiting": _lines(year.awaiting),
        }  # fmt: skip
    return admin_page(
        request, "admin_calendar.html", 200 if problem is None else problem.status,
        draft=found.draft, calendar=calendar, typed=shown, problem=problem, standings=STANDINGS,
        faults=faults_of(problem.errors) if problem else {},
        users=[r for r in found.sketch.registry.regions.values() if r.calendar == calendar.id],
        **switch_address(request, f"/admin/drafts/{found.draft.id}/calendars/{calendar.id}"),
    )  # fmt: skip


def _calendar_of(found: Opened, request: AnyRequest) -> Calendar:
    calendar = found.sketch.calendars.get(str(request.path_params["calendar"])[:60])
    if calendar is None:
        raise NotFound(Text("没有这个工作日历", "There is no such calendar"))
    return calendar


def _lines(periods: Any) -> str:
    return "\n".join(f"{p.first} {p.last} {p.name}" for p in periods)


@page("POST", "/admin/drafts/{draft:str}/calendars/{calendar:str}", EDITS)
async def save_calendar(request: AnyRequest) -> Answer:
    """Enter a year by its notice; dates that do not hold are named and nothing is saved."""
    found = await loaded(edge_of(request), draft_id(request))
    calendar, typed = _calendar_of(found, request), await typed_of(request)
    name = f"{CALENDARS}{calendar.file}"
    try:
        text = with_year(found.sketch.calendar_texts[calendar.file], year_of(typed))
        _read_whole({**found.sketch.calendar_texts, calendar.file: text}, calendar.file)
        await _write(request, found, {name: text})
    except (InvalidInput, RuleForbids) as problem:
        return await _calendar(request, typed, problem)
    return see_other(f"/admin/drafts/{found.draft.id}")


def _read_whole(texts: Mapping[str, str], file: str) -> None:
    """Raises InvalidInput with every finding of the file."""
    _, findings = read_calendars({name: text.encode() for name, text in texts.items()})
    if findings:
        raise InvalidInput(errors=tuple(Fault(finding.path, finding.code, finding.message) for finding in findings))


def year_of(typed: Mapping[str, str]) -> YearEntry:
    """The year that a form says. Raises InvalidInput naming each field."""
    faults: list[Fault] = []
    year = typed.get("year", "")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        faults.append(Fault("year", "bad-year", Text("年份写四位数字，如 2027", "A year has four digits")))
    if typed.get("standing") not in set(Standing):
        faults.append(Fault("standing", "missing", Text("请选择", "Choose")))
    official = typed.get("standing") == Standing.OFFICIAL
    if official and not typed.get("number"):
        faults.append(Fault("number", "missing", Text("官方通知须写文号", "A notice has a number")))
    noticed = _day(typed.get("noticed_on", ""), "noticed_on", faults) if typed.get("noticed_on") else None
    off = _periods(typed.get("off", ""), "off", faults)
    awaiting = _periods(typed.get("awaiting", ""), "awaiting", faults)
    work = [day for line in typed.get("work", "").split() if (day := _day(line, "work", faults)) is not None]
    if faults:
        raise InvalidInput(errors=tuple(faults))
    return YearEntry(
        int(year), Standing(typed["standing"]), typed.get("number") or None, typed.get("title") or None, noticed,
        typed.get("source") or None, off, work, awaiting,
    )  # fmt: skip


def _day(text: str, field: str, faults: list[Fault]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = Text(f"{text[:20]} 不是日期，请写 2027-02-06", f"{text[:20]} is no date; write 2027-02-06")
        faults.append(Fault(field, "bad-date", message))
        return None


def _periods(text: str, field: str, faults: list[Fault]) -> list[Span]:
    found = []
    for line in text.split("\n"):
        parts = line.split(maxsplit=2)
        if not parts:
            continue
        if len(parts) < 3:
            message = Text("每行写：起日 止日 名称", "A line: first day, last day, name")
            faults.append(Fault(field, "bad-line", message))
            continue
        first, last = _day(parts[0], field, faults), _day(parts[1], field, faults)
        if first is not None and last is not None:
            found.append(Span(first, last, parts[2]))
    return found


ROUTES = (cities, draft_cities, city_page, save_city, calendar_page, save_calendar)

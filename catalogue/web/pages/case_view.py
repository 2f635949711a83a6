"""Everything the page of one case shows, made ready for its template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import field

from catalogue.domain.acts.passing import waiting_slip
from catalogue.domain.case import Case
from catalogue.domain.copies import UNPRINTED, Copy, awaiting, current, with_the_office
from catalogue.domain.days import local_day, local_time
from catalogue.domain.dossier import title_of
from catalogue.domain.people import HOME_ROLES, WINDOW_ROLES, Actor
from catalogue.domain.problems import Problem
from catalogue.domain.registry.model import Matter, Registry
from catalogue.domain.text import Language, Text
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import WORDS, label
from catalogue.service.desk import DeskCase, Neighbours
from catalogue.service.house import House
from catalogue.service.intake import RETURNED
from catalogue.service.letters import came_because
from catalogue.service.meanings import wanted
from catalogue.service.ports import KeptAnswer
from catalogue.service.refused import may_settle
from catalogue.service.views import calendar_of
from catalogue.web.pages.act_words import COMMANDS, GOES_ON, GROUPS, HELP, KEYS
from catalogue.web.pages.answer_words import ANSWER_ACTS, ANSWERS
from catalogue.web.pages.case_checks import checks
from catalogue.web.pages.case_facts import entries, sections
from catalogue.web.pages.case_history import history
from catalogue.web.pages.commands import COPIES, COPY_KINDS, Around, Choice, Control, Form, faults_by_field, form_of
from catalogue.web.pages.gantt import time_svg
from catalogue.web.pages.line import journey, line_svg, told
from catalogue.web.pages.rows import calendar_for, clock_of
from catalogue.web.pages.status import division_name


class Tried(Value, frozen=True):
    """An act that was refused: what was typed stays, what is wrong stands beside it."""

    command: str
    form: Form
    problem: Problem
    since: int | None = None
    """The last event the person had seen, where the case has moved on."""


class Act(Value, frozen=True):
    """One act that is allowed now."""

    command: str
    label: Text
    help: Text | None
    key: str
    main: bool
    fields: tuple[Control, ...]
    group: Text | None
    """The heading it stands under; None for what moves the case on."""

    @property
    def records(self) -> tuple[Text, ...]:
        """What it must record, named before its form is opened."""
        return tuple(control.label for control in self.fields if control.required)


class Paper(Value, frozen=True):
    """A paper of the matter with what was received of it and its scans."""

    id: str | None
    name: Text
    counts: str | None
    line: Mapping[str, Any] | None
    scans: tuple[Mapping[str, Any], ...] = field(default=())


PLEDGES = {code: WORDS["taken_as"][code] for code in ("pledge", "pledge_kept", "pledge_broken")}
"""What a case page says of a paper that a commitment stands in for."""


def around(found: DeskCase, matter: Matter, registry: Registry, actor: Actor) -> Around:
    """What the forms of this case choose from."""
    case = found.case
    extra = registry.overlay(case.home_region, case.matter).extra_materials if case.home_region else ()
    papers = tuple((paper.id, paper.name) for paper in (*matter.materials, *extra))
    by_id = dict(papers)
    # What may travel is what was handed in: the matter's other papers are none of this case.
    brought = tuple(paper for paper in papers if paper[0] in {line.id for line in case.materials}) or papers
    beside = (("result", Text("办理结果", "The result")), ("other", Text("其他", "Other")))
    asked: list[str] = []
    for event in found.events:
        if event.type == "correction_requested":
            asked = list(event.clear.get("materials", ()))
    desk = tuple(
        (other.username, Text(other.username, other.username))
        for other in found.colleagues
        if not other.roles.isdisjoint(HOME_ROLES)
    )
    return Around(
        papers=papers,
        asked=tuple((paper, by_id[paper]) for paper in dict.fromkeys(asked) if paper in by_id) or papers,
        deferred=tuple((line.id, by_id.get(line.id, Text(line.id, line.id))) for line in case.deferred),
        pledged=tuple((line.id, by_id.get(line.id, Text(line.id, line.id))) for line in case.pledged),
        officers=desk,
        colleagues=desk,
        originals=(*brought, *beside),
        slip=_slip(case, actor, (*papers, *beside), (*brought, *beside)),
        offices=tuple((office.id, office.name) for office in registry.offices.values()),
        entries=tuple(entries(found.body.get("dossier", {}), matter)),
        copies=tuple((copy.id, Text(*_copy_words(copy))) for copy in current(case)),
        waiting=tuple((copy.id, Text(*_copy_words(copy))) for copy in with_the_office(case)),
        scans=tuple((file.id, Text(file.name, file.name)) for file in found.files),
        documents=tuple((one.id, one.title) for one in found.documents),
        recipients=tuple(f"{one['name']}{' ✓' if one['served'] else ''}" for one in found.body["recipients"]),
        unsigned=tuple(
            (str(event.seq), Text(f"{local_time(event.at)[:16].replace('T', ' ')} 发放", local_time(event.at)[:16]))
            for event in found.events
            if event.seq in case.unsigned
        ),
        replaces=any(result.replaces for result in matter.certificates),
        old_licences=tuple((old.id, label("old_licences", old.id.partition("-")[0])) for old in awaiting(case)),
    )


def _copy_words(copy: Copy) -> tuple[str, str]:
    status = label("copy_statuses", copy.status)
    return f"{copy.kind} 第 {copy.copy_no} 本（{status.zh}）", f"{copy.kind} no. {copy.copy_no} ({status.en})"


def _slip(case: Case, actor: Actor, papers: tuple[Choice, ...], brought: tuple[Choice, ...]) -> tuple[Choice, ...]:
    slip = waiting_slip(case, actor)
    return brought if slip is None else tuple(paper for paper in papers if paper[0] in slip.papers)


def acts(found: DeskCase, given: Around) -> list[Act]:
    """The acts that are allowed now, what moves the case on first."""
    allowed = [command for command in COMMANDS if command in found.body["allowed"]]
    # A review takes time, so one claims first; everything else is done at once.
    unclaimed = found.case.claimed_by is None and "claim" in allowed
    first = _result_next(found.case, allowed) or next((command for command in allowed if command in GOES_ON), None)
    main = "claim" if unclaimed and first in (None, "review") else first
    groups = {command: place for place, (_, those) in enumerate(GROUPS, 1) for command in those}
    known = list(COMMANDS)

    def order(command: str) -> tuple[int, int]:
        return (-1, 0) if command == main else (groups.get(command, 0), known.index(command))

    return [
        Act(
            command,
            COMMANDS[command],
            HELP.get(command),
            KEYS[command],
            command == main,
            form_of(command, given),
            None if command == main or command not in groups else GROUPS[groups[command] - 1][0],
        )
        for command in sorted(allowed, key=order)
        if command != "claim" or unclaimed
    ]


def _result_next(case: Case, allowed: list[str]) -> str | None:
    """What the window does next with a result that is there: print it, say how that went, then post it where asked."""
    if case.state != "cert_ready":
        return None
    statuses = {copy.status for copy in current(case)}
    if "printing" in statuses and "report-print" in allowed:
        return "report-print"
    if statuses & UNPRINTED and "print-copy" in allowed:
        return "print-copy"
    return "post" if case.delivery_method == "post" and "post" in allowed else None


def papers(found: DeskCase, matter: Matter, registry: Registry, actor: Actor) -> list[Paper]:
    """Papers in the order of the matter, those with scans under their paper, the rest at the end."""
    case = found.case
    extra = registry.overlay(case.home_region, case.matter).extra_materials if case.home_region else ()
    names = {paper.id: paper.name for paper in (*matter.materials, *extra)}
    lines = {line["id"]: line for line in found.body["materials"]}
    scans: dict[str | None, list[dict[str, Any]]] = {}
    for file in found.files:
        openers = found.openers.get(file.id, frozenset())
        scans.setdefault(file.material if file.material in names else None, []).append(
            {
                "id": file.id,
                "name": file.name,
                "image": file.media_type.startswith("image/"),
                "kind": file.media_type.rpartition("/")[2].upper(),
                "size": _size(file.size),
                "opened": bool(openers),
                "mine": actor.id in openers,
                "waiting": openers.isdisjoint({actor.id, case.reviewed_by}),
            }
        )
    listed = [paper for paper in names if paper in lines or paper in scans]
    listed += [paper for paper in lines if paper not in names]
    found_papers = [
        Paper(paper, names.get(paper, Text(paper, paper)), None, lines.get(paper), tuple(scans.get(paper, ())))
        for paper in listed
    ]
    if None in scans:
        found_papers.append(Paper(None, Text("其他扫描件", "Other scans"), None, None, tuple(scans[None])))
    return found_papers


def _size(octets: int) -> str:
    return f"{octets / 1048576:.1f} MB" if octets >= 1048576 else f"{max(octets // 1024, 1)} KB"


def shown(
    house: House,
    actor: Actor,
    found: DeskCase,
    near: Neighbours | None,
    tongue: Language,
    tried: Tried | None,
    scan: str | None,
) -> dict[str, Any]:
    """The context of the template."""
    case, body = found.case, found.body
    revision = house.revision(case.revision)
    registry, matter = revision.registry, revision.registry.matters[case.matter]
    now = house.clock.now()
    trip = journey(
        case.state,
        case.accepting_region,
        case.home_region,
        stopped=body["limits"]["stopped"],
        accepting_place=division_name(registry, {"id": case.accepting_office}),
        home_place=division_name(registry, {"id": case.home_office}) if case.home_office else None,
    )
    given = around(found, matter, registry, actor)
    may = acts(found, given)
    listed = papers(found, matter, registry, actor)
    scans = [one for paper in listed for one in paper.scans]
    line = {
        "queue": body["queue"],
        "state": case.state,
        "due_on": None,
        **{key: body["limits"][key] for key in ("statutory_by", "promised_by")},
    }
    dates: tuple[str, ...] = (
        ("check_by",)
        if body["queue"] == "to_check"
        else ("deliver_by",)
        if case.decided_on
        else ("notice_by", "promised_by", "statutory_by")
    )
    line["due_on"] = min((body["limits"][key] for key in dates if body["limits"][key]), default=None)
    history_shown = history(found)
    return {
        "case": body,
        "title": title_of(body["dossier"], matter) if body.get("dossier") else None,
        "again": _may_resubmit(case, actor, body),
        "etag": found.etag,
        "found": found,
        "matter": matter,
        "near": near,
        "tried": tried,
        "faults": faults_by_field(tried.problem.errors) if tried else {},
        "news": [event for event in history_shown if tried and tried.since is not None and event["seq"] > tried.since],
        "lost": _lost(tried, body["allowed"]),
        "picture": line_svg(registry, trip, tongue, "case"),
        "told": told(registry, trip, tongue),
        "clock": clock_of(line, calendar_for(revision, case.home_region), local_day(now)),
        "offices": {office.id: office.name for office in registry.offices.values()},
        "regions": {region.id: region.name for region in registry.regions.values()},
        "sections": sections(body.get("dossier", {}), matter, registry),
        "papers": listed,
        "paper_names": dict(given.papers),
        "scans": scans,
        "scan": next((one for one in scans if one["id"] == scan), None),
        "unopened": [one for one in scans if one["waiting"]],
        "acts": may,
        "chooses_office": any(control.kind in ("office", "where") for act in may for control in act.fields),
        "copies": COPIES,
        "pledges": PLEDGES,
        "copy_kinds": COPY_KINDS,
        "history": history_shown,
        "came": came_because(found.events),
        "time_picture": _time(house, found, registry, tongue),
        "checks": checks(case, matter, local_day(now)),
        "place": _place(case, registry),
        "particulars": _particulars(case, matter),
        "claimed": found.names.get(case.claimed_by or "", case.claimed_by),
        "mine": case.claimed_by in (actor.id, actor.acting_for),
        "calendar_name": _calendar_name(house, case),
        "answer_words": ANSWERS,
        "refused": [(one, _by_hand(one, body["allowed"])) for one in found.refused],
        "answer_acts": ANSWER_ACTS if may_settle(actor, case.home_region or "", case) else {},
        "moment": local_time,
    }


def _by_hand(answer: KeptAnswer, allowed: list[str]) -> tuple[str, Text] | None:
    """The act by which this very officer may do now what the answer said."""
    command = next((one for one in wanted(answer.type, answer.body.get("data", {})) if one in allowed), None)
    return None if command is None else (command, COMMANDS[command])


def _may_resubmit(case: Case, actor: Actor, body: Mapping[str, Any]) -> bool:
    """Whether a window may receive this returned case again."""
    returned = case.state in RETURNED and case.resubmitted_as is None
    return returned and not actor.roles.isdisjoint(WINDOW_ROLES) and bool(body.get("dossier"))


def _lost(tried: Tried | None, allowed: list[str]) -> list[str]:
    """What was typed for an act that is no longer possible, so that it can be copied elsewhere."""
    if tried is None or tried.command in allowed:
        return []
    hidden = {"csrf", "etag", "key", "context", "acting", "next"}
    return [value for name, values in tried.form.items() if name not in hidden for value in values if value.strip()]


def _time(house: House, found: DeskCase, registry: Registry, tongue: Language) -> Any:
    calendar = calendar_of(house, found.case)
    if calendar is None:
        return None
    places = {}
    for row, office in (("accepting", found.case.accepting_office), ("home", found.case.home_office)):
        name = division_name(registry, {"id": office}) if office else None
        if name is not None:
            places[row] = name.in_language(tongue)
    used = found.body["time_used"]
    parts = [f"{label('accounts', row).in_language(tongue)} {days}" for row, days in used.items()]
    return time_svg(found.case, calendar, house.clock.now(), places, "；".join(parts), tongue) or None


def _place(case: Case, registry: Registry) -> Text | None:
    found = registry.divisions.get(case.place.partition("/")[0])
    return found[0].name if found else None


def _particulars(case: Case, matter: Matter) -> list[tuple[Text, Text]]:
    said = []
    known = {particular.key: particular for particular in matter.particulars}
    for key, value in case.particulars.items():
        particular = known.get(key)
        choices = {choice.value: choice.label for choice in particular.choices} if particular else {}
        said.append((particular.label if particular else Text(key, key), choices.get(value, Text(value, value))))
    return said


def _calendar_name(house: House, case: Case) -> Text | None:
    calendar = calendar_of(house, case)
    return None if calendar is None else calendar.name

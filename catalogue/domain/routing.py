"""Which office decides, and why.

Pure: a revision of the registry, the cities' handlers, the matter, the place that counts and the particulars give one
answer with every rule that was looked at. The dry run and the live run are this same function. What is missing is
asked for, what belongs elsewhere is said to, what should be routable and is not says so; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from catalogue.domain.calendar import Calendar
from catalogue.domain.handler import Question
from catalogue.domain.problems import CalendarExhausted, Fault, InvalidInput, MatterNotOffered
from catalogue.domain.registry.model import (
    Condition,
    Confidence,
    Jurisdiction,
    Level,
    LevelRule,
    Limits,
    Material,
    Matter,
    Office,
    Overlay,
    Region,
)
from catalogue.domain.registry.revision import Revision
from catalogue.domain.routecard import Answer, Expected, Outside, Route, Step, Unroutable, route_json
from catalogue.domain.routequestion import (
    Asked,
    Handlers,
    Place,
    ask,
    locate,
    missing,
    missing_place,
    special_jurisdiction,
    unroutable,
)
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label

__all__ = ["Answer", "Expected", "Outside", "Route", "Step", "Unroutable", "route", "route_json", "route_to"]


def route(
    revision: Revision,
    handlers: Handlers,
    matter_id: str,
    place: str,
    particulars: Mapping[str, str],
    on: date,
) -> Answer:
    """The routing of a matter for a place, as of the day ``on``, from which dates are counted.

    ``place`` is a division code, optionally with a finer place: ``532801`` or ``532823/磨憨镇``.
    Raises UnknownMatter, UnknownPlace, InvalidInput (a particular or value the matter does not know),
    MissingParticulars (with ``missing``), MatterNotOffered and CalendarExhausted.
    """
    asked = ask(revision, handlers, matter_id, particulars, on)
    found = locate(asked, place)
    if not isinstance(found, Place):
        return found
    special = special_jurisdiction(asked, found)
    region = found.region
    if special is not None:
        office = asked.registry.offices.get(special.office)
        if office is None:
            return unroutable(
                asked, region, f"特别管辖指向的机关 {special.office} 不存在",
                f"The special jurisdiction names an office {special.office} that does not exist",
            )  # fmt: skip
        region = asked.registry.regions[office.region]
    overlay = _offered(asked, region)
    rule = _level(asked)
    if rule is None:
        return unroutable(asked, region, "没有适用的层级规则", "No rule of level applies")
    if rule.level is Level.PROVINCE:
        return _at_province(asked)
    chosen = _office(asked, found, region, rule.level, special)
    if isinstance(chosen, Unroutable):
        return chosen
    office, region, overlay = _open(asked, chosen, region, overlay)
    return _route(asked, found.text, region, office, overlay)


def route_to(
    revision: Revision,
    handlers: Handlers,
    matter_id: str,
    place: str,
    particulars: Mapping[str, str],
    on: date,
    office_id: str,
) -> Answer:
    """The same card for an office that a human named, who answers for the choice.

    Raises as ``route`` does, and InvalidInput where there is no such office; particulars are not asked for.
    """
    asked = ask(revision, handlers, matter_id, particulars, on)
    found = locate(asked, place, strict=False)
    if not isinstance(found, Place):
        return found
    office = asked.registry.offices.get(office_id)
    if office is None:
        message = Text(
            f"没有办理机关 {office_id}，请从清单中选择", f"There is no office {office_id}; pick a listed one"
        )
        raise InvalidInput(message, errors=(Fault("office", "unknown-office", message),))
    region = asked.registry.regions[office.region]
    overlay = _offered(asked, region)
    asked.say("office", True, f"由经办人指定：{office.name.zh}", f"Named by a person: {office.name.en}")
    office, region, overlay = _open(asked, office, region, overlay)
    return _route(asked, found.text, region, office, overlay)


# --- availability, level, office --------------------------------------------------------------------------------------


def _offered(asked: Asked, region: Region) -> Overlay:
    overlay = asked.registry.overlay(region.id, asked.matter.id)
    if not overlay.available:
        raise MatterNotOffered(
            Text(
                f"{region.name.zh}未开通“{asked.matter.name.zh}”的跨区通办，请向当地市场监督管理部门办理",
                f"{region.name.en} does not offer {asked.matter.name.en} in the programme; turn to its own authority",
            ),
            extra={"region": region.id, "matter": asked.matter.id},
        )
    asked.say("availability", True, f"{region.name.zh}开通本事项", f"{region.name.en} offers this matter")
    return overlay


def _holds(when: Condition, particulars: Mapping[str, str]) -> bool | None:
    """Whether a condition holds; None while an answer it needs is missing."""
    unknown = False
    for key, accepted in when.items():
        given = particulars.get(key)
        if given is None:
            unknown = True
        elif given not in accepted:
            return False
    return None if unknown else True


def _in_words(matter: Matter, when: Condition) -> tuple[str, str]:
    """A condition as a clerk reads it, zh and en."""
    zh, en = [], []
    for key, accepted in when.items():
        particular = next((p for p in matter.particulars if p.key == key), None)
        name = particular.label if particular else Text(key, key)
        labels = {c.value: c.label for c in particular.choices} if particular else {}
        zh.append(f"{name.zh}为{'或'.join(labels[v].zh if v in labels else v for v in accepted)}")
        en.append(f"{name.en} is {' or '.join(labels[v].en if v in labels else v for v in accepted)}")
    return ("，".join(zh) or "一律", " and ".join(en) or "always")


def _level(asked: Asked) -> LevelRule | None:
    """The first rule of level that holds. Raises MissingParticulars where an earlier one cannot be told yet."""
    for position, rule in enumerate(asked.matter.decided_by.levels):
        held = _holds(rule.when, asked.particulars)
        if held is None:
            raise missing([_choice_of(asked.matter, key) for key in rule.when if key not in asked.particulars])
        path = f"decided_by.levels[{position}]"
        mark = asked.assume(path) if held and rule.confidence is Confidence.ASSUMED else ("", "")
        words, level = _in_words(asked.matter, rule.when), label("levels", rule.level)
        asked.say(path, held, f"{words[0]}：由{level.zh}办理{mark[0]}", f"{level.en} level if {words[1]}{mark[1]}")
        if held:
            return rule
    return None


def _choice_of(matter: Matter, key: str) -> dict[str, Any]:
    particular = next((p for p in matter.particulars if p.key == key), None)
    if particular is None:
        return {"key": key, "label": Text(key, key).as_json(), "choices": []}
    choices = [{"value": choice.value, "label": choice.label.as_json()} for choice in particular.choices]
    return {"key": key, "label": particular.label.as_json(), "choices": choices}


def _at_province(asked: Asked) -> Outside:
    province = asked.registry.province
    reason = Text("本事项由省级机关办理，不属通办范围。", "The province decides this; it is outside the programme.")
    asked.steps.append(Step("office", False, reason))
    return Outside(province.authority, reason, tuple(asked.steps), asked.revision.number)


def _office(
    asked: Asked, place: Place, region: Region, level: Level, special: Jurisdiction | None
) -> Office | Unroutable:
    """The office of that level: that of the special jurisdiction, else the handler's choice among the declared."""
    offices = asked.registry.offices
    if special is not None and (level is not Level.CITY or offices[special.office].level is Level.CITY):
        office = offices[special.office]
        asked.say(
            "office", True, f"特别管辖机关：{office.name.zh}", f"Office of the special jurisdiction: {office.name.en}"
        )
        return office
    if level is Level.CITY:
        candidates = tuple(office for office in region.offices if office.level is level)
        usual = next((office for office in candidates if office.id == region.city_office), None)
    else:
        if not place.county:
            raise missing_place((division.code, division.name) for division in region.divisions)
        candidates = tuple(o for o in region.offices if o.level is level and o.division == place.code)
        usual = next((o for o in candidates if o.id == place.code), candidates[0] if len(candidates) == 1 else None)
    words = label("levels", level)
    if not candidates:
        return unroutable(asked, region, f"{place.text} 没有{words.zh}办理机关",
                           f"There is no office of {words.en.lower()} level for {place.text}")  # fmt: skip
    still_open = tuple(office for office in candidates if office.successor is None)
    if still_open and len(still_open) < len(candidates):
        candidates = still_open
        usual = usual if usual in candidates else candidates[0] if len(candidates) == 1 else None
    handler = asked.handlers.get(region.handler)
    if handler is None:
        return unroutable(asked, region, f"{region.name.zh}的办理规则 {region.handler} 未安装",
                           f"The handler {region.handler} of {region.name.en} is not installed")  # fmt: skip
    question = Question(
        asked.matter, region, place.code, place.locality, level, candidates, usual, asked.particulars
    )  # fmt: skip
    choice = handler.choose(question)
    who = f"{handler.id} {handler.version}"
    asked.say("handler", choice.office is not None, f"{who}：{choice.reason.zh}", f"{who}: {choice.reason.en}")
    if choice.office is None:
        return unroutable(asked, region, choice.reason.zh, choice.reason.en)
    if choice.office not in candidates:
        return unroutable(asked, region, f"{who} 选了清单之外的机关 {choice.office.id}",
                           f"{who} chose an office that is not declared here: {choice.office.id}")  # fmt: skip
    asked.say("office", True, f"{words.zh}办理机关：{choice.office.name.zh}",
              f"{words.en} office: {choice.office.name.en}")  # fmt: skip
    return choice.office


def _open(asked: Asked, office: Office, region: Region, overlay: Overlay) -> tuple[Office, Region, Overlay]:
    """The office itself, or where it was closed the one that succeeded it, with the city it stands in."""
    first = office
    while office.successor is not None and office.successor in asked.registry.offices:
        office = asked.registry.offices[office.successor]
        if office is first:
            break
    if office is first:
        return office, region, overlay
    asked.say(
        "successor", True, f"{first.name.zh}已撤并，由{office.name.zh}承接",
        f"{first.name.en} is closed; {office.name.en} answers in its place",
    )  # fmt: skip
    if office.region != region.id:
        region = asked.registry.regions[office.region]
        overlay = _offered(asked, region)
    return office, region, overlay


# --- the card ---------------------------------------------------------------------------------------------------------


def _route(asked: Asked, place: str, region: Region, office: Office, overlay: Overlay) -> Route | Unroutable:
    matter = asked.matter
    handler = asked.handlers.get(region.handler)
    if handler is None:
        return unroutable(asked, region, f"{region.name.zh}的办理规则 {region.handler} 未安装",
                           f"The handler {region.handler} of {region.name.en} is not installed")  # fmt: skip
    limits = _limits(asked, region, overlay)
    declared = overlay.acceptance or region.acceptance
    accepted = handler.acceptance(matter, declared)
    how = label("acceptance", accepted)
    asked.say("acceptance", True, f"受理方式：{how.zh}", f"Acceptance: {how.en}")
    needed, conditional = _materials(matter, overlay, asked.particulars)
    asked.assumed += (
        path
        for path, provenance in matter.provenance.items()
        if provenance.confidence is Confidence.ASSUMED and path not in asked.assumed
    )
    calendar = asked.revision.calendars.get(region.calendar)
    if calendar is None:
        raise CalendarExhausted(
            Text(
                f"本版清单没有工作日历 {region.calendar}",
                f"This revision has no working-day calendar {region.calendar}",
            )
        )
    expected = _expected(asked, calendar, limits)
    return Route(
        matter=matter.id,
        place=place,
        region=region.id,
        office=office,
        level=office.level,
        handler=region.handler,
        handler_version=handler.version,
        acceptance=accepted,
        mode=overlay.mode or matter.mode,
        limits=limits,
        expected=expected,
        materials=needed,
        conditional=conditional,
        assumed=tuple(asked.assumed),
        explanation=tuple(asked.steps),
        revision=asked.revision.number,
        calendar=calendar.id,
    )


def _limits(asked: Asked, region: Region, overlay: Overlay) -> Limits:
    limits = asked.matter.limits
    differs = []
    if overlay.promised_days is not None:
        limits = replace(limits, promised_days=overlay.promised_days)
        differs.append((f"承诺 {overlay.promised_days} 个工作日", f"promised in {overlay.promised_days} working days"))
    if overlay.mode is not None:
        mode = label("modes", overlay.mode)
        differs.append((f"方式为{mode.zh}", f"mode: {mode.en}"))
    if overlay.extra_materials:
        count = len(overlay.extra_materials)
        differs.append((f"另需材料 {count} 项", f"{count} more papers"))
    zh = "，".join(one for one, _ in differs) or "无本地差异"
    en = ", ".join(other for _, other in differs) or "no local difference"
    asked.say("overlay", bool(differs), f"{region.name.zh}：{zh}", f"{region.name.en}: {en}")
    return limits


def _materials(
    matter: Matter, overlay: Overlay, particulars: Mapping[str, str]
) -> tuple[tuple[Material, ...], frozenset[str]]:
    """The papers to bring, and which of them only if a condition in words holds.

    A paper whose machine condition cannot be told yet is listed as conditional rather than dropped.
    """
    needed, conditional = [], set()
    for material in (*matter.materials, *overlay.extra_materials):
        held = _holds(material.when, particulars)
        if held is False:
            continue
        needed.append(material)
        in_words = not material.required and (material.condition is not None or not material.when)
        if held is None or in_words:
            conditional.add(material.id)
    return tuple(needed), frozenset(conditional)


def _expected(asked: Asked, calendar: Calendar, limits: Limits) -> Expected:
    provisional = False
    dates: list[date | None] = []
    for days in (limits.promised_days, limits.statutory_days):
        if days is None:
            dates.append(None)
            continue
        counted = calendar.add(asked.on, days)
        dates.append(counted.date)
        provisional = provisional or counted.provisional
    mark = ("（暂定）", " (provisional)") if provisional else ("", "")
    asked.say(
        "calendar", True,
        f"按{calendar.name.zh}工作日历自 {asked.on} 起算，当日不计{mark[0]}",
        f"Counted by the calendar of {calendar.name.en} from {asked.on}, that day not counted{mark[1]}",
    )  # fmt: skip
    return Expected(dates[0], dates[1], provisional)

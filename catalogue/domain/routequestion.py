"""The question that routing answers: the matter, its particulars, and the place within the programme.

A place is told by its division code, present or former, with an optional finer place beneath it. Special
jurisdictions are found by the longest place that covers it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from catalogue.domain.divisions import known_place, locality_stem, present_city, present_division
from catalogue.domain.handler import Handler
from catalogue.domain.problems import Fault, InvalidInput, MissingParticulars, UnknownMatter, UnknownPlace
from catalogue.domain.registry.model import Confidence, Jurisdiction, Matter, PlaceRule, Region, Registry
from catalogue.domain.registry.revision import Revision
from catalogue.domain.routecard import Outside, Step, Unroutable
from catalogue.domain.text import Text
from catalogue.domain.value import Value

Handlers = Mapping[str, Handler]


class Asked(msgspec.Struct):
    """The question with what has been found on the way."""

    revision: Revision
    registry: Registry
    handlers: Handlers
    matter: Matter
    particulars: dict[str, str]
    on: date
    steps: list[Step] = msgspec.field(default_factory=list)
    assumed: list[str] = msgspec.field(default_factory=list)

    def say(self, rule: str, matched: bool, zh: str, en: str) -> None:
        """Note one rule that was looked at."""
        self.steps.append(Step(rule, matched, Text(zh, en)))

    def assume(self, path: str) -> tuple[str, str]:
        """Note a working assumption; the mark for the sentence that rests on it."""
        self.assumed.append(path)
        return "（工作假定）", " (working assumption)"


class Place(Value, frozen=True):
    """A place within the programme; ``county`` is false for a city as a whole."""

    code: str
    locality: str | None
    region: Region
    county: bool

    @property
    def text(self) -> str:
        """Code and locality as routing takes them."""
        return f"{self.code}/{self.locality}" if self.locality else self.code


def ask(revision: Revision, handlers: Handlers, matter_id: str, particulars: Mapping[str, str], on: date) -> Asked:
    """The question with matter and particulars checked; an empty particular is one not given.

    Raises UnknownMatter, and InvalidInput naming every particular or value that the matter does not know.
    """
    matter = revision.registry.matters.get(matter_id)
    if matter is None:
        message = Text(
            f"没有事项 {matter_id}，请从事项清单中选择",
            f"There is no matter {matter_id}; pick one from the catalogue",
        )
        raise UnknownMatter(message, errors=(Fault("matter", "unknown-matter", message),))
    known = {particular.key: particular for particular in matter.particulars}
    faults = []
    for key, value in particulars.items():
        if key not in known:
            faults.append(
                _fault(key, "unknown-particular", "本事项没有这一项情况", "This matter has no such particular")
            )
        elif value and all(value != choice.value for choice in known[key].choices):
            choices = ", ".join(choice.value for choice in known[key].choices)
            faults.append(_fault(key, "unknown-value", f"可选值：{choices}", f"One of: {choices}"))
    if faults:
        raise InvalidInput(errors=tuple(faults))
    asked = Asked(revision, revision.registry, handlers, matter, {k: v for k, v in particulars.items() if v}, on)
    asked.say("matter", True, f"事项：{matter.name.zh}", f"Matter: {matter.name.en}")
    whose = _WHOSE[matter.decided_by.place]
    asked.say("decided_by.place", True, f"按{whose.zh}确定管辖", f"Jurisdiction follows {whose.en}")
    return asked


def _fault(key: str, code: str, zh: str, en: str) -> Fault:
    return Fault(f"particulars.{key}", code, Text(zh, en))


_WHOSE = {
    PlaceRule.PREMISES: Text("经营场所", "the place of business"),
    PlaceRule.SEAT: Text("住所", "the seat"),
    PlaceRule.BRANCH: Text("分支机构所在地", "the place of the branch"),
    PlaceRule.NEW_SEAT: Text("迁入地", "the new seat"),
    PlaceRule.ISSUER: Text("原发证机关所在地", "the place of the authority that issued the certificate"),
    PlaceRule.RESIDENCE: Text("申请人住所", "the residence of the applicant"),
}


def unroutable(asked: Asked, region: Region | None, zh: str, en: str) -> Unroutable:
    """The answer where an office should be found and is not."""
    reason = Text(zh, en)
    asked.steps.append(Step("unroutable", True, reason))
    return Unroutable(reason, tuple(asked.steps), region.id if region else None, asked.revision.number)


# --- the place --------------------------------------------------------------------------------------------------------


def locate(asked: Asked, place: str, *, strict: bool = True) -> Place | Outside | Unroutable:
    """The place within the programme, or what to answer where it is not; raises UnknownPlace for no place at all.

    Not ``strict``: a real place that the registry does not list stands as given, because a human answers for it.
    """
    registry = asked.registry
    parts = [part.strip() for part in unicodedata.normalize("NFKC", place).split("/")]
    code, locality = parts[0], "/".join(part for part in parts[1:] if part) or None
    division, city = registry.divisions.get(code), registry.region_of_city(code)
    if division is None and city is None:
        division, city = present_division(registry, code), present_city(registry, code)
        if division is not None:
            name, present = division[0].name, division[0].code
        elif city is not None:
            name, present = city.name, city.division
        else:
            return _beyond(asked, code, strict)
        asked.say("former_code", True, f"{code} 是原区划代码，现为 {present} {name.zh}",
                  f"{code} is a former code, today {present} {name.en}")  # fmt: skip
        code = present
    if division is not None:
        asked.say("place", True, f"地点：{division[0].name.zh}（{division[1].name.zh}）",
                  f"Place: {division[0].name.en}, {division[1].name.en}")  # fmt: skip
        return Place(code, locality, division[1], county=True)
    assert city is not None
    asked.say("place", True, f"地点：{city.name.zh}", f"Place: {city.name.en}")
    return Place(code, locality, city, county=False)


def _beyond(asked: Asked, code: str, strict: bool) -> Place | Outside | Unroutable:
    """A place that the registry does not list."""
    name = known_place(code)
    if name is None:
        raise UnknownPlace(
            Text(f"没有行政区划 {code}，请核对代码", f"There is no division {code}; please check the code"),
            errors=(Fault("place", "unknown-place", Text("没有这个行政区划", "There is no such division")),),
        )
    within = asked.registry.region_of_city(f"{code[:4]}00")
    if not strict:
        region = within or next(iter(asked.registry.regions.values()))
        asked.say("place", False, f"地点：{name}，不在清单所列区划内", f"Place: {name}, not among the divisions listed")
        return Place(code, None, region, county=True)
    if code == asked.registry.province.code:
        raise missing_place((region.division, region.name) for region in asked.registry.regions.values())
    if within is not None:
        return unroutable(
            asked, within, f"{name}属{within.name.zh}，清单未列其办理机关",
            f"{name} belongs to {within.name.en}, and the registry lists no office for it",
        )  # fmt: skip
    reason = Text(f"{name}不在通办城市范围内。", f"{name} is not in a city of the programme.")
    asked.steps.append(Step("place", False, reason))
    authority = Text(f"{name}的市场监督管理部门", f"the market regulation authority of {name}")
    return Outside(authority, reason, tuple(asked.steps), asked.revision.number)


def missing_place(choices: Iterable[tuple[str, Text]]) -> MissingParticulars:
    """A finer place is needed; the choices are the places one level down."""
    return missing([{"key": "place", "label": Text("办理地点（县级）", "Place (county level)").as_json(), "choices": [
        {"value": code, "label": name.as_json()} for code, name in choices
    ]}])  # fmt: skip


def missing(needed: list[dict[str, Any]]) -> MissingParticulars:
    """The particulars that are still needed, each ``{key, label, choices}``."""
    zh = "、".join(entry["label"]["zh"] for entry in needed)
    en = ", ".join(entry["label"]["en"] for entry in needed)
    return MissingParticulars(
        Text(f"还需要：{zh}", f"Still needed: {en}"),
        errors=tuple(
            Fault("place" if entry["key"] == "place" else f"particulars.{entry['key']}", "missing",
                  Text(f"请选择{entry['label']['zh']}", f"Choose: {entry['label']['en']}"))
            for entry in needed
        ),
        extra={"missing": needed},
    )  # fmt: skip


def _covers(special: str, place: str) -> bool:
    """Whether a place lies at or beneath that of a special jurisdiction; 磨憨 and 磨憨镇 are one town."""
    outer, inner = special.split("/"), place.split("/")
    return len(outer) <= len(inner) and all(
        locality_stem(one) == locality_stem(other) for one, other in zip(outer, inner, strict=False)
    )


def special_jurisdiction(asked: Asked, place: Place) -> Jurisdiction | None:
    """The special jurisdiction with the longest place that covers this one."""
    covering = []
    looked = False
    for region in asked.registry.regions.values():
        for special in region.jurisdictions:
            if special.place.split("/")[0] != place.code:
                continue
            looked = True
            here = _covers(special.place, place.text)
            if here and (not special.matters or asked.matter.id in special.matters):
                covering.append(special)
            else:
                why = (
                    ("本事项不适用", "not for this matter") if here else ("地点不在其内", "the place is not within it")
                )
                asked.say("jurisdiction", False, f"特别管辖 {special.name.zh}：{why[0]}",
                          f"Special jurisdiction {special.name.en}: {why[1]}")  # fmt: skip
    if not covering:
        if not looked:
            asked.say("jurisdiction", False, "该地没有特别管辖", "No special jurisdiction at this place")
        return None
    special = max(covering, key=lambda one: len(one.place))
    assumed = special.confidence is Confidence.ASSUMED
    mark = asked.assume(f"jurisdictions.{special.place}") if assumed else ("", "")
    asked.say("jurisdiction", True, f"特别管辖 {special.name.zh}，依据 {special.source}{mark[0]}",
              f"Special jurisdiction {special.name.en}, source {special.source}{mark[1]}")  # fmt: skip
    return special

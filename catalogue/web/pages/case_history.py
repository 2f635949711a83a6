"""The history of a case in words: who did what when, for whom, and what it recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.domain.copies import copy_words
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label
from catalogue.service.certificates import STATED_EARLIER
from catalogue.service.desk import DeskCase
from catalogue.web.pages.act_words import LIMITS, OUTCOMES


def history(found: DeskCase) -> list[dict[str, Any]]:
    """Events newest first, with who did it, for whom, and what it recorded in words."""
    shown = []
    for event in reversed(found.body["events"]):
        facts = event["facts"]
        actor, covered = found.names.get(event["actor"]), found.names.get(facts.get("acting_for", ""))
        particulars = event["particulars"]
        shown.append(
            {
                **event,
                "who": actor,
                "covered": covered,
                "system": event["actor"] == "system",
                "items": [item for item in particulars.get("items", ()) if isinstance(item, Mapping)],
                "said": _said(event, found),
            }
        )
    return shown


def _delivered(event: Mapping[str, Any]) -> list[Text]:
    """Who took what, and what became of a claim on the carrier."""
    facts, particulars = event["facts"], event["particulars"]
    words: list[Text] = []
    if event["type"] == "handed_over":
        who = particulars.get("collector", "")
        relation, document = label("relations", facts["relation"]), label("document_types", facts["document_type"])
        words.append(
            Text(
                f"{who}，{relation.zh}，{document.zh}",
                f"{who}, {relation.en}, {document.en}",
            )
        )
        if facts.get("copies"):
            taken = "、".join(copy_words(one["kind"], one["copy_no"]) for one in facts["copies"])
            words.append(Text(f"领取 {taken}", f"took {taken}"))
        if facts.get("unnamed"):
            words.append(Text("不是申请时登记的领取人", "not one of the recipients named"))
        if facts.get("more"):
            words.append(Text("还有其他人要领取", "others are still to collect"))
    if event["type"] == "claim_recorded":
        outcome = label("claim_outcomes", facts["outcome"])
        said = " ".join(str(particulars[key]) for key in ("carrier", "claim_no", "amount") if particulars.get(key))
        words.append(Text(f"{outcome.zh}（{facts['on']}）{said}", f"{outcome.en} ({facts['on']}) {said}"))
    return words


def _limit(limit: str) -> Text:
    """Which limit is meant and its day, from ``statutory:2026-12-01`` or ``papers-0:2026-12-01``."""
    name, _, day = limit.partition(":")
    kind, _, number = name.partition("-")
    said = LIMITS.get(kind, Text(name, name))
    if number.isdigit() and int(number):
        said = Text(f"{said.zh}（第 {int(number) + 1} 单）", f"{said.en} (slip {int(number) + 1})")
    return Text(f"{said.zh}：{day}", f"{said.en}: {day}")


def _in_place_of(facts: Mapping[str, Any], particulars: Mapping[str, Any]) -> list[Text]:
    """The certificate whose place a new one takes: recorded here, or in the words of the officer."""
    if facts.get("supersedes"):
        return [Text(f"替代 {facts['supersedes']}", f"takes the place of {facts['supersedes']}")]
    if not facts.get("stated"):
        return []
    told = " ".join(str(particulars[key]) for key in STATED_EARLIER if particulars.get(key))
    return [
        Text(f"替代原证照 {told}（由经办人申报，本系统无记录）", f"in place of {told} (as stated, not recorded here)")
    ]


def _said(event: Mapping[str, Any], found: DeskCase) -> list[Text]:
    facts, particulars = event["facts"], event["particulars"]
    words = _in_place_of(facts, particulars)
    if "advice" in facts:
        words.append(label("advice", facts["advice"]))
    if event["type"] == "limit_warned":
        words.append(_limit(facts["limit"]))
    if event["type"] == "bounced":
        words.append(label("bounce_codes", facts["code"]))
    if event["type"] == "assigned":
        to = found.names.get(facts["to"], facts["to"])
        words.append(Text(f"交给 {to}", f"to {to}"))
    words += _delivered(event)
    if event["type"] == "certificate_made" and facts.get("number"):
        words.append(Text(f"编号 {facts['number']}", f"No. {facts['number']}"))
    if event["type"] == "posted":
        said = f"{particulars.get('carrier', '')} {particulars.get('tracking', '')}".strip()
        words.append(Text(said, said))
    if event["type"] == "post_reported":
        words.append(OUTCOMES.get(facts["outcome"], Text(facts["outcome"], facts["outcome"])))
    if event["type"] == "special_procedure_started":
        kind = label("special_procedures", facts["kind"])
        words.append(Text(f"{kind.zh}，{facts['days']} 个工作日", f"{kind.en}, {facts['days']} working days"))
    for key in ("basis", "remedies", "evidence"):
        if isinstance(particulars.get(key), str):
            words.append(Text(particulars[key], particulars[key]))
    return [text for text in words if text.zh]

"""The window's intake page 窗口收件: one form that answers each step, and takes the application in the end.

Every button sends the whole form and gets the whole page back, so nothing typed is lost with or without scripts;
scripts only swap the parts that changed.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from catalogue.domain.days import local_day, local_time
from catalogue.domain.numbers import parse_reference
from catalogue.domain.people import WINDOW_ROLES, Actor
from catalogue.domain.problems import (
    Fault,
    IdempotencyKeyReused,
    NotAllowed,
    NotFound,
    OutsideScope,
    Problem,
    RevisionSuperseded,
)
from catalogue.domain.registry.model import Matter
from catalogue.domain.registry.revision import Revision
from catalogue.domain.text import Language, Text
from catalogue.domain.vocabulary import WORDS
from catalogue.service.handling import handle
from catalogue.service.intake import prepare, receive
from catalogue.service.papers import reuse
from catalogue.service.ports import IdempotencyKey, Work
from catalogue.web.access import Access, form_of, visitor_of
from catalogue.web.answer import Answer, Header, encode, private_json
from catalogue.web.api.catalogue import found_matters
from catalogue.web.body import AnyRequest
from catalogue.web.edge import Edge, edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import query
from catalogue.web.pages.render import language_of, page_answer
from catalogue.web.workbench.again import come_back, holder_of
from catalogue.web.workbench.card import (
    OFFERED,
    WHOSE,
    Hit,
    card_of,
    find_place,
    missing_choices,
    named_place,
    paper_rows,
)
from catalogue.web.workbench.earlier import Earlier, asked_for, carry_from, earlier_cases, fill_from
from catalogue.web.workbench.intake_form import (
    CHECKS,
    LICENCES,
    RECIPIENTS,
    TAKEN,
    Filled,
    Told,
    anchor,
    application_of,
    digest_of,
    doubts,
    initial_counts,
    look,
    name_of,
    say_once,
    told,
)
from catalogue.web.workbench.lacking import lacking
from catalogue.web.workbench.receipt import receipt_answer

WINDOW = Access(roles=WINDOW_ROLES)
ROUTE = "POST /desk/intake"
LATER = "later"
"""Sent when the network came back: nobody is there to look again, and the receipt lists the warnings all the same."""
FROM_ADDRESS = ("matter", "place", "matter_q", "place_q", "resubmits", "ticket_no", "window", "forward")


@dataclass(slots=True)
class Said:
    """What the page says beside what was filled in."""

    faults: Told = field(default_factory=dict)
    warnings: Told = field(default_factory=dict)
    looked: str = ""
    notice: Text | None = None
    reused: bool = False
    earlier: Sequence[Earlier] | None = None
    status: int = 200


@page("GET", "/desk/intake", WINDOW)
async def intake_page(request: AnyRequest) -> Answer:
    """An empty form, or one begun by the address: ``?matter=`` from the catalogue, ``?resubmits=`` from a case."""
    given = query(request.scope)
    filled = Filled({key: [given[key][:200]] for key in FROM_ADDRESS if given.get(key)})
    return await shown(request, filled, Said())


async def ended(request: AnyRequest, problem: Problem) -> Answer:
    """A form whose session has ended comes back as it was, once signed in again. Nothing is done yet."""
    back = await come_back(request, problem)
    if isinstance(back, Answer):
        return back
    return await shown(request, back.filled, Said(notice=back.notice), back.headers)


@page("POST", "/desk/intake", WINDOW, ended)
async def intake_form(request: AnyRequest) -> Answer:
    """Whatever button was pressed."""
    filled = Filled(await form_of(request))
    act, _, about = filled("do").partition(":")
    filled.drop("do")
    said = Said()
    match act:
        case "submit":
            return await _submit(request, filled)
        case "matter":
            filled.set("matter", about)
            filled.set("matter_q", "")
        case "place":
            filled.set("place", about)
            filled.set("place_q", "")
        case "add":
            filled.add_row(about, {"people": "role", RECIPIENTS: "name"}.get(about, "kind"))
        case "drop":
            filled.drop(f"{about}.")
        case "earlier":
            said.earlier = await earlier_cases(request, filled("applicant.document_number"))
        case "fill":
            said.notice = await fill_from(request, filled, about)
        case "carry":
            said.notice = await carry_from(request, filled, about)
        case "lacking":
            # What was typed into the search boxes counts as it would when the application is taken.
            revision = edge_of(request).house.in_force()
            await _settle_matter(revision, filled, language_of(request))
            find_place(revision.registry, filled, language_of(request))
            printed = await lacking(request, filled)
            if isinstance(printed, Answer):
                return printed
            said.notice = printed
        case "renew":
            filled.set("key", "")
    return await shown(request, filled, said)


# --- the page ---------------------------------------------------------------------------------------------------------


async def shown(request: AnyRequest, filled: Filled, said: Said, headers: tuple[Header, ...] = ()) -> Answer:
    """The whole page for what was filled in."""
    edge = edge_of(request)
    actor = visitor_of(request).actor
    now = edge.house.clock.now()
    revision = edge.house.in_force(now)
    tongue = language_of(request)
    matter, hits = await _settle_matter(revision, filled, tongue)
    place_hits = find_place(revision.registry, filled, tongue)
    holder = holder_of(edge, visitor_of(request).account.id)
    _defaults(filled, matter, actor, local_time(now), revision, holder)
    card = card_of(edge.house, revision, actor, filled, local_day(now), tongue)
    for entry in missing_choices(card):
        if entry["key"] == "place":
            place_hits = tuple(
                Hit(c["value"], Text(**c["label"]), Text(c["value"], c["value"])) for c in entry["choices"]
            )
    papers, left_out = paper_rows(matter, card)
    for row in papers:
        originals, copies = initial_counts(row.material)
        if not filled(f"materials.{row.material.id}.taken"):
            filled.offer(f"materials.{row.material.id}.originals", originals)
            filled.offer(f"materials.{row.material.id}.copies", copies)
    return page_answer(
        request,
        "intake.html",
        said.status,
        headers,
        f=filled,
        said=said,
        matter=matter,
        hits=hits,
        place_hits=place_hits,
        place_name=named_place(revision.registry, filled("place"), tongue) if filled("place") else "",
        card=card,
        papers=papers,
        left_out=left_out,
        whose=WHOSE,
        regions={region.id: region.short.in_language(tongue) for region in revision.registry.regions.values()},
        checks=CHECKS,
        taken=TAKEN,
        licences=LICENCES,
        words=WORDS,
        actor=actor,
        offices=[(office.id, office.name) for office in revision.registry.offices.values()],
        named=lambda choices: [(choice.value, choice.label) for choice in choices],
        anchor=anchor,
        name_of=lambda control: name_of(control, matter),
        short=lambda day: short_day(day, tongue),
        known_names=known_names(filled),
        asked=await asked_for(request, filled("resubmits")) if filled("resubmits") else {},
    )


def short_day(day: date, tongue: Language) -> str:
    """A day near at hand, without its year."""
    return f"{day.month} 月 {day.day} 日" if tongue == "zh" else f"{day:%b} {day.day}"


def known_names(filled: Filled) -> list[str]:
    """Names typed already, offered where a person's name is asked for again."""
    typed = (
        filled("applicant.name"),
        filled("agent.name"),
        *(filled(f"people.{n}.name") for n in filled.rows("people")),
    )
    return list(dict.fromkeys(name for name in typed if name))


async def _settle_matter(revision: Revision, filled: Filled, tongue: Language) -> tuple[Matter | None, tuple[Hit, ...]]:
    """The matter that is meant, or the matters that the words could mean."""
    matters = revision.registry.matters
    asked = filled("matter_q")
    matter = matters.get(filled("matter"))
    if matter is not None and asked in ("", matter.name.zh, matter.name.en):
        filled.set("matter_q", matter.name.in_language(tongue))
        known = {particular.key for particular in matter.particulars}
        for key in filled.named("particulars."):
            if key not in known:
                filled.drop(f"particulars.{key}")
        return matter, ()
    filled.set("matter", "")
    if not asked:
        return None, ()
    lines = await found_matters(revision, asked[:100], None, None)
    if len(lines) == 1 or (lines and asked in lines[0]["name"].values()):
        filled.set("matter", lines[0]["id"])
        filled.set("matter_q", "")
        return await _settle_matter(revision, filled, tongue)
    return None, tuple(Hit(line["id"], Text(**line["name"]), _about(revision, line)) for line in lines[:OFFERED])


def _about(revision: Revision, line: dict[str, Any]) -> Text:
    category = revision.registry.categories.get(line["category"])
    words = [category.name] if category else []
    words += [WORDS["procedures"][line["procedure"]], WORDS["modes"][line["mode"]]]
    return Text("·".join(word.zh for word in words), ", ".join(word.en for word in words))


def _defaults(filled: Filled, matter: Matter | None, actor: Actor, now: str, revision: Revision, holder: str) -> None:
    """What a fresh form starts with; ``key`` makes sending twice harmless."""
    filled.offer("key", secrets.token_urlsafe(16))
    filled.offer("identity_check.at", now)
    filled.offer("delivery.method", "window")
    filled.offer("delivery.window", actor.office)
    filled.offer("applicant.document_type", "resident_id")
    filled.set("revision", str(revision.number))
    filled.set("filler", holder)
    if matter is not None:
        filled.offer("applicant.kind", matter.applicant_kinds[0] if matter.applicant_kinds else "natural_person")
        if matter.verify_people and not filled.rows("people"):
            filled.add_row("people", "role", "legal_representative")
    say_once(filled, matter)


# --- taking it in -----------------------------------------------------------------------------------------------------


async def _submit(request: AnyRequest, filled: Filled) -> Answer:
    edge = edge_of(request)
    actor = visitor_of(request).actor
    now = edge.house.clock.now()
    revision = edge.house.in_force(now)
    tongue = language_of(request)
    matter, _ = await _settle_matter(revision, filled, tongue)
    find_place(revision.registry, filled, tongue)
    say_once(filled, matter)
    body, controls = application_of(filled, matter)
    key = IdempotencyKey(actor.id, ROUTE, filled("key")[:200], hashlib.sha256(encode(body)).hexdigest())
    if not key.key or not key.key.isascii() or not key.key.isprintable():
        filled.set("key", "")
        return await shown(request, filled, Said(status=422))
    early = early_faults(filled, matter, local_day(now))
    try:
        stored = await edge.read(lambda work: work.outcome(key))
        if stored is None:
            warnings = _second_look(edge, actor, body)
            if warnings and filled("looked") not in (digest_of(warnings), LATER):
                said = Said(warnings=told(warnings, controls), looked=digest_of(warnings), status=422)
                return await shown(request, filled, said)
        again = scans_again(filled, body)
        outcome, forwarded = await edge.write(
            lambda work: _take(work, edge, actor, body, key, again, forward=bool(filled("forward")))
        )
    except IdempotencyKeyReused:
        return await shown(request, filled, Said(reused=True, status=409))
    except OutsideScope:
        return await shown(request, filled, Said(status=422))
    except RevisionSuperseded as problem:
        return await shown(request, filled, Said(notice=problem.detail, status=409))
    except Problem as problem:
        if problem.status >= 500:
            raise
        faults = told((*problem.errors, *early), controls)
        doubtful = told(doubts(filled, local_day(now))[1], controls)
        notice = None if faults else problem.detail
        return await shown(request, filled, Said(faults, doubtful, notice=notice, status=problem.status))
    return await receipt_answer(request, msgspec.json.decode(outcome), forwarded)


def scans_again(filled: Filled, body: dict[str, Any]) -> dict[str, str]:
    """Papers that are taken -> the earlier case whose scans of them serve again."""
    found = {}
    for line in body["materials"]:
        earlier = parse_reference(filled(f"materials.{line['id']}.reuse")[:40])
        if earlier is not None:
            found[line["id"]] = earlier
    return found


def early_faults(filled: Filled, matter: Matter | None, today: date) -> tuple[Fault, ...]:
    """What can be told before the application is whole, so that a clerk hears everything at once."""
    found = list(doubts(filled, today)[0])
    if matter is None:
        found.append(Fault("matter", "missing", Text("请先选事项", "Choose the matter first")))
    if not filled("place"):
        found.append(Fault("place", "missing", Text("请选择县（市、区）", "Choose the county")))
    return tuple(found)


def _second_look(edge: Edge, actor: Actor, body: dict[str, Any]) -> tuple[Fault, ...]:
    """The warnings this application would be received with. Raises what receiving would raise."""
    opening = prepare(edge.house, actor, body, None)
    answer = msgspec.json.decode(opening.outcome.body)
    return tuple(Fault(w["path"], w["code"], Text(**w["message"])) for w in answer["warnings"])


def _take(
    work: Work,
    edge: Edge,
    actor: Actor,
    body: dict[str, Any],
    key: IdempotencyKey,
    again: dict[str, str],
    *,
    forward: bool,
) -> tuple[bytes, Problem | bool]:
    """Receive, take scans of an earlier case over, and forward at once where the window wishes so; all of it once,
    however often the form comes."""
    fresh = work.outcome(key) is None
    outcome = receive(work, edge.house, actor, body, key)
    receipt = msgspec.json.decode(outcome.body)
    for paper, earlier in again.items() if fresh else ():
        with suppress(NotFound, NotAllowed):
            reuse(work, edge.house, actor, earlier, receipt["reference"], paper)
    if not forward or receipt["state"] != "received":
        return outcome.body, False
    onward = IdempotencyKey(actor.id, f"{ROUTE} forward", key.key, key.body_digest)
    try:
        handle(work, edge.house, actor, receipt["reference"], "forward", {}, if_match=receipt["etag"], key=onward)
    except Problem as problem:
        return outcome.body, problem
    return outcome.body, True


# --- what scripts ask -------------------------------------------------------------------------------------------------


@page("POST", "/desk/intake/check", WINDOW)
async def check_number(request: AnyRequest) -> Answer:
    """One number as it is typed, by the rules of the domain: ``{level, message}``. Nothing is kept."""
    filled = Filled(await form_of(request))
    level, message = look(filled("kind")[:40], filled("value")[:200], local_day(edge_of(request).house.clock.now()))
    tongue = language_of(request)
    return private_json({"level": level, "message": message.in_language(tongue) if message else ""})


@page("GET", "/desk/draft-key", WINDOW)
async def draft_key(request: AnyRequest) -> Answer:
    """The key of this account's drafts on the window's machine; ``holder`` names it without telling whose it is."""
    edge, account = edge_of(request), visitor_of(request).account.id
    key, holder = edge.parts.draft_key(account), holder_of(edge, account)
    return private_json({"key": b64encode(key).decode(), "holder": holder})


ROUTES = (intake_page, intake_form, check_number, draft_key)

"""Handle 办理: one command on one case, guarded against stale reads and repeated sending.

Order of the guards: the idempotency key (a repeated command gets its first answer whatever has happened since), who
may see the case (404), ``If-Match`` (428, 412), the workflow (409, 403), then what the body says (422) and the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from catalogue.domain.acts import Circumstances, Draft, drafts_of, may
from catalogue.domain.application import inspect
from catalogue.domain.calendar import Calendar
from catalogue.domain.case import Case, Event
from catalogue.domain.days import local_day
from catalogue.domain.dossier import CORRECTABLE, dossier_of, dotted, entry, with_entry
from catalogue.domain.folding import apply, follow
from catalogue.domain.numbers import draw_certificate_id
from catalogue.domain.people import Account, Actor
from catalogue.domain.problems import (
    Fault,
    InvalidInput,
    NotAllowed,
    PreconditionRequired,
    RuleForbids,
    StaleRead,
)
from catalogue.domain.recipients import checked, recipients_of
from catalogue.domain.registry.model import Matter
from catalogue.domain.routing import Outside, Route, Unroutable, route, route_to
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.bodies import ApplicationBody, Unmask, command_body, read
from catalogue.service.by_hand import done_by_hand
from catalogue.service.certificates import give_certificate_numbers, give_place, record_certificates
from catalogue.service.documents import give_numbers
from catalogue.service.house import House
from catalogue.service.intake import search_entry
from catalogue.service.measuring import note_decision
from catalogue.service.notices import notices
from catalogue.service.papers import shown_to
from catalogue.service.passing import count_passing, file_holder
from catalogue.service.ports import Change, IdempotencyKey, Message, Outcome, SearchEntry, Work
from catalogue.service.rating import expect_rating
from catalogue.service.views import case_json, etag, event_json, full_case_json, projection, reach_of, seen


class Told(Value, frozen=True):
    """An act that a city's own system tells of: the account of its token, and the id it gave its answer."""

    account: str
    answer: str

    def officer(self, actor: Actor) -> Callable[[str], Account | None]:
        """Its officers have no accounts here: whom it names is taken by that name."""

        def named(name: str) -> Account | None:
            return Account(f"{self.account}:{name}", name, actor.roles, actor.region, actor.office)

        return named


def handle(
    work: Work,
    house: House,
    actor: Actor,
    reference: str,
    command: str,
    raw: Mapping[str, Any] | None,
    *,
    if_match: str | None,
    key: IdempotencyKey | None = None,
    told: Told | None = None,
) -> Outcome:
    """Give a command on a case; the answer is the case as it stands afterwards, with the events just recorded.

    ``told``: the answer of a city's own system that this is.
    """
    if key is not None:
        stored = work.outcome(key)
        if stored is not None:
            return stored
    case = seen(work, actor, reference)
    check_match(case, if_match)
    matter = house.revision(case.revision).registry.matters[case.matter]
    may(case, command, actor, matter)
    body = command_body(command, raw)
    search = None
    if command == "correct-entry":
        body, search = _correction(work, house, case, matter, body)
    if command == "request-file" and "office" not in body:
        body = {**body, "office": file_holder(work, house, case)}
    _check_files(work, case, actor, body)
    given = circumstances(work, house, actor, case, matter)
    if told is not None:
        given = replace(given, colleague=told.officer(actor))
    drafts = drafts_of(case, command, body, actor, given)
    if command == "hand-over" and case.recipients:
        drafts = _to_whom(work, case, body, drafts)
    if command in GRANTING:
        _check_opened(work, case, actor)
    drafts = give_certificate_numbers(work, house, case, give_numbers(work, house, case, drafts))
    drafts = give_place(work, house, case, drafts, body)
    if told is not None:
        drafts = tuple(replace(draft, clear={**draft.clear, "answer": told.answer}) for draft in drafts)
    after, events = record(case, drafts, actor, given)
    answer = {
        **case_json(house, after, actor, given.today),
        "events": [event_json(event) for event in events],
        "etag": etag(after),
    }
    outcome = Outcome(200, msgspec.json.encode(answer))
    change = Change(
        before=case,
        after=after,
        events=events,
        projection=projection(after),
        idempotency=key,
        outcome=outcome if key is not None else None,
        messages=messages(house, case, events, None if told is None else told.account),
        search=search,
    )
    try:
        work.cases.append(change)
    except StaleRead:
        check_match(seen(work, actor, reference), if_match)
        raise
    record_certificates(work, house, after, events, body)
    expect_rating(work, house, case, after)
    count_passing(work, after, events)
    note_decision(work, house, after, events)
    if told is None:
        done_by_hand(work, house, actor, case, command)
    return outcome


NAMING_SCANS = ("signature_file", "file")
"""Fields of commands that name a scan of the case."""


def _to_whom(work: Work, case: Case, body: Mapping[str, Any], drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """The record of a hand-over, checked against the recipients that were named in advance. Raises RuleForbids."""
    named = recipients_of(work.cases.events(case.reference, unseal=True))
    return tuple(replace(draft, clear={**draft.clear, **checked(named, body, draft)}) for draft in drafts)


def _check_files(work: Work, case: Case, actor: Actor, body: Mapping[str, Any]) -> None:
    """A scan that a command names is one of this case which the actor sees. Raises InvalidInput."""
    named = {key: body[key] for key in NAMING_SCANS if key in body}
    if not named:
        return
    reach = reach_of(case, actor)
    held = {file.id for file in work.files.list(case.reference) if shown_to(file, reach)}
    message = Text(
        "本件没有这个扫描件：请先上传到本件，再写它的文件号",
        "This case has no such scan: add it to the case first, then give its id",
    )
    faults = tuple(Fault(key, "unknown-file", message) for key, file in named.items() if file not in held)
    if faults:
        raise InvalidInput(errors=faults)


GRANTING = frozenset({"grant", "decide-at-once"})
"""Commands that grant, and so wait until every scan was opened."""


def unopened(work: Work, case: Case, actor: Actor) -> tuple[str, ...]:
    """The scans that neither the reviewer of the case nor this actor has opened. Source: house rule (DESIGN §10)."""
    # An officer of a city's own system reads through that system's account.
    readers = {name.partition(":")[0] for name in (actor.id, case.reviewed_by) if name is not None}
    return tuple(file for file, openers in work.files.openers(case.reference).items() if readers.isdisjoint(openers))


def _check_opened(work: Work, case: Case, actor: Actor) -> None:
    waiting = unopened(work, case, actor)
    if waiting:
        raise RuleForbids(
            Text(
                f"还有 {len(waiting)} 份扫描件审查人和决定人都没有打开过，打开之后才能准予",
                f"Neither reviewer nor decider has opened {len(waiting)} of the scans; a grant waits until they have",
            ),
            extra={"rule": "unopened-papers", "files": list(waiting)},
        )


def check_match(case: Case, if_match: str | None) -> None:
    """``If-Match`` against the entity tag. Raises PreconditionRequired or StaleRead with the current state."""
    if if_match is None:
        raise PreconditionRequired(
            Text("请带上读取办件时的 ETag 作为 If-Match", "Send the ETag of the case you read as If-Match")
        )
    tags = [tag.strip().removeprefix("W/") for tag in if_match.split(",")]
    if etag(case) not in tags and "*" not in tags:
        raise StaleRead(extra={"state": case.state, "etag": etag(case)})


def circumstances(work: Work, house: House, actor: Actor, case: Case, matter: Matter) -> Circumstances:
    """The rules the case was received under, and the means to route it anew under those in force."""
    now = house.clock.now()
    pinned = house.revision(case.revision)

    def reroute(
        place: str, particulars: Mapping[str, str], office: str | None
    ) -> tuple[int, Route | Outside | Unroutable]:
        revision = house.in_force(now)
        today = local_day(now)
        if office is not None:
            return revision.number, route_to(revision, house.handlers, case.matter, place, particulars, today, office)
        return revision.number, route(revision, house.handlers, case.matter, place, particulars, today)

    def colleague(name: str) -> Account | None:
        return next(
            (account for account in work.accounts.colleagues(actor.office) if name in (account.id, account.username)),
            None,
        )

    return Circumstances(
        now=now,
        registry=pinned.registry,
        matter=matter,
        calendar=running_calendar(house, case, now),
        calendars=house.in_force(now).calendars,
        reroute=reroute,
        colleague=colleague,
        legs=pinned.registry.regions[case.home_region or case.accepting_region].legs,
        claim_days=house.claim_days,
        record=lambda region, matter: house.system_of_record(house.in_force(now).registry, region, matter),
        certificate_id=lambda: draw_certificate_id(
            pinned.registry.regions[case.home_region or case.accepting_region].division, local_day(now), house.draw
        ),
    )


def running_calendar(house: House, case: Case, now: datetime) -> Calendar | None:
    """The home region's calendar in force: a notice on holidays binds every case that runs (docs/decisions)."""
    if case.calendar is None:
        return None
    return house.in_force(now).calendars.get(case.calendar) or house.revision(case.revision).calendars.get(
        case.calendar
    )


def record(case: Case, drafts: Sequence[Draft], actor: Actor, given: Circumstances) -> tuple[Case, tuple[Event, ...]]:
    """Drafts as numbered events, and the case after them. Time never runs backwards within a case."""
    events = []
    for draft in drafts:
        clear = dict(draft.clear)
        if actor.acting_for is not None:
            clear["acting_for"] = actor.acting_for
        case, event = follow(case, draft.type, given.now, actor.id, actor.office, clear, draft.sealed)
        events.append(event)
    return case, tuple(events)


TO_DESK = frozenset(
    {"forwarded", "recalled", "correction_supplied", "deferred_supplied", "withdrawn", "entry_corrected"}
)
"""Events of the accepting side that are recorded as told to a home region whose officers work here."""

AT_WINDOW = frozenset({"received", "bounced", "unroutable", "returned_at_window"})
"""States in which the home region does not have the case."""


def messages(house: House, before: Case, events: Sequence[Event], teller: str | None = None) -> tuple[Message, ...]:
    """What goes to the home region by its city's channel; stable ids, in order per case.

    A city's own system is told of everything that happens from forwarding on, except by ``teller``: what it has told
    itself. So both sides can hold the same.
    """
    told: list[Message] = []
    case = before
    for event in events:
        was, had = case, case.state not in AT_WINDOW
        case = apply(case, event)
        if event.type == "reassigned":
            told += _reassigned(house, was, case, event)
            continue
        if case.home_region is None or case.handler is None:
            continue
        channel = house.channel(case.home_region, case.handler)
        crosses = event.type in TO_DESK if channel == "desk" else event.actor.partition(":")[0] != teller
        if not crosses or not (had or event.type == "forwarded"):
            continue
        told.append(_message(channel, case.home_region, case, event, event.type))
    if any(message.channel != "desk" for message in told):
        house.posted.set()
    return (*told, *notices(house, case, events))


def _message(channel: str, region: str, case: Case, event: Event, kind: str, side: str = "") -> Message:
    """What a region is told of an event: where the case stands after it, nothing of its content."""
    return Message(
        id=f"{case.reference}-{event.seq}{side}",
        channel=channel,
        region=region,
        reference=case.reference,
        sequence=event.seq,
        type=f"case.{kind}",
        body={"matter": case.matter, "office": case.home_office, "state": case.state},
    )


def _reassigned(house: House, before: Case, after: Case, event: Event) -> tuple[Message, ...]:
    """A case moved by new rules, because an office closed, or taken back: who had it learns that it left, who has it
    now that it came. Only cities with a system of their own need be told; the others see it at their desk.
    """
    told = []
    for case, kind in ((before, "reassigned"), (after, "forwarded")):
        if case.state in AT_WINDOW or case.home_region is None or case.handler is None:
            continue
        same = before.home_region == after.home_region
        if kind == "forwarded" and same and before.state not in AT_WINDOW:
            continue
        channel = house.channel(case.home_region, case.handler)
        if channel == "desk":
            continue
        told.append(
            # Both sides may be told of the one event: ids differ by the side.
            _message(channel, case.home_region, after, event, kind, "-left" if kind == "reassigned" else "")
        )
    return tuple(told)


def _correction(
    work: Work, house: House, case: Case, matter: Matter, body: dict[str, Any]
) -> tuple[dict[str, Any], SearchEntry]:
    """The old value beside the new one, the new one held to the rules of intake."""
    path = dotted(body["path"])
    if path.split(".")[0] not in CORRECTABLE:
        raise InvalidInput(
            errors=(
                Fault(
                    "path",
                    "not-correctable",
                    Text(
                        "此项不能更正；地点与情况请用重新转办",
                        "This entry cannot be mended; place and particulars are changed by reroute",
                    ),
                ),
            )
        )
    dossier = dossier_of(work.cases.events(case.reference, unseal=True))
    old = entry(dossier, path)
    corrected = with_entry(dossier, path, body.get("value"))
    whole = {"matter": case.matter, "place": case.place, "consent": True, **corrected}
    model = read(ApplicationBody, {key: value for key, value in whole.items() if value is not None})
    faults = inspect(
        model.model_dump(mode="json", exclude_none=True),
        matter,
        house.revision(case.revision).registry,
        (),
        local_day(house.clock.now()),
    ).faults
    if faults:
        raise InvalidInput(errors=tuple(replace(fault, path="value") for fault in faults))
    return {**body, "path": path, "value": body.get("value"), "old": old}, search_entry(corrected, matter)


def read_case(work: Work, house: House, actor: Actor, reference: str) -> tuple[dict[str, Any], str]:
    """One case with its history, personal data masked, and its entity tag."""
    case = seen(work, actor, reference)
    events = work.cases.events(reference, unseal=True)
    today = local_day(house.clock.now())
    return full_case_json(house, case, events, actor, today, reach=reach_of(case, actor)), etag(case)


def unmask(work: Work, house: House, actor: Actor, reference: str, raw: Any) -> tuple[dict[str, Any], str]:
    """The case with personal data in clear; who looked, when and why goes to the access log, not to the case."""
    reason = read(Unmask, raw).reason
    case = seen(work, actor, reference)
    if reach_of(case, actor) != "full":
        raise NotAllowed(Text("领取窗口不能查看完整信息", "A collecting window cannot unmask the case"))
    now = house.clock.now()
    work.access.unmasked(
        Account(actor.id, actor.username, actor.roles, actor.region, actor.office), reference, reason, now
    )
    events = work.cases.events(reference, unseal=True)
    return full_case_json(house, case, events, actor, local_day(now), unmasked=True), etag(case)

"""The desk 工作台: queues with their counts, the cases of one, filters, search, and acts on several cases at once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from catalogue.domain.days import local_day
from catalogue.domain.numbers import parse_reference
from catalogue.domain.people import HOME_ROLES, WINDOW_ROLES, Actor
from catalogue.domain.problems import InvalidInput, Problem
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.revision import Revision
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import WORDS
from catalogue.service import moving
from catalogue.service.covers import covers_of, may_name
from catalogue.service.desk import claimed_names, own_queues, save_filter
from catalogue.service.handling import handle
from catalogue.service.listing import count_queues, list_cases, query_of
from catalogue.service.passing import files_asked
from catalogue.service.ports import CaseQuery, IdempotencyKey, SavedFilter, Work
from catalogue.web.access import ACCOUNT, form_of, visitor_of
from catalogue.web.answer import Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import Edge, edge_of
from catalogue.web.endpoint import page
from catalogue.web.find import named_matters
from catalogue.web.headers import query, whole_number
from catalogue.web.pages.act_words import COMMANDS
from catalogue.web.pages.answer_words import ANSWER_DONE
from catalogue.web.pages.render import page_answer, switch_address
from catalogue.web.pages.rows import Bar, Clock, bar_of, calendar_for, clock_of
from catalogue.web.pages.status import division_name

PAGE = 16
"""Rows of a page: what fits without making it heavy."""
MOST_AT_ONCE = 100
ALL = "all"
KEPT = ("queue", "matter", "region", "who", "q")
"""Parameters that make a list, and that its cases carry so that one can go on from case to case."""

BATCHES: Mapping[str, tuple[frozenset[Any], frozenset[str]]] = {
    "forward": (WINDOW_ROLES, frozenset({"to_forward"})),
    "receive-at-home": (HOME_ROLES, frozenset({"to_receive"})),
    "claim": (HOME_ROLES, frozenset({"to_accept", "to_review", "to_decide", "overdue"})),
}
"""What may be done to several cases at once -> for whom and in which queues it is offered; it decides nothing."""


class Row(Value, frozen=True):
    """A case of the list as its row shows it."""

    line: dict[str, Any]
    clock: Clock
    bar: Bar | None
    origin: Text
    destination: Text | None
    claimed: str | None


def kept(parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters that make a list, without what is empty or too long."""
    return {key: parameters[key][:100] for key in KEPT if parameters.get(key)}


def list_query(
    edge: Edge, actor: Actor, asked: Mapping[str, str], cursor: str | None = None, limit: int | None = None
) -> CaseQuery:
    """The query of a list; in a thread, see ``named_matters``. Raises InvalidInput for what is not known."""
    queue = asked.get("queue")
    who = asked.get("who")
    return query_of(
        queue=None if queue in (None, ALL) else queue,
        state=None,
        matter=asked.get("matter"),
        region=asked.get("region"),
        q=asked.get("q"),
        cursor=cursor,
        limit=limit or PAGE,
        house=edge.house,
        claimed_by=(actor.acting_for or actor.id) if who == "mine" else None,
        unclaimed=who == "none",
        turn=queue not in (None, ALL),
        named=named_matters(edge.house, asked.get("q")),
    )


@page("GET", "/desk", ACCOUNT)
async def desk(request: AnyRequest) -> Answer:
    """Queues with their counts, and the cases of one of them or of a search."""
    return await _desk(request, query(request.scope), None)


async def _desk(request: AnyRequest, parameters: Mapping[str, str], problem: Problem | None) -> Answer:
    edge = edge_of(request)
    visitor = visitor_of(request)
    actor = visitor.actor
    own = own_queues(actor)
    asked = kept(parameters)

    def look(work: Work) -> dict[str, Any]:
        counts = count_queues(work, edge.house, actor, turn=True)
        chosen = dict(asked)
        if "queue" not in chosen and "q" not in chosen:
            chosen["queue"] = next((queue for queue in own if counts[queue]), own[0] if own else ALL)
        wanted = list_query(edge, actor, chosen, parameters.get("cursor"), whole_number(parameters, "limit"))
        lines, cursor = list_cases(work, edge.house, actor, wanted)
        return {
            "counts": counts,
            "files": len(files_asked(work, actor)),
            "asked": chosen,
            "lines": lines,
            "cursor": cursor,
            "names": claimed_names(work, lines),
            "saved": work.filters.list(visitor.account.id),
            "covered": covers_of(work, edge.house, visitor.account),
        }

    seen = await edge.read(look)
    revision = edge.house.in_force()
    today = local_day(edge.house.clock.now())
    asked = seen["asked"]
    context = urlencode(asked)
    following = None if seen["cursor"] is None else f"/desk?{urlencode({**asked, 'cursor': seen['cursor']})}"
    queues = _queues(seen["counts"], own, asked.get("queue"))
    return page_answer(
        request,
        "desk.html",
        200 if problem is None else problem.status,
        own=queues[0],
        others=queues[1],
        counts=seen["counts"],
        files=seen["files"],
        moves=not actor.roles.isdisjoint(moving.LOOKS),
        asked=asked,
        context=context,
        rows=[_row(line, revision, today, seen["names"]) for line in seen["lines"]],
        following=following,
        first=not parameters.get("cursor"),
        saved=[(saved, f"/desk?{saved.query}", saved.query == context) for saved in seen["saved"]],
        covered=seen["covered"],
        acting=_acting(actor, seen["covered"]),
        names_stand_ins=may_name(actor),
        batches=batches(actor, asked.get("queue")),
        claims=not actor.roles.isdisjoint(HOME_ROLES),
        key=secrets.token_urlsafe(12),
        told=told(parameters),
        done_on=done_on(parameters),
        problem=problem,
        **switch_address(request, "/desk", context),
    )


def _acting(actor: Actor, covered: tuple[Any, ...]) -> str | None:
    return next((account.username for account in covered if account.id == actor.acting_for), None)


def _queues(counts: Mapping[str, int], own: tuple[str, ...], chosen: str | None) -> tuple[list[str], list[str]]:
    """The queues that stand large, and those that are named below them where something waits in them."""
    late = [queue for queue in ("overdue", "late_delivery") if counts.get(queue) or (queue == "overdue" and own)]
    large = [*own, *late] or [queue for queue in counts if queue not in ("overdue", "late_delivery")]
    rest = [queue for queue in counts if queue not in large and (counts[queue] or queue == chosen)]
    return large, rest


def _row(line: dict[str, Any], revision: Revision, today: date, names: Mapping[str, str]) -> Row:
    registry = revision.registry
    calendar = calendar_for(revision, line["home"]["region"])
    clock = clock_of(line, calendar, today)
    destination = _where(registry, line["home"]) if line["home"]["region"] else None
    claimed = names.get(line["claimed_by"], line["claimed_by"]) if line["claimed_by"] else None
    bar = bar_of(line, calendar, today, clock.level)
    return Row(line, clock, bar, _where(registry, line["accepting"]), destination, claimed)


def _where(registry: Registry, side: Mapping[str, Any]) -> Text:
    """City and county of an office."""
    region = registry.regions.get(side["region"])
    if region is None:
        return Text(str(side["region"]), str(side["region"]))
    county = division_name(registry, {"id": side["office"]}) if side["office"] else None
    if county is None or county.zh == region.name.zh:
        return region.short
    return Text(f"{region.short.zh}·{county.zh}", f"{region.short.en}, {county.en}")


def batches(actor: Actor, queue: str | None) -> list[tuple[str, Text]]:
    """What this actor may do to several cases of that list at once."""
    return [
        (command, COMMANDS[command])
        for command, (roles, queues) in BATCHES.items()
        if not actor.roles.isdisjoint(roles) and (queue in queues or queue in (None, ALL))
    ]


def told(parameters: Mapping[str, str]) -> Text | None:
    """What was just done, as the address says it: a command and a number, nothing else."""
    said = parameters.get("done", "")
    reference = parse_reference(parameters.get("case", "")[:40])
    if said.startswith("answer-"):
        return ANSWER_DONE.get(said.removeprefix("answer-"))
    done = COMMANDS.get(said)
    if done is None or reference is None:
        return None
    return Text(f"已办：{done.zh}　", f"Done: {done.en}")


def done_on(parameters: Mapping[str, str]) -> str | None:
    """The case it was done on, to go back to; an answer of a city's own system is told of on its case alone."""
    said = parameters.get("done", "")
    return None if said.startswith("answer-") else parse_reference(parameters.get("case", "")[:40])


class Done(Value, frozen=True):
    """How one case of several came out; ``problem`` None where it went well."""

    reference: str
    problem: Problem | None


@page("POST", "/desk/batch", ACCOUNT)
async def batch(request: AnyRequest) -> Answer:
    """Give one command on several cases, each in a unit of work of its own, and list how each came out."""
    edge = edge_of(request)
    actor = visitor_of(request).actor
    form = await form_of(request)
    context = urlencode(kept(dict(parse_qsl((form.get("context") or [""])[0]))))
    only = (form.get("only") or [""])[0]
    command = "claim" if only else (form.get("batch") or [""])[0]
    chosen = [only] if only else form.get("case", [])
    if command not in BATCHES or not chosen:
        missing = Text("请先勾选办件，再选操作", "Tick cases first, then choose what to do")
        return await _desk(request, dict(parse_qsl(context)), InvalidInput(missing))
    check_acting(actor, form)
    key = (form.get("key") or [""])[0][:100]
    results = await asyncio.gather(*(_one(edge, actor, command, entry, key) for entry in chosen[:MOST_AT_ONCE]))
    if only and results[0].problem is None:
        return see_other(f"/desk?{context}&done={command}&case={results[0].reference}")
    return page_answer(
        request,
        "desk_batch.html",
        command=COMMANDS[command],
        done=[result.reference for result in results if result.problem is None],
        failed=[result for result in results if result.problem is not None],
        context=context,
        left_out=len(chosen[MOST_AT_ONCE:]),
        **switch_address(request, "/desk", context),
    )


async def _one(edge: Edge, actor: Actor, command: str, entry: str, key: str) -> Done:
    """``entry`` is what an entity tag holds: the reference and the number of the last event seen."""
    text, _, seq = entry[:40].partition("-")
    reference = parse_reference(text)
    if reference is None or not seq.isdigit():
        return Done(text, InvalidInput())
    again = None
    if key and key.isascii() and key.isprintable() and " " not in key:
        again = IdempotencyKey(actor.id, f"POST /desk/batch {command}", f"{key}-{reference}", entry)
    try:
        await edge.write(
            lambda work: handle(
                work, edge.house, actor, reference, command, {}, if_match=f'"{reference}-{seq}"', key=again
            )
        )
    except Problem as problem:
        return Done(reference, problem)
    return Done(reference, None)


def check_acting(actor: Actor, form: Mapping[str, list[str]]) -> None:
    """A form acts for whom it was shown for. Raises InvalidInput where another tab has switched meanwhile."""
    shown = (form.get("acting") or [""])[0]
    if "acting" in form and shown != (actor.acting_for or ""):
        raise InvalidInput(
            Text(
                "您在另一个页面切换了代办，请核对后再提交", "You switched whom you act for in another tab; check again"
            )
        )


@page("POST", "/desk/filters", ACCOUNT)
async def keep_filter(request: AnyRequest) -> Answer:
    """Keep the list that is shown under a name."""
    edge = edge_of(request)
    account = visitor_of(request).account
    form = await form_of(request)
    asked = kept(dict(parse_qsl((form.get("context") or [""])[0])))
    name = (form.get("name") or [""])[0]

    def keep(work: Work) -> SavedFilter:
        return save_filter(work, edge.house, account, name, urlencode(asked))

    try:
        if any(asked.get(key, "") not in words for key, words in _known(edge).items() if key in asked):
            raise InvalidInput
        await edge.write(keep)
    except InvalidInput as problem:
        return await _desk(request, {}, problem)
    return see_other(f"/desk?{urlencode(asked)}")


def _known(edge: Edge) -> dict[str, Any]:
    registry = edge.house.in_force().registry
    return {
        "queue": {*WORDS["queues"], ALL},
        "matter": registry.matters,
        "region": registry.regions,
        "who": ("mine", "none"),
    }


@page("POST", "/desk/filters/{filter:str}/remove", ACCOUNT)
async def forget_filter(request: AnyRequest) -> Answer:
    """Forget a saved list."""
    account = visitor_of(request).account
    filter_id = request.path_params["filter"][:40]
    await edge_of(request).write(lambda work: work.filters.remove(account.id, filter_id))
    return see_other("/desk")


ROUTES = (desk, batch, keep_filter, forget_filter)

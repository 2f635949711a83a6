"""Answers 回传 of a city's own system: each is held to the state and the law like the act of a person here.

An answer has an id of its sender and takes effect once. Where the sender counts its answers on a case (``sequence``),
one that comes before its turn waits for the earlier ones; after an hour it is judged as it is. A refused answer says
why, and is kept with its content until somebody has looked at it. Times are those of this house: a clock that goes
wrong elsewhere moves no limit here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

import msgspec
from pydantic import Field, StringConstraints

from catalogue.domain.case import Case
from catalogue.domain.days import local_time
from catalogue.domain.numbers import parse_reference
from catalogue.domain.people import Account, Sight
from catalogue.domain.problems import (
    Fault,
    IdempotencyKeyReused,
    InvalidInput,
    NotAllowed,
    NotFound,
    Problem,
    RuleForbids,
    StaleRead,
    Unavailable,
)
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.bodies.basics import Body, Line, Moment, read
from catalogue.service.handling import Told, handle
from catalogue.service.house import House
from catalogue.service.letters import own_system
from catalogue.service.meanings import command_of
from catalogue.service.ports import Database, KeptAnswer, Outcome, Work

PATIENCE = timedelta(hours=1)
"""How long an answer waits for an earlier one."""
TRIES = 5
BATCH = 50

Name = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
Officer = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]


class AnswerBody(Body):
    """``POST /api/regions/{region}/answers``. A CloudEvent with the same in its attributes does as well."""

    id: Name
    """The sender's id of this answer, the same when it is sent again."""
    reference: Line
    type: Line
    """``decision``, or what happened (accepted, correction_requested, granted …), or the command's name."""
    sequence: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """The sender's own count on this case, from 1."""
    officer: Officer | None = None
    """Who acted there; two that are named are two persons to every rule that wants two."""
    at: Moment | None = None
    """When it happened there: kept, and no clock is reckoned from it."""
    data: dict[str, Any] = Field(default_factory=dict)
    """The body of the command; for ``decision``: decision (grant or refuse), opinion, reviewer, decider …"""


class Step(Value, frozen=True):
    """One act of an answer: by which officer, what, with which body."""

    officer: str | None
    command: str
    body: Mapping[str, Any]


def envelope(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A CloudEvent as the plain body it carries; anything else as it is."""
    if "specversion" not in raw:
        return dict(raw)
    plain: dict[str, Any] = {"id": raw.get("id"), "type": raw.get("type"), "reference": raw.get("subject")}
    for ours, theirs in (("at", "time"), ("sequence", "sequence"), ("officer", "officer"), ("data", "data")):
        if raw.get(theirs) is not None:
            plain[ours] = raw[theirs]
    if isinstance(plain.get("sequence"), str) and plain["sequence"].isdigit():
        plain["sequence"] = int(plain["sequence"])
    return plain


def take_answer(database: Database, house: House, account: Account, region: str, raw: Mapping[str, Any]) -> Outcome:
    """One answer and whatever waited for it.

    200 done, 202 waiting. Raises NotAllowed for the token of another region, InvalidInput for what is no answer at
    all, IdempotencyKeyReused; a refusal by state or law is kept and raised again with every repetition.
    """
    if region not in house.in_force().registry.regions:
        raise NotFound(Text("没有这个地区", "No such region"))
    if account.region != region:
        raise NotAllowed(Text("令牌不属于该地区", "The token belongs to another region"))
    body = read(AnswerBody, envelope(raw))
    reference = parse_reference(body.reference) or body.reference
    content = body.model_dump(mode="json", exclude_none=True)
    digest = hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()
    fresh = KeptAnswer(
        region, body.id, digest, reference, body.sequence, body.type, "new", house.clock.now(), None, account.id,
        body=content,
    )  # fmt: skip
    kept = _settled(database, house, account, fresh)
    _release(database, house, account, region, reference)
    return answer_of(kept)


def answer_of(kept: KeptAnswer) -> Outcome:
    """What the sender is told. Raises what refused it, as often as it asks."""
    if kept.state == "refused":
        raise Kept(kept)
    told = {"id": kept.id, "state": kept.state, "reference": kept.reference, **kept.outcome}
    return Outcome(202 if kept.state == "waiting" else 200, msgspec.json.encode(told))


class Kept(Problem):
    """The answer was refused, with the problem that refused it; it is kept for inspection."""

    code = "answer-refused"
    title = Text("回传未被采纳", "The answer was refused")

    def __init__(self, kept: KeptAnswer) -> None:
        self.status = kept.status  # type: ignore[misc]
        told = dict(kept.outcome)
        self.code = told.pop("code", self.code)  # type: ignore[misc]
        self.title = Text(**told.pop("title")) if "title" in told else self.title  # type: ignore[misc]
        detail = told.pop("detail", None)
        errors = tuple(Fault(e["path"], e["code"], Text(**e["message"])) for e in told.pop("errors", ()))
        super().__init__(
            None if detail is None else Text(**detail),
            errors=errors,
            extra={**told, "id": kept.id, "kept": True},
        )


def _settled(database: Database, house: House, account: Account, fresh: KeptAnswer) -> KeptAnswer:
    """Done, waiting or refused; the same again for the same id."""
    for _ in range(TRIES):
        try:
            return database.write(lambda work: _settle(work, house, account, fresh)).result()
        except (IdempotencyKeyReused, Unavailable):
            raise
        except StaleRead:
            continue
        except Problem as problem:
            refused = _refusal(house, fresh, problem)
            return database.write(partial(_keep_refused, refused=refused)).result()
    raise Unavailable


def _settle(work: Work, house: House, account: Account, fresh: KeptAnswer, *, patient: bool = True) -> KeptAnswer:
    before = work.answers.get(fresh.region, fresh.id)
    if before is not None and before.body_digest != fresh.body_digest:
        raise IdempotencyKeyReused
    if before is not None and before.state != "waiting" and fresh.state == "new":
        return before
    case = work.cases.load(fresh.reference, Sight("region", region=fresh.region))
    if case is None or case.home_region != fresh.region:
        raise NotFound(Text("没有这个办件，或不由该地区办理", "No such case, or not one of that region"))
    if patient and fresh.sequence is not None:
        following = work.answers.last_settled(fresh.region, fresh.reference) + 1
        if fresh.sequence < following:
            raise RuleForbids(
                Text(
                    f"该件第 {fresh.sequence} 条回传已经处理过",
                    f"Answer {fresh.sequence} on this case was settled already",
                ),
                extra={"rule": "answer-out-of-order", "expected": following},
            )
        if fresh.sequence > following:
            waiting = replace(fresh, state="waiting", outcome={"expected": following}, status=202)
            if before is None:
                work.answers.keep(waiting)
            return waiting
    events: list[Any] = []
    told: dict[str, Any] = {}
    for step in _steps(case, house, fresh):
        actor = own_system(account.id, account.username, fresh.region, case.home_office or account.office, step.officer)
        outcome = handle(
            work, house, actor, fresh.reference, step.command, dict(step.body),
            if_match="*", told=Told(account.id, fresh.id),
        )  # fmt: skip
        told = msgspec.json.decode(outcome.body)
        events += told["events"]
    done = {"case_state": told["state"], "etag": told["etag"], "events": events}
    kept = replace(fresh, state="done", settled_at=house.clock.now(), outcome=done, status=200, problem=None)
    work.answers.keep(kept)
    return kept


def _steps(case: Case, house: House, answer: KeptAnswer) -> Sequence[Step]:
    """The acts an answer amounts to. Raises InvalidInput for a type that is none of a city's acts."""
    command = command_of(answer.type)
    if command is None:
        raise InvalidInput(errors=(Fault("type", "unknown-type", Text("没有这种回传类型", "No such type of answer")),))
    body, officer = answer.body.get("data", {}), answer.body.get("officer")
    if command != "decision":
        return (Step(officer, command, body),)
    grants = body.get("decision")
    if grants not in ("grant", "refuse"):
        raise InvalidInput(
            errors=(Fault("data.decision", "unknown-code", Text("应为 grant 或 refuse", "grant or refuse")),)
        )
    own = {key: value for key, value in body.items() if key not in ("decision", "reviewer", "decider")}
    decider, reviewer = body.get("decider", officer), body.get("reviewer")
    matter = house.revision(case.revision).registry.matters[case.matter]
    if grants == "grant" and matter.on_the_spot and reviewer is None and case.state in ("home_received", "accepted"):
        return (Step(decider, "decide-at-once", own),)
    steps = [Step(decider, grants, own)]
    if case.advice is None:
        opinion = own.get("opinion") or own.get("reasons")
        steps.insert(0, Step(reviewer, "review", {"opinion": opinion, "advice": grants}))
    return steps


def _refusal(house: House, fresh: KeptAnswer, problem: Problem) -> KeptAnswer:
    told = {**problem.as_json(), "title": problem.title.as_json()}
    return replace(
        fresh, state="refused", problem=problem.code, settled_at=house.clock.now(), outcome=told, status=problem.status
    )


def _keep_refused(work: Work, refused: KeptAnswer) -> KeptAnswer:
    before = work.answers.get(refused.region, refused.id)
    if before is not None and before.body_digest != refused.body_digest:
        raise IdempotencyKeyReused
    if before is not None and before.state in ("done", "refused"):
        return before
    work.answers.keep(refused)
    return refused


def _release(database: Database, house: House, account: Account, region: str, reference: str) -> None:
    """Whatever waited for the answer just settled, one after the other."""
    waiting = database.read(lambda work: work.answers.waiting(region, reference)).result()
    for answer in waiting:
        if _settled(database, house, account, answer).state == "waiting":
            return


def settle_overdue(database: Database, house: House) -> int:
    """Answers that waited an hour for one that never came are judged as they are; answers how many."""
    before = house.clock.now() - PATIENCE
    waited = database.read(lambda work: work.answers.overdue(before, BATCH)).result()
    return sum(judge(database, house, answer).state != "waiting" for answer in waited)


def judge(database: Database, house: House, answer: KeptAnswer) -> KeptAnswer:
    """Settle an answer out of its turn: one that waited too long, or one that a person wants tried again."""

    def act(work: Work) -> KeptAnswer:
        account = None if answer.told_by is None else work.accounts.get(answer.told_by)
        if account is None:
            raise NotFound(Text("回传的令牌账号已不存在", "The account of that token is gone"))
        return _settle(work, house, account, replace(answer, state="again"), patient=False)

    for _ in range(TRIES):
        try:
            return database.write(act).result()
        except StaleRead:
            continue
        except Unavailable:
            raise
        except Problem as problem:
            refused = _refusal(house, answer, problem)
            database.write(lambda work, r=refused: work.answers.keep(r)).result()  # type: ignore[misc]
            return refused
    return answer


def answer_json(answer: KeptAnswer) -> dict[str, Any]:
    """An answer for inspection, without its content."""
    detail = answer.outcome.get("detail")
    return {
        "region": answer.region,
        "id": answer.id,
        "reference": answer.reference,
        "sequence": answer.sequence,
        "type": answer.type,
        "state": answer.state,
        "received_at": local_time(answer.received_at),
        "problem": answer.problem,
        "detail": detail,
    }

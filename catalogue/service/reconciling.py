"""Reconciliation 对账: a city's own system and this one compare what they hold of the city's cases.

Every night, and when somebody asks, the city's system is asked what it holds; it tells by ``POST
/api/regions/{region}/holdings`` and is told the differences, so both sides know them. What is still on its way is no
difference. A person mends one with one act: what they lack is sent again, what stands otherwise is stated anew, what
only they hold is struck off once it is settled with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from catalogue.domain.days import CHINA, local_day, local_time
from catalogue.domain.numbers import parse_reference
from catalogue.domain.people import Account, Sight
from catalogue.domain.problems import NotAllowed, NotFound, RuleForbids
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.logs import log
from catalogue.service.bodies.basics import Body, Line, read
from catalogue.service.delivery import Deliver, Refused, Unreachable
from catalogue.service.house import House
from catalogue.service.ports import Database, Difference, Message, Work

NIGHT = 2
"""The local hour from which the nightly comparison is asked for."""
ASK_AGAIN = timedelta(minutes=15)
MOST = 50_000


class Holding(Body):
    """One case as the city's system holds it: the last ``sequence`` it knows, and the state."""

    reference: Line
    sequence: Annotated[int, Field(ge=0)]
    state: Line


class Holdings(Body):
    """``POST /api/regions/{region}/holdings``: everything the city's system holds."""

    cases: Annotated[tuple[Holding, ...], Field(max_length=MOST, strict=False)]


class Compared(Value, frozen=True):
    """What a comparison looked at and found."""

    at: datetime
    cases: int
    differences: Sequence[Difference]


def compare(work: Work, house: House, account: Account, region: str, raw: Mapping[str, Any]) -> Compared:
    """Their list against ours; the findings take the place of those before. Raises NotAllowed, NotFound."""
    if region not in house.in_force().registry.regions:
        raise NotFound(Text("没有这个地区", "No such region"))
    if account.region != region:
        raise NotAllowed(Text("令牌不属于该地区", "The token belongs to another region"))
    theirs = {parse_reference(one.reference) or one.reference: one for one in read(Holdings, raw).cases}
    taken, now = work.outbox.held(region), house.clock.now()
    on_the_way = work.outbox.on_the_way(region)
    found: list[Difference] = []
    for reference, sequence in taken.items():
        held = theirs.get(reference)
        if held is None:
            found.append(Difference(region, reference, "missing", str(sequence)))
        elif held.sequence < sequence:
            found.append(Difference(region, reference, "behind", str(sequence), str(held.sequence)))
        elif reference not in on_the_way:
            case = work.cases.load(reference, Sight("region", region=region))
            if case is not None and case.home_region == region and case.state != held.state:
                found.append(Difference(region, reference, "state", case.state, held.state))
    for reference, held in theirs.items():
        if reference not in taken and reference not in on_the_way:
            found.append(Difference(region, reference[:40], "unknown", None, held.state[:40]))
    work.outbox.replace_differences(region, found, now)
    return Compared(now, len(taken), found)


def mend(work: Work, house: House, account: Account, region: str, reference: str, kind: str) -> Text:
    """Mend one difference; answers what was done. Raises NotFound where it is not listed any more."""
    listed = next(
        (one for one in work.outbox.differences(region) if (one.reference, one.kind) == (reference, kind)), None
    )
    if listed is None:
        raise NotFound(Text("没有这项差异，或已处理", "No such difference, or it was mended"))
    now = work.now()
    if kind in ("missing", "behind"):
        after = 0 if listed.theirs is None else int(listed.theirs)
        number = work.outbox.resend_case(region, reference, after, now)
        done = Text(f"重发 {number} 条消息", f"{number} messages are sent again")
    elif kind == "state":
        state_anew(work, house, region, reference)
        done = Text("已重新通知现状", "The present state is told anew")
    else:
        done = Text("已与对方核实，划去", "Settled with the other side and struck off")
    work.outbox.mended(region, reference, kind)
    work.access.administered(account.id, f"difference-mended:{kind}", reference, house.clock.now())
    return done


def state_anew(work: Work, house: House, region: str, reference: str) -> None:
    """Tell a city's system how a case stands here, so that it mends what it holds and answers anew.

    Raises RuleForbids where the case is not that region's.
    """
    case = work.cases.load(reference, Sight("region", region=region))
    if case is None or case.home_region != region or case.handler is None:
        raise RuleForbids(
            Text("该件已不由该地区办理", "The case is no longer that region's"), extra={"rule": "case-moved"}
        )
    now = work.now()
    message = Message(
        id=f"{case.reference}-{case.seq}-stated-{int(now.timestamp())}",
        channel=house.channel(region, case.handler),
        region=region,
        reference=case.reference,
        sequence=case.seq,
        type="case.stated",
        body={"matter": case.matter, "office": case.home_office, "state": case.state},
    )
    work.outbox.add(message)


def wish(work: Work, region: str, now: datetime) -> None:
    """Ask for a comparison with the next round of the jobs."""
    work.marks.set(_mark(region), now.isoformat())


def _mark(region: str) -> str:
    return f"compare:{region}"


def ask_holdings(database: Database, house: House, channels: Mapping[str, Deliver]) -> int:
    """Ask every city's own system that is due what it holds: once a night, and when somebody wished it."""
    deliver = channels.get("webhook")
    if deliver is None:
        return 0
    now = house.clock.now()
    asked = 0
    for region in sorted(house.webhooks):
        if not database.read(lambda work, r=region: _due(work, r, now)).result():  # type: ignore[misc]
            continue
        message = Message(
            f"holdings-{region}-{int(now.timestamp())}", "webhook", region, "-", 0, "holdings.requested", {}
        )
        try:
            deliver(message)
            asked += 1
        except (Unreachable, Refused) as error:
            log.warning("holdings not asked", region=region, reason=str(error))
        # Whether it answered or not: asked again in a quarter of an hour until its list has come.
        database.write(lambda work, r=region: work.marks.set(f"asked:{r}", now.isoformat())).result()  # type: ignore[misc]
    return asked


def _due(work: Work, region: str, now: datetime) -> bool:
    compared = work.outbox.compared().get(region)
    asked, wished = (_moment(work.marks.get(f"{key}:{region}")) for key in ("asked", "compare"))
    if wished is not None and (asked is None or asked < wished):
        return True
    if asked is not None and now - asked < ASK_AGAIN:
        return False
    if wished is not None and (compared is None or compared < wished):
        return True
    night = datetime.combine(local_day(now), datetime.min.time(), CHINA) + timedelta(hours=NIGHT)
    return now >= night and (compared is None or compared < night)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def difference_json(difference: Difference) -> dict[str, Any]:
    """A difference as both sides are told of it."""
    return {
        "reference": difference.reference,
        "kind": difference.kind,
        "ours": difference.ours,
        "theirs": difference.theirs,
        "found_at": None if difference.found_at is None else local_time(difference.found_at),
    }

"""Delivery 送达属地: messages of the outbox go to the cities, each city on a line of its own.

A message is sent at least once and takes effect once, since its id stays the same. What the receiver will not take is
tried a few times, ever more slowly, then parked with its reason and an owner. A city that does not answer holds up its
own messages only: its line as a whole waits and is tried with one message, so that nothing is lost, nothing is parked
for being in the queue, and all of it leaves in order once the city is back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from catalogue.domain.problems import Problem
from catalogue.domain.value import Value
from catalogue.service.house import House
from catalogue.service.letters import compose
from catalogue.service.notices import CHANNELS, compose_notice
from catalogue.service.ports import Claimed, Database, Message, Settled, Work

BATCH = 8
"""Messages claimed at once; with ``SENDERS`` at the longest time-out they fit into the minute of a claim."""
SENDERS = 4
MOST_ATTEMPTS = 8
"""How often a message is offered that its receiver refuses, before it is parked."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
LONGEST_LINE_WAIT = timedelta(minutes=5)
"""A city that is back is noticed within this time."""

Deliver = Callable[[Message], None]
"""Hands a message over by its channel. Raises Refused or Unreachable."""


class Refused(Exception):
    """The receiver answered and does not take this message; another one may be taken."""


class Unreachable(Exception):
    """The receiver does not answer, or takes nothing at all now; ``wait``: as it asked itself."""

    def __init__(self, reason: str, wait: timedelta | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Delivered(Value, frozen=True):
    """What one go over a line did."""

    sent: int = 0
    failed: int = 0

    def __add__(self, other: Delivered) -> Delivered:
        return Delivered(self.sent + other.sent, self.failed + other.failed)


def backoff(house: House, attempts: int, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """Twice as long each time, and of that between half and all by chance, so that many do not come back at once."""
    whole = min(FIRST_WAIT * int(2 ** min(attempts - 1, 16)), longest)
    return whole / 2 + whole / 2 * (house.draw(1001) / 1000)


def deliver_due(
    database: Database, house: House, channels: Mapping[str, Deliver], stop: threading.Event | None = None
) -> Delivered:
    """Everything that is due, all cities at the same time."""
    regions = database.read(lambda work: work.outbox.due(work.now())).result()
    if not regions:
        return Delivered()
    with ThreadPoolExecutor(len(regions), thread_name_prefix="line") as lines:
        done = lines.map(lambda region: deliver_region(database, house, channels, region, stop), regions)
        return sum(done, Delivered())


def deliver_region(
    database: Database,
    house: House,
    channels: Mapping[str, Deliver],
    region: str,
    stop: threading.Event | None = None,
) -> Delivered:
    """What is due for one city, until nothing is or it does not answer."""
    total = Delivered()
    with ThreadPoolExecutor(SENDERS, thread_name_prefix=f"line-{region}") as senders:
        while stop is None or not stop.is_set():
            claimed = database.write(lambda work: _claim(work, region)).result()
            if not claimed:
                break
            results, gone = _send(database, house, channels, region, claimed, senders, stop)
            database.write(lambda work, r=results, g=gone: _settle(work, house, region, r, g)).result()  # type: ignore[misc]
            sent = sum(result.outcome == "sent" for result in results)
            failed = sum(result.outcome in ("again", "parked") for result in results) + (gone is not None)
            total += Delivered(sent, failed)
            if gone is not None:
                break
    return total


def _claim(work: Work, region: str) -> Sequence[Claimed]:
    now = work.now()
    if region not in work.outbox.due(now):
        # Paused, or found not to answer, since this go began.
        return ()
    # A city that did not answer is tried with one message.
    return work.outbox.claim(now, 1 if work.outbox.failures(region) else BATCH, region)


def _send(
    database: Database,
    house: House,
    channels: Mapping[str, Deliver],
    region: str,
    claimed: Sequence[Claimed],
    senders: ThreadPoolExecutor,
    stop: threading.Event | None,
) -> tuple[list[Settled], Unreachable | None]:
    """What became of each, and why the line was given up if it was."""
    gone: list[Unreachable] = []
    owner = owner_of(house, region)

    def one(item: Claimed) -> Settled:
        if gone or (stop is not None and stop.is_set()):
            return Settled(item, "released")
        message = item.message
        try:
            if message.channel != "desk":
                put = compose_notice if message.channel in CHANNELS else compose
                content = database.read(lambda work: put(work, house, message)).result()
                if content.get("skipped"):
                    return Settled(item, "skipped", content["skipped"])
                message = replace(message, body={**message.body, **content})
            deliver = channels.get(message.channel)
            if deliver is None:
                raise Unreachable(f"no channel {message.channel}")
            deliver(message)
        except Unreachable as error:
            gone.append(error)
            return Settled(item, "released")
        except Refused as error:
            return _refused(house, item, str(error), owner)
        except Problem as problem:
            return _refused(house, item, problem.code, owner)
        except Exception as error:  # noqa: BLE001 -- whatever one message meets, it stays and its neighbours go on
            return _refused(house, item, type(error).__name__, owner)
        return Settled(item, "sent")

    results = list(senders.map(one, claimed))
    return results, gone[0] if gone else None


def _refused(house: House, item: Claimed, reason: str, owner: str | None) -> Settled:
    if item.attempts >= MOST_ATTEMPTS:
        return Settled(item, "parked", reason, owner=owner)
    return Settled(item, "again", reason, backoff(house, item.attempts), owner)


def _settle(work: Work, house: House, region: str, results: Sequence[Settled], gone: Unreachable | None) -> None:
    now = work.now()
    work.outbox.settle(results, now)
    if gone is not None:
        wait = gone.wait or backoff(house, work.outbox.failures(region) + 1, LONGEST_LINE_WAIT)
        work.outbox.unreachable(region, str(gone), now, min(wait, LONGEST_WAIT))
    elif any(result.outcome != "released" for result in results):
        work.outbox.answered(region, now)


def owner_of(house: House, region: str) -> str | None:
    """The office whose administrators look after a city's line: its city-level bureau."""
    known = house.in_force().registry.regions.get(region)
    return None if known is None else known.city_office


def to_desk(message: Message) -> None:
    """The desk channel: the home region's officers work in this system, so the case is in their queue already."""

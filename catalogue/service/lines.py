"""The lines to the cities as an administrator looks after them: what waits, what is parked, what was refused, and the
acts that mend it. Each act is logged with who did it; nothing personal is shown here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from catalogue.domain.days import local_day
from catalogue.domain.people import Account
from catalogue.domain.problems import InvalidInput, NotAllowed, NotFound
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.house import House
from catalogue.service.notices import EMAIL, SMS
from catalogue.service.ports import Difference, KeptAnswer, LineState, MisrouteRate, Work
from catalogue.service.reconciling import mend, wish

SHOWN = 100
SKIPPED_SHOWN = 30
SHARED: Mapping[str, Text] = {SMS: Text("短信", "Short messages"), EMAIL: Text("电子邮件", "E-mail")}
"""Lines that serve the applicants of all cities, and so belong to none."""
RATES_OVER = timedelta(days=90)


class Line(Value, frozen=True):
    """One line: a city's, or another receiver's such as the gateway of short messages.

    How it is told, how it stands, when both sides were last compared.
    """

    id: str
    name: Text
    channel: str
    state: LineState
    compared_at: datetime | None
    answers: Mapping[str, int]
    """State -> number of answers waiting or refused."""


class Overview(Value, frozen=True):
    """Everything the page of the outbox shows."""

    lines: Sequence[Line]
    parked: Sequence[Mapping[str, Any]]
    waiting: Sequence[Mapping[str, Any]]
    skipped: Sequence[Mapping[str, Any]]
    """The latest notices that went to nobody, with the reason."""
    refused: Sequence[KeptAnswer]
    differences: Sequence[Difference]
    rates: Sequence[MisrouteRate]
    names: Mapping[str, str]
    """Account id -> user name, of those who paused a line."""


def overview(work: Work, house: House) -> Overview:
    """How things stand now."""
    registry = house.in_force().registry
    states = {state.region: state for state in work.outbox.lines()}
    compared, counts = work.outbox.compared(), work.answers.counts()
    lines = []
    names: dict[str, str] = {}
    for region in registry.regions.values():
        state = states.get(region.id, LineState(region.id))
        answered = {kind: number for (where, kind), number in counts.items() if where == region.id}
        channel = house.channel(region.id, region.handler)
        lines.append(Line(region.id, region.short, channel, state, compared.get(region.id), answered))
    others = dict.fromkeys((*sorted(house.notices), *(name for name in states if name not in registry.regions)))
    lines += [
        Line(name, SHARED.get(name, Text(name, name)), name, states.get(name, LineState(name)), None, {})
        for name in others
    ]
    for line in lines:
        account = None if line.state.paused_by is None else work.accounts.get(line.state.paused_by)
        if account is not None:
            names[account.id] = account.username
    since = local_day(house.clock.now()) - RATES_OVER
    return Overview(
        lines,
        work.outbox.list(state="parked", limit=SHOWN),
        [row for row in work.outbox.list(limit=SHOWN) if row["state"] in ("waiting", "claimed")],
        work.outbox.list(state="skipped", limit=SKIPPED_SHOWN),
        work.answers.listed(limit=SHOWN),
        work.outbox.differences()[:SHOWN],
        work.passing.rates(since),
        names,
    )


def _own(account: Account, region: str) -> None:
    """A city's administrators look after their own line, all of them after those of the notices. Raises NotAllowed."""
    if account.region != region and region not in SHARED:
        raise NotAllowed(
            Text("该线路由所在城市的系统管理员负责", "That line is looked after by its own city's administrators")
        )


def _logged(work: Work, house: House, account: Account, act: str, subject: str) -> None:
    work.access.administered(account.id, act, subject, house.clock.now())


def pause(work: Work, house: House, account: Account, region: str, reason: str) -> None:
    """Send nothing more to a city, say for maintenance on its side; what is written meanwhile waits."""
    _own(account, region)
    if not reason.strip():
        raise InvalidInput(Text("请写明暂停的原因", "State why it is paused"))
    work.outbox.pause(region, account.id, reason.strip()[:400], work.now())
    _logged(work, house, account, "line-paused", region)


def go_on(work: Work, house: House, account: Account, region: str, reason: str = "") -> None:
    """End a pause, or try at once a line that waits to be tried."""
    _own(account, region)
    work.outbox.go_on(region, work.now())
    _logged(work, house, account, "line-continued", region)


def resend_parked(work: Work, house: House, account: Account, region: str, reason: str = "") -> None:
    """Every parked message of a city again."""
    _own(account, region)
    number = work.outbox.resend_parked(region, work.now())
    _logged(work, house, account, f"parked-resent:{number}", region)


def compare_now(work: Work, house: House, account: Account, region: str, reason: str = "") -> None:
    """Have both sides compared with the next round of the jobs."""
    _own(account, region)
    if region not in house.webhooks:
        raise NotFound(Text("该地区没有自有系统", "That region has no system of its own"))
    wish(work, region, house.clock.now())
    _logged(work, house, account, "comparison-asked", region)


ACTS: Mapping[str, Callable[[Work, House, Account, str, str], None]] = {
    "pause": pause,
    "go-on": go_on,
    "resend": resend_parked,
    "compare": compare_now,
}
"""What may be done with a line."""


def resend(work: Work, house: House, account: Account, message_id: str) -> None:
    """One message again, under its own id. Raises NotFound."""
    row = next((row for row in work.outbox.list(state="parked", limit=10_000) if row["id"] == message_id), None)
    if row is None:
        raise NotFound(Text("没有这条暂停的消息", "No such parked message"))
    _own(account, row["region"])
    work.outbox.resend(message_id, work.now())
    _logged(work, house, account, "message-resent", message_id)


def mend_difference(work: Work, house: House, account: Account, region: str, reference: str, kind: str) -> Text:
    """Mend one difference between the two sides."""
    _own(account, region)
    return mend(work, house, account, region, reference, kind)

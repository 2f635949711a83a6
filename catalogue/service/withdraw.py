"""Withdraw 撤回发布: a revision that is scheduled is taken back before its day."""

from __future__ import annotations

from catalogue.domain.people import Actor, Role
from catalogue.domain.problems import Fault, InvalidInput, NotAllowed, NotFound, RuleForbids
from catalogue.domain.text import Text
from catalogue.service.house import House
from catalogue.service.ports import FeedEntry, Work
from catalogue.service.standing import has_begun

WITHDRAWN = 1_000_000
"""The number within the feed of a revision under which its withdrawal stands."""
LONGEST = 1000


def reason_of(reason: str | None) -> str:
    """A reason that was given. Raises InvalidInput."""
    text = (reason or "").strip()
    if not text or len(text) > LONGEST:
        message = Text("请写明理由（不超过1000字）", "Give a reason, 1000 characters at most")
        raise InvalidInput(errors=(Fault("reason", "missing", message),))
    return text


def withdraw(work: Work, house: House, actor: Actor | None, number: int, reason: str | None, by: str = "") -> None:
    """Take back a scheduled revision. ``actor`` None is the command line, which signs as ``by``.

    Raises NotAllowed, NotFound, InvalidInput, RuleForbids (in force already, withdrawn, or a later one stands on it).
    """
    if actor is not None and not actor.has(Role.REGISTRY_PUBLISHER):
        raise NotAllowed(Text("撤回由清单发布岗办理", "Publishers of the registry withdraw"))
    why = reason_of(reason)
    rows = work.revisions.list()
    row = next((row for row in rows if row["number"] == number), None)
    if row is None:
        raise NotFound(Text(f"没有第 {number} 版", f"There is no revision {number}"))
    now = house.clock.now()
    if row["withdrawn_at"] is not None:
        raise _forbidden(f"第 {number} 版已经撤回", f"Revision {number} was withdrawn already", "withdrawn")
    if has_begun(row, now):
        raise _forbidden(
            f"第 {number} 版已经生效，不能撤回；可恢复较早的版本",
            f"Revision {number} is in force; it cannot be withdrawn, but an older one can be published again",
            "in-force",
        )
    later = [other["number"] for other in rows if other["number"] > number and other["withdrawn_at"] is None]
    if later:
        raise _forbidden(
            f"第 {later[0]} 版建立在第 {number} 版之上，请先撤回第 {later[0]} 版",
            f"Revision {later[0]} stands on revision {number}; withdraw it first",
            "later-revision",
        )
    signed = by if actor is None else actor.id
    if not work.revisions.withdraw(number, now, signed):
        raise _forbidden(f"第 {number} 版已经生效或撤回", f"Revision {number} is in force or withdrawn", "in-force")
    work.feed.record(
        [
            FeedEntry(
                number, WITHDRAWN, now, "withdrawn", "registry", "", None, "", None, None,
                f"撤回第 {number} 版，未生效", f"Revision {number} was withdrawn before its day",
                str(row["author"]), signed, why,
            )
        ]
    )  # fmt: skip
    work.access.administered(signed, "revision-withdrawn", str(number), now)
    house.refresh(work.revisions)


def _forbidden(zh: str, en: str, rule: str) -> RuleForbids:
    return RuleForbids(Text(zh, en), extra={"rule": rule})

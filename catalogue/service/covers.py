"""Stand-ins 代办 (AB岗): for dated days one officer acts for another of the same office, and papers show both.

A stand-in acts with the powers of the covered account and of no other; events carry both ids. Nobody names himself a
stand-in, and who reviewed a case, for himself or for another, is never its decider.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from catalogue.domain.days import local_day
from catalogue.domain.people import CASE_ROLES, Account, Actor, Role
from catalogue.domain.problems import Fault, InvalidInput, NotAllowed, NotFound
from catalogue.domain.text import Text
from catalogue.service.bodies import Body, Day, Line, Prose
from catalogue.service.house import House
from catalogue.service.ports import Cover, Work

LONGEST = timedelta(days=366)
NAMES_STAND_INS = frozenset({Role.WINDOW_HEAD, Role.DECIDER})
"""Who names stand-ins within the own office; a security administrator does so anywhere."""


class CoverBody(Body):
    """``covered`` and ``stand_in`` are user names; both days are included."""

    covered: Line
    stand_in: Line
    from_day: Day
    to_day: Day
    reason: Prose


def make_cover(work: Work, house: House, maker: Actor | None, asked: CoverBody, by: str = "") -> Cover:
    """Name a stand-in. ``maker`` None is the command line, which signs as ``by``.

    Raises NotAllowed, InvalidInput naming every fault at once.
    """
    covered, stand_in = _officer(work, asked.covered), _officer(work, asked.stand_in)
    today = local_day(house.clock.now())
    faults = []
    if covered is None:
        faults.append(_fault("covered", "unknown-officer", "没有这位经办人员", "No such officer"))
    if stand_in is None:
        faults.append(_fault("stand_in", "unknown-officer", "没有这位经办人员", "No such officer"))
    if covered and stand_in and covered.id == stand_in.id:
        faults.append(_fault("stand_in", "own-stand-in", "不能由本人代办", "Nobody stands in for himself"))
    if covered and stand_in and covered.office != stand_in.office:
        faults.append(_fault("stand_in", "other-office", "代办人须在同一机关", "A stand-in is of the same office"))
    if asked.to_day < asked.from_day:
        faults.append(_fault("to_day", "ends-before-it-begins", "止日不得早于起日", "It ends before it begins"))
    elif asked.to_day < today:
        faults.append(_fault("to_day", "past", "止日已过", "The last day has passed"))
    elif asked.to_day - asked.from_day > LONGEST:
        faults.append(_fault("to_day", "too-long", "代办最长一年", "A stand-in lasts a year at most"))
    if faults or covered is None or stand_in is None:
        raise InvalidInput(errors=tuple(faults))
    if maker is not None:
        _may_name(maker, covered)
        if maker.id == stand_in.id:
            raise NotAllowed(Text("不能指定自己代办他人", "Nobody names himself a stand-in"))
    now = house.clock.now()
    cover = Cover(
        id=f"v{secrets.token_hex(8)}",
        covered=covered.id,
        stand_in=stand_in.id,
        from_day=asked.from_day,
        to_day=asked.to_day,
        reason=asked.reason,
        made_by=by if maker is None else maker.id,
        made_at=now,
    )
    work.covers.add(cover)
    work.access.administered(cover.made_by, "cover-made", f"{covered.id} {stand_in.id}", now)
    return cover


def end_cover(work: Work, house: House, maker: Actor | None, cover_id: str, by: str = "") -> None:
    """Call a stand-in off before its last day. Raises NotFound, NotAllowed."""
    cover = work.covers.get(cover_id)
    covered = None if cover is None else work.accounts.get(cover.covered)
    if cover is None or covered is None:
        raise NotFound(Text("没有这项代办", "No such stand-in"))
    if maker is not None:
        _may_name(maker, covered)
    now = house.clock.now()
    signed = by if maker is None else maker.id
    work.covers.end(cover_id, now, signed)
    work.access.administered(signed, "cover-ended", cover_id, now)


def may_name(actor: Actor) -> bool:
    """Whether the actor names stand-ins for somebody."""
    return actor.acting_for is None and actor.has(*NAMES_STAND_INS, Role.SECURITY_ADMIN)


def _may_name(maker: Actor, covered: Account) -> None:
    if maker.acting_for is not None:
        raise NotAllowed(Text("代办期间不能指定代办人", "A stand-in names no further stand-ins"))
    own = maker.has(*NAMES_STAND_INS) and maker.office == covered.office
    if not own and not maker.has(Role.SECURITY_ADMIN):
        raise NotAllowed(
            Text("代办由本机关窗口负责人、决定人或安全管理员指定", "Heads and deciders of the office name stand-ins")
        )


def _officer(work: Work, username: str) -> Account | None:
    credential = work.accounts.find(username)
    if credential is None or credential.disabled or credential.account.roles.isdisjoint(CASE_ROLES):
        return None
    return credential.account


def _fault(path: str, code: str, zh: str, en: str) -> Fault:
    return Fault(path, code, Text(zh, en))


def covers_of(work: Work, house: House, account: Account) -> tuple[Account, ...]:
    """Whom the account stands in for today."""
    today = local_day(house.clock.now())
    found = [work.accounts.get(cover.covered) for cover in work.covers.held_by(account.id, today)]
    covered = {other.id: other for other in found if other is not None and _covers(account, other)}
    return tuple(covered.values())


def _covers(account: Account, other: Account) -> bool:
    return other.active and other.office == account.office


def standing_in(work: Work, house: House, account: Account, username: str) -> Actor:
    """The account as it acts for another one today. Raises NotAllowed where no stand-in is in force."""
    for other in covers_of(work, house, account):
        if username in (other.username, other.id):
            return Actor(
                account.id,
                account.username,
                other.roles & CASE_ROLES,
                account.region,
                account.office,
                acting_for=other.id,
            )
    raise NotAllowed(Text("您今天没有代此人办理", "You do not stand in for that account today"))

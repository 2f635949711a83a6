"""People and their powers: roles, accounts, and what an account may do and see.

Sources: 行政许可法 §34, GB/T 22239-2019 (three separate administrators).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from msgspec import field

from catalogue.domain.value import Value

SYSTEM = "system"
"""Who acts in an event that no person caused."""


class Role(StrEnum):
    """What an account may do (labels in the vocabulary)."""

    WINDOW_CLERK = "window_clerk"  # 窗口人员
    WINDOW_HEAD = "window_head"  # 窗口负责人
    HOME_INTAKE = "home_intake"  # 属地收件岗
    REVIEWER = "reviewer"  # 审查人
    DECIDER = "decider"  # 决定人
    SUPERVISOR = "supervisor"  # 监察员
    REGISTRY_EDITOR = "registry_editor"
    REGISTRY_PUBLISHER = "registry_publisher"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"


WINDOW_ROLES = frozenset({Role.WINDOW_CLERK, Role.WINDOW_HEAD})
HOME_ROLES = frozenset({Role.HOME_INTAKE, Role.REVIEWER, Role.DECIDER})
CASE_ROLES = WINDOW_ROLES | HOME_ROLES
SEPARATE_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
"""Never two of these in one hand (GB/T 22239-2019, level 3: separated administrators)."""


def forbidden_together(roles: Iterable[Role]) -> frozenset[Role]:
    """The roles among these that one account may not hold together; empty where the set is allowed."""
    held = SEPARATE_ROLES.intersection(roles)
    return held if len(held) > 1 else frozenset()


class Account(Value, frozen=True):
    """A person's account. Every account belongs to one office; ``region`` is that office's region."""

    id: str
    username: str
    roles: frozenset[Role]
    region: str
    office: str
    active: bool = True


class Actor(Value, frozen=True):
    """Who does something now: an account, perhaps covering for another one (AB岗)."""

    id: str
    username: str
    roles: frozenset[Role]
    region: str
    office: str
    acting_for: str | None = None
    """Id of the account that is covered; papers show both."""

    def has(self, *roles: Role) -> bool:
        """Whether the actor holds at least one of these roles."""
        return not self.roles.isdisjoint(roles)


Reach = Literal["none", "collection", "full"]


class Sight(Value, frozen=True):
    """Which cases an actor may see. The store writes the same rule as one SQL clause from the three fields.

    ``kind`` all: every case. region: cases accepted or decided in ``region``, and those of ``office`` where that is
    set. office: cases accepted by, decided by or to be collected at ``office``, or whose file it hands over. none: no
    case.
    """

    kind: Literal["none", "office", "region", "all"]
    office: str | None = field(default=None)
    region: str | None = field(default=None)
    over: str | None = field(default=None)
    """The office as superior authority: it sees the cases of all offices below it that ended in a certificate, which it
    may annul (行政许可法 §69)."""

    def reach(
        self,
        accepting_region: str,
        accepting_office: str,
        home_region: str | None,
        home_office: str | None,
        delivery_office: str | None,
        partner_office: str | None = None,
        *superiors: str | None,
    ) -> Reach:
        """How much of that case is seen: all of it, what collection or the transfer of a file needs, or nothing.

        A case that found no office yet has neither home region nor home office.
        """
        if self.kind == "all":
            return "full"
        if self.over is not None and self.over in superiors:
            return "full"
        if self.region is not None and self.region in (accepting_region, home_region):
            return "full"
        if self.office is not None:
            if self.office in (accepting_office, home_office):
                return "full"
            if self.office in (delivery_office, partner_office):
                return "collection"
        return "none"

    def admits(
        self,
        accepting_region: str,
        accepting_office: str,
        home_region: str | None,
        home_office: str | None,
        delivery_office: str | None,
        partner_office: str | None = None,
        *superiors: str | None,
    ) -> bool:
        """Whether that case may be seen at all; the twin in memory of the store's clause."""
        sides = (accepting_region, accepting_office, home_region, home_office, delivery_office, partner_office)
        return self.reach(*sides, *superiors) != "none"


SEES_NOTHING = Sight("none")


def sight(actor: Actor) -> Sight:
    """The one rule of who may see which case, for list, search, detail, export, count and report alike.

    An auditor sees all; a supervisor the cases of the own region; window and home roles those of their office, a
    decider also the certificates of the offices below; administrators and keepers of the registry none.
    """
    if actor.has(Role.AUDITOR):
        return Sight("all")
    office = actor.office if actor.has(*CASE_ROLES) else None
    over = actor.office if actor.has(Role.DECIDER) else None
    if actor.has(Role.SUPERVISOR):
        return Sight("region", office=office, region=actor.region, over=over)
    return Sight("office", office=office, over=over) if office is not None else SEES_NOTHING

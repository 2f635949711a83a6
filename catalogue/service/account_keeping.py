"""Accounts 账号 as the administrators keep them: the system administrator opens, closes and resets them, the security
administrator gives roles, and neither changes the own account (three separated administrators, GB/T 22239-2019)."""

from __future__ import annotations

from collections.abc import Iterable

from catalogue.domain.people import Account, Actor, Role, forbidden_together
from catalogue.domain.problems import Fault, InvalidInput, NotAllowed, NotFound, RuleForbids
from catalogue.domain.registry.model import Office, Registry
from catalogue.domain.text import Text
from catalogue.service.house import House
from catalogue.service.ports import Work
from catalogue.service.sign_in import add_account, new_account

LONGEST = 60


def open_account(work: Work, house: House, actor: Actor, username: str, office: str, password_hash: str) -> Account:
    """A new account without roles; the security administrator gives them. Raises NotAllowed, InvalidInput."""
    _needs(actor, Role.SYSTEM_ADMIN)
    registry = house.in_force().registry
    faults = []
    name = username.strip()
    if not name or len(name) > LONGEST or any(not (c.isalnum() or c in "-_.") for c in name):
        faults.append(
            Fault("username", "bad-form", Text("用户名用字母、数字、- _ .", "Letters, digits, - _ . make a user name"))
        )
    if office not in registry.offices or registry.offices[office].successor is not None:
        faults.append(
            Fault("office", "unknown-office", Text("请选择一个在办公的机关", "Choose an office that is open"))
        )
    if faults:
        raise InvalidInput(errors=tuple(faults))
    account = new_account(name, frozenset(), registry.offices[office].region, office)
    add_account(work, house, account, password_hash, actor.id)
    return account


def disable_account(work: Work, house: House, actor: Actor, account_id: str) -> None:
    """Close an account; its sessions and tokens end at once. Raises NotAllowed, NotFound, RuleForbids."""
    account = _another(work, actor, Role.SYSTEM_ADMIN, account_id)
    work.accounts.disable(account.id)
    work.access.administered(actor.id, "account-disabled", account.id, house.clock.now())


def reset_account(work: Work, house: House, actor: Actor, account_id: str, password_hash: str) -> None:
    """Another password, and the failures forgotten. Raises NotAllowed, NotFound, RuleForbids."""
    account = _another(work, actor, Role.SYSTEM_ADMIN, account_id)
    work.accounts.set_password(account.id, password_hash)
    work.accounts.clear_failures(account.id)
    work.access.administered(actor.id, "account-reset", account.id, house.clock.now())


def heir(registry: Registry, office: str) -> Office | None:
    """Who answers in the place of a closed office, through every later closing; None where it is open or unknown."""
    found = registry.offices.get(office)
    if found is None or found.successor is None:
        return None
    # Succession that leads back to itself is an error of the registry and never published.
    while found is not None and found.successor is not None:
        found = registry.offices.get(found.successor)
    return found


def stranded(work: Work, house: House) -> dict[str, tuple[Office, list[Account]]]:
    """The accounts that still belong to a closed office: by office, with the one that answers in its place."""
    registry = house.in_force().registry
    found: dict[str, tuple[Office, list[Account]]] = {}
    for account, gone in work.accounts.list():
        successor = None if gone else heir(registry, account.office)
        if successor is not None:
            found.setdefault(account.office, (successor, []))[1].append(account)
    return found


def move_accounts(work: Work, house: House, actor: Actor, office: str) -> int:
    """Move the accounts of a closed office to its successor, with their roles; answers how many.

    Their sessions end, so that nobody goes on under the old office. Raises NotAllowed, RuleForbids (nothing to move).
    """
    _needs(actor, Role.SYSTEM_ADMIN)
    successor, accounts = stranded(work, house).get(office, (None, []))
    moved = [account for account in accounts if account.id != actor.id]
    if successor is None or not moved:
        raise RuleForbids(
            Text("这个机关没有要移交的账号", "That office has no accounts to move"), extra={"rule": "nothing-to-move"}
        )
    now = house.clock.now()
    for account in moved:
        work.accounts.set_office(account.id, successor.region, successor.id)
        work.access.administered(actor.id, "account-moved", f"{account.id} {office} {successor.id}", now)
    return len(moved)


def give_roles(work: Work, house: House, actor: Actor, account_id: str, roles: Iterable[str]) -> None:
    """Set what an account may do. Raises NotAllowed, NotFound, RuleForbids, InvalidInput."""
    account = _another(work, actor, Role.SECURITY_ADMIN, account_id)
    known = set(Role)
    wanted = list(roles)
    if any(role not in known for role in wanted):
        raise InvalidInput(errors=(Fault("roles", "unknown-role", Text("没有这个岗位", "No such role")),))
    given = frozenset(Role(role) for role in wanted)
    if forbidden_together(given):
        message = Text(
            "系统、安全、审计三类管理员不得由一人兼任",
            "System, security and audit administration are never in one hand",
        )
        raise InvalidInput(message, errors=(Fault("roles", "roles-apart", message),))
    work.accounts.set_roles(account.id, given)
    told = f"{account.id} {' '.join(sorted(given))}".strip()
    work.access.administered(actor.id, "roles-given", told, house.clock.now())


def _needs(actor: Actor, role: Role) -> None:
    if not actor.has(role):
        raise NotAllowed


def _another(work: Work, actor: Actor, role: Role, account_id: str) -> Account:
    _needs(actor, role)
    account = work.accounts.get(account_id)
    if account is None:
        raise NotFound(Text("没有这个账号", "There is no such account"))
    if account.id == actor.id:
        raise RuleForbids(
            Text("不能更改自己的账号，请另一位管理员办理", "Nobody changes the own account; ask another administrator"),
            extra={"rule": "own-account"},
        )
    return account

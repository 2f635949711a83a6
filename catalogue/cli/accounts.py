"""Accounts and tokens from the command line."""

from __future__ import annotations

import click

from catalogue.cli.common import as_json, parse_moment, print_json, say
from catalogue.cli.opening import house_open
from catalogue.domain.people import Account, Role
from catalogue.domain.problems import Fault, InvalidInput, NotFound
from catalogue.domain.registry.model import Registry
from catalogue.domain.text import Text
from catalogue.service import covers, sign_in
from catalogue.service.bodies import read
from catalogue.service.ports import Work

BY = "command line"

SCOPES = ("cases:read", "cases:write", "answers")
"""What a token may do: read cases, act on cases, answer for its region's own system."""


@click.group()
def account() -> None:
    """Accounts: add, list, disable, reset a password, issue a token."""


@account.command("add")
@click.argument("username")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@click.option("--office", required=True, help="Office id, e.g. 530102.")
@as_json
def add(username: str, roles: tuple[str, ...], office: str, as_json: bool) -> None:
    """Add an account with a password made at random and printed once."""
    password = sign_in.new_password()
    hashed = sign_in.hash_password(password)
    with house_open() as joined:
        registry = joined.house.in_force().registry
        made = sign_in.new_account(username, frozenset(Role(role) for role in roles), _region(registry, office), office)
        joined.database.write(lambda work: sign_in.add_account(work, joined.house, made, hashed, BY)).result()
    if as_json:
        print_json({"username": username, "password": password, "roles": roles, "office": office})
    else:
        say(f"{username}  {password}")


def _region(registry: Registry, office: str) -> str:
    found = registry.offices.get(office)
    if found is None:
        raise InvalidInput(
            errors=(Fault("office", "unknown-office", Text("没有这个机关", "No such office in the registry")),)
        )
    return found.region


@account.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List all accounts."""
    with house_open() as joined:
        rows = joined.database.read(lambda work: work.accounts.list()).result()
    if as_json:
        print_json(
            [
                {
                    "username": row.username,
                    "roles": sorted(row.roles),
                    "region": row.region,
                    "office": row.office,
                    "disabled": disabled,
                }
                for row, disabled in rows
            ]
        )
        return
    for row, disabled in rows:
        say(
            f"{row.username:<28} {row.office:<10} {', '.join(sorted(row.roles))}{'  停用 disabled' if disabled else ''}"
        )


@account.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """Disable an account and end its sessions and tokens."""
    with house_open() as joined:

        def act(work: Work) -> None:
            found = _find(work, username)
            work.accounts.disable(found.id)
            work.access.administered(BY, "account-disabled", found.id, joined.house.clock.now())

        joined.database.write(act).result()
    say("ok")


@account.command("cover")
@click.argument("username")
@click.option("--by", "stand_in", required=True, help="User name of the colleague who stands in.")
@click.option("--from", "from_day", required=True, metavar="D", help="First day, e.g. 2026-12-01.")
@click.option("--to", "to_day", required=True, metavar="D", help="Last day, included.")
@click.option("--reason", required=True)
@as_json
def cover(username: str, stand_in: str, from_day: str, to_day: str, reason: str, as_json: bool) -> None:
    """Let a colleague of the same office act for an account on some days (AB岗)."""
    asked = read(
        covers.CoverBody,
        {"covered": username, "stand_in": stand_in, "from_day": from_day, "to_day": to_day, "reason": reason},
    )
    with house_open() as joined:
        made = joined.database.write(lambda work: covers.make_cover(work, joined.house, None, asked, BY)).result()
    if as_json:
        days = {"from_day": made.from_day.isoformat(), "to_day": made.to_day.isoformat()}
        print_json({"id": made.id, "covered": username, "stand_in": stand_in, **days})
    else:
        say("ok")


@account.command("reset")
@click.argument("username")
@as_json
def reset(username: str, as_json: bool) -> None:
    """Give an account a new password, printed once."""
    password = sign_in.new_password()
    hashed = sign_in.hash_password(password)
    with house_open() as joined:

        def act(work: Work) -> None:
            found = _find(work, username)
            work.accounts.set_password(found.id, hashed)
            work.accounts.clear_failures(found.id)
            work.access.administered(BY, "password-reset", found.id, joined.house.clock.now())

        joined.database.write(act).result()
    if as_json:
        print_json({"username": username, "password": password})
    else:
        say(password)


def _find(work: Work, username: str) -> Account:
    credential = work.accounts.find(username)
    if credential is None:
        raise NotFound(Text(f"没有账号 {username}", f"No account {username}"))
    return credential.account


@account.command("token")
@click.argument("region")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Default: answers.")
@click.option("--account", "username", help="Act as this account instead of as the region's own system.")
@click.option("--expires", metavar="T", help="A moment with offset.")
@click.option("--network", "networks", multiple=True, help="CIDR the token may be used from.")
@as_json
def token(
    region: str,
    scopes: tuple[str, ...],
    username: str | None,
    expires: str | None,
    networks: tuple[str, ...],
    as_json: bool,
) -> None:
    """Issue a bearer token for a region's own system, or for an account; printed once."""
    moment = None if expires is None else parse_moment(expires, "--expires")
    with house_open() as joined:
        if moment is not None and moment <= joined.house.clock.now():
            message = Text("期限已过，令牌发出即无效", "That moment has passed: the token would never be valid")
            raise InvalidInput(errors=(Fault("--expires", "in-the-past", message),))
        registry = joined.house.in_force().registry
        if region not in registry.regions:
            raise InvalidInput(errors=(Fault("region", "unknown-region", Text("没有这个地区", "No such region")),))

        def act(work: Work) -> str:
            if username is not None:
                holder = _find(work, username)
            else:
                name = f"system-{region}"
                credential = work.accounts.find(name)
                if credential is not None:
                    holder = credential.account
                else:
                    office = registry.regions[region].city_office
                    holder = sign_in.new_account(name, frozenset({Role.HOME_INTAKE}), region, office)
                    sign_in.add_account(work, joined.house, holder, None, BY)
            return sign_in.issue_token(
                work, joined.house, holder, frozenset(scopes or ("answers",)), moment, networks, BY
            )

        secret = joined.database.write(act).result()
    if as_json:
        print_json({"token": secret, "region": region, "scopes": list(scopes or ("answers",))})
    else:
        say(secret)

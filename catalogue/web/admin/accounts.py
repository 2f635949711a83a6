"""Accounts 账号 and audit 审计: who may do what, and who did what when."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from catalogue.domain.days import CHINA
from catalogue.domain.people import Role
from catalogue.domain.problems import InvalidInput, Problem, RuleForbids
from catalogue.service.account_keeping import (
    disable_account,
    give_roles,
    move_accounts,
    open_account,
    reset_account,
    stranded,
)
from catalogue.service.desk import names_of
from catalogue.service.ports import AuditReport, Work
from catalogue.service.sign_in import hash_password, new_password
from catalogue.web.access import Access, form_of, visitor_of
from catalogue.web.admin.audit_names import objects
from catalogue.web.admin.drafts import faults_of, typed_of
from catalogue.web.admin.shell import admin_page, asked, number_of
from catalogue.web.admin.terms import KINDS
from catalogue.web.answer import Answer, see_other
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.pages.render import switch_address

LINES = 100
KEEPS_ACCOUNTS = Access(roles=frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}))
OPENS = Access(roles=frozenset({Role.SYSTEM_ADMIN}))
EMPOWERS = Access(roles=frozenset({Role.SECURITY_ADMIN}))
AUDITS = Access(roles=frozenset({Role.AUDITOR}))
ANCHORS = 10
ACTS = ("administered", "unmasked", "signed-in", "sign-in-failed")


@page("GET", "/admin/accounts", KEEPS_ACCOUNTS)
async def accounts(request: AnyRequest) -> Answer:
    """The accounts, by user name or office."""
    return await _accounts(request, {}, None, None)


async def _accounts(
    request: AnyRequest, typed: dict[str, str], problem: Problem | None, made: tuple[str, str] | None
) -> Answer:
    edge, given = edge_of(request), asked(request)
    wanted = given.get("q", "").strip().casefold()[:60]
    listed, left = await edge.read(lambda work: (work.accounts.list(), stranded(work, edge.house)))
    registry = edge.house.in_force().registry
    rows = [
        (account, gone)
        for account, gone in listed
        if not wanted or wanted in f"{account.username} {account.office}".casefold()
        or (account.office in registry.offices and wanted in registry.offices[account.office].name.zh)
    ]  # fmt: skip
    first = number_of(given, "from") // LINES * LINES
    roles = visitor_of(request).actor.roles
    return admin_page(
        request, "admin_accounts.html", 200 if problem is None else problem.status,
        rows=rows[first : first + LINES], count=len(rows), first=first, size=LINES, q=given.get("q", ""), typed=typed,
        problem=problem, faults=faults_of(problem.errors) if problem else {}, made=made,
        roles=[role.value for role in Role], left=left,
        opens=Role.SYSTEM_ADMIN in roles, empowers=Role.SECURITY_ADMIN in roles,
        offices=[office for office in registry.offices.values() if office.successor is None],
        address=lambda **changed: "/admin/accounts?" + urlencode({"q": given.get("q", ""), **changed}),
        **switch_address(request, "/admin/accounts"),
    )  # fmt: skip


@page("POST", "/admin/accounts", OPENS)
async def open_page(request: AnyRequest) -> Answer:
    """A new account; its password is shown this once."""
    edge, actor, typed = edge_of(request), visitor_of(request).actor, await typed_of(request)
    password = new_password()
    digest = await edge.slowly(lambda: hash_password(password))
    try:
        account = await edge.write(
            lambda work: open_account(
                work, edge.house, actor, typed.get("username", ""), typed.get("office", ""), digest
            )
        )
    except InvalidInput as problem:
        return await _accounts(request, typed, problem, None)
    return await _accounts(request, {}, None, (account.username, password))


@page("POST", "/admin/accounts/moves", OPENS)
async def move_page(request: AnyRequest) -> Answer:
    """The accounts of a closed office go to its successor, all at once."""
    edge, actor, typed = edge_of(request), visitor_of(request).actor, await typed_of(request)
    try:
        await edge.write(lambda work: move_accounts(work, edge.house, actor, typed.get("office", "")))
    except RuleForbids as problem:
        return await _accounts(request, {}, problem, None)
    return see_other("/admin/accounts")


@page("POST", "/admin/accounts/{account:str}/disable", OPENS)
async def disable_page(request: AnyRequest) -> Answer:
    """Close an account."""
    edge, actor, id = edge_of(request), visitor_of(request).actor, str(request.path_params["account"])[:40]
    try:
        await edge.write(lambda work: disable_account(work, edge.house, actor, id))
    except RuleForbids as problem:
        return await _accounts(request, {}, problem, None)
    return see_other("/admin/accounts")


@page("POST", "/admin/accounts/{account:str}/reset", OPENS)
async def reset_page(request: AnyRequest) -> Answer:
    """Another password, shown this once."""
    edge, actor, id = edge_of(request), visitor_of(request).actor, str(request.path_params["account"])[:40]
    password = new_password()
    digest = await edge.slowly(lambda: hash_password(password))

    def act(work: Work) -> str:
        reset_account(work, edge.house, actor, id, digest)
        account = work.accounts.get(id)
        return account.username if account else ""

    try:
        name = await edge.write(act)
    except RuleForbids as problem:
        return await _accounts(request, {}, problem, None)
    return await _accounts(request, {}, None, (name, password))


@page("POST", "/admin/accounts/{account:str}/roles", EMPOWERS)
async def roles_page(request: AnyRequest) -> Answer:
    """What an account may do."""
    edge, actor, form = edge_of(request), visitor_of(request).actor, await form_of(request)
    id = str(request.path_params["account"])[:40]
    try:
        await edge.write(lambda work: give_roles(work, edge.house, actor, id, form.get("role", ())))
    except (InvalidInput, RuleForbids) as problem:
        return await _accounts(request, {}, problem, None)
    return see_other("/admin/accounts")


@page("GET", "/admin/audit", AUDITS)
async def audit(request: AnyRequest) -> Answer:
    """The access log, the newest first: unmaskings, sign-ins, acts of administrators; and the anchors of the chains."""
    return await _audit(request, None)


@page("POST", "/admin/audit", AUDITS)
async def verify_page(request: AnyRequest) -> Answer:
    """Check every hash chain and anchor now, as ``catalogue audit verify`` does, and name what is broken."""
    report = await edge_of(request).read(lambda work: work.audit.verify())
    return await _audit(request, report)


async def _audit(request: AnyRequest, report: AuditReport | None) -> Answer:
    edge, given = edge_of(request), asked(request)
    act = given.get("act") if given.get("act") in ACTS else None
    after = given.get("after", "")[:80] or None
    registry = edge.house.in_force().registry

    def look(work: Work) -> dict[str, Any]:
        entries = work.access.entries(act=act, before=after, limit=LINES + 1)
        return {
            "entries": list(zip(entries[:LINES], objects(work, registry, entries[:LINES]), strict=True)),
            "anchors": work.audit.anchors(ANCHORS),
            "next": entries[LINES - 1].cursor if len(entries) > LINES else None,
            "names": names_of(work, {entry.actor for entry in entries}),
        }

    seen = await edge.read(look)
    return admin_page(
        request, "admin_audit.html", **seen, act=act, acts=ACTS, kinds=KINDS,
        china=lambda at: at.astimezone(CHINA), report=report,
        address=lambda **changed: "/admin/audit?" + urlencode({"act": act or "", **changed}),
        **switch_address(request, "/admin/audit"),
    )  # fmt: skip


ROUTES = (accounts, open_page, move_page, disable_page, reset_page, roles_page, audit, verify_page)

"""What every page of the administrator stands in: its navigation, who may come in, and the frame of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalogue.domain.people import Role
from catalogue.domain.problems import Fault, InvalidInput, NotAllowed
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.web.access import Access, Visitor, visitor_of
from catalogue.web.answer import Answer, Header
from catalogue.web.body import AnyRequest
from catalogue.web.headers import query
from catalogue.web.pages.render import page_answer

ADMINISTRATORS = frozenset(
    {Role.REGISTRY_EDITOR, Role.REGISTRY_PUBLISHER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR}
)
KEEPERS = frozenset({Role.REGISTRY_EDITOR, Role.REGISTRY_PUBLISHER})
"""Who works on the registry: editors write drafts, publishers put them in force."""

ENTERS = Access(roles=ADMINISTRATORS)
EDITS = Access(roles=frozenset({Role.REGISTRY_EDITOR}))
PUBLISHES = Access(roles=frozenset({Role.REGISTRY_PUBLISHER}))
KEEPS = Access(roles=KEEPERS)


class Section(Value, frozen=True):
    """One entry of the navigation: shown to whoever holds one of the roles; ``path`` begins the addresses within."""

    path: str
    words: Text
    roles: frozenset[Role] = ADMINISTRATORS


SECTIONS: list[Section] = [
    Section("/admin", Text("覆盖", "Coverage")),
    Section("/admin/drafts", Text("草案与版本", "Revisions")),
    Section("/admin/cities", Text("机关与日历", "Offices and calendars")),
    Section("/admin/exchange", Text("导入导出", "In and out")),
    Section("/admin/changes", Text("变更", "Changes")),
    Section("/admin/accounts", Text("账号", "Accounts"), frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})),
    Section("/admin/audit", Text("审计", "Audit"), frozenset({Role.AUDITOR})),
]
"""In the order of the navigation. A part of the house that brings a page of its own adds its line here."""


def sections(visitor: Visitor | None) -> tuple[Section, ...]:
    """The entries that somebody sees."""
    if visitor is None:
        return ()
    return tuple(section for section in SECTIONS if not section.roles.isdisjoint(visitor.actor.roles))


def within(section: Section, path: str) -> bool:
    """Whether an address lies in a section; the first page of all lies in the first alone."""
    if section.path == "/admin/drafts" and path.startswith("/admin/revisions/"):
        return True
    return path == section.path or (section.path != "/admin" and path.startswith(f"{section.path}/"))


def admin_page(
    request: AnyRequest, template: str, answered: int = 200, headers: Sequence[Header] = (), **context: Any
) -> Answer:
    """A page with the administrator's navigation. Templates extend ``admin_base.html``."""
    visitor = visitor_of(request)
    path = request.scope["path"]
    entries = [(section.path, section.words, within(section, path)) for section in sections(visitor)]
    actor = visitor.actor
    return page_answer(
        request,
        template,
        answered,
        headers,
        sections_shown=entries,
        edits=actor.has(Role.REGISTRY_EDITOR),
        publishes=actor.has(Role.REGISTRY_PUBLISHER),
        **context,
    )


def asked(request: AnyRequest) -> Mapping[str, str]:
    """The parameters of an address; what cannot be read is as if it had not been given."""
    try:
        return query(request.scope)
    except InvalidInput:
        return {}


def number_of(parameters: Mapping[str, str], name: str, least: int = 0, most: int = 1_000_000) -> int:
    """A whole number among the parameters, kept within bounds; the least where there is none."""
    text = parameters.get(name, "")
    return min(max(int(text), least), most) if text.isascii() and text.isdigit() and len(text) < 9 else least


def needs(visitor: Visitor, role: Role) -> None:
    """Raises NotAllowed for who does not hold the role."""
    if not visitor.actor.has(role):
        raise NotAllowed


def fault(path: str, code: str, zh: str, en: str) -> Fault:
    """One field at fault."""
    return Fault(path, code, Text(zh, en))

"""QR links: a long token that opens the public status of one case, like number and query code together.

The database keeps the token's keyed digest beside the cases, and the token itself only in the sealed part of the
event that received the case: so every paper of a case can carry its QR code, and the link dies with the case's key.
Neither token nor query code ever reaches a log: the token comes in a query string, which no log keeps, and is answered
by a redirection to an address without it.
"""

from __future__ import annotations

from collections.abc import Iterable

from catalogue.domain.case import Event
from catalogue.domain.numbers import parse_status_token
from catalogue.service.house import House
from catalogue.service.ports import PublicCase, Work

TOKEN = "status_token"  # noqa: S105 - the name of the entry, not a secret
PARAMETER = "token"
"""What the token is called in the address of a link."""


def status_link(house: House, token: str) -> str:
    """The address in the QR code; begins with the public address of the house where one is set."""
    return f"{house.public_url}/status?{PARAMETER}={token}"


def link_of(house: House, events: Iterable[Event]) -> str | None:
    """The link of a case for its papers, from its unsealed events; None for one erased or older than links."""
    for event in events:
        token = event.sealed.get(TOKEN) if event.type == "received" else None
        return None if token is None else status_link(house, str(token))
    return None


def find_by_link(work: Work, token: str) -> PublicCase | None:
    """The case behind a token as scanned; None where it opens nothing."""
    known = parse_status_token(token)
    return None if known is None else work.cases.public_by_link(known)

"""People and machines: credentials, sessions, tokens, stand-ins, saved filters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from catalogue.domain.people import Account, Role
from catalogue.domain.value import Value


class Credential(Value, frozen=True):
    """What sign-in needs of an account."""

    account: Account
    password_hash: str | None
    disabled: bool
    failures: int
    locked_until: datetime | None


class Session(Value, frozen=True):
    """A server-side session; ``id`` is the digest of the cookie's token."""

    id: str
    account: Account
    csrf: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class Token(Value, frozen=True):
    """A bearer token for machines; ``id`` is the digest of the secret."""

    id: str
    account: Account
    scopes: frozenset[str]
    expires_at: datetime | None
    networks: tuple[str, ...] = ()


class Accounts(Protocol):
    def find(self, username: str) -> Credential | None: ...
    def get(self, account_id: str) -> Account | None: ...
    def list(self) -> Sequence[tuple[Account, bool]]:
        """(account, disabled) of every account."""
        ...

    def colleagues(self, office: str) -> Sequence[Account]:
        """The accounts of one office that are not disabled."""
        ...

    def add(self, account: Account, password_hash: str | None) -> None:
        """Raises InvalidInput when the user name is taken."""
        ...

    def set_password(self, account_id: str, password_hash: str) -> None: ...
    def set_roles(self, account_id: str, roles: frozenset[Role]) -> None: ...
    def set_office(self, account_id: str, region: str, office: str) -> None:
        """Also ends its sessions; tokens go on at the new office."""
        ...

    def disable(self, account_id: str) -> None:
        """Also ends its sessions and tokens."""
        ...

    def record_failure(self, account_id: str, failures: int, locked_until: datetime | None) -> None: ...
    def clear_failures(self, account_id: str) -> None: ...
    def open_session(self, session: Session) -> None: ...
    def session(self, session_id: str) -> Session | None: ...
    def touch_session(self, session_id: str, seen_at: datetime) -> None: ...
    def close_session(self, session_id: str) -> None: ...
    def add_token(self, token: Token) -> None: ...
    def token(self, token_id: str) -> Token | None: ...


class Cover(Value, frozen=True):
    """A dated stand-in 代办 (AB岗): ``stand_in`` acts for ``covered`` from ``from_day`` to ``to_day``, both included.

    Accounts by id; ``made_by`` is an account id or the command line. ``ended_at``: called off before its last day.
    """

    id: str
    covered: str
    stand_in: str
    from_day: date
    to_day: date
    reason: str
    made_by: str
    made_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None

    def holds(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.ended_at is None and self.from_day <= day <= self.to_day


class Covers(Protocol):
    def add(self, cover: Cover) -> None: ...
    def get(self, cover_id: str) -> Cover | None: ...
    def end(self, cover_id: str, at: datetime, by: str) -> None: ...
    def held_by(self, account_id: str, day: date) -> Sequence[Cover]:
        """Whom that account stands in for on that day."""
        ...

    def of_office(self, office: str, since: date) -> Sequence[Cover]:
        """The stand-ins within an office that last until that day or longer."""
        ...


class SavedFilter(Value, frozen=True):
    """A list an account wants to come back to; ``query`` is the query string of its page, without a cursor."""

    id: str
    account: str
    name: str
    query: str
    made_at: datetime


class SavedFilters(Protocol):
    def list(self, account_id: str) -> Sequence[SavedFilter]: ...
    def add(self, saved: SavedFilter) -> None: ...
    def remove(self, account_id: str, filter_id: str) -> None: ...

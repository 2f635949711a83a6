"""Accounts, their sessions and their tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalogue.domain.people import Account, Role
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text
from catalogue.service.ports import Credential, Session, Token
from catalogue.store import tables
from catalogue.store.codec import json_text, moment, read_json, read_moment
from catalogue.store.session import Session as StoreSession

_ACCOUNT = (
    tables.accounts.c.id,
    tables.accounts.c.username,
    tables.accounts.c.roles,
    tables.accounts.c.region,
    tables.accounts.c.office,
    tables.accounts.c.disabled,
)


def _account(row: Any) -> Account:
    account_id, username, roles, region, office, disabled = row[:6]
    return Account(account_id, username, frozenset(Role(r) for r in read_json(roles)), region, office, not disabled)


class StoredAccounts:
    """The port ``Accounts``."""

    def __init__(self, session: StoreSession) -> None:
        self._session = session
        self._execute = session.connection.execute

    def find(self, username: str) -> Credential | None:
        """What sign-in needs of the account with that user name."""
        accounts = tables.accounts.c
        row = self._execute(
            select(*_ACCOUNT, accounts.password_hash, accounts.failures, accounts.locked_until).where(
                accounts.username == username
            )
        ).one_or_none()
        if row is None:
            return None
        locked_until = None if row.locked_until is None else read_moment(row.locked_until)
        return Credential(_account(row), row.password_hash, bool(row.disabled), row.failures, locked_until)

    def get(self, account_id: str) -> Account | None:
        """The account with that id."""
        row = self._execute(select(*_ACCOUNT).where(tables.accounts.c.id == account_id)).one_or_none()
        return None if row is None else _account(row)

    def list(self) -> Sequence[tuple[Account, bool]]:
        """(account, disabled) of every account, by user name."""
        rows = self._execute(select(*_ACCOUNT).order_by(tables.accounts.c.username))
        return [(_account(row), bool(row.disabled)) for row in rows]

    def colleagues(self, office: str) -> Sequence[Account]:
        """The accounts of one office that are not disabled, by user name."""
        accounts = tables.accounts.c
        rows = self._execute(
            select(*_ACCOUNT).where(accounts.office == office, accounts.disabled == 0).order_by(accounts.username)
        )
        return [_account(row) for row in rows]

    def add(self, account: Account, password_hash: str | None) -> None:
        """A new account. Raises InvalidInput when the user name is taken."""
        if self._execute(select(tables.accounts.c.id).where(tables.accounts.c.username == account.username)).first():
            raise _taken()
        try:
            self._execute(
                insert(tables.accounts).values(
                    id=account.id,
                    username=account.username,
                    roles=json_text(sorted(account.roles)),
                    region=account.region,
                    office=account.office,
                    password_hash=password_hash,
                    disabled=int(not account.active),
                )
            )
        except IntegrityError as error:
            raise _taken() from error

    def set_password(self, account_id: str, password_hash: str) -> None:
        """Another password."""
        self._change(account_id, password_hash=password_hash)

    def set_roles(self, account_id: str, roles: frozenset[Role]) -> None:
        """What the account may do from now on; its sessions end, so that none goes on with the old powers."""
        self._change(account_id, roles=json_text(sorted(roles)))
        self._execute(delete(tables.sessions).where(tables.sessions.c.account_id == account_id))

    def set_office(self, account_id: str, region: str, office: str) -> None:
        """The account belongs to that office from now on; its sessions end, so that none goes on at the old one."""
        self._change(account_id, region=region, office=office)
        self._execute(delete(tables.sessions).where(tables.sessions.c.account_id == account_id))

    def disable(self, account_id: str) -> None:
        """The account may do nothing any more; its sessions and tokens end."""
        self._change(account_id, disabled=1)
        self._execute(delete(tables.sessions).where(tables.sessions.c.account_id == account_id))
        self._execute(delete(tables.tokens).where(tables.tokens.c.account_id == account_id))

    def record_failure(self, account_id: str, failures: int, locked_until: datetime | None) -> None:
        """How often signing in has failed in a row, and until when it is refused."""
        self._change(account_id, failures=failures, locked_until=None if locked_until is None else moment(locked_until))

    def clear_failures(self, account_id: str) -> None:
        """Signing in has succeeded."""
        self._change(account_id, failures=0, locked_until=None)

    def open_session(self, session: Session) -> None:
        """A new server-side session."""
        self._execute(
            insert(tables.sessions).values(
                id=session.id,
                account_id=session.account.id,
                csrf=session.csrf,
                created_at=moment(session.created_at),
                seen_at=moment(session.seen_at),
                expires_at=moment(session.expires_at),
            )
        )

    def session(self, session_id: str) -> Session | None:
        """The session with its account; None where the account was disabled."""
        sessions = tables.sessions.c
        row = self._execute(
            select(*_ACCOUNT, sessions.csrf, sessions.created_at, sessions.seen_at, sessions.expires_at)
            .join(tables.sessions, sessions.account_id == tables.accounts.c.id)
            .where(sessions.id == session_id, tables.accounts.c.disabled == 0)
        ).one_or_none()
        if row is None:
            return None
        times = (read_moment(row.created_at), read_moment(row.seen_at), read_moment(row.expires_at))
        return Session(session_id, _account(row), row.csrf, *times)

    def touch_session(self, session_id: str, seen_at: datetime) -> None:
        """The session was used."""
        self._execute(update(tables.sessions).where(tables.sessions.c.id == session_id).values(seen_at=moment(seen_at)))

    def close_session(self, session_id: str) -> None:
        """The session ends."""
        self._execute(delete(tables.sessions).where(tables.sessions.c.id == session_id))

    def add_token(self, token: Token) -> None:
        """A new bearer token."""
        self._execute(
            insert(tables.tokens).values(
                id=token.id,
                account_id=token.account.id,
                scopes=json_text(sorted(token.scopes)),
                expires_at=None if token.expires_at is None else moment(token.expires_at),
                networks=json_text(token.networks),
            )
        )

    def token(self, token_id: str) -> Token | None:
        """The token with its account; None where the account was disabled. Expiry is the caller's to judge."""
        tokens = tables.tokens.c
        row = self._execute(
            select(*_ACCOUNT, tokens.scopes, tokens.expires_at, tokens.networks)
            .join(tables.tokens, tokens.account_id == tables.accounts.c.id)
            .where(tokens.id == token_id, tables.accounts.c.disabled == 0)
        ).one_or_none()
        if row is None:
            return None
        expires_at = None if row.expires_at is None else read_moment(row.expires_at)
        return Token(
            token_id, _account(row), frozenset(read_json(row.scopes)), expires_at, tuple(read_json(row.networks))
        )

    def prune(self) -> int:
        """Remove sessions that ran out; answers how many."""
        ended = tables.sessions.c.expires_at < self._session.now()
        return self._execute(delete(tables.sessions).where(ended)).rowcount

    def _change(self, account_id: str, **values: Any) -> None:
        self._execute(update(tables.accounts).where(tables.accounts.c.id == account_id).values(values))


def _taken() -> InvalidInput:
    message = Text("用户名已被使用", "The user name is taken")
    return InvalidInput(message, errors=(Fault("username", "taken", message),))

"""Sign in 登录: passwords, lockout, server-side sessions, bearer tokens.

A wrong name and a wrong password look alike and cost alike. After five failures an account is locked for five minutes
(customary values for level 3 of GB/T 22239). A session ends after ten idle minutes or twelve hours and can be revoked.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from catalogue.domain.people import Account, Actor, Role, forbidden_together
from catalogue.domain.problems import AccountLocked, Fault, InvalidInput, NotAuthenticated, SignInFailed
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.house import House
from catalogue.service.ports import Credential, Session, Token, Work

FAILURES_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=5)
IDLE = timedelta(minutes=10)
SESSION = timedelta(hours=12)
TOUCH_EVERY = timedelta(seconds=60)
PASSWORD_LENGTH = 10

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""Argon2id with the least cost that the OWASP password storage guide recommends (19 MiB, two passes)."""


@cache
def _nobody() -> str:
    """A hash that no password fits, for comparing where there is no account."""
    return _hasher.hash(secrets.token_urlsafe(16))


def secret_id(secret: str) -> str:
    """What is stored of a session cookie or a bearer token: its digest, so a copy of the database opens nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Argon2id. Raises InvalidInput for a password that is too short or too plain."""
    kinds = sum(
        (
            any(c.islower() for c in password),
            any(c.isupper() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() for c in password),
        )
    )
    if len(password) < PASSWORD_LENGTH or kinds < 3:
        raise InvalidInput(
            errors=(
                Fault(
                    "password",
                    "weak-password",
                    Text(
                        f"密码至少{PASSWORD_LENGTH}位，含大写、小写、数字、符号中的三种",
                        f"A password has at least {PASSWORD_LENGTH} characters of three kinds",
                    ),
                ),
            )
        )
    return _hasher.hash(password)


def new_password() -> str:
    """A password made at random that satisfies ``hash_password``."""
    return f"{secrets.token_urlsafe(9)}-A7k"


class Verdict(Value, frozen=True):
    """Whether the password fits; computed outside any unit of work, since argon2 is slow by design."""

    credential: Credential | None
    fits: bool


def verify(credential: Credential | None, password: str) -> Verdict:
    """Compare, at the same cost whether or not the account exists."""
    stored = credential.password_hash if credential is not None and credential.password_hash else _nobody()
    known = credential is not None and credential.password_hash is not None
    try:
        _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return Verdict(credential, False)
    return Verdict(credential, known)


def find_credential(work: Work, username: str) -> Credential | None:
    return work.accounts.find(username)


class Refused(Value, frozen=True):
    """Why sign-in was refused; returned and not raised, so that the failure it recorded is committed."""

    problem: SignInFailed | AccountLocked


def open_session(
    work: Work, house: House, username: str, verdict: Verdict, client: str
) -> tuple[str, Session] | Refused:
    """The cookie's secret and its session, or why not. The failure count is written either way."""
    now = house.clock.now()
    credential = work.accounts.find(username) if verdict.credential is not None else None
    if credential is not None and credential.locked_until is not None and credential.locked_until > now:
        work.access.signed_in(username, False, now, client)
        wait = int((credential.locked_until - now).total_seconds()) + 1
        return Refused(AccountLocked(extra={"retry_after": wait}))
    if credential is None or credential.disabled or not verdict.fits:
        if credential is not None:
            failures = credential.failures + 1
            locked = now + LOCKED_FOR if failures >= FAILURES_BEFORE_LOCK else None
            work.accounts.record_failure(credential.account.id, 0 if locked else failures, locked)
        work.access.signed_in(username, False, now, client)
        return Refused(SignInFailed())
    work.accounts.clear_failures(credential.account.id)
    secret = secrets.token_urlsafe(32)
    session = Session(secret_id(secret), credential.account, secrets.token_urlsafe(24), now, now, now + SESSION)
    work.accounts.open_session(session)
    work.access.signed_in(username, True, now, client)
    return secret, session


def live(session: Session | None, now: datetime) -> Session:
    """The session if it has neither expired nor idled out. Raises NotAuthenticated."""
    if session is None or session.expires_at <= now or session.seen_at + IDLE <= now:
        raise NotAuthenticated(Text("登录已失效，请重新登录", "The session has ended, please sign in again"))
    return session


def needs_touch(session: Session, now: datetime) -> bool:
    """Whether the idle clock should be written again; not at every request."""
    return session.seen_at + TOUCH_EVERY <= now


def touched(session: Session, now: datetime) -> Session:
    return replace(session, seen_at=now)


def close_session(work: Work, session: Session) -> None:
    work.accounts.close_session(session.id)


def actor_of(account: Account) -> Actor:
    """The account as one who acts now."""
    return Actor(account.id, account.username, account.roles, account.region, account.office)


def valid_token(token: Token | None, now: datetime, client: str) -> Token:
    """The token if it is known, not expired and used from its network. Raises NotAuthenticated."""
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        raise NotAuthenticated(Text("令牌无效或已过期", "The token is not valid or has expired"))
    if token.networks:
        try:
            address = ipaddress.ip_address(client)
            inside = any(address in ipaddress.ip_network(network) for network in token.networks)
        except ValueError:
            inside = False
        if not inside:
            raise NotAuthenticated(Text("令牌不能在此网络使用", "The token may not be used from this network"))
    return token


# Accounts


def add_account(work: Work, house: House, account: Account, password_hash: str | None, by: str) -> None:
    """Create an account. Raises InvalidInput for roles that one hand may not hold, or a taken name."""
    together = forbidden_together(account.roles)
    if together:
        raise InvalidInput(
            errors=(
                Fault(
                    "roles",
                    "roles-apart",
                    Text(
                        "系统、安全、审计三类管理员不得由一人兼任",
                        "System, security and audit administration are never in one hand",
                    ),
                ),
            )
        )
    work.accounts.add(account, password_hash)
    work.access.administered(by, "account-added", account.id, house.clock.now())


def issue_token(
    work: Work,
    house: House,
    account: Account,
    scopes: frozenset[str],
    expires_at: datetime | None,
    networks: tuple[str, ...],
    by: str,
) -> str:
    """A bearer token, printed once; the database keeps its digest only."""
    secret = f"kq_{secrets.token_urlsafe(32)}"
    work.accounts.add_token(Token(secret_id(secret), account, scopes, expires_at, networks))
    work.access.administered(by, "token-issued", account.id, house.clock.now())
    return secret


def new_account(username: str, roles: frozenset[Role], region: str, office: str) -> Account:
    """An account with an id of its own; names may be given to another person later, ids never."""
    return Account(f"a{secrets.token_hex(8)}", username, roles, region, office)

"""Sessions and tokens as this process read them at most five seconds ago.

What is revoked here is gone at once; what another process revokes is gone within those seconds.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import TypeVar

from catalogue.logs import log
from catalogue.service.ports import Clock, Database, Session, Token
from catalogue.service.sign_in import live, needs_touch, secret_id, touched, valid_token
from catalogue.web.returning import Returning

SECONDS = 5.0
MOST = 10_000

T = TypeVar("T")


class Credentials:
    """Looks sessions and tokens up, with a short memory."""

    def __init__(self, database: Database, clock: Clock, returning: Returning) -> None:
        self._database = database
        self._returning = returning
        self._clock = clock
        self._sessions: dict[str, tuple[float, Session]] = {}
        self._tokens: dict[str, tuple[float, Token]] = {}

    async def session(self, secret: str) -> Session:
        """The live session of a cookie, its idle clock moved on. Raises NotAuthenticated."""
        key = secret_id(secret)
        now = self._clock.now()
        held = self._sessions.get(key)
        if held is not None and held[0] > time.monotonic():
            found: Session | None = held[1]
        else:
            found = await self._returning.result(self._database.read(lambda work: work.accounts.session(key)))
        try:
            session = live(found, now)
        except Exception:
            self._sessions.pop(key, None)
            raise
        if needs_touch(session, now):
            session = touched(session, now)
            self._database.write(lambda work: work.accounts.touch_session(key, now)).add_done_callback(_report)
        if held is None or held[1] is not session:
            _keep(self._sessions, key, session)
        return session

    async def token(self, secret: str, client: str) -> Token:
        """The valid token of a secret. Raises NotAuthenticated."""
        key = secret_id(secret)
        held = self._tokens.get(key)
        if held is not None and held[0] > time.monotonic():
            return valid_token(held[1], self._clock.now(), client)
        found = await self._returning.result(self._database.read(lambda work: work.accounts.token(key)))
        token = valid_token(found, self._clock.now(), client)
        _keep(self._tokens, key, token)
        return token

    def forget(self, session: Session) -> None:
        """Drop a session that was closed here."""
        self._sessions.pop(session.id, None)

    def forget_account(self, account_id: str) -> None:
        """Drop whatever an account holds, when it was disabled or changed here."""
        for key in [key for key, (_, session) in self._sessions.items() if session.account.id == account_id]:
            self._sessions.pop(key, None)
        for key in [key for key, (_, token) in self._tokens.items() if token.account.id == account_id]:
            self._tokens.pop(key, None)


def _keep(held: dict[str, tuple[float, T]], key: str, value: T) -> None:
    if len(held) >= MOST:
        held.clear()
    held[key] = (time.monotonic() + SECONDS, value)


def _report(future: Future[None]) -> None:
    error = future.exception()
    if error is not None:
        log.warning("session not touched", error=type(error).__name__)

"""The edge: one request is one unit of work, committed here and nowhere else."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from litestar.handlers.base import BaseRouteHandler

from catalogue.domain.problems import InternalError, NumbersExhausted, Problem, Unavailable
from catalogue.logs import log
from catalogue.service.ports import ReferenceTaken, RevisionChanged, Work
from catalogue.web.credentials import Credentials
from catalogue.web.headers import Addresses
from catalogue.web.parts import Parts
from catalogue.web.returning import Returning

if TYPE_CHECKING:
    from catalogue.web.body import AnyRequest

T = TypeVar("T")

DRAWS = 30
"""How often a reference is drawn anew before the day counts as full."""
PASSWORD_THREADS = 2
"""Each verification takes 64 MiB and a core for a while; more at once would only starve the rest."""


class Edge:
    """The parts of the house as routes use them."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.house = parts.house
        self.database = parts.database
        self.addresses = Addresses(parts.trusted_proxies)
        self._returning = Returning()
        self.credentials = Credentials(parts.database, parts.house.clock, self._returning)
        self._passwords: ThreadPoolExecutor | None = None

    async def read(self, function: Callable[[Work], T]) -> T:
        """Run a reading unit of work."""
        return await self._returning.result(self.database.read(function))

    async def write(self, function: Callable[[Work], T]) -> T:
        """Run a writing unit of work; it is durable when this returns.

        A reference that exists is drawn again. A revision that changed under the function is loaded and the function
        runs once more. Raises NumbersExhausted, Unavailable and what the function raises.
        """
        refreshed = False
        for _ in range(DRAWS):
            try:
                return await self._returning.result(self.database.write(function))
            except ReferenceTaken:
                continue
            except RevisionChanged:
                if refreshed:
                    raise Unavailable from None
                refreshed = True
                await self.read(lambda work: self.house.refresh(work.revisions))
        raise NumbersExhausted

    async def slowly(self, function: Callable[[], T]) -> T:
        """Run what is slow by design (a password) in threads of its own."""
        if self._passwords is None:
            self._passwords = ThreadPoolExecutor(PASSWORD_THREADS, thread_name_prefix="password")
        return await asyncio.get_running_loop().run_in_executor(self._passwords, function)

    async def scanned(self, content: bytes) -> None:
        """Let the virus scanner look at a file, where there is one. Raises FileRefused, Unavailable."""
        scan = self.parts.scan
        if scan is not None:
            # Not among the threads of passwords: a scanner that hangs must not keep people from signing in.
            await asyncio.to_thread(scan, content)

    def close(self) -> None:
        """End the threads; they come back if they are asked for again."""
        if self._passwords is not None:
            self._passwords.shutdown(wait=False, cancel_futures=True)
            self._passwords = None


def edge_of(request: AnyRequest) -> Edge:
    """The edge this request came in by."""
    found: Edge = request.scope["edge"]  # type: ignore[typeddict-item]
    return found


def unexpected(error: Exception, scope: Any) -> Problem:
    """Log what nobody foresaw, without its message, which may quote personal data; answer what says nothing."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    log.error(
        "unexpected",
        error=f"{type(error).__module__}.{type(error).__qualname__}",
        cause=None if error.__cause__ is None else type(error.__cause__).__qualname__,
        at=[f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames],
        route=scope.get("path_template"),
        request_id=scope.get("request_id"),
    )
    return InternalError()


def is_page(handler: BaseRouteHandler | None) -> bool:
    """Whether a route answers people with a page."""
    return handler is not None and bool(handler.opt.get("page"))

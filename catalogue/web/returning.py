"""From the threads of the database back into the event loop: all that is ready by one call.

``asyncio.wrap_future`` wakes the loop for each result. A group of submissions that shares a COMMIT is answered at one
blow, and sixteen wake-ups beside a thread that is still answering cost the interpreter a change of hands each.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


class _Ready:
    """What is ready for one event loop."""

    __slots__ = ("called", "loop", "results")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.called = False
        self.results: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()

    def add(self, waiting: asyncio.Future[Any], future: Future[Any]) -> None:
        """From any thread."""
        self.results.append((waiting, future))
        if not self.called:
            self.called = True
            # A loop that was closed meanwhile has nobody left who waits.
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self.pass_on)

    def pass_on(self) -> None:
        """In the loop."""
        # First of all: who comes from here on calls again.
        self.called = False
        while self.results:
            waiting, future = self.results.popleft()
            if waiting.done():
                continue
            try:
                waiting.set_result(future.result())
            except CancelledError:
                waiting.cancel()
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                waiting.set_exception(error)


class Returning:
    """Waits in the event loop for what threads work out."""

    def __init__(self) -> None:
        self._ready: _Ready | None = None

    async def result(self, future: Future[T]) -> T:
        """What the future resolves to, or raises; a caller who is cancelled cancels what has not begun."""
        loop = asyncio.get_running_loop()
        ready = self._ready
        if ready is None or ready.loop is not loop:
            ready = self._ready = _Ready(loop)
        waiting: asyncio.Future[T] = loop.create_future()
        future.add_done_callback(partial(ready.add, waiting))
        try:
            return await waiting
        except asyncio.CancelledError:
            future.cancel()
            raise

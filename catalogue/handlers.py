"""The cities' handlers by name, and the machine's clock: what is joined to the domain without a database."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from catalogue.domain.handler import Handler, StandardHandler
from catalogue.domain.problems import Unavailable
from catalogue.domain.registry.model import Registry
from catalogue.domain.text import Text


class SystemClock:
    """The machine's clock, never running backwards within a process."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The present moment in UTC; a clock set back stands still until time has caught up."""
        now = datetime.now(UTC)
        if now > self._last:
            self._last = now
        return self._last


@lru_cache(maxsize=64)
def _bounds(n: int) -> tuple[int, int]:
    """How many bytes are drawn for a number below ``n``, and the limit below which each is as likely as the other."""
    # Two bytes at least more than n has: what must be drawn again is then below one in 65,536.
    size = n.bit_length() // 8 + 3
    return size, (1 << 8 * size) // n * n


class Chance:
    """The operating system's chance, taken from it a page at a time. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = b""
        self._used = 0

    def __call__(self, n: int) -> int:
        """An integer in ``0 … n-1``, each as likely as the other."""
        size, limit = _bounds(n)
        while True:
            with self._lock:
                end = self._used + size
                if end > len(self._bytes):
                    self._bytes, self._used, end = os.urandom(max(4096, size)), 0, size
                drawn = int.from_bytes(self._bytes[self._used : end])
                self._used = end
            if drawn < limit:
                return drawn % n


class MissingHandlers(dict[str, Handler]):
    """Handlers by name; a name without a module fails as a named problem, not as a KeyError."""

    def __missing__(self, name: str) -> Handler:
        raise Unavailable(
            Text(f"缺少城市模块 regions/{name}.py", f"The module regions/{name}.py is missing"), extra={"handler": name}
        )


def load_handlers(names: set[str]) -> Mapping[str, Handler]:
    """The handlers of those names: ``standard``, or the object ``handler`` of the module ``regions.<name>``."""
    handlers = MissingHandlers(standard=StandardHandler())
    for name in sorted(names - {"standard"}):
        if not name.isidentifier():
            continue
        try:
            module = importlib.import_module(f"regions.{name}")
        except ModuleNotFoundError as error:
            if error.name not in ("regions", f"regions.{name}"):
                raise
            continue
        handlers[name] = module.handler
    return handlers


def handlers_of(registry: Registry) -> Mapping[str, Handler]:
    """The handlers that a registry names; absent ones are absent."""
    return load_handlers({region.handler for region in registry.regions.values()})

"""The cities' handlers by name, and the machine's clock: what is joined to the domain without a database."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from datetime import UTC, datetime

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
        self._last = max(self._last, datetime.now(UTC))
        return self._last


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

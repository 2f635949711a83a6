"""What the web needs from outside, handed over once by ``catalogue.app``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue.service.house import House
from catalogue.service.ports import Database


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account the sign-in page offers to pick from, in demo mode and on a loopback address only."""

    username: str
    password: str
    roles: tuple[str, ...]
    region: str
    office: str


def no_accounts() -> Sequence[DemoAccount]:
    return ()


def always_ready() -> Mapping[str, Any]:
    return {"ready": True}


@dataclass(frozen=True, slots=True)
class Parts:
    """House, database and the settings that concern faces. Sizes are in bytes."""

    house: House
    database: Database
    demo: bool = False
    demo_accounts: Callable[[], Sequence[DemoAccount]] = no_accounts
    secure_cookies: bool = False
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies whose X-Forwarded-For is believed."""
    metrics_token: str | None = None
    """Bearer secret for /metrics from elsewhere than a loopback address."""
    readiness: Callable[[], Mapping[str, Any]] = field(default=always_ready)
    """Runs in a thread; ``ready`` false answers 503."""
    version: str = ""
    max_json: int = 2 * 1024 * 1024
    max_body: int = 20 * 1024 * 1024
    max_file: int = 15 * 1024 * 1024

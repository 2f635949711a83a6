"""What the web needs from outside, handed over once by ``catalogue.app``."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import field

from catalogue.domain.value import Value
from catalogue.service.house import House
from catalogue.service.ports import Database
from catalogue.web.scanner import Scan


def chance_key() -> Callable[[str], bytes]:
    """Draft keys that hold as long as the process, where no keyring gives lasting ones."""
    secret = os.urandom(32)
    return lambda account: hmac.digest(secret, account.encode(), "sha256")


def always_ready() -> Mapping[str, Any]:
    return {"ready": True}


class Parts(Value, frozen=True):
    """House, database and the settings that concern faces. Sizes are in bytes."""

    house: House
    database: Database
    demo: bool = False
    secure_cookies: bool = False
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies whose X-Forwarded-For is believed; ``unix`` for one on a socket."""
    metrics_token: str | None = None
    """Bearer secret for /metrics from elsewhere than a loopback address."""
    metrics_seconds: float = 0.0
    """How long figures counted in the database serve further answers of /metrics."""
    draft_key: Callable[[str], bytes] = field(default_factory=chance_key)
    """Account id -> the 32 bytes under which its drafts lie encrypted on a window's machine."""
    readiness: Callable[[], Mapping[str, Any]] = field(default=always_ready)
    """Runs in a thread; ``ready`` false answers 503."""
    scan: Scan | None = None
    """The operator's virus scanner, through which every scan goes before it is stored."""
    version: str = ""
    max_json: int = 2 * 1024 * 1024
    max_body: int = 20 * 1024 * 1024
    max_file: int = 15 * 1024 * 1024

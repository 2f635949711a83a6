"""Importing this brings the whole application up to the point where it would open its database."""

from __future__ import annotations

import secrets
from typing import Any, cast

from catalogue.loading import undisturbed

with undisturbed():
    # As ``catalogue.cli`` loads what a command needs.
    from catalogue.app import Joined, create_app
    from catalogue.cli import main
    from catalogue.domain.problems import Unavailable
    from catalogue.domain.registry.revision import Revision
    from catalogue.handlers import SystemClock
    from catalogue.service.house import House
    from catalogue.settings import Settings
    from catalogue.store import Keyring, StoredDatabase


def _nothing(row: Any, document: str) -> Revision:
    raise Unavailable


house = House(
    clock=SystemClock(), handlers={}, draw=secrets.randbelow, read_revision=_nothing, public_url="", demo=False
)
command = main
settings = Settings(worker=False)
app = create_app(settings, Joined(settings, house, cast(StoredDatabase, None), Keyring.create()))

"""Opening the house for a command: directories, migration, the joined parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalogue.app import Joined, join
from catalogue.cli.common import settings
from catalogue.service.ports import Clock
from catalogue.settings import Settings
from catalogue.store import migrate


def prepared(given: Settings) -> Settings:
    """The same settings, with the directories they name made and the database migrated."""
    url = given.database_url
    if url.startswith("sqlite"):
        name = url.split("///", 1)[1].split("?")[0]
        if name:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
    if given.keys is None:
        given.keys_file.parent.mkdir(parents=True, exist_ok=True)
    migrate(given.migration_url or url, application_url=url)
    return given


@contextmanager
def house_open(clock: Clock | None = None) -> Iterator[Joined]:
    """The joined parts on a migrated database, closed at the end."""
    joined = join(prepared(settings()), clock)
    try:
        yield joined
    finally:
        joined.database.close()

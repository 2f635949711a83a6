"""The registry's files as commands read them: matters.yaml and the calendars beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from catalogue.cli.common import refuse, settings
from catalogue.domain.calendar import Calendar, read_calendars
from catalogue.domain.problems import NotFound
from catalogue.domain.registry.findings import Finding
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.reader import read_registry
from catalogue.domain.text import Text
from catalogue.settings import Settings


def path_of(file: Path | None) -> Path:
    """The file named, the registry of the settings where none is."""
    return file or settings().registry_file


def content(path: Path) -> bytes:
    """What stands in a file. Raises NotFound."""
    try:
        return path.read_bytes()
    except OSError:
        raise NotFound(Text(f"读不到文件 {path}", f"Cannot read {path}")) from None


def calendar_texts(given: Settings) -> dict[str, bytes]:
    """The calendars of the settings as they stand in their files."""
    return {path.name: path.read_bytes() for path in sorted(given.calendars_dir.glob("*.yaml"))}


def calendars_read() -> tuple[Mapping[str, Calendar], tuple[Finding, ...]]:
    """The calendars of the settings, and what is wrong with them."""
    return read_calendars(calendar_texts(settings()))


def readable(path: Path) -> Registry:
    """The registry of a file; ends the command where it has problems."""
    found, problems = read_registry(content(path), str(path))
    if found is None or problems:
        refuse(problems)
    return found

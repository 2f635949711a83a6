"""A published revision of the registry with its calendars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from catalogue.domain.calendar import Calendar
from catalogue.domain.registry.model import Registry


@dataclass(frozen=True, slots=True)
class Revision:
    """Registry and calendars as published under one number; ``digest`` is the SM3 of the published document."""

    number: int
    registry: Registry
    calendars: Mapping[str, Calendar]
    effective_from: datetime
    published_at: datetime
    author: str
    digest: str
    note: str | None = None

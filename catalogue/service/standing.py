"""Which revisions stand: published and not withdrawn, in force or still to come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalogue.domain.problems import NotFound, Unavailable
from catalogue.domain.registry.revision import Revision
from catalogue.domain.registry.sketch import Base
from catalogue.domain.text import Text
from catalogue.service.house import House
from catalogue.service.ports import Work


def newest(work: Work) -> Mapping[str, Any] | None:
    """The newest revision that was not withdrawn, in force or scheduled: what drafts are made from."""
    return next((row for row in work.revisions.list() if row["withdrawn_at"] is None), None)


def revision(work: Work, house: House, number: int) -> Revision:
    """That revision as values, also a withdrawn one. Raises NotFound."""
    try:
        return house.revision(number)
    except Unavailable:
        house.refresh(work.revisions)
    try:
        return house.revision(number)
    except Unavailable:
        found = house.read(work.revisions, number)
    if found is None:
        raise NotFound(Text(f"没有第 {number} 版", f"There is no revision {number}"))
    return found


def base(work: Work, house: House, number: int | None = None) -> Base:
    """That revision, or the newest one, in pieces. Raises NotFound, Unavailable where nothing is published."""
    if number is None:
        row = newest(work)
        if row is None:
            raise Unavailable(Text("尚未发布事项清单", "No registry has been published yet"))
        number = int(row["number"])
    return house.bases.base(work, revision(work, house, number))


def has_begun(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether the revision has come into force."""
    return bool(row["effective_from"] <= now)

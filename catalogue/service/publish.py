"""Publish 发布: a revision of the registry with its offices and calendars, immutable once it is out.

``plan`` says in words what would change; ``publish`` refuses a draft made from a revision that is no longer the newest,
so two administrators cannot overwrite each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalogue.domain.problems import Fault, InvalidInput, RuleForbids
from catalogue.domain.registry.diff import Change as RegistryChange
from catalogue.domain.registry.diff import difference
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.revision import Revision, build_revision
from catalogue.domain.text import Text
from catalogue.service.house import House
from catalogue.service.ports import Work


def newest(work: Work) -> Mapping[str, Any] | None:
    """The newest published revision, in force or scheduled."""
    rows = work.revisions.list()
    return rows[0] if rows else None


def plan(house: House, work: Work, registry: Registry) -> tuple[RegistryChange, ...]:
    """What publishing that registry would change against the newest revision, in words."""
    house.refresh(work.revisions)
    row = newest(work)
    old = None if row is None else house.revision(row["number"]).registry
    return difference(old, registry)


def publish(
    work: Work,
    house: House,
    *,
    registry_text: bytes,
    calendars: Mapping[str, bytes],
    author: str,
    note: str | None,
    effective_from: datetime | None,
    based_on: int | None,
) -> Revision:
    """Make a revision of the texts and publish it. Raises InvalidInput (not readable), RuleForbids (not the newest)."""
    now = house.clock.now()
    start = effective_from or now
    if effective_from is not None and effective_from < now:
        raise InvalidInput(
            errors=(
                Fault(
                    "effective_from",
                    "in-the-past",
                    Text("生效时间不能早于现在", "The effective time cannot lie in the past"),
                ),
            )
        )
    row = newest(work)
    number = 1 if row is None else row["number"] + 1
    revision, document = build_revision(
        number=number,
        registry_text=registry_text,
        calendars=calendars,
        effective_from=start,
        published_at=now,
        author=author,
        note=note,
    )
    if row is not None and row["digest"] == revision.digest:
        raise RuleForbids(
            Text("与最新版本内容相同，无须发布", "The same as the newest revision; nothing to publish"),
            extra={"rule": "nothing-changed", "revision": row["number"]},
        )
    work.revisions.publish(revision, document, based_on if based_on is not None else (row["number"] if row else None))
    work.access.administered(author, "revision-published", str(number), now)
    house.refresh(work.revisions)
    return revision

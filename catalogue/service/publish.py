"""Publish 发布: a revision of the registry with its offices and calendars, immutable once it is out.

``plan`` says in words what would change; ``publish`` refuses a draft made from a revision that is no longer the newest,
so two administrators cannot overwrite each other. Revisions come into force in the order of their numbers: where one
is scheduled, the next begins with it or later, or the scheduled one is withdrawn first. The command line, the pages and
the API publish through this one function, and every change goes to the feed with its author, publisher and reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from catalogue.domain.calendar import Calendar
from catalogue.domain.days import local_time
from catalogue.domain.problems import Fault, InvalidInput, RuleForbids
from catalogue.domain.registry.calendar_diff import calendar_difference
from catalogue.domain.registry.compiled import compile_registry, shape_mark
from catalogue.domain.registry.diff import Change, difference
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.revision import Revision, build_revision
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.house import House
from catalogue.service.ports import FeedEntry, Work
from catalogue.service.removals import refuse_removed, removed_in_use
from catalogue.service.standing import newest, revision

__all__ = ["Prepared", "newest", "plan", "prepare", "publish"]


class Prepared(Value, frozen=True):
    """A revision read, compiled and compared before the writing unit of work, which others wait for."""

    revision: Revision
    document: str
    compiled: bytes
    against: int | None
    """The revision that ``changes`` were worked out from."""
    changes: tuple[Change, ...]


def plan(
    house: House, work: Work, registry: Registry, calendars: Mapping[str, Calendar] | None = None
) -> tuple[Change, ...]:
    """What publishing that registry would change against the newest revision, in words."""
    house.refresh(work.revisions)
    row = newest(work)
    old = None if row is None else revision(work, house, row["number"])
    changes = difference(None if old is None else old.registry, registry)
    if calendars is not None:
        changes += calendar_difference(None if old is None else old.calendars, calendars)
    return changes


def prepare(
    work: Work,
    house: House,
    registry_text: bytes,
    calendars: Mapping[str, bytes],
    values: tuple[Registry, Mapping[str, Calendar]] | None = None,
) -> Prepared:
    """Read the texts, unless their ``values`` are known, and compare them with the newest revision.

    Raises InvalidRegistry with every finding.
    """
    now = house.clock.now()
    built, document = build_revision(
        number=0,
        registry_text=registry_text,
        calendars=calendars,
        effective_from=now,
        published_at=now,
        author="",
        values=values,
    )
    row = newest(work)
    changes = plan(house, work, built.registry, built.calendars)
    return Prepared(built, document, compile_registry(built.registry), None if row is None else row["number"], changes)


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
    publisher: str | None = None,
    draft: str | None = None,
    prepared: Prepared | None = None,
    author_of: Callable[[Change], str] | None = None,
) -> Revision:
    """Make a revision of the texts and publish it. ``prepared`` spares reading them here.

    ``author`` wrote it, ``publisher`` puts it in force (the same where none is named); ``author_of`` tells who wrote
    each single change. Raises InvalidInput (not readable, something left out that is in use), RuleForbids (not the
    newest, nothing changed, one scheduled ahead).
    """
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
    if prepared is None or prepared.against != (None if row is None else row["number"]):
        prepared = prepare(work, house, registry_text, calendars)
    numbers = [entry["number"] for entry in work.revisions.list()]
    number = max(numbers, default=0) + 1
    made = replace(
        prepared.revision, number=number, effective_from=start, published_at=now, author=author, note=note
    )  # fmt: skip
    if row is not None and row["digest"] == made.digest:
        raise RuleForbids(
            Text("与最新版本内容相同，无须发布", "The same as the newest revision; nothing to publish"),
            extra={"rule": "nothing-changed", "revision": row["number"]},
        )
    if row is not None and start < row["effective_from"]:
        raise _scheduled_ahead(row["number"], row["effective_from"])
    if row is not None:
        refuse_removed(removed_in_use(work, revision(work, house, row["number"]).registry, made.registry))
    work.revisions.publish(
        made,
        prepared.document,
        based_on if based_on is not None else (row["number"] if row else None),
        publisher=publisher,
        draft=draft,
        compiled=(shape_mark(), prepared.compiled),
    )
    by = publisher or author
    work.feed.record(
        FeedEntry(
            revision=number,
            n=n,
            at=now,
            kind=change.kind,
            part=change.part,
            subject=change.id,
            matter=matter_of(change),
            path=change.path,
            before=change.before,
            after=change.after,
            zh=change.sentence.zh,
            en=change.sentence.en,
            author=author if author_of is None else author_of(change),
            publisher=by,
            reason=note,
        )
        for n, change in enumerate(prepared.changes)
    )
    work.access.administered(by, "revision-published", str(number), now)
    house.refresh(work.revisions)
    return made


def _scheduled_ahead(number: int, start: datetime) -> RuleForbids:
    when = local_time(start)
    return RuleForbids(
        Text(
            f"第 {number} 版已排定 {when} 生效，新版不能早于它；请选那之后的时间，或先撤回第 {number} 版",
            f"Revision {number} is scheduled for {when}; begin then or later, or withdraw revision {number} first",
        ),
        extra={"rule": "scheduled-ahead", "revision": number},
    )


def matter_of(change: Change) -> str | None:
    """The matter a change concerns: itself, or what a city declares for it."""
    if change.part == "matter":
        return change.id
    return change.id.partition("/")[2] if change.part == "overlay" else None

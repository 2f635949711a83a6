"""Published revisions taken to pieces, for drafts: the last few are kept in memory."""

from __future__ import annotations

from collections import OrderedDict

from catalogue.domain.problems import NotFound
from catalogue.domain.registry.pieces import split
from catalogue.domain.registry.revision import Revision, read_texts
from catalogue.domain.registry.sketch import Base
from catalogue.domain.text import Text
from catalogue.service.ports import Work

KEPT = 4


class Bases:
    """Revision number -> its pieces. Published texts never change, so nothing here grows old; safe between threads."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, Base] = OrderedDict()

    def base(self, work: Work, revision: Revision) -> Base:
        """That revision in pieces. Raises NotFound where its text is not there."""
        held = self._held.get(revision.number)
        if held is not None and held.registry is revision.registry:
            return held
        document = work.revisions.document(revision.number)
        if document is None:
            raise NotFound(Text(f"没有第 {revision.number} 版", f"There is no revision {revision.number}"))
        text, calendars = read_texts(document)
        base = Base(revision.number, split(text), calendars, revision.registry, revision.calendars)
        held_now = OrderedDict(self._held)
        held_now[revision.number] = base
        while len(held_now) > KEPT:
            held_now.popitem(last=False)
        self._held = held_now
        return base

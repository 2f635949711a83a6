"""What every use case shares and no request changes: revisions in memory, handlers, the clock, chance.

All revisions that any open case may pin are held as values; a process learns of new ones by ``refresh`` and switches
to a scheduled one by time, without a read per request.
"""

from __future__ import annotations

import bisect
import secrets
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from catalogue.domain.clocks import CLAIM_DAYS
from catalogue.domain.handler import Channel, Handler
from catalogue.domain.measures import Key, Measure
from catalogue.domain.numbers import Draw
from catalogue.domain.problems import SigningKeyMissing, Unavailable
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.revision import Revision
from catalogue.domain.text import Text
from catalogue.service.bases import Bases
from catalogue.service.cards import Cards
from catalogue.service.paper_links import PaperLinks
from catalogue.service.ports import Clock, Press, Revisions, Signer


class ReadRevision(Protocol):
    """Turns a published document back into values."""

    def __call__(self, row: Mapping[str, object], document: str) -> Revision: ...


class House:
    """The rules in force and the means to apply them; safe to share between threads."""

    def __init__(
        self,
        *,
        clock: Clock,
        handlers: Mapping[str, Handler],
        draw: Draw,
        read_revision: ReadRevision,
        public_url: str = "",
        demo: bool = False,
        press: Press | None = None,
        webhooks: frozenset[str] = frozenset(),
        paper_links: PaperLinks | None = None,
        signer: Signer | None = None,
        notices: frozenset[str] = frozenset(),
        claim_days: int = CLAIM_DAYS,
    ) -> None:
        self.clock = clock
        self.handlers = handlers
        self.draw = draw
        self.public_url = public_url
        self.demo = demo
        self._press = press
        self.webhooks = webhooks
        """Regions whose own system is told at an address of the settings."""
        self.posted = threading.Event()
        """Set when this process has written a message for a city's own system, so that it need not be looked for."""
        self.paper_links = paper_links or PaperLinks(secrets.token_bytes(32))
        self._signer = signer
        self.notices = notices
        """Channels by which applicants are told: sms, email; none unless set up."""
        self.claim_days = claim_days
        """Days to settle a claim on a carrier for lost post; this house's own choice."""
        self.cards = Cards(handlers)
        self.bases = Bases()
        self.blocked: dict[str, datetime] = {}
        """Subject of a throttle -> until when this process refuses it (see ``service.tracking``)."""
        self.measures: Mapping[Key, Measure] = {}
        """How long each matter really takes, as measured last (see ``service.measuring``)."""
        self._read_revision = read_revision
        self._revisions: dict[int, Revision] = {}
        self._schedule: tuple[tuple[datetime, ...], tuple[int, ...]] = ((), ())

    @property
    def press(self) -> Press:
        """Sets documents. Raises Unavailable in a house without one."""
        if self._press is None:
            raise Unavailable(Text("此处没有打印文书的程序", "No press is set up here"))
        return self._press

    def system_of_record(self, registry: Registry, region: str, matter: str) -> str:
        """Where such a case is decided: here, or external. A demonstration decides everything here."""
        declared = registry.system_of_record(region, matter)
        return "here" if self.demo and registry.overlay(region, matter).system_of_record is None else declared

    def channel(self, region: str, handler: str) -> Channel:
        """How cases reach that city: its own system where it has an address, else as its handler says."""
        return "webhook" if region in self.webhooks else self.handlers[handler].channel

    @property
    def signs(self) -> bool:
        """Whether certificates can be signed here."""
        return self._signer is not None

    @property
    def signer(self) -> Signer:
        """Signs certificates. Raises SigningKeyMissing in a house without a key."""
        if self._signer is None:
            raise SigningKeyMissing(
                Text(
                    "没有签名密钥，不能制证。请设置 CATALOGUE_SIGNING_FILE 或 CATALOGUE_SIGNING_KEYS 后重启",
                    "No signing key: set CATALOGUE_SIGNING_FILE or CATALOGUE_SIGNING_KEYS and start again",
                )
            )
        return self._signer

    def refresh(self, revisions: Revisions) -> None:
        """Load what was published or withdrawn since the last look."""
        schedule = sorted(revisions.schedule(), key=lambda entry: (entry[1], entry[0]))
        rows = None
        loaded = dict(self._revisions)
        for number, _ in schedule:
            if number not in loaded:
                rows = rows or {row["number"]: row for row in revisions.list()}
                found = self._read(revisions, rows[number])
                if found is not None:
                    loaded[number] = found
        # Readers hold no lock: each value is replaced whole, the revisions before the schedule that names them.
        self._revisions = loaded
        self._schedule = (tuple(start for _, start in schedule), tuple(number for number, _ in schedule))

    def read(self, revisions: Revisions, number: int) -> Revision | None:
        """A revision that is kept and not held here, such as a withdrawn one; None where there is none."""
        row = next((row for row in revisions.list() if row["number"] == number), None)
        return None if row is None else self._read(revisions, row)

    def _read(self, revisions: Revisions, row: Mapping[str, Any]) -> Revision | None:
        document = revisions.document(row["number"])
        if document is None:
            return None
        return self._read_revision({**row, "compiled": revisions.compiled(row["number"])}, document)

    def in_force(self, now: datetime | None = None) -> Revision:
        """The revision in force at that moment. Raises Unavailable where nothing is published."""
        starts, numbers = self._schedule
        index = bisect.bisect_right(starts, now or self.clock.now()) - 1
        if index < 0:
            raise Unavailable(Text("尚未发布事项清单", "No registry has been published yet"))
        return self._revisions[numbers[index]]

    def revision(self, number: int) -> Revision:
        """A revision that a case pins. Raises Unavailable where this process has not loaded it yet."""
        found = self._revisions.get(number)
        if found is None:
            raise Unavailable(
                Text("事项清单版本尚未载入，请稍后重试", "That registry revision is not loaded yet; try again")
            )
        return found

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the loaded revisions."""
        return tuple(self._revisions)

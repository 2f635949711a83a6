"""What a case is: its events, and the state they amount to (``folding`` makes the one of the other).

An event has a clear part (codes, offices, account ids, no free text) and a sealed part (names, reasons, free text).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from catalogue.domain.copies import Claim, Copy, OldLicence
from catalogue.domain.registry.model import Limits
from catalogue.domain.value import Value


class Event(Value, frozen=True):
    """One fact about a case. ``actor`` is an account id, ``system`` or a region's token; ``at`` is aware."""

    seq: int
    type: str
    at: datetime
    actor: str
    office: str
    clear: Mapping[str, Any]
    sealed: Mapping[str, Any]


class Hold(Value, frozen=True):
    """From ``since`` on the time is booked to ``account``: accepting, applicant, home, way_back or none."""

    account: str
    since: datetime


class Special(Value, frozen=True):
    """A special procedure in progress. ``stops``: one of the kinds of 行政许可法 §45, which stop the clock."""

    kind: str
    since: date
    days: int
    stops: bool


class PaperLine(Value, frozen=True, omit_defaults=True):
    """A material as received. ``taken_as``: original, copy, electronic, shared, or pledge 告知承诺, which a check turns
    into pledge_kept or pledge_broken; ``deferred_until``: 容缺, with a signed ``commitment``."""

    id: str
    originals: int
    copies: int
    taken_as: str | None = None
    deferred_until: date | None = None
    commitment: bool = False


class Person(Value, frozen=True):
    """A person the law wants verified, without name: ``verified`` by whatever method was recorded."""

    role: str
    verified: bool


class Slip(Value, frozen=True, omit_defaults=True):
    """Paper originals on their way 材料交接单. ``sender``: the side they left, accepting or home."""

    sender: str
    sent_on: date
    papers: tuple[str, ...]
    due_on: date | None = None
    arrived_on: date | None = None
    missing: tuple[str, ...] = ()


class Annulment(Value, frozen=True, omit_defaults=True):
    """A permit that may be annulled 拟撤销: when its fault was found, until when the holder is heard (K9), and by when
    it is to be decided (K8). Of a registration: asked for, public until, inquired into until (K7). ``office``: the
    authority that proceeds."""

    office: str
    found_on: date
    hear_until: date
    decide_by: date
    heard: bool = False
    extended: bool = False


class Transfer(Value, frozen=True, omit_defaults=True):
    """The file of an entity that moves to another registrar 档案移交: asked of ``office``, sent, received."""

    region: str
    office: str
    requested_on: date
    due_on: date | None = None
    sent_on: date | None = None
    received_on: date | None = None


class Case(Value, frozen=True, omit_defaults=True):
    """The clear state of a case. Personal data are in the sealed parts of its events only.

    As text it leaves out what stands at its default, which is most of it: half the size, and two rows in a page of the
    database instead of one. So a default, here and in the values above, never changes.
    """

    reference: str
    seq: int
    state: str
    matter: str
    procedure: str
    revision: int
    place: str
    particulars: Mapping[str, str]
    accepting_region: str
    accepting_office: str
    window: str | None
    home_region: str | None
    home_office: str | None
    handler: str | None
    calendar: str | None
    level: str | None
    acceptance: str
    mode: str
    limits: Limits
    received_at: datetime
    received_on: date
    holds: tuple[Hold, ...]
    materials: tuple[PaperLine, ...] = ()
    people: tuple[Person, ...] = ()
    applicant_kind: str = "natural_person"
    delivery_method: str = "window"
    delivery_office: str | None = None
    recipients: int = 0
    """How many were named to take the result."""
    unsigned: tuple[int, ...] = ()
    """The hand-overs whose record names no signature yet, by their ``seq``."""
    resubmits: str | None = None
    resubmitted_as: str | None = None
    notice_from: date | None = None
    """The day K1 counts from: window receipt, or the day a correction was supplied."""
    notice_by: date | None = None
    accepted_on: date | None = None
    deemed: bool = False
    clock_from: date | None = None
    """The day the decision clock counts from: acceptance (permit) or receipt (registration)."""
    promised_by: date | None = None
    statutory_by: date | None = None
    deliver_by: date | None = None
    check_by: date | None = None
    """The day by which commitments that stood in for papers are to be checked."""
    provisional: bool = False
    stopped_days: int = 0
    special: Special | None = None
    extension: str = "none"
    """none, requested, granted."""
    corrections: int = 0
    claimed_by: str | None = None
    reviewed_by: str | None = None
    reviewed_for: str | None = None
    """The account the reviewer stood in for."""
    advice: str | None = None
    site_checks: int = 0
    decided_by: str | None = None
    decided_on: date | None = None
    refused_offices: tuple[str, ...] = ()
    bounces: int = 0
    misroute: str | None = None
    certificate_id: str | None = None
    certificate_number: str | None = None
    certificate_status: str | None = None
    """valid, suspended, revoked, cancelled, expired; None without a certificate."""
    copies: tuple[Copy, ...] = ()
    spoiled_blanks: tuple[str, ...] = ()
    old_licences: tuple[OldLicence, ...] = ()
    losses: int = 0
    """How often the post has lost the result."""
    claim: Claim | None = None
    """The claim on the carrier while it is open; the latest one."""
    warned: tuple[str, ...] = ()
    record: str = "here"
    """The system of record 业务办理系统: here, or external where the registrar decides in one of its own."""
    external_number: str | None = None
    slips: tuple[Slip, ...] = ()
    transfer: Transfer | None = None
    superiors: tuple[str, ...] = ()
    """The authorities above the one that issued the certificate, the nearest first; each may annul it (XKF §69)."""
    annulment: Annulment | None = None
    closed_on: date | None = None
    correction_days: int | None = None
    """Working days that the notice of corrections gives from the day it is received; None where it names none."""
    moved_at: datetime | None = None
    """When the last event was, where it left the time booked to the same account."""

    @property
    def last_at(self) -> datetime:
        """When the last event was: none that follows is earlier, whatever a clock says."""
        return self.moved_at or self.holds[-1].since

    @property
    def account(self) -> str:
        """Whose time runs now."""
        return self.holds[-1].account

    @property
    def unverified(self) -> tuple[str, ...]:
        """Roles of persons not verified 未实名."""
        return tuple(person.role for person in self.people if not person.verified)

    @property
    def deferred(self) -> tuple[PaperLine, ...]:
        """Papers promised for later 容缺 and not yet supplied."""
        return tuple(line for line in self.materials if line.deferred_until is not None)

    @property
    def pledged(self) -> tuple[PaperLine, ...]:
        """Papers that a commitment stands in for 告知承诺 and that nobody has checked yet."""
        return tuple(line for line in self.materials if line.taken_as == "pledge")

    @property
    def partner_office(self) -> str | None:
        """The old registrar that has a task of its own in a relocation."""
        return None if self.transfer is None else self.transfer.office

    def office_of(self, side: str) -> str | None:
        """The office acting on that side: ``accepting`` or ``home``."""
        return self.accepting_office if side == "accepting" else self.home_office

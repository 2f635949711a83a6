"""The register of copies 证照副本登记: which copy of a certificate was printed where, on which blank, and where it is.

A fold of the events of a case like the case itself. A copy is 正本 or 副本, copy n of m. A printer that jams is a state
of the copy and not a lie about it; the blank it spoiled is kept and never used again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from catalogue.domain.days import local_day
from catalogue.domain.value import Value

if TYPE_CHECKING:
    from catalogue.domain.case import Case, Event

VALID = "valid"
"""The status of a certificate that is in force; the others stand in the vocabulary."""


class Copy(Value, frozen=True, omit_defaults=True):
    """One copy. ``status``: made, printing, jammed, printed, delivered, posted, void (words in the vocabulary)."""

    certificate: str
    kind: str
    copy_no: int
    status: str = "made"
    blank_no: str | None = None
    prints: int = 0
    seal: bool = False
    office: str | None = None
    """Where it was printed last."""

    @property
    def id(self) -> str:
        """What commands name it by."""
        return f"{self.kind}-{self.copy_no}"


def old_kind(text: str) -> str:
    """What an old licence is, as a code: original 正本, duplicate 副本, or licence where the words do not say."""
    return "original" if "正本" in text else "duplicate" if "副本" in text else "licence"


def old_id(kind: str, copy_no: object) -> str:
    """What the register names an old licence by, from the words it was entered with."""
    number = str(copy_no or "")
    return f"{old_kind(kind)}-{number}" if number.isdigit() else old_kind(kind)


def surrendered_facts(entries: Any) -> list[dict[str, Any]]:
    """Old licences as the clear part of an event keeps them: codes and numbers, no words."""
    return [{"id": old_id(one["kind"], one.get("copy_no")), "received": bool(one["received"])} for one in entries]


def copy_words(kind: str, copy_no: int | None) -> str:
    """A copy as people name it: 正本第1本; by its kind alone where it has no number."""
    return f"{kind}第{copy_no}本" if copy_no else kind


UNPRINTED = frozenset({"made", "jammed"})
"""Statuses of a copy that no sheet bears yet."""


class OldLicence(Value, frozen=True, omit_defaults=True):
    """A licence to be handed in. ``voided``: lost, and its notice of voidance 作废声明 was recorded."""

    id: str
    received: bool
    voided: bool = False


class Claim(Value, frozen=True, omit_defaults=True):
    """Lost post 邮件丢失: what is claimed from the carrier is followed up by ``office`` until it is settled."""

    office: str
    lost_on: date
    due_on: date
    filed: bool = False


def copies_made(certificate: str, given: Any) -> tuple[Copy, ...]:
    """Copies as a certificate is made with them, each numbered within its kind."""
    made: list[Copy] = []
    for copy in given:
        number = copy.get("copy_no")
        count = sum(one.kind == copy["kind"] for one in made) + 1
        number = int(number) if str(number or "").isdigit() else count
        made.append(Copy(certificate, copy["kind"], number, blank_no=copy.get("blank_no")))
    return tuple(made)


def current(case: Case) -> tuple[Copy, ...]:
    """The copies of the certificate in force, void ones left out."""
    return tuple(copy for copy in case.copies if copy.certificate == case.certificate_id and copy.status != "void")


def awaiting(case: Case) -> tuple[OldLicence, ...]:
    """Old licences neither handed in nor voided by notice."""
    return tuple(old for old in case.old_licences if not old.received and not old.voided)


def find(case: Case, copy_id: str) -> Copy | None:
    """The copy of the certificate in force with that id."""
    return next((copy for copy in case.copies if copy.certificate == case.certificate_id and copy.id == copy_id), None)


def with_the_office(case: Case) -> tuple[Copy, ...]:
    """The copies in force that nobody has taken yet: a result may go to several people, each with a record."""
    return tuple(copy for copy in current(case) if copy.status != "delivered")


def _moved(case: Case, status: str, moving: set[str]) -> dict[str, Any]:
    return {
        "copies": tuple(
            replace(copy, status=status) if copy.certificate == case.certificate_id and copy.id in moving else copy
            for copy in case.copies
        )
    }


def _changed(case: Case, copy_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "copies": tuple(
            replace(copy, **changes) if copy.certificate == case.certificate_id and copy.id == copy_id else copy
            for copy in case.copies
        )
    }


def _made(case: Case, event: Event) -> dict[str, Any]:
    clear = event.clear
    # Every copy of the certificate before is void once a new one takes its place.
    before = tuple(replace(copy, status="void") if clear.get("replaces") else copy for copy in case.copies)
    return {
        "certificate_id": clear["certificate"],
        "certificate_number": clear["number"],
        "certificate_status": VALID,
        "superiors": tuple(clear.get("superiors", ())) or case.superiors,
        "copies": (*before, *copies_made(clear["certificate"], clear.get("copies", ()))),
    }


def _printed(case: Case, event: Event) -> dict[str, Any]:
    copy = find(case, event.clear["copy"])
    return _changed(
        case,
        event.clear["copy"],
        status="printing",
        blank_no=event.clear.get("blank_no") or (copy.blank_no if copy else None),
        prints=(copy.prints if copy else 0) + 1,
        office=event.office,
    )


def _print_reported(case: Case, event: Event) -> dict[str, Any]:
    clear = event.clear
    if clear["outcome"] == "printed":
        return _changed(case, clear["copy"], status="printed", seal=bool(clear.get("seal")))
    changed = _changed(case, clear["copy"], status="jammed", blank_no=None)
    blank = clear.get("spoiled_blank")
    return {**changed, "spoiled_blanks": (*case.spoiled_blanks, blank)} if blank else changed


def _voided(case: Case, event: Event) -> dict[str, Any]:
    return _changed(case, event.clear["copy"], status="void")


def _handed_over(case: Case, event: Event) -> dict[str, Any]:
    back = event.clear.get("old_licences", ())
    handed = {f"{one['kind']}-{one['copy_no']}" for one in event.clear.get("copies", ())}
    signed = event.clear.get("signature_file") or event.clear.get("signed")
    return {
        **_moved(case, "delivered", handed or {copy.id for copy in current(case)}),
        **_old(case, back, received=True),
        "unsigned": case.unsigned if signed else (*case.unsigned, event.seq),
    }


def _voidance(case: Case, event: Event) -> dict[str, Any]:
    return _old(case, (event.clear["old_licence"],), voided=True)


def _old(case: Case, named: Any, **changes: Any) -> dict[str, Any]:
    return {"old_licences": tuple(replace(old, **changes) if old.id in named else old for old in case.old_licences)}


def _post_reported(case: Case, event: Event) -> dict[str, Any]:
    outcome = event.clear["outcome"]
    sent = {copy.id for copy in current(case) if copy.status == "posted"}
    moved = _moved(case, {"delivered": "delivered", "returned": "printed", "lost": "void"}[outcome], sent)
    return {**moved, "losses": case.losses + 1, **_lost(case, event)} if outcome == "lost" else moved


def _lost(case: Case, event: Event) -> dict[str, Any]:
    """A loss opens a claim on the carrier, followed up by the window that posted."""
    due = event.clear.get("claim_by")
    if due is None:
        return {}
    return {"claim": Claim(event.office, local_day(event.at), date.fromisoformat(due))}


def _claimed(case: Case, event: Event) -> dict[str, Any]:
    """Filed, it stays open until the carrier has paid, refused, or found the post."""
    filed = event.clear["outcome"] == "filed"
    return {"claim": None if case.claim is None or not filed else replace(case.claim, filed=True)}


def _status(case: Case, event: Event) -> dict[str, Any]:
    ended = event.clear["status"] not in (VALID, "suspended")
    return {"certificate_status": event.clear["status"], **({"annulment": None} if ended else {})}


EFFECTS: Mapping[str, Callable[[Case, Event], dict[str, Any]]] = {
    "certificate_made": _made,
    "certificate_rectified": _made,
    "copy_printed": _printed,
    "print_reported": _print_reported,
    "copy_voided": _voided,
    "voidance_recorded": _voidance,
    "handed_over": _handed_over,
    "signature_linked": lambda case, event: {
        "unsigned": tuple(seq for seq in case.unsigned if seq != event.clear["record"])
    },
    "claim_recorded": _claimed,
    "posted": lambda case, event: _moved(case, "posted", {copy.id for copy in with_the_office(case)}),
    "post_reported": _post_reported,
    "annulled": _status,
    "permit_withdrawn": _status,
    "certificate_cancelled": _status,
    "penalty_recorded": _status,
    "certificate_expired": _status,
    "certificate_superseded": _status,
    "delivery_changed": lambda case, event: {
        "delivery_method": event.clear["method"],
        "delivery_office": event.clear.get("window"),
    },
}
"""Event type -> what it changes in a case about its certificate, copies and delivery."""

"""The clear state of a case as text: short, and read back the same for ever."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from catalogue.domain.case import Annulment, Case, PaperLine, Slip, Transfer
from catalogue.domain.copies import Claim, Copy, OldLicence
from catalogue.store.codec import json_text, read_snapshot, snapshot
from tests.store.builders import opening

DEFAULTS: dict[type[Struct], dict[str, object]] = {
    Case: {
        "materials": (), "people": (), "applicant_kind": "natural_person", "delivery_method": "window",
        "delivery_office": None, "recipients": 0, "unsigned": (), "resubmits": None, "resubmitted_as": None,
        "notice_from": None, "notice_by": None, "accepted_on": None, "deemed": False, "clock_from": None,
        "promised_by": None, "statutory_by": None, "deliver_by": None, "check_by": None, "provisional": False,
        "stopped_days": 0, "special": None, "extension": "none", "corrections": 0, "claimed_by": None,
        "reviewed_by": None, "reviewed_for": None, "advice": None, "site_checks": 0, "decided_by": None,
        "decided_on": None, "refused_offices": (), "bounces": 0, "misroute": None, "certificate_id": None,
        "certificate_number": None, "certificate_status": None, "copies": (), "spoiled_blanks": (),
        "old_licences": (), "losses": 0, "claim": None, "warned": (), "record": "here", "external_number": None,
        "slips": (), "transfer": None, "superiors": (), "annulment": None, "closed_on": None,
    },
    PaperLine: {"taken_as": None, "deferred_until": None, "commitment": False},
    Slip: {"due_on": None, "arrived_on": None, "missing": ()},
    Annulment: {"heard": False, "extended": False},
    Transfer: {"due_on": None, "sent_on": None, "received_on": None},
    Copy: {"status": "made", "blank_no": None, "prints": 0, "seal": False, "office": None},
    OldLicence: {"voided": False},
    Claim: {"filed": False},
}  # fmt: skip
"""What rows leave out stands for this, in every row ever written."""


def test_what_a_row_leaves_out_keeps_its_meaning() -> None:
    for kind, known in DEFAULTS.items():
        now = {field.name: field.default for field in msgspec.structs.fields(kind) if not field.required}
        assert {name: now.get(name, msgspec.NODEFAULT) for name in known} == known, kind


def test_only_what_differs_from_its_default_is_written() -> None:
    case = opening().case
    text = snapshot(case)
    assert read_snapshot(text) == case
    assert '"bounces"' not in text
    assert '"bounces":2' in snapshot(msgspec.structs.replace(case, bounces=2))


def test_a_row_with_everything_written_out_reads_as_the_same_case() -> None:
    case = opening().case
    whole = json_text({name: getattr(case, name) for name in case.__struct_fields__})
    assert len(whole) > len(snapshot(case))
    assert read_snapshot(whole) == case

"""The bodies of the commands on a case, and which command takes which."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from catalogue.service.bodies.application import PaperTaken
from catalogue.service.bodies.basics import (
    Advice,
    Body,
    BounceCode,
    ClaimOutcome,
    Code,
    Count,
    Day,
    Days,
    DeliveryMethod,
    DocumentType,
    Line,
    Moment,
    Name,
    Penalty,
    Place,
    PrintOutcome,
    Prose,
    Relation,
    Result,
    ServiceMethod,
    Signature,
    SpecialKind,
)


class Remark(Body):
    """A command that needs nothing said; a reason or a note may be."""

    reason: Prose | None = None
    note: Prose | None = None


class WithReason(Body):
    reason: Prose


class Item(Body):
    """One thing that is missing or wrong; ``material`` is the id of a paper."""

    material: Code | None = None
    text: Prose


Items = Annotated[tuple[Item, ...], Field(min_length=1, max_length=100, strict=False)]


class ReturnAtWindow(Body):
    items: Annotated[tuple[Item, ...], Field(max_length=100, strict=False)] = ()
    reason: Prose | None = None


class Reroute(Body):
    place: Place | None = None
    particulars: Annotated[dict[Code, Line], Field(default_factory=dict)]
    office: Code | None = None
    reason: Prose


class Suggestion(Body):
    region: Code | None = None
    office: Code | None = None
    place: Place | None = None
    text: Prose | None = None


class Bounce(Body):
    code: BounceCode
    reason: Prose
    suggestion: Suggestion | None = None


class ReturnForResubmission(Body):
    items: Items


class RequestCorrection(Body):
    items: Items
    days: Days | None = None


class SupplyCorrection(Body):
    items: Annotated[tuple[Item, ...], Field(max_length=100, strict=False)] = ()
    materials: Annotated[tuple[PaperTaken, ...], Field(max_length=100, strict=False)] = ()
    note: Prose | None = None


class DeclineAcceptance(Body):
    reason: Prose
    basis: Prose | None = None
    authority: Line | None = None


class Assign(Body):
    to: Line
    reason: Prose


class Review(Body):
    opinion: Prose
    advice: Advice


class SiteCheck(Body):
    officers: Annotated[tuple[Line, ...], Field(min_length=1, max_length=10, strict=False)]
    result: Prose
    at: Moment | None = None


class StartSpecial(Body):
    kind: SpecialKind
    basis: Prose
    days: Days


class EndSpecial(Body):
    result: Prose | None = None


class Opinion(Body):
    opinion: Prose


class Refuse(Body):
    reasons: Prose
    basis: Prose
    remedies: Prose


class CopyMade(Body):
    kind: Line
    copy_no: Count | Line | None = None
    blank_no: Line | None = None


class MakeCertificate(Body):
    number: Line | None = None
    holder: Name | None = None
    """Where it is another than the applicant or the enterprise of the form."""
    valid_until: Day | None = None
    """Where the system of record says it; else by the validity the registry states."""
    copies: Annotated[tuple[CopyMade, ...], Field(max_length=50, strict=False)] = ()
    supersedes: Line | None = None
    """The earlier certificate, by its id or number, where the application's own numbers do not name it."""
    earlier_number: Line | None = None
    """The number of an earlier certificate that this house never recorded, as the officer states it."""
    earlier_authority: Line | None = None
    earlier_issued_on: Day | None = None


class OldLicenceIn(Body):
    """An old licence that comes in when the new one goes out."""

    kind: Line
    copy_no: Count | Line | None = None


class HandOver(Body):
    collector: Name
    document_type: DocumentType
    document_number: Line
    relation: Relation
    signature: Signature | None = None
    """Drawn on the screen, as strokes of an SVG path; or on paper, and scanned to the case."""
    signature_file: Code | None = None
    """The scan of what was signed on paper, a file of this case."""
    handed: Annotated[tuple[Line, ...], Field(max_length=50, strict=False)] = ()
    """The copies this collector takes, such as 正本-1; without any all that are left."""
    more: bool = False
    """Others are still to be served, each with a record of their own; the case waits for them."""
    reason: Prose | None = None
    """Why somebody who was not named as recipient takes it, or takes it for the others."""
    old_licences: Annotated[tuple[OldLicenceIn, ...], Field(max_length=20, strict=False)] = ()
    note: Prose | None = None


class LinkSignature(Body):
    """The scan of a receipt of service signed on paper, added after the hand-over it belongs to."""

    signature_file: Code
    record: Annotated[int, Field(ge=1, strict=False)] | None = None
    """The ``seq`` of the hand-over; by default the latest one without a signature."""


class PrintCopy(Body):
    kind: Line
    copy_no: Count | Line | None = None
    blank_no: Line | None = None
    reason: Prose | None = None


class ReportPrint(Body):
    kind: Line
    copy_no: Count | Line | None = None
    outcome: PrintOutcome
    seal: bool = False
    note: Prose | None = None


class VoidCopy(Body):
    kind: Line
    copy_no: Count | Line | None = None
    reason: Prose


class RecordVoidance(Body):
    """A lost old licence: where and when its voidance was made public."""

    kind: Line
    copy_no: Count | Line | None = None
    published_on: Day
    medium: Line | None = None
    notice_no: Line | None = None
    note: Prose | None = None


class RectifyCertificate(Body):
    reason: Prose
    number: Line | None = None
    copies: Annotated[tuple[CopyMade, ...], Field(max_length=50, strict=False)] = ()


class Exit(Body):
    """Why a certificate ends: the ground (a code of the vocabulary or in words), the basis, and the procedure kept."""

    ground: Prose
    basis: Prose
    notified_on: Day | None = None
    """When the holder was told of the right to be heard."""
    statement: Prose | None = None
    """What the holder said."""


class ProposeAnnulment(Body):
    """What the holder is told before an annulment: facts, ground and basis; from the day the fault was found."""

    ground: Prose
    facts: Prose
    basis: Prose
    found_on: Day | None = None


class OpenInquiry(Body):
    """A request to annul a registration that is accepted: what it says; from the day it was made."""

    facts: Prose
    basis: Prose | None = None
    requested_on: Day | None = None


class RecordStatement(Body):
    """What the holder said, or that nothing was said in time."""

    statement: Prose | None = None
    waived: bool = False


class RecordPenalty(Body):
    kind: Penalty
    authority: Line
    decision_no: Line
    decided_on: Day | None = None
    until: Day | None = None
    note: Prose | None = None


class ChangeDelivery(Body):
    method: DeliveryMethod
    window: Code | None = None
    address: Prose | None = None
    reason: Prose | None = None


class Serve(Body):
    """A document served: which, how, and who received it."""

    document: Code
    method: ServiceMethod
    on: Day | None = None
    receiver: Name | None = None
    relation: Relation | None = None
    document_type: DocumentType | None = None
    document_number: Line | None = None
    witness: Name | None = None
    note: Prose | None = None


class Archive(Body):
    package: Line | None = None
    retention: Line | None = None
    note: Prose | None = None


class Post(Body):
    carrier: Line
    tracking: Line
    address: Prose


class ReportPost(Body):
    outcome: Literal["delivered", "returned", "lost"]
    at: Moment | None = None
    receiver: Name | None = None
    """Who signed for it, as the carrier says."""
    note: Prose | None = None


class RecordClaim(Body):
    """What was claimed from the carrier for lost post, and what came of it."""

    outcome: ClaimOutcome
    carrier: Line | None = None
    claim_no: Line | None = None
    on: Day | None = None
    amount: Line | None = None
    note: Prose | None = None


class CorrectEntry(Body):
    path: Annotated[
        str, StringConstraints(min_length=1, max_length=200, pattern=r"^/?[A-Za-z0-9_]+([./][A-Za-z0-9_-]+)*$")
    ]
    value: Any
    evidence: Prose


class Note(Body):
    text: Prose


class SupplyDeferred(Body):
    material: Code


class CheckPledge(Body):
    """What a later check of a commitment found: kept or broken."""

    material: Code
    finding: Literal["kept", "broken"]
    result: Prose


class Unmask(Body):
    reason: Prose


ExternalNumber = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w./（）()〔〕号-]+$", strip_whitespace=True)
]


class RecordExternal(Body):
    """The number a case has in the registrar's own system."""

    number: ExternalNumber
    system: Line | None = None
    note: Prose | None = None


class AttachResult(Body):
    """What the registrar's own system decided. ``file``: id of the paper of this case that shows it."""

    outcome: Result
    decided_on: Day
    number: Line | None = None
    external_number: ExternalNumber | None = None
    file: Code | None = None
    note: Prose | None = None


class SendPapers(Body):
    """Paper originals go to the other window. ``papers``: ids of materials, ``result`` or ``other``."""

    papers: Annotated[tuple[Code, ...], Field(min_length=1, max_length=100, strict=False)]
    carrier: Line
    tracking: Line
    note: Prose | None = None


class ReceivePapers(Body):
    """Every paper of the slip ticked, as received or as missing."""

    received: Annotated[tuple[Code, ...], Field(max_length=100, strict=False)] = ()
    missing: Annotated[tuple[Code, ...], Field(max_length=100, strict=False)] = ()
    note: Prose | None = None


class Message(Body):
    text: Prose


class RequestFile(Body):
    """``office``: the registrar that holds the file; by default that of the division the entity moves from."""

    office: Code | None = None
    note: Prose | None = None


class SendFile(Body):
    carrier: Line | None = None
    tracking: Line | None = None
    electronic: bool = False
    pages: Annotated[int, Field(ge=1, le=10_000)] | None = None
    note: Prose | None = None


class ReceiveFile(Body):
    complete: bool = True
    note: Prose | None = None


COMMAND_BODIES: dict[str, type[Body]] = {
    "forward": Remark,
    "recall": Remark,
    "return-at-window": ReturnAtWindow,
    "reroute": Reroute,
    "supply-correction": SupplyCorrection,
    "bounce": Bounce,
    "receive-at-home": Remark,
    "request-correction": RequestCorrection,
    "close-unsupplied": Remark,
    "return-for-resubmission": ReturnForResubmission,
    "accept": Remark,
    "decline-acceptance": DeclineAcceptance,
    "claim": Remark,
    "release": Remark,
    "assign": Assign,
    "review": Review,
    "send-back": WithReason,
    "record-site-check": SiteCheck,
    "start-special-procedure": StartSpecial,
    "end-special-procedure": EndSpecial,
    "request-extension": WithReason,
    "approve-extension": Remark,
    "decide-at-once": Opinion,
    "grant": Opinion,
    "refuse": Refuse,
    "terminate": WithReason,
    "make-certificate": MakeCertificate,
    "hand-over": HandOver,
    "link-signature": LinkSignature,
    "post": Post,
    "report-post": ReportPost,
    "record-claim": RecordClaim,
    "print-copy": PrintCopy,
    "report-print": ReportPrint,
    "void-copy": VoidCopy,
    "record-voidance": RecordVoidance,
    "rectify-certificate": RectifyCertificate,
    "annul": Exit,
    "propose-annulment": ProposeAnnulment,
    "open-inquiry": OpenInquiry,
    "record-statement": RecordStatement,
    "extend-annulment": WithReason,
    "drop-annulment": WithReason,
    "withdraw-permit": Exit,
    "cancel": Exit,
    "record-penalty": RecordPenalty,
    "change-delivery": ChangeDelivery,
    "serve": Serve,
    "archive": Archive,
    "withdraw": Remark,
    "correct-entry": CorrectEntry,
    "supply-deferred": SupplyDeferred,
    "check-pledge": CheckPledge,
    "note": Note,
    "record-external": RecordExternal,
    "attach-result": AttachResult,
    "send-papers": SendPapers,
    "receive-papers": ReceivePapers,
    "message": Message,
    "request-file": RequestFile,
    "send-file": SendFile,
    "receive-file": ReceiveFile,
}
"""Command -> the body it takes."""

"""The bodies of the commands on a case, and which command takes which."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from catalogue.service.bodies.application import PaperTaken
from catalogue.service.bodies.basics import (
    Advice,
    Body,
    BounceCode,
    Code,
    Count,
    Days,
    DocumentType,
    Line,
    Moment,
    Name,
    Place,
    Prose,
    Relation,
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
    copies: Annotated[tuple[CopyMade, ...], Field(max_length=50, strict=False)] = ()


class HandOver(Body):
    collector: Name
    document_type: DocumentType
    document_number: Line
    relation: Relation


class Post(Body):
    carrier: Line
    tracking: Line
    address: Prose


class ReportPost(Body):
    outcome: Literal["delivered", "returned", "lost"]
    at: Moment | None = None
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
    "post": Post,
    "report-post": ReportPost,
    "withdraw": Remark,
    "correct-entry": CorrectEntry,
    "supply-deferred": SupplyDeferred,
    "check-pledge": CheckPledge,
    "note": Note,
}
"""Command -> the body it takes."""

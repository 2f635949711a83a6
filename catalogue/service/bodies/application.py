"""The body of an application as the window sends it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from catalogue.service.bodies.basics import (
    ApplicantKind,
    Body,
    Code,
    Consent,
    Count,
    Day,
    DeliveryMethod,
    DocumentType,
    Line,
    Moment,
    Name,
    PersonRole,
    Place,
    Prose,
)


class IdentityCheck(Body):
    """How and when identity was checked; images of faces are never stored."""

    method: Line
    at: Moment
    system: Line | None = None
    result: Line | None = None


class Applicant(Body):
    kind: ApplicantKind
    name: Name
    document_type: DocumentType
    document_number: Line
    phone: Line
    email: Line | None = None
    email_notices: bool | None = None
    """That notices may be sent to that address: asked for and agreed to, never taken for granted."""
    unified_code: Line | None = None


class Agent(Body):
    """代理人 with the document of authority."""

    name: Name
    document_type: DocumentType
    document_number: Line
    phone: Line | None = None
    email: Line | None = None
    email_notices: bool | None = None
    scope: Prose | None = None
    valid_until: Line | None = None
    identity_check: IdentityCheck | None = None


class PaperTaken(Body):
    """A paper as received. ``taken_as``: a code such as original, copy, electronic, shared, or pledge (告知承诺).

    ``commitment``: that the applicant has signed a commitment 承诺书 to supply a deferred paper by its day.
    """

    id: Code
    originals: Count = 0
    copies: Count = 0
    taken_as: Code | None = None
    deferred_until: Day | None = None
    commitment: bool | None = None


class PersonNamed(Body):
    """A person the law wants verified: legal representative, shareholder, agent …"""

    role: PersonRole
    name: Name
    document_type: DocumentType
    document_number: Line
    share: float | int | Line | None = None
    identity_check: IdentityCheck | None = None
    signature: Line | bool | dict[Code, Line | bool | None] | None = None


class RecipientNamed(Body):
    """One of several who are to take the result; who collects is checked against them."""

    name: Name
    document_type: DocumentType | None = None
    document_number: Line | None = None
    phone: Line | None = None


class Delivery(Body):
    """How the result shall reach the applicant; ``window`` is the office where it is collected."""

    method: DeliveryMethod = "window"
    window: Code | None = None
    address: Prose | None = None
    recipients: Annotated[tuple[RecipientNamed, ...], Field(max_length=20, strict=False)] = ()


class Surrendered(Body):
    """An old licence handed in, or not and why."""

    kind: Line
    copy_no: Count | Line | None = None
    received: bool
    reason: Prose | None = None


class ApplicationBody(Body):
    """What the window sends: ``POST /api/cases``."""

    matter: Code
    place: Place
    particulars: Annotated[dict[Code, Line], Field(default_factory=dict)]
    applicant: Applicant
    agent: Agent | None = None
    materials: Annotated[tuple[PaperTaken, ...], Field(max_length=100, strict=False)] = ()
    form: Annotated[dict[Code, Prose | int | float | bool | None], Field(default_factory=dict)]
    people: Annotated[tuple[PersonNamed, ...], Field(max_length=200, strict=False)] = ()
    identity_check: IdentityCheck
    delivery: Delivery = Delivery()
    surrendered: Annotated[tuple[Surrendered, ...], Field(max_length=20, strict=False)] = ()
    resubmits: Line | None = None
    ticket_no: Line | None = None
    consent: Consent
    revision: int | None = None
    """The registry revision the client saw; 409 with the new routing card when it no longer holds."""
    window: Line | None = None

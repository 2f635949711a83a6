"""Documents 文书: what a window or an office hands to the applicant on paper, and which event each one stands for.

A document is a function of the events of its case: it needs no row of its own. An authority's decisions and notices
carry a number 文号 of the authority and year, given in the unit of work that records the act, so that the series has
no gap; the window's slips carry the reference of the case. Source: the forms of DB4406/T 14-2021 (annexes A to K),
行政许可法 §32, §38, §42, §45, 市场主体登记管理条例实施细则 §18, §19.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalogue.domain.case import Case, Event
from catalogue.domain.registry.model import Office, Registry
from catalogue.domain.registry.numbering import DOCUMENT, HOUSE_RULE, formed, rule_for
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import NATURES, label


class DocumentKind(Value, frozen=True):
    """One kind of document.

    ``by``: whose paper it is: accepting, home or collecting. ``served``: meant for the applicant, who may fetch it
    with number and query code. ``collection``: a window where the result is only collected needs it too. ``specimen``:
    a certificate in form, which only a demonstration composes, marked 样张; the real form belongs to the national
    authority and its own system.
    """

    code: str
    by: str
    served: bool = True
    collection: bool = False
    specimen: bool = False

    @property
    def word(self) -> str | None:
        """The nature 性质 in its number, as the vocabulary has it; None for a kind that bears no number."""
        return NATURES.get(self.code)


KINDS: Mapping[str, DocumentKind] = {
    kind.code: kind
    for kind in (
        DocumentKind("receipt", "accepting"),
        DocumentKind("consent", "accepting"),
        DocumentKind("window_return", "accepting"),
        DocumentKind("material_slip", "accepting", served=False),
        DocumentKind("acceptance", "home"),
        DocumentKind("correction_notice", "home"),
        DocumentKind("return_notice", "home"),
        DocumentKind("non_acceptance", "home"),
        DocumentKind("special_notice", "home"),
        DocumentKind("extension_notice", "home"),
        DocumentKind("grant_decision", "home"),
        DocumentKind("refusal_decision", "home"),
        DocumentKind("registration_notice", "home"),
        DocumentKind("registration_refusal", "home"),
        DocumentKind("termination_notice", "home"),
        DocumentKind("annulment_notice", "home"),
        DocumentKind("annulment_decision", "home"),
        DocumentKind("penalty_notice", "home"),
        DocumentKind("withdrawal_decision", "home"),
        DocumentKind("cancellation_decision", "home"),
        DocumentKind("result_slip", "collecting", collection=True),
        DocumentKind("certificate_copy", "home", collection=True, specimen=True),
        DocumentKind("printed_copy", "home", served=False, collection=True, specimen=True),
        DocumentKind("collection_notice", "collecting", collection=True),
        DocumentKind("service_receipt", "collecting", collection=True),
    )
}

_OF_EVENT: Mapping[str, tuple[str, ...]] = {
    "received": ("receipt", "consent"),
    "forwarded": ("material_slip",),
    "returned_at_window": ("window_return",),
    "accepted": ("acceptance",),
    "deemed_accepted": ("acceptance",),
    "correction_requested": ("correction_notice",),
    "returned_for_resubmission": ("return_notice",),
    "acceptance_declined": ("non_acceptance",),
    "special_procedure_started": ("special_notice",),
    "extension_approved": ("extension_notice",),
    "granted": ("grant_decision",),
    "refused": ("refusal_decision",),
    "terminated": ("termination_notice",),
    "certificate_made": ("result_slip", "certificate_copy", "collection_notice"),
    "certificate_rectified": ("result_slip", "certificate_copy", "collection_notice"),
    "copy_printed": ("printed_copy",),
    "annulment_proposed": ("annulment_notice",),
    "annulled": ("annulment_decision",),
    "penalty_recorded": ("penalty_notice",),
    "permit_withdrawn": ("withdrawal_decision",),
    "certificate_cancelled": ("cancellation_decision",),
    "handed_over": ("service_receipt",),
    "served": ("service_receipt",),
}
_REGISTRATION = {"grant_decision": "registration_notice", "refusal_decision": "registration_refusal"}
"""What a registrar calls its decisions (DJXZ §18, §19)."""


class Document(Value, frozen=True):
    """One document of a case, made by the event ``seq``; ``number`` is its 文号 where its kind has one."""

    kind: DocumentKind
    seq: int
    number: str | None
    organ: str | None = None
    """The authority in whose series the number stands; another than the home one where the superior decided."""

    @property
    def id(self) -> str:
        """Unique within the case, and the same for ever."""
        return f"{self.kind.code.replace('_', '-')}-{self.seq}"

    @property
    def title(self) -> Text:
        """What it is called."""
        return label("documents", self.kind.code)


def kinds_of(type_: str, procedure: str, state: str | None) -> tuple[DocumentKind, ...]:
    """The kinds of document that an event stands for in a case of that procedure."""
    codes = [
        _REGISTRATION.get(code, code) if procedure == "registration" else code for code in _OF_EVENT.get(type_, ())
    ]
    if type_ == "granted" and state == "cert_ready":
        # Nothing is to be made: the notice itself waits at the window.
        codes.append("collection_notice")
    if type_ == "post_reported" and state == "collected":
        # 邮寄送达: the date on the carrier's receipt is the day of service.
        codes.append("service_receipt")
    return tuple(KINDS[code] for code in codes)


def documents_of(case: Case, events: Iterable[Event], *, demo: bool = False) -> tuple[Document, ...]:
    """Every document of a case in the order of its events. A number is there where the act was given one.

    Certificates in form only in a demonstration.
    """
    return tuple(
        Document(kind, event.seq, *(_numbered(event) if kind.word else (None, None)))
        for event in events
        for kind in kinds_of(event.type, case.procedure, event.clear.get("state"))
        if demo or not kind.specimen
    )


def _numbered(event: Event) -> tuple[str | None, str | None]:
    given = event.clear.get("document", {})
    return given.get("number"), event.clear.get("organ")


def office_of(document: Document, case: Case) -> str | None:
    """The id of the office whose document it is."""
    if document.organ is not None:
        return document.organ
    if document.kind.by == "collecting":
        return case.delivery_office or case.accepting_office
    return case.office_of(document.kind.by)


def numbered_kind(type_: str, procedure: str, state: str | None) -> DocumentKind | None:
    """The kind whose number an event takes from the series of its authority, None where it takes none."""
    return next((kind for kind in kinds_of(type_, procedure, state) if kind.word), None)


def document_number(registry: Registry, office: Office, kind: DocumentKind, year: int, serial: int) -> tuple[str, str]:
    """The 文号 of a document, and the id of the rule of the registry that formed it."""
    rule = rule_for(registry, office, DOCUMENT, kind.code) or HOUSE_RULE
    return formed(rule, registry, office, kind.word or "", year, serial), rule.id

"""Asked once is enough 填过的不再问: what an earlier case of the same applicant holds, filled in on the clerk's word.

Earlier cases are found by the exact document number among what the account may see. Filling one in unmasks it, and the
access log says why.
"""

from __future__ import annotations

from typing import Any

from catalogue.domain.numbers import parse_reference
from catalogue.domain.personal_data import normal_document
from catalogue.domain.problems import NotAllowed, NotFound
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.handling import read_case, unmask
from catalogue.service.listing import list_cases, query_of
from catalogue.service.papers import papers
from catalogue.service.ports import Work
from catalogue.web.access import visitor_of
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.workbench.intake_form import RECIPIENTS, Filled

MOST = 3
SHORTEST = 5
"""A number shorter than this is no document's."""

REASON = "窗口收件：申请人再次申请，当面同意后填入以前办件的信息"
CARRIED = "窗口收件：退回的办件重新提交，带入原件"
RETURNING = ("returned_for_resubmission", "returned_at_window", "correction_requested")


class Earlier(Value, frozen=True):
    """A case of the same document number; its personal data stay masked."""

    reference: str
    matter: Text
    who: str
    received_on: str


async def earlier_cases(request: AnyRequest, number: str) -> tuple[Earlier, ...]:
    """Cases in which this document number stands, the newest first."""
    wanted = normal_document(number)
    if len(wanted) < SHORTEST:
        return ()
    edge = edge_of(request)
    actor = visitor_of(request).actor
    asked = query_of(
        queue=None, state=None, matter=None, region=None, q=wanted, cursor=None, limit=50, house=edge.house
    )
    lines, _ = await edge.read(lambda work: list_cases(work, edge.house, actor, asked))
    lines.sort(key=lambda line: str(line["received_on"]), reverse=True)
    return tuple(
        Earlier(
            line["reference"],
            Text(**(line["matter"]["name"] or {"zh": line["matter"]["id"], "en": line["matter"]["id"]})),
            line["applicant"],
            str(line["received_on"]),
        )
        for line in lines[:MOST]
    )


async def fill_from(request: AnyRequest, filled: Filled, about: str) -> Text:
    """Fill what is still empty from that case; what to tell the clerk."""
    found = await _in_clear(request, about, REASON)
    if isinstance(found, Text):
        return found
    case, scanned = found
    number = normal_document(filled("applicant.document_number"))
    if not _fill(filled, case["dossier"], number):
        return Text(
            "该办件里没有这个证件号码，未填入", "That case does not hold this document number; nothing was filled in"
        )
    if _is_applicant(case["dossier"], number):
        _fill_people(filled, case["dossier"], checked=False)
        _fill_scanned(request, filled, case["reference"], scanned)
    return Text(
        "已填入以前办件的信息，请与申请人当面核对；人员须重新核验。此次查看已记入日志。",
        "Filled in from the earlier case: go through it with the applicant and verify the people anew. The look was "
        "logged.",
    )


async def carry_from(request: AnyRequest, filled: Filled, about: str) -> Text:
    """Begin the resubmission 重新提交 of a returned case with all that it holds; what to tell the clerk."""
    found = await _in_clear(request, about, CARRIED)
    if isinstance(found, Text):
        return found
    case, _ = found
    dossier, applicant = case["dossier"], case["dossier"].get("applicant", {})
    filled.set("resubmits", case["reference"])
    filled.set("matter", case["matter"]["id"])
    filled.set("matter_q", "")
    filled.set("place", case["place"])
    filled.set("place_q", "")
    for group, values in (
        ("particulars", case["particulars"]),
        ("applicant", applicant),
        ("agent", dossier.get("agent", {})),
        ("form", dossier.get("form", {})),
        ("delivery", dossier.get("delivery", {})),
    ):
        for key, value in values.items():
            if not isinstance(value, bool | dict | list):
                filled.offer(f"{group}.{key}", value)
    _fill_people(filled, dossier, checked=True)
    _fill_wishes(filled, dossier)
    for row, licence in enumerate(dossier.get("surrendered", ())):
        for key, value in licence.items():
            filled.offer(f"surrendered.{row}.{key}", "1" if value is True else None if value is False else value)
    asked = asked_in(case)
    for line in case["materials"]:
        if line["id"] in asked or line["deferred_until"]:
            continue
        for key in ("originals", "copies", "taken_as"):
            if line[key] is not None:
                filled.set(f"materials.{line['id']}.{key}", str(line[key]))
        filled.set(f"materials.{line['id']}.taken", "1")
    return Text(
        "已带入退回的办件，扫描件随收件一并带过来。请补上退回时要求的内容，再核对一遍；此次查看已记入日志。",
        "The returned case was carried over, its scans follow. Add what was asked for and go through it. The look was "
        "logged.",
    )


async def asked_for(request: AnyRequest, about: str) -> dict[str, list[str]]:
    """What a returned case was sent back for, by the id of a paper; under ``""`` what concerns none."""
    edge = edge_of(request)
    actor = visitor_of(request).actor
    reference = parse_reference(about[:40])
    if reference is None:
        return {}
    try:
        case, _ = await edge.read(lambda work: read_case(work, edge.house, actor, reference))
    except NotFound:
        return {}
    return asked_in(case)


def asked_in(case: dict[str, Any]) -> dict[str, list[str]]:
    """The one list of what was missing, from the last event that gave one."""
    for event in reversed(case["events"]):
        items = event["particulars"].get("items")
        if event["type"] in RETURNING and items:
            asked: dict[str, list[str]] = {}
            for item in items:
                asked.setdefault(item.get("material", ""), []).append(item["text"])
            return asked
    return {}


async def _in_clear(request: AnyRequest, about: str, reason: str) -> tuple[dict[str, Any], frozenset[str]] | Text:
    """A case with its personal data, the look logged with its reason, and the papers of which it holds scans."""
    edge = edge_of(request)
    actor = visitor_of(request).actor
    reference = parse_reference(about[:40])
    if reference is None:
        return Text("没有找到这个办件", "No such case")

    def look(work: Work) -> tuple[dict[str, Any], frozenset[str]]:
        case, _ = unmask(work, edge.house, actor, reference, {"reason": reason})
        return case, frozenset(file.material for file in papers(work, actor, reference) if file.material)

    try:
        return await edge.write(look)
    except (NotFound, NotAllowed) as problem:
        return problem.detail


def _is_applicant(dossier: dict[str, Any], number: str) -> bool:
    applicant = dossier.get("applicant")
    return applicant is not None and normal_document(str(applicant["document_number"])) == number


def _fill(filled: Filled, dossier: dict[str, Any], number: str) -> bool:
    """Only what belongs to that document number, and the answers to fields of the same name."""
    people = [dossier.get("applicant"), dossier.get("agent"), *dossier.get("people", ())]
    mine = [person for person in people if person and normal_document(str(person["document_number"])) == number]
    if not mine or not number:
        return False
    for person in mine:
        for key in ("kind", "name", "phone", "email", "unified_code"):
            filled.offer(f"applicant.{key}", person.get(key))
    filled.set("applicant.document_type", str(mine[0]["document_type"]))
    if dossier.get("applicant") in mine:
        for key, value in dossier.get("form", {}).items():
            if not isinstance(value, bool):
                filled.offer(f"form.{key}", value)
        filled.offer("delivery.address", dossier.get("delivery", {}).get("address"))
    return True


def _fill_wishes(filled: Filled, dossier: dict[str, Any]) -> None:
    """Whether notices may go by e-mail, and who is to take the result."""
    for who in ("applicant", "agent"):
        filled.offer(f"{who}.email_notices", "1" if dossier.get(who, {}).get("email_notices") else None)
    for row, person in enumerate(dossier.get("delivery", {}).get("recipients", ())):
        for key, value in person.items():
            filled.offer(f"{RECIPIENTS}.{row}.{key}", value)


def _fill_people(filled: Filled, dossier: dict[str, Any], *, checked: bool) -> None:
    """The people of a case where nobody was typed yet; with ``checked`` also how each was verified."""
    typed = (
        filled(f"people.{row}.{key}") for row in filled.rows("people") for key in ("name", "document_number", "same")
    )
    people = dossier.get("people", ())
    if any(typed) or not people:
        return
    filled.drop("people.")
    number = normal_document(filled("applicant.document_number"))
    for row, person in enumerate(people):
        prefix = f"people.{row}"
        filled.set(f"{prefix}.role", str(person["role"]))
        filled.offer(f"{prefix}.share", person.get("share"))
        if normal_document(str(person["document_number"])) == number:
            filled.set(f"{prefix}.same", "1")
        else:
            for key in ("name", "document_type", "document_number"):
                filled.set(f"{prefix}.{key}", str(person[key]))
        check = person.get("identity_check") if checked else None
        if check:
            filled.set(f"{prefix}.identity_check", check["method"])
            filled.set(f"{prefix}.checked", f"{check['method']} {check['at']}")


def _fill_scanned(request: AnyRequest, filled: Filled, reference: str, scanned: frozenset[str]) -> None:
    """Offer the scans of the earlier case for the same papers of the matter at hand."""
    matter = edge_of(request).house.in_force().registry.matters.get(filled("matter"))
    for paper in matter.materials if matter else ():
        control = f"materials.{paper.id}"
        if paper.id in scanned and not filled(f"{control}.taken"):
            filled.set(f"{control}.reuse", reference)
            filled.set(f"{control}.taken", "1")
            filled.set(f"{control}.originals", "0")
            filled.set(f"{control}.copies", "0")
            filled.set(f"{control}.taken_as", "shared")

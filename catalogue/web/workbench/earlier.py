"""Asked once is enough 填过的不再问: what an earlier case of the same applicant holds, filled in on the clerk's word.

Earlier cases are found by the exact document number among what the account may see. Filling one in unmasks it, and the
access log says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalogue.domain.numbers import parse_reference
from catalogue.domain.people import normal_document
from catalogue.domain.problems import NotAllowed, NotFound, Problem
from catalogue.domain.text import Text
from catalogue.service.handling import unmask
from catalogue.service.listing import list_cases, query_of
from catalogue.web.access import visitor_of
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.workbench.intake_form import Filled

MOST = 3
SHORTEST = 5
"""A number shorter than this is no document's."""

REASON = "窗口收件：申请人再次申请，当面同意后填入以前办件的信息"


@dataclass(frozen=True, slots=True)
class Earlier:
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
    edge = edge_of(request)
    actor = visitor_of(request).actor
    reference = parse_reference(about[:40])
    if reference is None:
        return Text("没有找到这个办件", "No such case")
    try:
        case, _ = await edge.write(lambda work: unmask(work, edge.house, actor, reference, {"reason": REASON}))
    except (NotFound, NotAllowed) as problem:
        return problem.detail
    except Problem:
        raise
    number = normal_document(filled("applicant.document_number"))
    if not _fill(filled, case["dossier"], number):
        return Text(
            "该办件里没有这个证件号码，未填入", "That case does not hold this document number; nothing was filled in"
        )
    return Text(
        "已填入以前办件的信息，请与申请人当面核对；此次查看已记入日志。",
        "Filled in from the earlier case: go through it with the applicant. The look was logged.",
    )


def _fill(filled: Filled, dossier: dict[str, Any], number: str) -> bool:
    """Only what belongs to that document number, and the answers to fields of the same name."""
    people = [dossier.get("applicant"), dossier.get("agent"), *dossier.get("people", ())]
    mine = [person for person in people if person and normal_document(str(person["document_number"])) == number]
    if not mine or not number:
        return False
    for person in mine:
        for key in ("kind", "name", "phone", "unified_code"):
            filled.offer(f"applicant.{key}", person.get(key))
    filled.set("applicant.document_type", str(mine[0]["document_type"]))
    if dossier.get("applicant") in mine:
        for key, value in dossier.get("form", {}).items():
            if not isinstance(value, bool):
                filled.offer(f"form.{key}", value)
        filled.offer("delivery.address", dossier.get("delivery", {}).get("address"))
    return True

"""The catalogue for others: CPSV-AP 3.2 (Core Public Service Vocabulary) as JSON-LD, and a plain table as CSV.

The JSON-LD carries its own small context, so a reader needs no other address. What is unknown is left out, never 0.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from catalogue.domain.registry.model import Matter, Office, Registry, Result
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label

CONTEXT: dict[str, Any] = {
    "cpsv": "http://purl.org/vocab/cpsv#",
    "cv": "http://data.europa.eu/m8g/",
    "dct": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "eli": "http://data.europa.eu/eli/ontology#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
BASE = "urn:cn:kuaqu:"
DIVISIONS = "urn:cn:gbt2260:"


def as_jsonld(registry: Registry) -> dict[str, Any]:
    """The matters as public services with their authorities, papers, results, laws and costs."""
    authorities = [_authority(office) for office in registry.offices.values()]
    areas = sorted({office.division for office in registry.offices.values()})
    return {
        "@context": CONTEXT,
        "@graph": [
            *(_service(registry, matter) for matter in registry.matters.values()),
            *authorities,
            *({"@id": f"{DIVISIONS}{code}", "@type": "dct:Location", "dct:identifier": code} for code in areas),
        ],
    }


def _words(text: Text) -> list[dict[str, str]]:
    return [{"@value": text.zh, "@language": "zh"}, {"@value": text.en, "@language": "en"}]


def _authority(office: Office) -> dict[str, Any]:
    return {
        "@id": f"{BASE}office:{office.id}",
        "@type": "cv:PublicOrganisation",
        "dct:identifier": office.id,
        "skos:prefLabel": _words(office.name),
        "dct:spatial": {"@id": f"{DIVISIONS}{office.division}"},
    }


def deciding_offices(registry: Registry, matter: Matter) -> list[Office]:
    """The offices of the levels that decide the matter, in the cities that offer it."""
    levels = {rule.level for rule in matter.decided_by.levels}
    return [
        office
        for office in registry.offices.values()
        if office.level in levels and registry.overlay(office.region, matter.id).available
    ]


def _service(registry: Registry, matter: Matter) -> dict[str, Any]:
    service: dict[str, Any] = {
        "@id": f"{BASE}matter:{matter.id}",
        "@type": "cpsv:PublicService",
        "dct:identifier": matter.id,
        "dct:title": _words(matter.name),
        "dct:description": _words(_description(registry, matter)),
        "dcat:keyword": [{"@value": alias, "@language": "zh"} for alias in matter.aliases],
        "cv:hasCompetentAuthority": [
            {"@id": f"{BASE}office:{office.id}"} for office in deciding_offices(registry, matter)
        ],
        "cpsv:hasInput": [
            {
                "@id": f"{BASE}matter:{matter.id}:material:{material.id}",
                "@type": "cv:Evidence",
                "dct:identifier": material.id,
                "dct:title": _words(material.name),
            }
            for material in matter.materials
        ],
        "cpsv:produces": [_output(matter, index, result) for index, result in enumerate(matter.results, 1)],
        "cv:hasLegalResource": [
            {
                "@id": f"{BASE}matter:{matter.id}:law:{index}",
                "@type": "eli:LegalResource",
                "eli:title": {"@value": " ".join((law.title, *law.articles)), "@language": "zh"},
            }
            for index, law in enumerate(matter.legal_basis, 1)
        ],
    }
    if matter.limits.statutory_days is not None:
        # Working days, which xsd:duration cannot say: the description says so.
        service["cv:processingTime"] = {"@value": f"P{matter.limits.statutory_days}D", "@type": "xsd:duration"}
    if matter.fee.charged is False:
        service["cv:hasCost"] = {
            "@id": f"{BASE}matter:{matter.id}:cost",
            "@type": "cv:Cost",
            "dct:identifier": f"{matter.id}-cost",
            "cv:value": {"@value": "0", "@type": "xsd:decimal"},
        }
    return service


def _output(matter: Matter, index: int, result: Result) -> dict[str, Any]:
    return {
        "@id": f"{BASE}matter:{matter.id}:result:{index}",
        "@type": "cv:Output",
        "dct:identifier": f"{matter.id}-{index}",
        "dct:title": _words(result.document),
    }


def _description(registry: Registry, matter: Matter) -> Text:
    procedure = label("procedures", matter.procedure)
    zh = f"{matter.name.zh}（{procedure.zh}）。{registry.note.zh}"
    en = f"{matter.name.en} ({procedure.en}). {registry.note.en}"
    if matter.limits.statutory_days is not None:
        zh = f"法定办结期限{matter.limits.statutory_days}个工作日。{zh}"
        en = f"Statutory limit: {matter.limits.statutory_days} working days. {en}"
    return Text(zh, en)


COLUMNS = (
    "id", "name_zh", "name_en", "category", "type", "procedure", "mode", "item_code", "business_item_code",
    "statutory_days", "promised_days", "extension_days", "place", "levels", "materials", "results", "fee",
    "laws",
)  # fmt: skip


def as_csv(registry: Registry) -> str:
    """One row a matter, with a BOM so that spreadsheet programs read the Chinese; unknown is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for matter in registry.matters.values():
        limits = matter.limits
        row = (
            matter.id,
            matter.name.zh,
            matter.name.en,
            matter.category,
            matter.type,
            matter.procedure.value,
            matter.mode.value,
            matter.codes.item,
            matter.codes.business_item,
            limits.statutory_days,
            limits.promised_days,
            limits.extension_days,
            matter.decided_by.place.value,
            " ".join(rule.level.value for rule in matter.decided_by.levels),
            "；".join(material.name.zh for material in matter.materials),
            "；".join(result.document.zh for result in matter.results),
            {None: None, True: "收费", False: "不收费"}[matter.fee.charged],
            "；".join(" ".join((law.title, *law.articles)) for law in matter.legal_basis),
        )
        writer.writerow(["" if value is None else _cell(str(value)) for value in row])
    return f"\ufeff{out.getvalue()}"


def _cell(text: str) -> str:
    """A cell that a spreadsheet program takes for text and never for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text

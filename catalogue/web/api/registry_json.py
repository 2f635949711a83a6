"""The registry as JSON: everything in both languages, unknown as null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.domain.days import local_time
from catalogue.domain.registry.model import Condition, Field, Material, Matter, Office, Provenance, Registry
from catalogue.domain.registry.revision import Revision
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label


def text(value: Text | None) -> dict[str, str] | None:
    return None if value is None else value.as_json()


def _when(condition: Condition) -> dict[str, list[str]]:
    return {key: list(values) for key, values in condition.items()}


def matter_line(registry: Registry, matter: Matter) -> dict[str, Any]:
    """A matter as the catalogue lists it."""
    return {
        "id": matter.id,
        "name": matter.name.as_json(),
        "aliases": list(matter.aliases),
        "category": matter.category,
        "type": matter.type,
        "procedure": matter.procedure.value,
        "mode": matter.mode.value,
        "decided_by": matter.decided_by.place.value,
        "cities": [region for region in registry.regions if registry.overlay(region, matter.id).available],
    }


def _material(material: Material) -> dict[str, Any]:
    return {
        "id": material.id,
        "name": material.name.as_json(),
        "required": material.required,
        "when": _when(material.when),
        "condition": text(material.condition),
        "originals": material.originals,
        "copies": material.copies,
        "deferrable": material.deferrable,
        "pledge_check_days": material.pledge_check_days,
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "key": field.key,
        "label": field.label.as_json(),
        "type": field.type,
        "required": field.required,
        "choices": [{"value": choice.value, "label": choice.label.as_json()} for choice in field.choices],
    }


def office_line(office: Office) -> dict[str, Any]:
    return {
        "id": office.id,
        "name": office.name.as_json(),
        "level": office.level.value,
        "division": office.division,
        "phone": office.phone,
        "address": office.address,
        "parent": office.parent,
        "hours": text(office.hours),
        "windows": [{"id": w.id, "name": w.name.as_json(), "phone": w.phone} for w in office.windows],
        "successor": office.successor,
    }


def matter_json(registry: Registry, matter: Matter) -> dict[str, Any]:
    """A matter whole, with what each city declares differently and where each fact comes from."""
    limits = matter.limits
    return {
        **matter_line(registry, matter),
        "type_label": label("matter_types", matter.type).as_json(),
        "procedure_label": label("procedures", matter.procedure.value).as_json(),
        "fallback_mode": None if matter.fallback_mode is None else matter.fallback_mode.value,
        "codes": {
            "item": matter.codes.item,
            "item_name": matter.codes.item_name,
            "sub_item": matter.codes.sub_item,
            "business_item": matter.codes.business_item,
            "note": matter.codes.note,
        },
        "legal_basis": [
            {
                "title": basis.title,
                "articles": list(basis.articles),
                "valid_from": None if basis.valid_from is None else basis.valid_from.isoformat(),
                "confidence": basis.confidence.value,
            }
            for basis in matter.legal_basis
        ],
        "limits": {
            "notice_days": limits.notice_days,
            "statutory_days": limits.statutory_days,
            "promised_days": limits.promised_days,
            "extension_days": limits.extension_days,
            "deliver_days": limits.deliver_days,
        },
        "levels": [
            {
                "level": rule.level.value,
                "when": _when(rule.when),
                "confidence": rule.confidence.value,
                "note": rule.note,
            }
            for rule in matter.decided_by.levels
        ],
        "applicant_kinds": list(matter.applicant_kinds),
        "particulars": [
            {
                "key": particular.key,
                "label": particular.label.as_json(),
                "choices": [{"value": choice.value, "label": choice.label.as_json()} for choice in particular.choices],
            }
            for particular in matter.particulars
        ],
        "form": [_field(field) for field in matter.form],
        "materials": [_material(material) for material in matter.materials],
        "results": [
            {"document": result.document.as_json(), "kind": result.kind, "validity_years": result.validity_years}
            for result in matter.results
        ],
        "fee": {"charged": matter.fee.charged, "note": text(matter.fee.note)},
        "on_the_spot": matter.on_the_spot,
        "substance_check": matter.substance_check,
        "family": matter.family,
        "regions": {region: _overlay(registry, region, matter.id) for region in registry.regions},
        "provenance": _bases(matter.provenance),
    }


def _bases(held: Mapping[str, Provenance]) -> dict[str, Any]:
    return {
        path: {"confidence": entry.confidence.value, "sources": list(entry.sources), "note": entry.note}
        for path, entry in held.items()
    }


def _overlay(registry: Registry, region: str, matter: str) -> dict[str, Any]:
    overlay = registry.overlay(region, matter)
    return {
        "available": overlay.available,
        "promised_days": overlay.promised_days,
        "acceptance": (overlay.acceptance or registry.regions[region].acceptance).value,
        "mode": None if overlay.mode is None else overlay.mode.value,
        "extra_materials": [_material(material) for material in overlay.extra_materials],
        "contact": overlay.contact,
        "note": overlay.note,
        "provenance": _bases(overlay.provenance),
    }


def registry_json(revision: Revision) -> dict[str, Any]:
    """What is in force: number, digest, times, the provenance note; regions with their offices."""
    registry = revision.registry
    return {
        "number": revision.number,
        "digest": revision.digest,
        "effective_from": local_time(revision.effective_from),
        "published_at": local_time(revision.published_at),
        "title": registry.title.as_json(),
        "note": registry.note.as_json(),
        "as_of": registry.as_of.isoformat(),
        "matters": len(registry.matters),
        "categories": [
            {"id": category.id, "name": category.name.as_json()} for category in registry.categories.values()
        ],
        "regions": [
            {
                "id": region.id,
                "name": region.name.as_json(),
                "short": region.short.as_json(),
                "division": region.division,
                "handler": region.handler,
                "calendar": region.calendar,
                "offices": [office_line(office) for office in region.offices],
            }
            for region in registry.regions.values()
        ],
    }

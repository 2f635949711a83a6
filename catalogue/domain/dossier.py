"""The dossier of a case: names, papers, form and remarks, which live in the sealed parts of its events.

The dossier is a fold like the case itself: what was received, with every later correction of an entry laid over it.
``masked`` gives what an account sees before it unmasks; ``entry`` and ``with_entry`` read and set one value by path.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from catalogue.domain.case import Event
from catalogue.domain.personal_data import mask_address, mask_document, mask_email, mask_name, mask_phone
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.registry.model import Matter
from catalogue.domain.text import Text

SECTIONS = ("applicant", "agent", "people", "form", "identity_check", "delivery", "surrendered", "ticket_no")
"""The parts of an application that are sealed."""

CORRECTABLE = frozenset({"applicant", "agent", "people", "form", "delivery", "surrendered", "ticket_no"})

_MASKS = {
    "name": mask_name,
    "document_number": mask_document,
    "phone": mask_phone,
    "email": mask_email,
    "address": mask_address,
    "collector": mask_name,
}


def dossier_of(events: Iterable[Event]) -> dict[str, Any]:
    """What is known of the application now; empty when the case was erased."""
    dossier: dict[str, Any] = {}
    for event in events:
        if event.type == "received":
            dossier = {key: copy.deepcopy(event.sealed[key]) for key in SECTIONS if key in event.sealed}
        elif event.type == "entry_corrected" and "path" in event.sealed:
            dossier = with_entry(dossier, event.sealed["path"], event.sealed["value"])
    return dossier


def dotted(path: str) -> str:
    """``/applicant/name`` and ``applicant.name`` are the same path."""
    return path.strip("/").replace("/", ".")


def _no_such(path: str) -> InvalidInput:
    return InvalidInput(
        errors=(Fault("path", "unknown-path", Text(f"没有可更正的项目 {path}", f"There is no entry {path} to mend")),)
    )


def entry(dossier: Mapping[str, Any], path: str) -> Any:
    """The value at a path such as ``people.0.name``; None where an optional value was not given."""
    value: Any = dossier
    parts = path.split(".")
    for index, part in enumerate(parts):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, Mapping):
            if part not in value:
                if index == len(parts) - 1 and index > 0:
                    return None
                raise _no_such(path)
            value = value[part]
        else:
            raise _no_such(path)
    return value


def with_entry(dossier: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with one value set. Raises InvalidInput where the path leads nowhere."""
    changed = copy.deepcopy(dict(dossier))
    target: Any = changed
    parts = path.split(".")
    for part in parts[:-1]:
        if isinstance(target, list) and part.isdigit() and int(part) < len(target):
            target = target[int(part)]
        elif isinstance(target, dict) and part in target:
            target = target[part]
        else:
            raise _no_such(path)
    last = parts[-1]
    if isinstance(target, list) and last.isdigit() and int(last) < len(target):
        target[int(last)] = value
    elif isinstance(target, dict):
        target[last] = value
    else:
        raise _no_such(path)
    return changed


def is_enterprise(applicant: Mapping[str, Any]) -> bool:
    """Whether the applicant's name is an enterprise's, which is public, and not a person's."""
    return applicant.get("kind") != "natural_person"


def title_of(dossier: Mapping[str, Any], matter: Matter) -> str | None:
    """The clear name a case is listed and found under: the enterprise of the form, else an applicant enterprise."""
    form = dossier.get("form", {})
    for field in matter.form:
        if field.searchable and not field.personal and isinstance(form.get(field.key), str):
            return str(form[field.key])
    applicant = dossier.get("applicant", {})
    return str(applicant["name"]) if applicant and is_enterprise(applicant) else None


def label_of(dossier: Mapping[str, Any]) -> str:
    """What lists show for the applicant: an enterprise's name, a person's name masked."""
    applicant = dossier.get("applicant", {})
    if not applicant:
        return ""
    name = str(applicant["name"])
    return name if is_enterprise(applicant) else mask_name(name)


def identifiers(dossier: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(kind, value as typed) of everything personal a case may be found by: names, documents, telephones."""
    found: dict[tuple[str, str], None] = {}
    people = [dossier.get("applicant"), dossier.get("agent"), *dossier.get("people", ())]
    for person in people:
        if not person:
            continue
        for kind, key in (
            ("name", "name"),
            ("document", "document_number"),
            ("phone", "phone"),
            ("document", "unified_code"),
        ):
            if person.get(key):
                found[kind, str(person[key])] = None
    return tuple(found)


def masked(dossier: Mapping[str, Any], matter: Matter) -> dict[str, Any]:
    """The dossier with personal data masked, names of enterprises clear."""
    clear: dict[str, Any] = _mask(dossier)
    applicant = dossier.get("applicant")
    if applicant and is_enterprise(applicant):
        clear["applicant"]["name"] = applicant["name"]
    form = dossier.get("form", {})
    personal = {field.key for field in matter.form if field.personal}
    known = {field.key for field in matter.form}
    clear["form"] = {
        key: mask_address(str(value)) if key in personal or key not in known else value for key, value in form.items()
    }
    return clear


def _mask(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _MASKS[key](str(inner)) if key in _MASKS and isinstance(inner, str) else _mask(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_mask(inner) for inner in value]
    return value

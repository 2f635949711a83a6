"""One matter as merged, each value with where it stands: in the matter, its family or a city's overlay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalogue.domain.problems import InvalidRegistry, NotFound
from catalogue.domain.registry.merging import merged
from catalogue.domain.registry.reader import read_document
from catalogue.domain.registry.schema import MATTER
from catalogue.domain.registry.words import field_name
from catalogue.domain.text import Text
from catalogue.domain.value import Value

_BY_KEY = ("codes", "limits", "provenance", "decided_by", "fee")
_NOT_SHOWN = ("zh", "en")
_ORDER = tuple(MATTER.entries)


class Shown(Value, frozen=True):
    """One value of a merged matter. ``origin``: ``matter``, ``family ID`` or ``overlay REGION``.

    ``basis`` is the provenance of the fact as it stands in the file; None for what is no fact (ids, aliases).
    """

    path: str
    label: Text
    value: Any
    origin: str
    basis: str | None

    def as_json(self) -> dict[str, Any]:
        """The shape of ``catalogue registry show --json``."""
        return {
            "path": self.path,
            "label": self.label.as_json(),
            "value": self.value,
            "origin": self.origin,
            "provenance": self.basis,
        }


def show_matter(data: bytes, file: str, matter: str, region: str | None = None) -> tuple[Shown, ...]:
    """The matter of a file as merged, for a city where one is named.

    Raises InvalidRegistry (with the findings) and NotFound (no such matter or region).
    """
    document, found = read_document(data, file)
    if document is None or found:
        raise InvalidRegistry(findings=found)
    own = next((item for item in document["matters"] if item["id"] == matter), None)
    if own is None:
        raise NotFound(Text(f"没有事项 {matter}", f"There is no matter {matter}"))
    family = next((item for item in document.get("families", ()) if item["id"] == own.get("family")), None)
    city = None
    if region is not None:
        city = next((item for item in document["regions"] if item["id"] == region), None)
        if city is None:
            raise NotFound(Text(f"没有地区 {region}", f"There is no region {region}"))
    return show_block(own, family, city)


def show_block(
    own: Mapping[str, Any], family: Mapping[str, Any] | None, city: Mapping[str, Any] | None
) -> tuple[Shown, ...]:
    """The same of plain blocks."""
    return tuple(_rows(own, family, city))


def _rows(own: Mapping[str, Any], family: Mapping[str, Any] | None, city: Mapping[str, Any] | None) -> Iterator[Shown]:
    full = merged(own, family)
    bases: Mapping[str, str] = full.get("provenance", {})
    yield Shown("id", Text("代号", "id"), own["id"], "matter", None)
    yield Shown("name", field_name("name"), {"zh": own["zh"], "en": own["en"]}, "matter", bases.get("name"))
    overlay = dict((city.get("overlays") or {}).get(own["id"], {})) if city else {}
    said: Mapping[str, str] = overlay.pop("provenance", {})
    for key in sorted(full, key=_ORDER.index):
        value = full[key]
        if key in ("id", *_NOT_SHOWN, "provenance"):
            continue
        if key in _BY_KEY and isinstance(value, dict):
            for name, inner in value.items():
                path = f"{key}.{name}"
                origin = _origin(own, family, key, name)
                basis = bases.get(path) or bases.get(key)
                if path == "limits.promised_days" and overlay.get("promised_days") is not None and city:
                    inner, origin = overlay.pop("promised_days"), f"overlay {city['id']}"
                    basis = said.get("promised_days")
                yield Shown(path, field_name(path), inner, origin, basis)
        elif key == "mode" and overlay.get("mode") and city:
            yield Shown(key, field_name(key), overlay.pop("mode"), f"overlay {city['id']}", said.get("mode"))
        else:
            yield Shown(key, field_name(key), value, _origin(own, family, key), bases.get(key))
    if city is not None:
        for key, value in overlay.items():
            yield Shown(key, field_name(key), value, f"overlay {city['id']}", said.get(key))
        if "acceptance" not in overlay:
            yield Shown("acceptance", field_name("acceptance"), city["acceptance"], f"region {city['id']}", None)


def _origin(own: Mapping[str, Any], family: Mapping[str, Any] | None, key: str, name: str | None = None) -> str:
    stated = own.get(key, {}) if name else own
    wanted = name or key
    if key == "decided_by" and key in own:
        return "matter"
    if family is None or (isinstance(stated, dict) and wanted in stated):
        return "matter"
    return f"family {family['id']}"

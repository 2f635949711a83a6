"""What the programme covers: matter × city, and the facts that nobody has verified yet.

Read from the registry alone, without routing: the proof that each place has exactly one office is ``check_registry``.
A gap is a level of decision for which a city lists no office, wholly or for some of its divisions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from catalogue.domain.registry.model import (
    NO_OVERLAY,
    NOT_KNOWN,
    Acceptance,
    Confidence,
    Level,
    Matter,
    Mode,
    Overlay,
    Provenance,
    Region,
    Registry,
)
from catalogue.domain.registry.schema import OVERLAID
from catalogue.domain.value import Value

UNVERIFIED = (Confidence.ASSUMED, Confidence.UNKNOWN)


class Cell(Value, frozen=True):
    """One matter in one city. ``promised_days`` None is unknown; ``own`` says whether the city declares anything."""

    offered: bool
    mode: Mode
    promised_days: int | None
    acceptance: Acceptance
    levels: tuple[Level, ...]
    missing: tuple[str, ...]
    """Codes of divisions that no office of a deciding level answers for."""
    own: bool


class Fact(Value, frozen=True):
    """A fact that is assumed or unknown. ``path`` as in the file, like ``decided_by.levels[0]``.

    ``region``: where a city declares it differently.
    """

    matter: str
    path: str
    basis: Provenance
    region: str | None = None


class Coverage:
    """The matrix of one registry; what each city lacks is worked out once."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._lacking: dict[tuple[str, Level], tuple[str, ...]] = {}

    def cell(self, matter: Matter, region: Region) -> Cell:
        """That matter in that city."""
        overlay = self.registry.overlay(region.id, matter.id)
        levels = tuple(dict.fromkeys(rule.level for rule in matter.decided_by.levels))
        promised = matter.limits.promised_days if overlay.promised_days is None else overlay.promised_days
        return Cell(
            offered=overlay.available,
            mode=overlay.mode or matter.mode,
            promised_days=promised,
            acceptance=overlay.acceptance or region.acceptance,
            levels=levels,
            missing=tuple(dict.fromkeys(code for level in levels for code in self._lack(region, level)))
            if overlay.available
            else (),
            own=matter.id in region.overlays,
        )

    def gaps(self, matters: Iterable[Matter]) -> Iterator[tuple[Matter, Region, tuple[str, ...]]]:
        """Every matter and city with divisions that no office answers for."""
        for matter in matters:
            for region in self.registry.regions.values():
                missing = self.cell(matter, region).missing
                if missing:
                    yield matter, region, missing

    def _lack(self, region: Region, level: Level) -> tuple[str, ...]:
        known = self._lacking.get((region.id, level))
        if known is None:
            known = self._lacking[region.id, level] = tuple(_lack(region, level))
        return known


def _lack(region: Region, level: Level) -> Iterator[str]:
    """Divisions without an office of that level. The province is outside and answers everywhere."""
    if level is Level.PROVINCE:
        return
    answering = {office.division for office in region.offices if office.level is level}
    if level is Level.CITY:
        if not any(office.id == region.city_office and office.level is level for office in region.offices):
            yield region.division
        return
    yield from (division.code for division in region.divisions if division.code not in answering)


def unverified(matters: Iterable[Matter], wanted: tuple[Confidence, ...] = UNVERIFIED) -> Iterator[Fact]:
    """The facts of those matters that are only assumed or not known, in the order of the file."""
    for matter in matters:
        for path, basis in matter.provenance.items():
            if basis.confidence in wanted:
                yield Fact(matter.id, path, basis)
        for position, rule in enumerate(matter.decided_by.levels):
            if rule.confidence in wanted:
                yield Fact(matter.id, f"decided_by.levels[{position}]", rule.basis)


def unverified_of_cities(
    regions: Iterable[Region], matters: Collection[str], wanted: tuple[Confidence, ...] = UNVERIFIED
) -> Iterator[Fact]:
    """What cities declare differently for those matters that is only assumed, or that names no source."""
    for region in regions:
        for matter, overlay in region.overlays.items():
            if matter in matters:
                for key in _declared(overlay):
                    basis = overlay.provenance.get(key, NOT_KNOWN)
                    if basis.confidence in wanted:
                        yield Fact(matter, key, basis, region.id)


def _declared(overlay: Overlay) -> list[str]:
    return [key for key in OVERLAID if key in overlay.provenance or getattr(overlay, key) != getattr(NO_OVERLAY, key)]


def counted(matters: Mapping[str, Matter]) -> dict[Confidence, int]:
    """How many facts of all matters are founded how well."""
    totals = dict.fromkeys(Confidence, 0)
    for matter in matters.values():
        for basis in matter.provenance.values():
            totals[basis.confidence] += 1
        for rule in matter.decided_by.levels:
            totals[rule.confidence] += 1
    return totals

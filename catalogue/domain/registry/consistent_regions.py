"""Cities that fit together: divisions, offices and their succession, jurisdictions, numbers and hotlines."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from catalogue.domain.registry.consistent_matters import MatterChecks
from catalogue.domain.registry.findings import Path, meant
from catalogue.domain.registry.ground import Block, Ground, items
from catalogue.domain.registry.merging import read_basis
from catalogue.domain.registry.numbering import form_fault
from catalogue.domain.registry.schema import NUMBERED


class RegionChecks:
    """The regions of a document, and the rules of numbers, which a region may have of its own."""

    def __init__(self, ground: Ground, matters: MatterChecks) -> None:
        self._ground, self._findings, self._matters = ground, ground.findings, matters

    def run(self) -> None:
        """Record what does not fit."""
        head = self._ground.document.get("registry")
        if isinstance(head, dict):
            self._numbers(head, ("registry",), self._ground.offices)
        offices: dict[str, Path] = {}
        divisions: dict[str, Path] = {}
        cities: dict[str, Path] = {}
        for number, region in self._ground.regions:
            here: Path = ("regions", number)
            self._once(region.get("division"), (*here, "division"), cities)
            for position, division in items(region, "divisions"):
                self._once(
                    division.get("id"), (*here, "divisions", position), divisions, skip_same=(*here, "divisions")
                )
            for position, office in items(region, "offices"):
                self._once(office.get("id"), (*here, "offices", position), offices, skip_same=(*here, "offices"))
                self._office(office, region, (*here, "offices", position))
            self._city_office(region, here)
            self._numbers(region, here, {o["id"] for _, o in items(region, "offices") if "id" in o})
            self._jurisdictions(region, here)
            hotlines = region.get("hotlines")
            if isinstance(hotlines, dict):
                self._ground.basis(hotlines.get("provenance"), (*here, "hotlines", "provenance"))
            overlays = region.get("overlays")
            for matter, overlay in overlays.items() if isinstance(overlays, dict) else ():
                self._ground.known(matter, self._ground.named, ("事项", "matter"), (*here, "overlays", matter))
                self._matters.overlay(overlay, matter, (*here, "overlays", matter))

    def _once(self, name: Any, path: Path, seen: dict[str, Path], skip_same: Path | None = None) -> None:
        if not isinstance(name, str):
            return
        if name in seen:
            if skip_same is None or seen[name][: len(skip_same)] != skip_same:
                self._findings.add(
                    path, "duplicate-id", f"{name} 在别处已出现，请改名或删除一处",
                    f"{name} stands elsewhere already; rename or remove one of the two",
                )  # fmt: skip
            return
        seen[name] = path

    def _office(self, office: Block, region: Block, path: Path) -> None:
        own = {d.get("id") for _, d in items(region, "divisions")} | {region.get("division")}
        division = office.get("division", str(office.get("id", "")).partition("-")[0])
        if division and division not in own:
            self._findings.add(
                path, "dangling", f"本地区没有行政区划 {division}，请补 division 或改 id",
                f"This region has no division {division}; give the office a division or change its id",
            )  # fmt: skip
        self._ground.known(office.get("parent"), self._ground.offices, ("机关", "office"), (*path, "parent"))
        if office.get("parent") is not None and office.get("parent") == office.get("id"):
            self._findings.add(
                (*path, "parent"), "own-parent", "机关不能隶属于自己", "An office cannot be its own parent"
            )
        self._ground.known(office.get("successor"), self._ground.offices, ("机关", "office"), (*path, "successor"))
        if self._succeeds_itself(office):
            self._findings.add(
                (*path, "successor"), "own-successor", "承接关系不能绕回自己，请写仍在办公的机关",
                "Succession leads back to the office itself; name an office that is still open",
            )  # fmt: skip

    def _succeeds_itself(self, office: Block) -> bool:
        successors = self._successors
        seen, name = {office.get("id")}, office.get("successor")
        while isinstance(name, str):
            if name in seen:
                return True
            seen.add(name)
            name = successors.get(name)
        return False

    @cached_property
    def _successors(self) -> dict[str, Any]:
        offices = (office for _, region in self._ground.regions for _, office in items(region, "offices"))
        return {office["id"]: office.get("successor") for office in offices if "id" in office}

    def _numbers(self, block: Block, here: Path, offices: set[str]) -> None:
        for position, rule in items(block, "numbers"):
            path = (*here, "numbers", position)
            self._ground.basis(rule.get("provenance"), (*path, "provenance"))
            for index, office in enumerate(rule.get("offices") or ()):
                self._ground.known(office, offices, ("机关", "office"), (*path, "offices", index))
            of, form = rule.get("of"), rule.get("form")
            known, what = (
                (set(NUMBERED), ("文书种类", "kind of document"))
                if of == "document"
                else (self._ground.named, ("事项", "matter"))
            )
            for index, kind in enumerate(rule.get("kinds") or ()):
                self._ground.known(kind, known, what, (*path, "kinds", index))
            if of in ("document", "certificate") and isinstance(form, str):
                fault = form_fault(of, form, rule.get("width", 1), one_office=len(rule.get("offices") or ()) == 1)
                if fault is not None:
                    self._findings.add((*path, "form"), "bad-number-form", *fault)
            if of == "certificate" and not (rule.get("kinds") and rule.get("series")):
                self._findings.add(
                    path, "missing-key", "证照的编号规则须写明 kinds（事项）和 series（序列）",
                    "A rule for certificates names its `kinds` (matters) and its `series`",
                )  # fmt: skip
            elif of == "document" and rule.get("series"):
                self._findings.add(
                    (*path, "series"), "unknown-key", "文书按机关和年度统一编号，请删除 series",
                    "The documents of an authority count together by year; remove `series`",
                )  # fmt: skip

    def _city_office(self, region: Block, here: Path) -> None:
        name = region.get("city_office")
        own = {office.get("id"): office for _, office in items(region, "offices")}
        if name is None or not own:
            return
        if name not in own:
            zh, en = meant(name, [key for key in own if key], limit=3)
            self._findings.add(
                (*here, "city_office"),
                "dangling",
                f"本地区没有机关 {name}{zh}",
                f"This region has no office {name}{en}",
            )
        elif own[name].get("level") not in ("city", None):
            self._findings.add(
                (*here, "city_office"), "wrong-level", f"{name} 不是市级机关", f"{name} is not an office of city level"
            )

    def _jurisdictions(self, region: Block, here: Path) -> None:
        seen: set[tuple[str, str]] = set()
        for position, special in items(region, "jurisdictions"):
            path = (*here, "jurisdictions", position)
            self._ground.known(special.get("office"), self._ground.offices, ("机关", "office"), (*path, "office"))
            place = special.get("place")
            own = {d.get("id") for _, d in items(region, "divisions")} | {region.get("division")}
            if isinstance(place, str) and place.partition("/")[0] not in own:
                self._findings.add(
                    (*path, "place"), "dangling", f"{place} 不在本地区", f"{place} does not lie in this region"
                )
            basis = special.get("provenance")
            self._ground.basis(basis, (*path, "provenance"))
            parsed = read_basis(basis) if isinstance(basis, str) else None
            if parsed and not parsed.sources:
                self._findings.add(
                    (*path, "provenance"), "missing-source", "特别管辖须注明来源",
                    "A special jurisdiction must name its source",
                )  # fmt: skip
            for index, matter in enumerate(special.get("matters", ())):
                self._ground.known(matter, self._ground.named, ("事项", "matter"), (*path, "matters", index))
            for matter in special.get("matters") or ("",):
                if (str(place), str(matter)) in seen:
                    self._findings.add(
                        path, "duplicate-id", f"{place} 的特别管辖重复", f"{place} has two special jurisdictions"
                    )
                seen.add((str(place), str(matter)))

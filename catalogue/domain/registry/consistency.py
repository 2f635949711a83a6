"""What no shape can say: references, families, provenance, levels and limits that fit together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

import yaml

from catalogue.domain.registry.findings import Findings, Path, meant
from catalogue.domain.registry.merging import merged, read_basis, stated_facts
from catalogue.domain.registry.model import Confidence
from catalogue.domain.registry.numbering import form_fault
from catalogue.domain.registry.schema import CONFIDENCES, FACT_ENTRIES, FACTS, NUMBERED, SOURCE_KEY

Block = dict[str, Any]

LONGEST_LIMIT = 365
"""Working days; far beyond any limit of the law (许可法 §42: 20, with an extension 30). House rule against slips."""


def check_document(document: Block, findings: Findings, others: Collection[str] = ()) -> None:
    """Record every inconsistency of a document as read; parts that could not be read are passed over.

    ``others`` are ids of matters that the registry has beside those of the document, where it holds only some: they
    count as known and are not looked at.
    """
    _Checker(document, findings, others).run()


def _items(document: Mapping[str, Any], key: str) -> list[tuple[int, Block]]:
    value = document.get(key)
    return [(n, item) for n, item in enumerate(value) if isinstance(item, dict)] if isinstance(value, list) else []


def _ids(items: Iterable[tuple[int, Block]]) -> dict[str, Block]:
    return {item["id"]: item for _, item in items if "id" in item}


class _Checker:
    def __init__(self, document: Block, findings: Findings, others: Collection[str] = ()) -> None:
        self.document = document
        self.findings = findings
        self.sources: Mapping[str, Any] = document.get("sources", {})
        self.laws = _ids(_items(document, "laws"))
        self.categories = _ids(_items(document, "categories"))
        self.families = _ids(_items(document, "families"))
        self.matters = _ids(_items(document, "matters"))
        self.named = {*self.matters, *others}
        self.regions = _items(document, "regions")
        self.offices = {o["id"] for _, region in self.regions for _, o in _items(region, "offices") if "id" in o}
        self.divisions = {d["id"] for _, region in self.regions for _, d in _items(region, "divisions") if "id" in d}
        self._bases: dict[str, bool] = {}

    def run(self) -> None:
        for number, law in _items(self.document, "laws"):
            self._basis(law.get("provenance"), ("laws", number, "provenance"))
        head = self.document.get("registry")
        if isinstance(head, dict):
            self._numbers(head, ("registry",), self.offices)
        self._regions()
        for number, family in _items(self.document, "families"):
            self._block(family, ("families", number))
            self._stated(family, ("families", number), FACTS)
        for number, matter in _items(self.document, "matters"):
            self._matter(matter, ("matters", number))

    def _known(self, word: Any, known: Mapping[str, Any] | set[str], what: tuple[str, str], path: Path) -> None:
        if isinstance(word, str) and word not in known:
            zh, en = meant(word, sorted(known), limit=6)
            self.findings.add(path, "dangling", f"没有{what[0]} {word}{zh}", f"There is no {what[1]} {word}{en}")

    def _basis(self, text: Any, path: Path) -> None:
        if not isinstance(text, str) or self._bases.get(text):
            return
        basis = read_basis(text)
        if basis is None:
            self.findings.add(
                path, "bad-provenance", f"来源应以 {'、'.join(CONFIDENCES)} 之一开头，例如 official REG — 说明",
                f"Provenance begins with one of {', '.join(CONFIDENCES)}, like: official REG — remark",
            )  # fmt: skip
            return
        bad = [key for key in basis.sources if not re.fullmatch(SOURCE_KEY, key)]
        if bad:
            self.findings.add(
                path, "bad-provenance", f"{bad[0]} 不是来源代号；说明请写在“ — ”之后",
                f"{bad[0]} is not a key of a source; a remark stands after \" — \"",
            )  # fmt: skip
            return
        if basis.confidence is Confidence.OFFICIAL and not basis.sources:
            self.findings.add(
                path,
                "missing-source",
                "official 须写明来源代号",
                "What is official must name a source, like: official REG",
            )
            return
        for key in basis.sources:
            self._known(key, self.sources, ("来源", "source"), path)
        self._bases[text] = all(key in self.sources for key in basis.sources)

    # -- regions -----------------------------------------------------------------------------------------------

    def _regions(self) -> None:
        offices: dict[str, Path] = {}
        divisions: dict[str, Path] = {}
        cities: dict[str, Path] = {}
        for number, region in self.regions:
            here: Path = ("regions", number)
            self._once(region.get("division"), (*here, "division"), cities)
            for position, division in _items(region, "divisions"):
                self._once(
                    division.get("id"), (*here, "divisions", position), divisions, skip_same=(*here, "divisions")
                )
            for position, office in _items(region, "offices"):
                self._once(office.get("id"), (*here, "offices", position), offices, skip_same=(*here, "offices"))
                self._office(office, region, (*here, "offices", position))
            self._city_office(region, here)
            self._numbers(region, here, {o["id"] for _, o in _items(region, "offices") if "id" in o})
            self._jurisdictions(region, here)
            hotlines = region.get("hotlines")
            if isinstance(hotlines, dict):
                self._basis(hotlines.get("provenance"), (*here, "hotlines", "provenance"))
            overlays = region.get("overlays")
            for matter, overlay in overlays.items() if isinstance(overlays, dict) else ():
                self._known(matter, self.named, ("事项", "matter"), (*here, "overlays", matter))
                self._overlay(overlay, matter, (*here, "overlays", matter))

    def _once(self, name: Any, path: Path, seen: dict[str, Path], skip_same: Path | None = None) -> None:
        if not isinstance(name, str):
            return
        if name in seen:
            if skip_same is None or seen[name][: len(skip_same)] != skip_same:
                self.findings.add(
                    path, "duplicate-id", f"{name} 在别处已出现，请改名或删除一处",
                    f"{name} stands elsewhere already; rename or remove one of the two",
                )  # fmt: skip
            return
        seen[name] = path

    def _office(self, office: Block, region: Block, path: Path) -> None:
        own = {d.get("id") for _, d in _items(region, "divisions")} | {region.get("division")}
        division = office.get("division", str(office.get("id", "")).partition("-")[0])
        if division and division not in own:
            self.findings.add(
                path, "dangling", f"本地区没有行政区划 {division}，请补 division 或改 id",
                f"This region has no division {division}; give the office a division or change its id",
            )  # fmt: skip
        self._known(office.get("parent"), self.offices, ("机关", "office"), (*path, "parent"))
        if office.get("parent") is not None and office.get("parent") == office.get("id"):
            self.findings.add(
                (*path, "parent"), "own-parent", "机关不能隶属于自己", "An office cannot be its own parent"
            )
        self._known(office.get("successor"), self.offices, ("机关", "office"), (*path, "successor"))
        if self._succeeds_itself(office):
            self.findings.add(
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
        return {
            o["id"]: o.get("successor") for _, region in self.regions for _, o in _items(region, "offices") if "id" in o
        }

    def _numbers(self, block: Block, here: Path, offices: set[str]) -> None:
        for position, rule in _items(block, "numbers"):
            path = (*here, "numbers", position)
            self._basis(rule.get("provenance"), (*path, "provenance"))
            for index, office in enumerate(rule.get("offices") or ()):
                self._known(office, offices, ("机关", "office"), (*path, "offices", index))
            of, form = rule.get("of"), rule.get("form")
            known, what = (
                (set(NUMBERED), ("文书种类", "kind of document"))
                if of == "document"
                else (self.named, ("事项", "matter"))
            )
            for index, kind in enumerate(rule.get("kinds") or ()):
                self._known(kind, known, what, (*path, "kinds", index))
            if of in ("document", "certificate") and isinstance(form, str):
                fault = form_fault(of, form, rule.get("width", 1), one_office=len(rule.get("offices") or ()) == 1)
                if fault is not None:
                    self.findings.add((*path, "form"), "bad-number-form", *fault)
            if of == "certificate" and not (rule.get("kinds") and rule.get("series")):
                self.findings.add(
                    path, "missing-key", "证照的编号规则须写明 kinds（事项）和 series（序列）",
                    "A rule for certificates names its `kinds` (matters) and its `series`",
                )  # fmt: skip
            elif of == "document" and rule.get("series"):
                self.findings.add(
                    (*path, "series"), "unknown-key", "文书按机关和年度统一编号，请删除 series",
                    "The documents of an authority count together by year; remove `series`",
                )  # fmt: skip

    def _city_office(self, region: Block, here: Path) -> None:
        name = region.get("city_office")
        own = {office.get("id"): office for _, office in _items(region, "offices")}
        if name is None or not own:
            return
        if name not in own:
            zh, en = meant(name, [key for key in own if key], limit=3)
            self.findings.add(
                (*here, "city_office"),
                "dangling",
                f"本地区没有机关 {name}{zh}",
                f"This region has no office {name}{en}",
            )
        elif own[name].get("level") not in ("city", None):
            self.findings.add(
                (*here, "city_office"), "wrong-level", f"{name} 不是市级机关", f"{name} is not an office of city level"
            )

    def _jurisdictions(self, region: Block, here: Path) -> None:
        seen: set[tuple[str, str]] = set()
        for position, special in _items(region, "jurisdictions"):
            path = (*here, "jurisdictions", position)
            self._known(special.get("office"), self.offices, ("机关", "office"), (*path, "office"))
            place = special.get("place")
            own = {d.get("id") for _, d in _items(region, "divisions")} | {region.get("division")}
            if isinstance(place, str) and place.partition("/")[0] not in own:
                self.findings.add(
                    (*path, "place"), "dangling", f"{place} 不在本地区", f"{place} does not lie in this region"
                )
            basis = special.get("provenance")
            self._basis(basis, (*path, "provenance"))
            parsed = read_basis(basis) if isinstance(basis, str) else None
            if parsed and not parsed.sources:
                self.findings.add(
                    (*path, "provenance"), "missing-source", "特别管辖须注明来源",
                    "A special jurisdiction must name its source",
                )  # fmt: skip
            for index, matter in enumerate(special.get("matters", ())):
                self._known(matter, self.named, ("事项", "matter"), (*path, "matters", index))
            for matter in special.get("matters") or ("",):
                if (str(place), str(matter)) in seen:
                    self.findings.add(
                        path, "duplicate-id", f"{place} 的特别管辖重复", f"{place} has two special jurisdictions"
                    )
                seen.add((str(place), str(matter)))

    def _overlay(self, overlay: Any, matter_id: str, path: Path) -> None:
        matter = self.matters.get(matter_id)
        if not isinstance(overlay, dict) or matter is None:
            return
        full = merged(matter, self.families.get(str(matter.get("family"))))
        limits = {**full.get("limits", {}), "promised_days": overlay.get("promised_days")}
        self._promise(limits, (*path, "promised_days"))
        if overlay.get("promised_days") is not None:
            spot = bool(full.get("on_the_spot"))
            self._lengths({"promised_days": overlay["promised_days"]}, spot, path)
        for key, text in (overlay.get("provenance") or {}).items():
            self._basis(text, (*path, "provenance", key))
            if key not in overlay:
                self.findings.add(
                    (*path, "provenance", key), "basis-without-value", f"本市没有自定 {key}，不必写它的来源",
                    f"The city declares no {key}, so it has no source to name",
                )  # fmt: skip
        own = {material.get("id") for _, material in _items(full, "materials")}
        for position, material in _items(overlay, "extra_materials"):
            where = (*path, "extra_materials", position)
            self._condition(material.get("when"), full, (*where, "when"))
            if material.get("id") in own:
                self.findings.add(
                    where,
                    "duplicate-id",
                    f"事项已有材料 {material['id']}",
                    f"The matter has a material {material['id']}",
                )

    # -- matters -----------------------------------------------------------------------------------------------

    def _matter(self, matter: Block, path: Path) -> None:
        name = matter.get("family")
        self._known(name, self.families, ("事项组", "family"), (*path, "family"))
        family = self.families.get(name) if isinstance(name, str) else None
        self._block(matter, path)
        self._stated(matter, path, FACTS)
        full = merged(matter, family)
        if name is not None and family is None:
            return
        for key in ("category", *(key for key, entry in FACT_ENTRIES.items() if entry.required)):
            if key not in full and not self._unread(path, key) and not self._unread(self._family_path(name), key):
                self.findings.add(
                    path, "missing-key", f"缺少 {key}（事项和事项组都没有写）", f"{key} is missing in matter and family"
                )
        self._provenance_complete(full, path)
        self._levels(full, (*path, "decided_by", "levels") if "decided_by" in matter else path)
        for position, material in _items(full, "materials"):
            self._condition(material.get("when"), full, (*path, "materials", position, "when"))
        limits = full.get("limits")
        if isinstance(limits, dict):
            self._promise(limits, (*path, "limits", "promised_days"))
            self._lengths(limits, bool(full.get("on_the_spot")), (*path, "limits"))
        if full.get("mode") is not None and full.get("mode") == full.get("fallback_mode"):
            self.findings.add(
                (*path, "fallback_mode"), "same-mode", "备用方式与主要方式相同，请写 null",
                "The fallback is the mode itself; write null",
            )  # fmt: skip

    def _family_path(self, name: Any) -> Path:
        items = _items(self.document, "families")
        return next((("families", number) for number, item in items if item.get("id") == name), ("families",))

    def _unread(self, path: Path, key: str) -> bool:
        """Whether the key stands in the file but could not be read, so that its own error is recorded."""
        node = self.findings.root
        for step in (*path, key):
            if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            elif isinstance(node, yaml.MappingNode):
                node = next((value for name, value in node.value if name.value == step), None)
            else:
                return False
        return node is not None

    def _block(self, block: Block, path: Path) -> None:
        self._known(block.get("category"), self.categories, ("类别", "category"), (*path, "category"))
        for position, basis in _items(block, "legal_basis"):
            where = (*path, "legal_basis", position)
            self._known(basis.get("law"), self.laws, ("法律", "law"), (*where, "law"))
            self._basis(basis.get("provenance"), (*where, "provenance"))
        decided_by = block.get("decided_by")
        for position, rule in _items(decided_by, "levels") if isinstance(decided_by, dict) else ():
            self._basis(rule.get("provenance"), (*path, "decided_by", "levels", position, "provenance"))
        for position, entry in _items(block, "form"):
            self._field(entry, (*path, "form", position))

    def _field(self, entry: Block, path: Path) -> None:
        if (entry.get("type") == "choice") != ("choices" in entry):
            self.findings.add(
                path, "choices", "choices 只与 type: choice 同时出现", "choices and type: choice belong together"
            )
        if entry.get("searchable") and entry.get("personal"):
            self.findings.add(
                path, "personal-searchable", "个人信息不得作为可检索字段，请删除 searchable",
                "Personal data must not be searchable; remove searchable",
            )  # fmt: skip

    def _stated(self, block: Block, path: Path, known: tuple[str, ...]) -> None:
        provenance = block.get("provenance")
        provenance = provenance if isinstance(provenance, dict) else {}
        for key, basis in provenance.items():
            where = (*path, "provenance", key)
            self._known(key, dict.fromkeys(known), ("事实", "fact"), where)
            self._basis(basis, where)
        for fact in stated_facts(block):
            if fact not in provenance:
                self.findings.add(
                    (*path, *fact.split(".")), "missing-provenance", f"请在 provenance 中写明 {fact} 的来源",
                    f"Say in provenance where {fact} comes from",
                )  # fmt: skip

    def _provenance_complete(self, full: Block, path: Path) -> None:
        provenance = full.get("provenance")
        if not isinstance(provenance, dict):
            return
        if "name" not in provenance:
            self.findings.add(
                path,
                "missing-provenance",
                "请在 provenance 中写明 name 的来源",
                "Say in provenance where name comes from",
            )

    def _choices(self, full: Block) -> dict[str, set[str]]:
        return {
            str(particular.get("key")): {str(choice.get("value")) for _, choice in _items(particular, "choices")}
            for _, particular in _items(full, "particulars")
        }

    def _condition(self, when: Any, full: Block, path: Path) -> None:
        if not isinstance(when, dict):
            return
        choices = self._choices(full)
        for key, values in when.items():
            if key not in choices:
                zh, en = meant(key, choices, limit=6)
                self.findings.add(
                    (*path, key), "dangling", f"particulars 中没有 {key}{zh}", f"There is no particular {key}{en}"
                )
                continue
            for value in values:
                self._known(value, choices[key], ("选项", "choice"), (*path, key))

    def _levels(self, full: Block, path: Path) -> None:
        decided_by = full.get("decided_by")
        rules = _items(decided_by, "levels") if isinstance(decided_by, dict) else []
        if not rules:
            return
        open_rule: int | None = None
        earlier: list[dict[str, set[str]]] = []
        for position, rule in rules:
            where = (*path, position) if path[-1] == "levels" else path
            if open_rule is not None:
                self.findings.add(
                    where, "never-matches", "前面的规则没有 when，本条永远不会用到，请删除或调整顺序",
                    "An earlier rule has no `when`, so this one never matches; remove it or change the order",
                )  # fmt: skip
            when = rule.get("when")
            if not when:
                open_rule = position
                continue
            self._condition(when, full, (*where, "when"))
            own = {key: set(values) for key, values in when.items()}
            if any(_covers(other, own) for other in earlier):
                self.findings.add(
                    where, "never-matches", "前面的规则已包含本条的情形，本条永远不会用到",
                    "An earlier rule covers all that this one does, so it never matches",
                )  # fmt: skip
            earlier.append(own)
        if open_rule is None:
            self.findings.add(
                path, "missing-default", "最后一条规则应没有 when，使每种情形都有层级",
                "The last rule must have no `when`, so that every case has a level",
            )  # fmt: skip

    def _lengths(self, limits: Mapping[str, Any], on_the_spot: bool, path: Path) -> None:
        for name, days in limits.items():
            if not isinstance(days, int):
                continue
            if days == 0 and not on_the_spot:
                self.findings.add(
                    (*path, name), "limit-zero", "期限不能是 0：未知请写 null，当场办结请设 on_the_spot: true",
                    "A limit cannot be 0: write null where unknown; what is decided at once has on_the_spot: true",
                )  # fmt: skip
            if days > LONGEST_LIMIT:
                self.findings.add(
                    (*path, name), "limit-too-long", f"{days} 个工作日过长，最多 {LONGEST_LIMIT}，请核对",
                    f"{days} working days is too long ({LONGEST_LIMIT} at most); please check",
                )  # fmt: skip

    def _promise(self, limits: Mapping[str, Any], path: Path) -> None:
        promised, statutory = limits.get("promised_days"), limits.get("statutory_days")
        if promised is not None and statutory is not None and promised > statutory:
            self.findings.add(
                path, "promise-too-long", f"承诺时限 {promised} 超过法定时限 {statutory}",
                f"The promised limit {promised} is longer than the statutory limit {statutory}",
            )  # fmt: skip


def _covers(earlier: dict[str, set[str]], later: dict[str, set[str]]) -> bool:
    """Whether whatever matches the later condition matches the earlier one."""
    return all(key in later and later[key] <= values for key, values in earlier.items())

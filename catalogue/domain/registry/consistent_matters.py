"""Matters that fit together: families, provenance, levels, papers and limits, and what a city declares otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from catalogue.domain.registry.findings import Path, meant
from catalogue.domain.registry.ground import Block, Ground, items
from catalogue.domain.registry.merging import merged, stated_facts
from catalogue.domain.registry.schema import FACT_ENTRIES, FACTS

LONGEST_LIMIT = 365
"""Working days; far beyond any limit of the law (许可法 §42: 20, with an extension 30). House rule against slips."""


class MatterChecks:
    """The matters and families of a document."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._findings = ground, ground.findings

    def run(self) -> None:
        """Record what does not fit."""
        for number, family in items(self._ground.document, "families"):
            self._block(family, ("families", number))
            self._stated(family, ("families", number), FACTS)
        for number, matter in items(self._ground.document, "matters"):
            self._matter(matter, ("matters", number))

    def _matter(self, matter: Block, path: Path) -> None:
        name = matter.get("family")
        self._ground.known(name, self._ground.families, ("事项组", "family"), (*path, "family"))
        family = self._ground.families.get(name) if isinstance(name, str) else None
        self._block(matter, path)
        self._stated(matter, path, FACTS)
        full = merged(matter, family)
        if name is not None and family is None:
            return
        for key in ("category", *(key for key, entry in FACT_ENTRIES.items() if entry.required)):
            if key not in full and not self._unread(path, key) and not self._unread(self._family_path(name), key):
                self._findings.add(
                    path, "missing-key", f"缺少 {key}（事项和事项组都没有写）", f"{key} is missing in matter and family"
                )
        self._provenance_complete(full, path)
        self._levels(full, (*path, "decided_by", "levels") if "decided_by" in matter else path)
        for position, material in items(full, "materials"):
            self._condition(material.get("when"), full, (*path, "materials", position, "when"))
        limits = full.get("limits")
        if isinstance(limits, dict):
            self._promise(limits, (*path, "limits", "promised_days"))
            self._lengths(limits, bool(full.get("on_the_spot")), (*path, "limits"))
        if full.get("mode") is not None and full.get("mode") == full.get("fallback_mode"):
            self._findings.add(
                (*path, "fallback_mode"), "same-mode", "备用方式与主要方式相同，请写 null",
                "The fallback is the mode itself; write null",
            )  # fmt: skip

    def _family_path(self, name: Any) -> Path:
        families = items(self._ground.document, "families")
        return next((("families", number) for number, item in families if item.get("id") == name), ("families",))

    def _unread(self, path: Path, key: str) -> bool:
        """Whether the key stands in the file but could not be read, so that its own error is recorded."""
        node = self._findings.root
        for step in (*path, key):
            if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            elif isinstance(node, yaml.MappingNode):
                node = next((value for name, value in node.value if name.value == step), None)
            else:
                return False
        return node is not None

    def _block(self, block: Block, path: Path) -> None:
        self._ground.known(block.get("category"), self._ground.categories, ("类别", "category"), (*path, "category"))
        for position, basis in items(block, "legal_basis"):
            where = (*path, "legal_basis", position)
            self._ground.known(basis.get("law"), self._ground.laws, ("法律", "law"), (*where, "law"))
            self._ground.basis(basis.get("provenance"), (*where, "provenance"))
        decided_by = block.get("decided_by")
        for position, rule in items(decided_by, "levels") if isinstance(decided_by, dict) else ():
            self._ground.basis(rule.get("provenance"), (*path, "decided_by", "levels", position, "provenance"))
        for position, entry in items(block, "form"):
            self._field(entry, (*path, "form", position))

    def _field(self, entry: Block, path: Path) -> None:
        if (entry.get("type") == "choice") != ("choices" in entry):
            self._findings.add(
                path, "choices", "choices 只与 type: choice 同时出现", "choices and type: choice belong together"
            )
        if entry.get("searchable") and entry.get("personal"):
            self._findings.add(
                path, "personal-searchable", "个人信息不得作为可检索字段，请删除 searchable",
                "Personal data must not be searchable; remove searchable",
            )  # fmt: skip

    def _stated(self, block: Block, path: Path, known: tuple[str, ...]) -> None:
        provenance = block.get("provenance")
        provenance = provenance if isinstance(provenance, dict) else {}
        for key, basis in provenance.items():
            where = (*path, "provenance", key)
            self._ground.known(key, dict.fromkeys(known), ("事实", "fact"), where)
            self._ground.basis(basis, where)
        for fact in stated_facts(block):
            if fact not in provenance:
                self._findings.add(
                    (*path, *fact.split(".")), "missing-provenance", f"请在 provenance 中写明 {fact} 的来源",
                    f"Say in provenance where {fact} comes from",
                )  # fmt: skip

    def _provenance_complete(self, full: Block, path: Path) -> None:
        provenance = full.get("provenance")
        if not isinstance(provenance, dict):
            return
        if "name" not in provenance:
            self._findings.add(
                path,
                "missing-provenance",
                "请在 provenance 中写明 name 的来源",
                "Say in provenance where name comes from",
            )

    def _choices(self, full: Block) -> dict[str, set[str]]:
        return {
            str(particular.get("key")): {str(choice.get("value")) for _, choice in items(particular, "choices")}
            for _, particular in items(full, "particulars")
        }

    def _condition(self, when: Any, full: Block, path: Path) -> None:
        if not isinstance(when, dict):
            return
        choices = self._choices(full)
        for key, values in when.items():
            if key not in choices:
                zh, en = meant(key, choices, limit=6)
                self._findings.add(
                    (*path, key), "dangling", f"particulars 中没有 {key}{zh}", f"There is no particular {key}{en}"
                )
                continue
            for value in values:
                self._ground.known(value, choices[key], ("选项", "choice"), (*path, key))

    def _levels(self, full: Block, path: Path) -> None:
        decided_by = full.get("decided_by")
        rules = items(decided_by, "levels") if isinstance(decided_by, dict) else []
        if not rules:
            return
        open_rule: int | None = None
        earlier: list[dict[str, set[str]]] = []
        for position, rule in rules:
            where = (*path, position) if path[-1] == "levels" else path
            if open_rule is not None:
                self._findings.add(
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
                self._findings.add(
                    where, "never-matches", "前面的规则已包含本条的情形，本条永远不会用到",
                    "An earlier rule covers all that this one does, so it never matches",
                )  # fmt: skip
            earlier.append(own)
        if open_rule is None:
            self._findings.add(
                path, "missing-default", "最后一条规则应没有 when，使每种情形都有层级",
                "The last rule must have no `when`, so that every case has a level",
            )  # fmt: skip

    def _lengths(self, limits: Mapping[str, Any], on_the_spot: bool, path: Path) -> None:
        for name, days in limits.items():
            if not isinstance(days, int):
                continue
            if days == 0 and not on_the_spot:
                self._findings.add(
                    (*path, name), "limit-zero", "期限不能是 0：未知请写 null，当场办结请设 on_the_spot: true",
                    "A limit cannot be 0: write null where unknown; what is decided at once has on_the_spot: true",
                )  # fmt: skip
            if days > LONGEST_LIMIT:
                self._findings.add(
                    (*path, name), "limit-too-long", f"{days} 个工作日过长，最多 {LONGEST_LIMIT}，请核对",
                    f"{days} working days is too long ({LONGEST_LIMIT} at most); please check",
                )  # fmt: skip

    def _promise(self, limits: Mapping[str, Any], path: Path) -> None:
        promised, statutory = limits.get("promised_days"), limits.get("statutory_days")
        if promised is not None and statutory is not None and promised > statutory:
            self._findings.add(
                path, "promise-too-long", f"承诺时限 {promised} 超过法定时限 {statutory}",
                f"The promised limit {promised} is longer than the statutory limit {statutory}",
            )  # fmt: skip

    def overlay(self, overlay: Any, matter_id: str, path: Path) -> None:
        """Record what does not fit in what a city declares for a matter."""
        matter = self._ground.matters.get(matter_id)
        if not isinstance(overlay, dict) or matter is None:
            return
        full = merged(matter, self._ground.families.get(str(matter.get("family"))))
        limits = {**full.get("limits", {}), "promised_days": overlay.get("promised_days")}
        self._promise(limits, (*path, "promised_days"))
        if overlay.get("promised_days") is not None:
            spot = bool(full.get("on_the_spot"))
            self._lengths({"promised_days": overlay["promised_days"]}, spot, path)
        for key, text in (overlay.get("provenance") or {}).items():
            self._ground.basis(text, (*path, "provenance", key))
            if key not in overlay:
                self._findings.add(
                    (*path, "provenance", key), "basis-without-value", f"本市没有自定 {key}，不必写它的来源",
                    f"The city declares no {key}, so it has no source to name",
                )  # fmt: skip
        own = {material.get("id") for _, material in items(full, "materials")}
        for position, material in items(overlay, "extra_materials"):
            where = (*path, "extra_materials", position)
            self._condition(material.get("when"), full, (*where, "when"))
            if material.get("id") in own:
                self._findings.add(
                    where,
                    "duplicate-id",
                    f"事项已有材料 {material['id']}",
                    f"The matter has a material {material['id']}",
                )


def _covers(earlier: dict[str, set[str]], later: dict[str, set[str]]) -> bool:
    """Whether whatever matches the later condition matches the earlier one."""
    return all(key in later and later[key] <= values for key, values in earlier.items())

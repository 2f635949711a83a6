"""The form of a matter (or of a family): what it states itself, what it takes from its family, and on what ground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.domain.problems import Fault
from catalogue.domain.registry.merging import merged
from catalogue.domain.registry.pieces import names, read_piece
from catalogue.domain.registry.schema import BASIS, CONFIDENCES, FACT_ENTRIES, MERGED_BY_KEY, Entry
from catalogue.domain.registry.sketch import Sketch
from catalogue.domain.registry.threeway import ABSENT
from catalogue.domain.registry.words import FIELDS, VALUES
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.web.admin.form_reading import settled, text_of, value_of
from catalogue.web.admin.forms import Around, Choice, Control, Form, control
from catalogue.web.admin.terms import HELP

LIMITS = ("notice_days", "statutory_days", "promised_days", "extension_days", "deliver_days")
UNFOUNDED = ("fallback_mode", "particulars")
"""Facts that have no provenance of their own."""


class Section(Value, frozen=True):
    """One fact of the form. ``origin``: own or family; ``inherits``: whether a family states it."""

    key: str
    label: Text
    help: Text | None
    control: Control
    origin: str
    inherits: bool
    bases: tuple[tuple[str, Text, str, str], ...]
    """(path, label, confidence, rest) of each provenance that belongs to the fact."""
    shared: str
    """What the family says, in short."""


def piece_value(sketch: Sketch, name: str) -> dict[str, Any]:
    """The plain value of a piece; empty where there is none."""
    text = sketch.pieces.get(name)
    value = None if text is None else read_piece(name, text)[0]
    return value if isinstance(value, dict) else {}


def around_of(sketch: Sketch, full: Mapping[str, Any]) -> Around:
    """What references of a matter may point to, and its particulars."""

    def listed(section: str) -> list[Choice]:
        found = []
        for id in names(sketch.pieces, section):
            value = piece_value(sketch, f"{section}/{id}")
            zh = value.get("zh") or value.get("title") or id
            found.append((id, Text(f"{zh}（{id}）" if section == "laws" else zh, value.get("en") or f"{zh} ({id})")))
        return found

    registry = sketch.registry
    return Around(
        {
            "category": [(item.id, item.name) for item in registry.categories.values()],
            "family": listed("families"),
            "law": listed("laws"),
        },
        particulars=tuple(
            (
                particular.get("key", ""),
                Text(particular.get("zh", ""), particular.get("en", "")),
                [(c.get("value", ""), Text(c.get("zh", ""), c.get("en", ""))) for c in particular.get("choices", ())],
            )
            for particular in full.get("particulars", ()) or ()
            if isinstance(particular, dict)
        ),
    )  # fmt: skip


def sections(
    own: Mapping[str, Any], family: Mapping[str, Any] | None, around: Around, rows: Mapping[str, int]
) -> list[Section]:
    """The facts of a matter as the form shows them, merged values where it takes them from its family."""
    full = merged(own, family)
    bases: Mapping[str, str] = full.get("provenance", {}) or {}
    found = []
    for key, entry in FACT_ENTRIES.items():
        paths = [f"limits.{name}" for name in LIMITS] if key == "limits" else [] if key in UNFOUNDED else [key]
        found.append(
            Section(
                key,
                FIELDS.get(key, Text(key, key)),
                HELP.get(key),
                control(
                    entry.kind, full.get(key, ABSENT), key, around, optional=not entry.required, rows=rows.get(key, 1)
                ),
                "own" if key in own or family is None else "family",
                family is not None and key in family,
                tuple((path, FIELDS.get(path, Text(path, path)), *_parted(bases.get(path, ""))) for path in paths),
                in_short((family or {}).get(key, ABSENT)),
            )
        )
    return found


def in_short(value: Any) -> str:
    """A value in a few words: names where it has them."""
    if value is ABSENT or value is None:
        return "—"
    if isinstance(value, bool):
        return "是 / yes" if value else "否 / no"
    if isinstance(value, list):
        return "；".join(in_short(one) for one in value)[:300] or "—"
    if isinstance(value, dict):
        named = value.get("zh") or value.get("law")
        if named:
            return str(named)
        parts = (f"{FIELDS.get(f'limits.{key}', Text(key, key)).zh} {in_short(inner)}" for key, inner in value.items())
        return "，".join(parts)[:300]
    return str(VALUES[value].zh if value in VALUES else value)


def _parted(basis: str) -> tuple[str, str]:
    confidence, _, rest = basis.partition(" ")
    return confidence, rest


def block_of(
    id: str,
    form: Form,
    own: Mapping[str, Any],
    family: Mapping[str, Any] | None,
    around: Around,
    *,
    is_family: bool = False,
) -> tuple[dict[str, Any], list[Fault]]:
    """The plain block that a form says, and what cannot even be read (a limit that is no number)."""
    faults: list[Fault] = []
    block: dict[str, Any] = {"id": id, "zh": text_of(form, "zh"), "en": text_of(form, "en")}
    if not is_family:
        aliases = [line.strip() for line in text_of(form, "aliases").split("\n") if line.strip()]
        if aliases:
            block["aliases"] = aliases
    category = text_of(form, "category")
    if category and (category != (family or {}).get("category") or "category" in own):
        block["category"] = category
    if family is not None:
        block["family"] = family["id"]
    for key, entry in FACT_ENTRIES.items():
        optional = family is not None and key in family
        if (optional or is_family) and text_of(form, f"own.{key}") != "own":
            continue
        value = _fact(key, entry, form, own, family or {}, around, faults)
        if value is ABSENT and not optional and not is_family and key in LISTS:
            value = []
        if value is not ABSENT:
            block[key] = value
    provenance = _provenance(form, block, own, family)
    if provenance:
        block["provenance"] = provenance
    return block, faults


LISTS = ("legal_basis", "form", "materials", "results")
"""Facts of which an empty list says that there is none."""


def _fact(
    key: str,
    entry: Entry,
    form: Form,
    own: Mapping[str, Any],
    family: Mapping[str, Any],
    around: Around,
    faults: list[Fault],
) -> Any:
    """One fact as the form states it; of what is merged by key only the keys that differ from the family's."""
    value = value_of(entry.kind, form, key, around, faults, optional=not entry.required)
    if value is ABSENT:
        return None if own.get(key, ABSENT) is None else ABSENT
    value = settled(own.get(key) if key in own else family.get(key), value)
    if key in family and key in MERGED_BY_KEY and isinstance(value, dict):
        kept: Mapping[str, Any] = own[key] if isinstance(own.get(key), dict) else {}
        shared = family[key] or {}
        value = {name: inner for name, inner in value.items() if name in kept or inner != shared.get(name)}
        return value or ABSENT
    return value


def _provenance(
    form: Form, block: Mapping[str, Any], own: Mapping[str, Any], family: Mapping[str, Any] | None
) -> dict[str, str]:
    """The bases of what the block states, and those of its own that the form still has."""
    inherited = (family or {}).get("provenance") or {}
    held = own.get("provenance") or {}
    found = {}
    for path in ("name", *_paths()):
        basis = value_of(BASIS, form, f"basis.{path}", Around(), [], optional=True)
        if basis is ABSENT:
            continue
        key = path.partition(".")[0]
        stated = path == "name" or (
            path.partition(".")[2] in block.get("limits", {}) if key == "limits" else key in block
        )
        if stated or path in held or basis != inherited.get(path):
            if basis == inherited.get(path) and not stated and path not in held:
                continue
            found[path] = str(basis)
    return found


def _paths() -> list[str]:
    found = []
    for key in FACT_ENTRIES:
        if key == "limits":
            found += [f"limits.{name}" for name in LIMITS]
        elif key not in UNFOUNDED:
            found.append(key)
    return found


CONFIDENCE_CHOICES: list[Choice] = [(code, VALUES[code]) for code in CONFIDENCES]


def sentence(rule: Mapping[str, Any], around: Around) -> Text:
    """What a rule of level means, in a sentence."""
    from catalogue.domain.vocabulary import label

    zh, en = [], []
    for key, values in (rule.get("when") or {}).items():
        known = next(((label_, choices) for name, label_, choices in around.particulars if name == key), None)
        name = known[0] if known else Text(key, key)
        words = dict(known[1]) if known else {}
        zh.append(f"{name.zh}为{'或'.join(words[v].zh if v in words else v for v in values)}")
        en.append(f"{name.en} is {' or '.join(words[v].en if v in words else v for v in values)}")
    level = label("levels", str(rule.get("level", "")))
    return Text(
        f"{'，且'.join(zh) or '其他情形一律'}：由{level.zh}机关决定",
        f"{'If ' + ' and '.join(en) if en else 'In all other cases'}: the {level.en.lower()} decides",
    )

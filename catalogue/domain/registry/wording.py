"""A change of a value in words, whatever the value is: two values that differ never read the same.

Values are plain: those of the model (``as_plain``) or those of the file, which differ only in where a name stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalogue.domain.registry.threeway import identity_of
from catalogue.domain.registry.words import CONFIDENCES_IN_WORDS, FIELDS, value_label
from catalogue.domain.text import Text

Names = Mapping[str, Mapping[str, Text]]
"""Field -> code -> what it refers to: offices, categories, particulars with their choices."""

_NOTHING = Text("无", "none")
_UNKNOWN = Text("未知", "unknown")
_NULL_IS_UNKNOWN = (
    "codes", "limits", "phone", "fee", "charged", "consultation", "complaints", "supervision", "ref", "valid_from",
    "originals", "copies", "validity_years", "address",
)  # fmt: skip
_NAMING = ("name", "label", "document")
_INNER_TONGUES = {"zh": Text("中文名称", "Chinese name"), "en": Text("英文名称", "English name")}
_TONGUES = frozenset({"zh", "en"})
_BASIS = frozenset({"confidence", "sources", "note"})


def field_label(key: str) -> Text:
    """The name of a field by its last step."""
    return FIELDS.get(key, Text(key, key))


def phrases(label: Text, key: str, before: Any, after: Any, names: Names) -> Iterator[Text]:
    """How the value of a field changed: one phrase for each part that did, each with the name of its field."""
    if _is_pair(before) and _is_pair(after):
        yield from _of_pair(label, before, after)
    elif _is_plain_block(before) and _is_plain_block(after):
        yield from _of_block(label, key, before, after, names)
    elif _holds_blocks(before, after):
        yield from _of_list(label, key, before or [], after or [], names)
    else:
        yield _from_to(label, in_words(key, before, names), in_words(key, after, names))


def _from_to(label: Text, old: Text, new: Text) -> Text:
    return Text(f"{label.zh}由{old.zh}改为{new.zh}", f"{label.en} changes from {old.en} to {new.en}")


def _is_pair(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == _TONGUES


def _is_basis(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == _BASIS


def _is_plain_block(value: Any) -> bool:
    return isinstance(value, Mapping) and not _is_pair(value) and not _is_basis(value)


def _holds_blocks(*sides: Any) -> bool:
    lists = [side for side in sides if side]
    return bool(lists) and all(
        isinstance(side, list) and all(isinstance(item, Mapping) for item in side) for side in lists
    )


def _of_pair(label: Text, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Text]:
    """Of words in two languages; what changed in one alone is said in the other as a change of that one."""
    old, new = _quoted(before), _quoted(after)
    said = _from_to(label, old, new)
    if before["zh"] == after["zh"]:
        yield Text(f"{label.zh}的英文由{old.en}改为{new.en}", said.en)
    elif before["en"] == after["en"]:
        yield Text(said.zh, f"{label.en} in Chinese changes from {old.zh} to {new.zh}")
    else:
        yield said


def _quoted(pair: Mapping[str, Any]) -> Text:
    return Text(f"“{pair['zh']}”", f"“{pair['en']}”")


def _of_block(
    label: Text, key: str, before: Mapping[str, Any], after: Mapping[str, Any], names: Names
) -> Iterator[Text]:
    for inner in _keys(before, after):
        was, now = before.get(inner), after.get(inner)
        if was != now or (inner in before) != (inner in after):
            yield from phrases(_within(label, key, inner, names), inner, was, now, names)


def _keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [*after, *(key for key in before if key not in after)]


def _within(label: Text, key: str, inner: str, names: Names) -> Text:
    said = _INNER_TONGUES.get(inner) or FIELDS.get(f"{key}.{inner}") or field_label(inner)
    if key == "when":
        said = names.get("when", {}).get(inner, said)
    if not label.zh:
        return said
    return Text(f"{label.zh}的{said.zh}", f"{label.en}, {said.en}")


def _of_list(label: Text, key: str, before: Sequence[Any], after: Sequence[Any], names: Names) -> Iterator[Text]:
    """Of a list of blocks: what changed within an item, what came and what went; else their order."""
    mark = identity_of(before, after)
    if mark is not None:
        old, new = ({item[mark]: item for item in side} for side in (before, after))
        pairs = [(old[name], new[name]) for name in new if name in old]
        gone, come = [old[name] for name in old if name not in new], [new[name] for name in new if name not in old]
    elif len(before) == len(after):
        pairs, gone, come = list(zip(before, after, strict=True)), [], []
    else:
        pairs = []
        gone, come = [item for item in before if item not in after], [item for item in after if item not in before]
    said = False
    for was, now in pairs:
        if was != now:
            shown = _called(now)
            inner = Text(f"{label.zh}“{shown.zh}”", f"{label.en} “{shown.en}”") if shown.zh else label
            yield from _of_block(inner, key, was, now, names)
            said = True
    for item in gone:
        words = in_words(key, item, names)
        yield Text(f"{label.zh}删去{words.zh}", f"{label.en} loses {words.en}")
    for item in come:
        words = in_words(key, item, names)
        yield Text(f"{label.zh}新增{words.zh}", f"{label.en} gains {words.en}")
    if not (said or gone or come):
        yield _from_to(label, in_words(key, list(before), names), in_words(key, list(after), names))


def _called(item: Mapping[str, Any]) -> Text:
    """What an item of a list is called by those who read it."""
    for key in _NAMING:
        if _is_pair(item.get(key)):
            return Text(item[key]["zh"], item[key]["en"])
    if "zh" in item and "en" in item:
        return Text(str(item["zh"]), str(item["en"]))
    # A rule of numbers has no name but the one that commands and findings use.
    name = str(item.get("title") or item.get("law") or (item.get("id") if "form" in item else "") or "")
    return Text(name, name)


item_name = _called


# --- one value --------------------------------------------------------------------------------------------------------


def in_words(key: str, value: Any, names: Names) -> Text:
    """A value of a field in words of both languages. ``key`` is the name of the field or its path (``limits.x``)."""
    head, _, key = key.rpartition(".")
    if value is None or value in ({}, []):
        return _UNKNOWN if value is None and (head or key) in _NULL_IS_UNKNOWN else _NOTHING
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if _is_pair(value):
        return _quoted(value)
    if _is_basis(value):
        return _basis(value)
    if isinstance(value, Mapping):
        return _block(key, value, names)
    if isinstance(value, list):
        return _joined([in_words(key, item, names) for item in value], "、", ", ")
    if isinstance(value, int) and key.endswith("_days"):
        return Text(f"{value}个工作日", f"{value} working days")
    return _scalar(key, str(value), names)


def _scalar(key: str, text: str, names: Names) -> Text:
    if not text:
        return Text("空白", "empty")
    known = names.get(key, {}).get(text)
    if known is not None:
        return known
    confidence, _, rest = text.partition(" ")
    if key == "provenance" and confidence in CONFIDENCES_IN_WORDS:
        # As the file writes it: confidence, sources, remark.
        sources, _, note = f" {rest}".partition(" — ")
        return _basis({"confidence": confidence, "sources": sources.split(), "note": note or None})
    return value_label(key, text) or Text(text, text)


def _basis(value: Mapping[str, Any]) -> Text:
    """Where a fact comes from: how sure, which sources, which remark."""
    sure = CONFIDENCES_IN_WORDS[value["confidence"]]
    zh, en = [sure.zh], [sure.en]
    if value["sources"]:
        zh.append(f"来源{'、'.join(value['sources'])}")
        en.append(f"source {', '.join(value['sources'])}")
    if value["note"]:
        zh.append(f"说明“{value['note']}”")
        en.append(f"remark “{value['note']}”")
    return Text(_aside(zh[0], "（", "，".join(zh[1:]), "）"), _aside(en[0], " (", ", ".join(en[1:]), ")"))


def _aside(word: str, left: str, more: str, right: str) -> str:
    return f"{word}{left}{more}{right}" if more else word


def _block(key: str, value: Mapping[str, Any], names: Names) -> Text:
    called = _called(value)
    parts = [Text(f"“{called.zh}”", f"“{called.en}”")] if called.zh else []
    for inner, held in value.items():
        if inner in (*_NAMING, *_TONGUES, "title") and called.zh:
            continue
        if held is None or held in ({}, []):
            continue
        label, words = _within(Text("", ""), key, inner, names), in_words(inner, held, names)
        parts.append(Text(f"{label.zh} {words.zh}", f"{label.en} {words.en}"))
    return _joined(parts, "，", ", ") if parts else _NOTHING


def _joined(parts: Sequence[Text], zh: str, en: str) -> Text:
    return Text(zh.join(part.zh for part in parts), en.join(part.en for part in parts))

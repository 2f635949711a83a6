"""Two changes to one thing laid together field by field: what only one side changed is taken, what both changed
differently is a conflict for a person to settle. Nothing is overwritten silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from catalogue.domain.registry.findings import IDENTITIES
from catalogue.domain.value import Value

OURS, THEIRS = "ours", "theirs"


class _Absent:
    """Not there, which is another thing than null."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()


class Conflict(Value, frozen=True):
    """A field that both sides changed differently. ``path`` reads ``limits.promised_days`` or ``materials[plan].zh``.

    A value is ``ABSENT`` where that side has no such field.
    """

    path: str
    base: Any
    ours: Any
    theirs: Any


def merge(
    base: Any, ours: Any, theirs: Any, settled: Mapping[str, str] | None = None
) -> tuple[Any, tuple[Conflict, ...]]:
    """The merged value and what is in conflict. ``settled``: path of a conflict -> ``ours`` or ``theirs``.

    An open conflict leaves our value in the result, which must not be used before it is settled.
    """
    conflicts: list[Conflict] = []
    merged = _merge(base, ours, theirs, "", settled or {}, conflicts)
    return merged, tuple(conflicts)


def _merge(base: Any, ours: Any, theirs: Any, path: str, settled: Mapping[str, str], conflicts: list[Conflict]) -> Any:
    if _same(ours, theirs) or _same(base, theirs):
        return ours
    if _same(base, ours):
        return theirs
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        return _mapping(base if isinstance(base, Mapping) else {}, ours, theirs, path, settled, conflicts)
    if isinstance(ours, list) and isinstance(theirs, list):
        key = identity_of(ours, theirs, base if isinstance(base, list) else [])
        if key is not None:
            return _items(key, base if isinstance(base, list) else [], ours, theirs, path, settled, conflicts)
    choice = settled.get(path)
    if choice is None:
        conflicts.append(Conflict(path, base, ours, theirs))
    return theirs if choice == THEIRS else ours


def _same(one: Any, other: Any) -> bool:
    return one is other or (one is not ABSENT and other is not ABSENT and type(one) is type(other) and one == other)


def _mapping(
    base: Mapping[str, Any],
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    path: str,
    settled: Mapping[str, str],
    conflicts: list[Conflict],
) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        value = _merge(
            base.get(key, ABSENT),
            ours.get(key, ABSENT),
            theirs.get(key, ABSENT),
            f"{path}.{key}" if path else str(key),
            settled,
            conflicts,
        )
        if value is not ABSENT:
            merged[key] = value
    return merged


def _items(
    key: str,
    base: Sequence[Any],
    ours: Sequence[Any],
    theirs: Sequence[Any],
    path: str,
    settled: Mapping[str, str],
    conflicts: list[Conflict],
) -> list[Any]:
    """Lists whose items have names, item by item; the order is theirs, with ours where theirs was not moved."""
    in_base, in_ours, in_theirs = ({item[key]: item for item in side} for side in (base, ours, theirs))
    moved = [name for name in in_theirs if name in in_base] != [name for name in in_base if name in in_theirs]
    first, second = (in_theirs, in_ours) if moved else (in_ours, in_theirs)
    merged = []
    for name in [*first, *(name for name in second if name not in first)]:
        value = _merge(
            in_base.get(name, ABSENT),
            in_ours.get(name, ABSENT),
            in_theirs.get(name, ABSENT),
            f"{path}[{name}]",
            settled,
            conflicts,
        )
        if value is not ABSENT:
            merged.append(value)
    return merged


def identity_of(*sides: Sequence[Any]) -> str | None:
    """The key by which the items of all these lists are told apart; None where they have none."""
    for key in IDENTITIES:
        if all(isinstance(item, Mapping) and key in item for side in sides for item in side):
            named = [[item[key] for item in side] for side in sides]
            if all(len(set(names)) == len(names) for names in named) and any(named):
                return key
    return None


def fields(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every field that differs: (path, before, after), ``ABSENT`` where a side has none."""
    if _same(before, after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from fields(before.get(key, ABSENT), after.get(key, ABSENT), f"{path}.{key}" if path else str(key))
        return
    if isinstance(before, list) and isinstance(after, list):
        key = identity_of(before, after)
        if key is not None:
            old, new = ({item[key]: item for item in side} for side in (before, after))
            for name in [*old, *(name for name in new if name not in old)]:
                yield from fields(old.get(name, ABSENT), new.get(name, ABSENT), f"{path}[{name}]")
            if list(old) != list(new) and set(old) == set(new):
                yield path, list(old), list(new)
            return
    yield path, before, after

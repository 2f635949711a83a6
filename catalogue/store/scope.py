"""Who may see which case, as the database applies it: the one rule behind list, search, detail, count and export.

The twin in memory is ``catalogue.domain.people.Sight.admits``; a property test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, true

from catalogue.domain.people import Sight
from catalogue.domain.value import Value
from catalogue.store.tables import SUPERIOR_COLUMNS, cases


class Arm(Value, frozen=True):
    """Cases whose ``column`` has ``value`` and that no arm in ``before`` has given already."""

    column: str
    value: str
    before: tuple[tuple[str, str], ...] = ()

    def clause(self) -> ColumnElement[bool]:
        """The condition; equality on one column, so that one index serves it."""
        others = (cases.c[column].is_distinct_from(value) for column, value in self.before)
        return and_(cases.c[self.column] == self.value, *others)


class Scope(Value, frozen=True):
    """What a sight admits: everything, or the disjoint union of its arms (nothing where there is none)."""

    everything: bool
    arms: tuple[Arm, ...] = ()

    def clauses(self) -> tuple[ColumnElement[bool], ...]:
        """One condition per arm, no case under two of them."""
        return (true(),) if self.everything else tuple(arm.clause() for arm in self.arms)

    def overlapping(self) -> tuple[ColumnElement[bool], ...]:
        """One condition per arm on the column of its index alone; a case may be under several of them."""
        return (true(),) if self.everything else tuple(cases.c[arm.column] == arm.value for arm in self.arms)

    def clause(self) -> ColumnElement[bool]:
        """All arms as one condition, for a query that has another way to its rows."""
        if self.everything:
            return true()
        return or_(false(), *self.overlapping())

    def on(self, columns: frozenset[str]) -> Scope:
        """The arms on those columns alone, disjoint again."""
        if self.everything:
            return self
        kept = [(arm.column, arm.value) for arm in self.arms if arm.column in columns]
        return Scope(False, _arms(kept))

    def raw(self) -> tuple[str, dict[str, str]]:
        """``clause`` as text with its parameters, for the named hot paths."""
        if self.everything:
            return "1 = 1", {}
        if not self.arms:
            return "1 = 0", {}
        texts = [f"cases.{arm.column} = :sight{n}" for n, arm in enumerate(self.arms)]
        return f"({' OR '.join(texts)})", {f"sight{n}": arm.value for n, arm in enumerate(self.arms)}


def scope(sight: Sight) -> Scope:
    """The scope of a sight."""
    if sight.kind == "all":
        return Scope(everything=True)
    named: list[tuple[str, str]] = []
    if sight.region is not None:
        named += [("accepting_region", sight.region), ("home_region", sight.region)]
    if sight.office is not None:
        named += [
            ("accepting_office", sight.office),
            ("home_office", sight.office),
            ("delivery_office", sight.office),
            ("partner_office", sight.office),
        ]
    if sight.over is not None:
        named += [(column, sight.over) for column in SUPERIOR_COLUMNS]
    return Scope(False, _arms(named))


def _arms(named: list[tuple[str, str]]) -> tuple[Arm, ...]:
    return tuple(Arm(column, value, tuple(named[:n])) for n, (column, value) in enumerate(named))

"""Decisions and how long they took; what was measured of them last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import delete, insert, select

from catalogue.domain.measures import Key, Measure
from catalogue.service.ports import Decision
from catalogue.store.session import Session
from catalogue.store.tables import measures


class StoredMeasures:
    """The port ``Measures``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, decision: Decision) -> None:
        """Keep a decision; the first of a case counts."""
        self._session.raw(
            "INSERT INTO decisions (reference, matter, region, office, decided_on, days) "
            "VALUES (:reference, :matter, :region, :office, :decided_on, :days) ON CONFLICT (reference) DO NOTHING",
            {
                "reference": decision.reference,
                "matter": decision.matter,
                "region": decision.region,
                "office": decision.office,
                "decided_on": decision.decided_on.isoformat(),
                "days": decision.days,
            },
        )

    def counted(self, since: date) -> Sequence[tuple[str, str, int, int]]:
        """(matter, home region, working days, cases), from the index alone."""
        rows = self._session.raw(
            "SELECT matter, region, days, count(*) FROM decisions WHERE decided_on >= :since "
            "GROUP BY matter, region, days",
            {"since": since.isoformat()},
        )
        return [(matter, region, days, cases) for matter, region, days, cases in rows.fetchall()]

    def replace(self, found: Mapping[Key, Measure]) -> None:
        """What was measured, in the place of what was measured before."""
        connection = self._session.connection
        connection.execute(delete(measures))
        if found:
            connection.execute(
                insert(measures),
                [
                    {"matter": matter, "region": region, "cases": one.cases, "half": one.half, "most": one.most}
                    for (matter, region), one in found.items()
                ],
            )

    def all(self) -> Mapping[Key, Measure]:
        """Every measure; a few hundred rows."""
        columns = measures.c
        statement = select(columns.matter, columns.region, columns.cases, columns.half, columns.most)
        rows = self._session.connection.execute(statement)
        return {(row.matter, row.region): Measure(row.cases, row.half, row.most) for row in rows}

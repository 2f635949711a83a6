"""Misroutes and external numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, insert, select, text

from catalogue.service.ports import Misroute, MisrouteRate
from catalogue.store.session import Session
from catalogue.store.tables import cases, external_numbers, misroutes


class StoredPassing:
    """The port ``Passing``."""

    def __init__(self, session: Session) -> None:
        self._execute = session.connection.execute

    def misrouted(self, misroute: Misroute) -> None:
        """Count a refusal."""
        self._execute(
            insert(misroutes).values(
                reference=misroute.reference,
                seq=misroute.seq,
                matter=misroute.matter,
                place=misroute.place,
                office=misroute.office,
                code=misroute.code,
                suggested=misroute.suggested,
                day=misroute.day.isoformat(),
            )
        )

    def misroutes(self, since: date, matter: str | None = None, limit: int = 100) -> Sequence[Misroute]:
        """The newest first."""
        wanted = select(misroutes).where(misroutes.c.day >= since.isoformat())
        if matter is not None:
            wanted = wanted.where(misroutes.c.matter == matter)
        rows = self._execute(wanted.order_by(misroutes.c.day.desc(), misroutes.c.reference).limit(limit))
        return [
            Misroute(r.reference, r.seq, r.matter, r.place, r.office, r.code, r.suggested, date.fromisoformat(r.day))
            for r in rows
        ]

    def rates(self, since: date) -> Sequence[MisrouteRate]:
        """Refusals for each case received, by matter, the worst first."""
        counted = self._execute(
            select(misroutes.c.matter, misroutes.c.code, func.count())
            .where(misroutes.c.day >= since.isoformat())
            .group_by(misroutes.c.matter, misroutes.c.code)
            .order_by(misroutes.c.matter, func.count().desc())
        ).all()
        received = {
            row[0]: row[1]
            for row in self._execute(
                select(cases.c.matter, func.count())
                .where(cases.c.received_on >= since.isoformat(), cases.c.matter.in_({row[0] for row in counted}))
                .group_by(cases.c.matter)
            )
        }
        found = []
        for matter in dict.fromkeys(row[0] for row in counted):
            codes = tuple((row[1], row[2]) for row in counted if row[0] == matter)
            found.append(MisrouteRate(matter, received.get(matter, 0), sum(n for _, n in codes), codes))
        return sorted(found, key=lambda one: (-one.rate, one.matter))

    def asked_of(self, office: str, limit: int = 200) -> Sequence[str]:
        """Open cases of which that office is the old registrar, the most urgent first."""
        rows = self._execute(
            select(cases.c.reference)
            .where(text("open = 1"), cases.c.partner_office == office)
            .order_by(cases.c.due_on, cases.c.reference)
            .limit(limit)
        )
        return list(rows.scalars())

    def external(self, number: str, reference: str) -> None:
        """Lead from that number to the case."""
        self._execute(
            text(
                "INSERT INTO external_numbers (number, reference) VALUES (:number, :reference) ON CONFLICT DO NOTHING"
            ),
            {"number": number, "reference": reference},
        )

    def by_external(self, number: str) -> Sequence[str]:
        """References of the cases with that number."""
        rows = self._execute(select(external_numbers.c.reference).where(external_numbers.c.number == number))
        return sorted(rows.scalars())

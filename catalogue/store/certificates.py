"""Certificates: the record is sealed under the key of its case, number and status are clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from catalogue.domain.problems import NotFound, RuleForbids
from catalogue.domain.text import Text
from catalogue.store.codec import json_bytes, moment, read_json
from catalogue.store.keys import data_key_of
from catalogue.store.sealing import seal, unseal
from catalogue.store.session import Session
from catalogue.store.tables import certificate_blanks, certificate_numbers, certificates


class StoredCertificates:
    """The port ``Certificates``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute

    def add(
        self,
        certificate_id: str,
        reference: str,
        number: str | None,
        record: Mapping[str, Any],
        *,
        shared_number: bool = False,
    ) -> None:
        """Raises RuleForbids when the number is taken by another case's certificate, NotFound without such a case.

        ``record["status"]`` is kept as the status; ``valid`` where it is not given.
        """
        data_key = data_key_of(self._session, reference)
        if data_key is None:
            raise NotFound
        if number is not None and not shared_number:
            self._take(number, reference)
        self._execute(
            insert(certificates).values(
                id=certificate_id,
                reference=reference,
                number=number,
                status=str(record.get("status", "valid")),
                valid_until=record.get("valid_until"),
                sealed=seal(data_key, _place(certificate_id), json_bytes(record)),
            )
        )

    def number_taken(self, number: str) -> bool:
        """Whether a certificate bears that number already."""
        bearer = select(certificate_numbers.c.reference).where(certificate_numbers.c.number == number)
        return self._execute(bearer).scalar() is not None

    def get(self, certificate_id: str) -> Mapping[str, Any] | None:
        """The record with ``id``, ``reference``, ``number`` and the present ``status``; only these after erasure."""
        row = self._execute(select(certificates).where(certificates.c.id == certificate_id)).one_or_none()
        if row is None:
            return None
        data_key = data_key_of(self._session, row.reference)
        record = {} if data_key is None else read_json(unseal(data_key, _place(certificate_id), row.sealed))
        own = {"id": row.id, "reference": row.reference, "number": row.number, "status": row.status}
        if row.cause is not None:
            own["cause"] = row.cause
        if row.superseded_by is not None:
            own["superseded_by"] = row.superseded_by
        return {**record, **own}

    def set_status(
        self, certificate_id: str, status: str, cause: str | None = None, at: datetime | None = None
    ) -> None:
        """Suspended, revoked, cancelled, expired, superseded, or valid again; by which act, and when."""
        self._execute(
            update(certificates)
            .where(certificates.c.id == certificate_id)
            .values(status=status, cause=cause, changed_at=None if at is None else moment(at))
        )

    def supersede(self, certificate_id: str, by: str, at: datetime) -> None:
        """Another certificate has taken its place."""
        self._execute(
            update(certificates)
            .where(certificates.c.id == certificate_id)
            .values(status="superseded", cause="superseded", superseded_by=by, changed_at=moment(at))
        )

    def take_blank(self, blank_no: str, reference: str) -> None:
        """Note a blank sheet as used in that case. Raises RuleForbids when another case has used it."""
        held = self._execute(
            select(certificate_blanks.c.reference).where(certificate_blanks.c.blank_no == blank_no)
        ).scalar()
        if held == reference:
            return
        message = Text("这张空白证照已用于其他办件", "That blank sheet was used in another case")
        refusal = RuleForbids(message, extra={"rule": "blank-taken"})
        if held is not None:
            raise refusal
        try:
            self._execute(insert(certificate_blanks).values(blank_no=blank_no, reference=reference))
        except IntegrityError as error:
            raise refusal from error

    def running_out(self, before: date, limit: int) -> Sequence[tuple[str, str]]:
        """(id, reference) of valid certificates whose last day lies before that day."""
        rows = self._execute(
            select(certificates.c.id, certificates.c.reference)
            .where(certificates.c.status == "valid", certificates.c.valid_until < before.isoformat())
            .order_by(certificates.c.valid_until, certificates.c.id)
            .limit(limit)
        )
        return [(row.id, row.reference) for row in rows]

    def to_renew(self, until: date, limit: int) -> Sequence[tuple[str, str]]:
        """(id, reference) of valid certificates that end by that day and whose holder was not told yet."""
        rows = self._execute(
            select(certificates.c.id, certificates.c.reference)
            .where(
                certificates.c.status == "valid",
                certificates.c.valid_until <= until.isoformat(),
                text("renewal_told = 0"),
            )
            .order_by(certificates.c.valid_until, certificates.c.id)
            .limit(limit)
        )
        return [(row.id, row.reference) for row in rows]

    def renewal_told(self, certificate_id: str) -> None:
        """The holder was told that the term ends."""
        self._execute(update(certificates).where(certificates.c.id == certificate_id).values(renewal_told=1))

    def bearing(self, number: str, limit: int = 20) -> Sequence[str]:
        """The ids of certificates that bear the number, through all the changes of a licence."""
        found = select(certificates.c.id).where(certificates.c.number == number).order_by(certificates.c.id)
        return list(self._execute(found.limit(limit)).scalars())

    def _take(self, number: str, reference: str) -> None:
        holder = select(certificate_numbers.c.reference).where(certificate_numbers.c.number == number)
        held = self._execute(holder).scalar()
        if held == reference:
            return
        message = Text("证照编号已用于其他办件", "The number belongs to a certificate of another case")
        refusal = RuleForbids(message, extra={"rule": "certificate-number-taken"})
        if held is not None:
            raise refusal
        try:
            self._execute(insert(certificate_numbers).values(number=number, reference=reference))
        except IntegrityError as error:
            raise refusal from error


def _place(certificate_id: str) -> bytes:
    return f"certificate {certificate_id}".encode()

"""Certificates: the record is sealed under the key of its case, number and status are clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from catalogue.domain.problems import NotFound, RuleForbids
from catalogue.domain.text import Text
from catalogue.store.codec import json_bytes, read_json
from catalogue.store.keys import data_key_of
from catalogue.store.sealing import seal, unseal
from catalogue.store.session import Session
from catalogue.store.tables import certificate_numbers, certificates


class StoredCertificates:
    """The port ``Certificates``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute

    def add(self, certificate_id: str, reference: str, number: str | None, record: Mapping[str, Any]) -> None:
        """Raises RuleForbids when the number is taken by another case's certificate, NotFound without such a case.

        ``record["status"]`` is kept as the status; ``valid`` where it is not given.
        """
        data_key = data_key_of(self._session, reference)
        if data_key is None:
            raise NotFound
        if number is not None:
            self._take(number, reference)
        self._execute(
            insert(certificates).values(
                id=certificate_id,
                reference=reference,
                number=number,
                status=str(record.get("status", "valid")),
                sealed=seal(data_key, _place(certificate_id), json_bytes(record)),
            )
        )

    def get(self, certificate_id: str) -> Mapping[str, Any] | None:
        """The record with ``id``, ``reference``, ``number`` and the present ``status``; only these after erasure."""
        row = self._execute(select(certificates).where(certificates.c.id == certificate_id)).one_or_none()
        if row is None:
            return None
        data_key = data_key_of(self._session, row.reference)
        record = {} if data_key is None else read_json(unseal(data_key, _place(certificate_id), row.sealed))
        own = {"id": row.id, "reference": row.reference, "number": row.number, "status": row.status}
        return {**record, **own}

    def set_status(self, certificate_id: str, status: str) -> None:
        """Suspended, revoked, cancelled, expired, superseded, or valid again."""
        self._execute(update(certificates).where(certificates.c.id == certificate_id).values(status=status))

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

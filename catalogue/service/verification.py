"""Verify 核验: whether a certificate of ours is valid, for anybody and without personal data."""

from __future__ import annotations

from typing import Any

from catalogue.domain.numbers import parse_certificate_id
from catalogue.domain.problems import NotFound
from catalogue.domain.text import Text
from catalogue.service.house import House
from catalogue.service.ports import Work


def verification(work: Work, house: House, certificate_id: str) -> dict[str, Any]:
    """Status, issuing authority, kind and day of issue of a certificate by our own id. Raises NotFound."""
    number = parse_certificate_id(certificate_id)
    record = None if number is None else work.certificates.get(number)
    if number is None or record is None:
        raise NotFound(Text("没有这个证照编号的记录", "No certificate is recorded under this id"))
    authority = str(record["authority"])
    office = house.in_force().registry.offices.get(authority)
    return {
        "id": number,
        "status": record["status"],
        "authority": {
            "id": authority,
            "name": {"zh": authority, "en": authority} if office is None else office.name.as_json(),
        },
        "kind": record["kind"],
        "issued_on": record["issued_on"],
    }

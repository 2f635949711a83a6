"""Verify 核验: whether a certificate of ours is valid, for anybody and without personal data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.domain.days import local_day
from catalogue.domain.numbers import parse_certificate_id
from catalogue.domain.problems import NotFound
from catalogue.domain.text import Text
from catalogue.service.house import House
from catalogue.service.ports import Work

UNKNOWN = {"zh": "未知", "en": "Unknown"}


def verification(work: Work, house: House, certificate_id: str, token: str | None = None) -> dict[str, Any]:
    """Status, issuing authority, kind and day of issue of a certificate by our own id. Raises NotFound.

    ``token``: without one the signed facts of the certificate; with one, what they are worth: ``valid``, ``altered``
    (also where they belong to another certificate) or ``unknown_key``.
    """
    number = parse_certificate_id(certificate_id)
    record = None if number is None else work.certificates.get(number)
    if number is None or record is None:
        raise NotFound(Text("没有这个证照编号的记录", "No certificate is recorded under this id"))
    authority = record.get("authority")
    office = house.in_force().registry.offices.get(str(authority))
    named = {"zh": authority, "en": authority} if authority else UNKNOWN
    return {
        "id": number,
        "status": status_now(house, record),
        "cause": record.get("cause"),
        "authority": {"id": authority, "name": named if office is None else office.name.as_json()},
        "kind": record.get("kind") or UNKNOWN,
        "issued_on": record.get("issued_on"),
        "valid_until": record.get("valid_until"),
        "superseded_by": _named(work, house, record.get("superseded_by")),
        "in_place_of": _named(work, house, record.get("in_place_of")) or _stated(record.get("stated")),
        "token": record.get("token") if token is None else judged(house, number, token),
    }


def _named(work: Work, house: House, certificate: str | None) -> dict[str, Any] | None:
    """Another certificate as anybody may know it: our own id and its day, never the number it bears."""
    record = None if certificate is None else work.certificates.get(certificate)
    if record is None:
        return None
    return {
        "id": certificate,
        "issued_on": record.get("issued_on"),
        "status": status_now(house, record),
        "stated": False,
    }


def _stated(stated: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An earlier certificate that is not recorded here: that an officer stated it, by whom and when it was issued."""
    if stated is None:
        return None
    return {
        "id": None,
        "issued_on": stated.get("earlier_issued_on"),
        "authority": stated.get("earlier_authority"),
        "stated": True,
    }


def status_now(house: House, record: Any) -> str:
    """The recorded status; a term that has run out needs no job to say so."""
    until = record.get("valid_until")
    if record["status"] == "valid" and until and until < local_day(house.clock.now()).isoformat():
        return "expired"
    return str(record["status"])


def judged(house: House, certificate: str, token: str) -> str:
    """What a token is worth for that certificate."""
    verdict, facts = house.signer.judge(token)
    if verdict == "valid" and (facts or {}).get("id") != certificate:
        return "altered"
    return verdict

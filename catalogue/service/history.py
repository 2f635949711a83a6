"""The applicant's file: the history of a case as anybody can check it, without what is sealed in it.

Each event carries the hash of the one before (SM3, GB/T 32905-2016) over the exact text that the database keeps, and
the sealed part as ciphertext, so the chain can be checked by whoever holds the file, without the house and its keys.
``docs/history.md`` is the recipe; ``catalogue case check-history FILE`` follows it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from catalogue.domain.case import Case
from catalogue.domain.vocabulary import label
from catalogue.service.ports import ChainLink, Work

FORMAT = "catalogue-history/1"
ALGORITHM = (
    "hash = SM3(prev ‖ for each of reference, seq (8 bytes, big-endian), type, at, actor, office, clear, sealed: "
    "its length in bytes (8 bytes, big-endian) ‖ its bytes); text as UTF-8; prev of the first event is 32 zero bytes"
)


def history(work: Work, case: Case) -> dict[str, Any]:
    """The file: every event with what it was hashed from."""
    return {
        "format": FORMAT,
        "reference": case.reference,
        "algorithm": ALGORITHM,
        "events": [_entry(link) for link in work.cases.chain(case.reference)],
    }


def _entry(link: ChainLink) -> dict[str, Any]:
    return {
        "seq": link.seq,
        "label": label("events", link.type).as_json(),
        "type": link.type,
        "at": link.at,
        "actor": link.actor,
        "office": link.office,
        "clear": link.clear,
        "sealed": base64.b64encode(link.sealed).decode(),
        "prev": link.prev.hex(),
        "hash": link.hash.hex(),
    }


def read_history(document: Mapping[str, Any]) -> tuple[str, list[ChainLink]]:
    """The reference and the links of such a file. Raises ValueError where it is none."""
    try:
        if document["format"] != FORMAT:
            raise ValueError("not a history of this form")
        links = [
            ChainLink(
                int(one["seq"]), str(one["type"]), str(one["at"]), str(one["actor"]), str(one["office"]),
                str(one["clear"]), base64.b64decode(one["sealed"], validate=True), bytes.fromhex(one["prev"]),
                bytes.fromhex(one["hash"]),
            )
            for one in document["events"]
        ]  # fmt: skip
        return str(document["reference"]), links
    except (KeyError, TypeError, binascii.Error) as error:
        raise ValueError("not a history of this form") from error

"""The applicant's file: the history of a case as anybody can check it, without what is sealed in it.

Each event carries the hash of the one before (SM3, GB/T 32905-2016) over the exact text that the database keeps, and
the sealed part as ciphertext, so the chain can be checked by whoever holds the file, without the house and its keys.
What is the offices' own affair stands in it as a closed link: its place and its digest, which keep the chain whole.
``docs/history.md`` is the recipe; ``catalogue case check-history FILE`` follows it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from catalogue.domain.case import Case
from catalogue.domain.internal import INTERNAL
from catalogue.domain.vocabulary import label
from catalogue.service.ports import ChainLink, ClosedLink, Work

FORMAT = "catalogue-history/2"
FORMATS = ("catalogue-history/1", FORMAT)
"""The first had no closed links."""
CLOSED = frozenset({"seq", "digest", "prev", "hash"})
"""All that is said of an internal event."""
ALGORITHM = (
    "hash = SM3(prev ‖ digest); digest = SM3(for each of reference, seq (8 bytes, big-endian), type, at, actor, "
    "office, clear, sealed: its length in bytes (8 bytes, big-endian) ‖ its bytes); text as UTF-8; prev of the first "
    "event is 32 zero bytes; an internal event stands by its digest alone; an event from before there were digests has "
    "hash = SM3(prev ‖ what else goes into the digest)"
)


def history(work: Work, case: Case) -> dict[str, Any]:
    """The file: every event with what it was hashed from, an internal one with its digest alone."""
    return {
        "format": FORMAT,
        "reference": case.reference,
        "algorithm": ALGORITHM,
        "events": [_entry(link) for link in work.cases.chain(case.reference)],
    }


def _entry(link: ChainLink) -> dict[str, Any]:
    if link.type in INTERNAL and link.closed is not None:
        closed = link.closed
        parts = {"digest": closed.digest, "prev": closed.prev, "hash": closed.hash}
        return {"seq": closed.seq, **{key: value.hex() for key, value in parts.items()}}
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


def read_history(document: Mapping[str, Any]) -> tuple[str, list[ChainLink | ClosedLink]]:
    """The reference and the links of such a file. Raises ValueError where it is none."""
    try:
        if document["format"] not in FORMATS:
            raise ValueError("not a history of this form")
        return str(document["reference"]), [_link(one) for one in document["events"]]
    except (KeyError, TypeError, binascii.Error) as error:
        raise ValueError("not a history of this form") from error


def _link(one: Mapping[str, Any]) -> ChainLink | ClosedLink:
    seq, prev, hashed = int(one["seq"]), bytes.fromhex(one["prev"]), bytes.fromhex(one["hash"])
    if "digest" in one:
        if not CLOSED.issuperset(one):
            raise ValueError("a closed link says nothing beside its digest")
        return ClosedLink(seq, bytes.fromhex(one["digest"]), prev, hashed)
    return ChainLink(
        seq, str(one["type"]), str(one["at"]), str(one["actor"]), str(one["office"]), str(one["clear"]),
        base64.b64decode(one["sealed"], validate=True), prev, hashed,
    )  # fmt: skip

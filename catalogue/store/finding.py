"""What a case is found by: its title, by bigrams, and the personal identifiers in it, by keyed digests.

Digests stand by the month of receipt: those of new cases then meet on few pages, however many cases there are, and a
search looks once into each month (docs/decisions/0026).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, func, select

from catalogue.domain.numbers import reference_month
from catalogue.domain.value import Value
from catalogue.service.ports import SearchEntry
from catalogue.store import bigrams
from catalogue.store.keyring import Keyring
from catalogue.store.session import Session
from catalogue.store.tables import case_digests, case_titles

DIGEST = 16
"""Bytes kept of a digest: enough that no two meet by chance."""


def find_digest(keyring: Keyring, kind: str, value: str) -> bytes:
    """The keyed digest of a personal identifier in its normal form; the kind is part of what is digested."""
    return keyring.digest(f"find {kind}", value)[:DIGEST]


def having(digests: Iterable[bytes]) -> Select[tuple[str]]:
    """References of the cases that have one of those digests, looked for once, in each month that has any."""
    first = select(func.min(case_digests.c.month).label("month")).cte("months", recursive=True)
    following = select(func.min(case_digests.c.month)).where(case_digests.c.month > first.c.month).scalar_subquery()
    months = first.union_all(select(following).where(first.c.month.is_not(None)))
    found = (
        select(case_digests.c.reference)
        .join_from(months, case_digests, case_digests.c.month == months.c.month)
        .where(case_digests.c.digest.in_(list(digests)))
        .cte("found")
    )
    return select(found.c.reference)


class Found(Value, frozen=True):
    """What a case is found by, as it is stored; ``grams`` are the bigrams of its title between spaces."""

    month: int
    digests: tuple[bytes, ...]
    folded: str
    grams: str


def found_by(keyring: Keyring, reference: str, search: SearchEntry) -> Found:
    """Each personal identifier as a digest, once, and the title by its bigrams."""
    digests = sorted({find_digest(keyring, kind, value) for kind, value in search.digests})
    folded = bigrams.folded(search.title or "")
    return Found(reference_month(reference), tuple(digests), folded, " ".join(bigrams.tokens(folded)))


def insert_found(session: Session, reference: str, found: Found) -> None:
    """Make a case findable that is not yet."""
    if not session.sqlite:
        title = {"reference": reference, "folded": found.folded, "digests": b"".join(found.digests)}
        split = func.array_to_tsvector(func.string_to_array(found.grams, " "))
        session.connection.execute(case_titles.insert().values(**title, grams=split))
        rows = [{"month": found.month, "digest": digest, "reference": reference} for digest in found.digests]
        if rows:
            session.connection.execute(case_digests.insert(), rows)
        return
    later = session.later
    later.add(
        "INSERT INTO case_titles (reference, folded, digests) VALUES (?, ?, ?)",
        [(reference, found.folded, b"".join(found.digests))],
    )
    later.add(
        "INSERT INTO case_digests (month, digest, reference) VALUES (?, ?, ?)",
        [(found.month, digest, reference) for digest in found.digests],
    )
    if found.grams:
        later.add("INSERT INTO case_grams (rowid, grams) VALUES (?, ?)", [(int(reference), found.grams)])


def remove_search(session: Session, reference: str) -> None:
    """Make a case one that is found by nothing but its number."""
    session.write_later()
    of = {"reference": reference}
    row = session.raw("SELECT folded, digests FROM case_titles WHERE reference = :reference", of).fetchone()
    if row is None:
        return
    folded, digests = row[0], bytes(row[1] or b"")
    if session.sqlite and folded:
        # The index of SQLite keeps no copy of what it indexes and so must be told what it was.
        session.raw(
            "INSERT INTO case_grams (case_grams, rowid, grams) VALUES ('delete', :number, :grams)",
            {"number": int(reference), "grams": " ".join(bigrams.tokens(folded))},
        )
    kept = case_digests.c
    session.connection.execute(
        case_digests.delete().where(
            kept.month == reference_month(reference),
            kept.digest.in_([digests[n : n + DIGEST] for n in range(0, len(digests), DIGEST)]),
            kept.reference == reference,
        )
    )
    session.raw("DELETE FROM case_titles WHERE reference = :reference", of)

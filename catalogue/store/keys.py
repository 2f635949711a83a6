"""The data keys of cases: read for one, wrapped anew for all when the master key changes."""

from __future__ import annotations

from sqlalchemy import select, update

from catalogue.store.session import Session
from catalogue.store.tables import case_keys

_BATCH = 500


def data_key_of(session: Session, reference: str) -> bytes | None:
    """The data key of a case; None where there is no case or its key was destroyed."""
    head = session.heads.get(reference)
    if head is not None:
        return head.data_key
    statement = select(case_keys.c.key_id, case_keys.c.wrapped).where(case_keys.c.reference == reference)
    row = session.connection.execute(statement).one_or_none()
    return None if row is None else session.keyring.unwrap(reference, row.key_id, row.wrapped)


def rewrap_batch(session: Session, after: str) -> tuple[str | None, int]:
    """Move the next data keys to the current master key; (last reference looked at or None, how many moved)."""
    rows = session.connection.execute(
        select(case_keys).where(case_keys.c.reference > after).order_by(case_keys.c.reference).limit(_BATCH)
    ).all()
    moved = 0
    for row in rows:
        if row.key_id == session.keyring.current:
            continue
        data_key = session.keyring.unwrap(row.reference, row.key_id, row.wrapped)
        key_id, wrapped = session.keyring.wrap(row.reference, data_key)
        # Guarded by the old wrap: a case erased meanwhile keeps no key.
        moved += session.connection.execute(
            update(case_keys)
            .where(case_keys.c.reference == row.reference, case_keys.c.wrapped == row.wrapped)
            .values(key_id=key_id, wrapped=wrapped)
        ).rowcount
    return (rows[-1].reference if len(rows) == _BATCH else None), moved

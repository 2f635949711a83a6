"""Outcomes under idempotency keys, kept sealed for seven days; only committed ones are ever seen.

The outcome of a command on a case is sealed under the key of that case and dies with it; any other one under the
current master key.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from catalogue.domain.problems import IdempotencyKeyReused
from catalogue.service.ports import IdempotencyKey, Outcome
from catalogue.store.codec import moment
from catalogue.store.sealing import seal, unseal
from catalogue.store.session import Retry, Session

KEPT = timedelta(days=7)

INSERT_KEY = "INSERT INTO idempotency (account, route, key, body_digest, reference, outcome, created_at)"

UPSERT_KEY = (
    "ON CONFLICT (account, route, key) DO UPDATE SET body_digest = excluded.body_digest, "
    "reference = excluded.reference, outcome = excluded.outcome, created_at = excluded.created_at "
    "WHERE idempotency.created_at < :expired"
)
"""Takes a key that is new or has run out; changes no row where it is in use."""

_GET = (
    "SELECT i.body_digest, i.reference, i.outcome, k.key_id, k.wrapped FROM idempotency i "
    "LEFT JOIN case_keys k ON k.reference = i.reference "
    "WHERE i.account = :account AND i.route = :route AND i.key = :key AND i.created_at >= :expired"
)


class Outcomes:
    """The outcomes one unit of work may look up and keep."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._claimed: set[IdempotencyKey] = set()

    def get(self, key: IdempotencyKey) -> Outcome | None:
        """The stored outcome. Raises IdempotencyKeyReused where the key came with another body.

        In a transaction on PostgreSQL a key in flight is waited for first.
        """
        session = self._session
        if session.writing and not session.sqlite and key not in self._claimed:
            name = int.from_bytes(
                session.keyring.digest("lock", key.account, key.route, key.key)[:8], "big", signed=True
            )
            session.raw("SELECT pg_advisory_xact_lock(:name)", {"name": name})
            self._claimed.add(key)
        row = session.raw(
            _GET, {"account": key.account, "route": key.route, "key": key.key, "expired": self._expired()}
        ).fetchone()
        if row is None:
            return None
        body_digest, reference, sealed, key_id, wrapped = row
        if body_digest != key.body_digest:
            raise IdempotencyKeyReused
        if reference is None:
            clear = session.keyring.unseal_loose(_place(key), bytes(sealed))
        elif key_id is None:
            # Erased with its case: what was answered is gone, and the act must not be done again.
            raise IdempotencyKeyReused
        else:
            clear = unseal(session.keyring.unwrap(reference, key_id, bytes(wrapped)), _place(key), bytes(sealed))
        return Outcome(int.from_bytes(clear[:2], "big"), clear[2:])

    def row(
        self, key: IdempotencyKey, outcome: Outcome, reference: str | None, data_key: bytes | None
    ) -> dict[str, Any]:
        """The parameters that write an outcome, with ``expired``: what was kept before it may be taken over."""
        clear = outcome.status.to_bytes(2, "big") + outcome.body
        sealed = (
            self._session.keyring.seal_loose(_place(key), clear)
            if data_key is None
            else seal(data_key, _place(key), clear)
        )
        return {
            "account": key.account,
            "route": key.route,
            "key": key.key,
            "body_digest": key.body_digest,
            "reference": None if data_key is None else reference,
            "outcome": sealed,
            "created_at": self._session.now(),
            "expired": self._expired(),
        }

    def keep(
        self, key: IdempotencyKey, outcome: Outcome, reference: str | None = None, data_key: bytes | None = None
    ) -> None:
        """Store an outcome. Raises IdempotencyKeyReused where the key has one for another body."""
        values = self.row(key, outcome, reference, data_key)
        cursor = self._session.raw(
            f"{INSERT_KEY} "
            f"VALUES (:account, :route, :key, :body_digest, :reference, :outcome, :created_at) {UPSERT_KEY}",
            values,
        )
        if not cursor.rowcount:
            self.get(key)
            # The other outcome is for the same body: this unit must answer with it instead of acting twice.
            raise Retry

    def prune(self) -> int:
        """Remove what is older than seven days; answers how many rows."""
        cursor = self._session.raw("DELETE FROM idempotency WHERE created_at < :expired", {"expired": self._expired()})
        return int(cursor.rowcount)

    def _expired(self) -> str:
        return moment(self._session.at() - KEPT)


def _place(key: IdempotencyKey) -> bytes:
    return "\x1f".join(("outcome", key.account, key.route, key.key)).encode()

"""Who wants no notices any more: keyed digests of numbers and addresses, nothing that can be read."""

from __future__ import annotations

from datetime import datetime

from catalogue.store.codec import moment
from catalogue.store.session import Session


class StoredNotices:
    """The port ``Notices``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def opted_out(self, contact: str) -> bool:
        """Whether that number or address is not to be written to."""
        mark = ":digest" if self._session.sqlite else "CAST(:digest AS bytea)"
        sql = f"SELECT 1 FROM notice_optouts WHERE digest = {mark}"  # noqa: S608 - put together from constants
        return self._session.raw(sql, {"digest": self._digest(contact)}).fetchone() is not None

    def opt_out(self, contact: str, at: datetime) -> None:
        """Write to it no more; the first time counts."""
        mark = ":digest" if self._session.sqlite else "CAST(:digest AS bytea)"
        self._session.raw(
            f"INSERT INTO notice_optouts (digest, at) VALUES ({mark}, :at) ON CONFLICT DO NOTHING",  # noqa: S608
            {"digest": self._digest(contact), "at": moment(at)},
        )

    def _digest(self, contact: str) -> bytes:
        return self._session.keyring.digest("notice opt-out", contact)

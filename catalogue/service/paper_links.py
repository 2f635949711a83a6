"""Short-lived links to the papers of a case, for a city's own system: papers are fetched, never pushed.

A link is bound to region, case, file and hour, and is checked without the database.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from catalogue.domain.value import Value

LIVES = timedelta(hours=24)
"""Long enough for a system that fetches at night; a message sent again brings fresh links."""


class PaperLinks(Value, frozen=True):
    """Makes and checks links under a key of the house."""

    key: bytes

    def path(self, region: str, reference: str, file_id: str, now: datetime) -> tuple[str, datetime]:
        """The address below the public one, and until when it holds."""
        until = (now + LIVES).replace(microsecond=0)
        query = urlencode({"until": int(until.timestamp()), "key": self._mac(region, reference, file_id, until)})
        return f"/api/regions/{region}/papers/{reference}/{file_id}?{query}", until

    def holds(self, region: str, reference: str, file_id: str, until: str, key: str, now: datetime) -> bool:
        """Whether that link was made here and has not run out."""
        if not (until.isascii() and until.isdigit() and len(until) < 12):
            return False
        moment = datetime.fromtimestamp(int(until), UTC)
        expected = self._mac(region, reference, file_id, moment)
        return hmac.compare_digest(expected.encode(), key.encode()) and now < moment

    def _mac(self, region: str, reference: str, file_id: str, until: datetime) -> str:
        text = "\x1f".join((region, reference, file_id, str(int(until.timestamp()))))
        return hmac.digest(self.key, text.encode(), "sha256").hex()[:40]

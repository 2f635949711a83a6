"""Who wants no notices any more."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Notices(Protocol):
    def opted_out(self, contact: str) -> bool: ...
    def opt_out(self, contact: str, at: datetime) -> None: ...

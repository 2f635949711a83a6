"""The signer of certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Signer(Protocol):
    """Signs what a certificate says in public, and judges what was signed."""

    def sign(self, payload: Mapping[str, Any]) -> str:
        """Compact JWS by the current key."""
        ...

    def judge(self, token: str) -> tuple[str, Mapping[str, Any] | None]:
        """(valid, altered or unknown_key; the payload of a valid one)."""
        ...

    def public(self) -> Mapping[str, Any]:
        """The JWK set that anybody verifies with."""
        ...

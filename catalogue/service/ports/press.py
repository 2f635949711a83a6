"""The press: sheets set as PDF with fonts of our own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from catalogue.domain.value import Value


class Attachment(Value, frozen=True):
    """A file that a PDF carries with it."""

    name: str
    media_type: str
    content: str
    description: str


class Press(Protocol):
    """Sets sheets. The same sheet at the same time gives the same bytes."""

    @property
    def version(self) -> str:
        """Names the form of the sheets; it stands on each."""
        ...

    def pdf(self, form: str, sheet: Mapping[str, Any], at: datetime, attachments: tuple[Attachment, ...] = ()) -> bytes:
        """A sheet as PDF/A. ``form``: document, licence. Raises GlyphMissing."""
        ...

"""Which of the two languages a reader gets."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from catalogue.domain.text import Language

COOKIE = "lang"


def known(value: str | None) -> Language | None:
    """The value as a language, None where it is not one of the two."""
    return cast(Language, value) if value in ("zh", "en") else None


@lru_cache(maxsize=256)
def of_header(accept_language: str) -> Language:
    """The better of the two by ``Accept-Language`` (RFC 9110 §12.5.4); Chinese where neither is asked for."""
    best: dict[str, float] = {}
    for part in accept_language.lower().split(","):
        tag, _, rest = part.strip().partition(";")
        weight = 1.0
        if rest.strip().startswith("q="):
            try:
                weight = float(rest.strip()[2:])
            except ValueError:
                weight = 0.0
        primary = tag.strip().split("-")[0]
        if primary in ("zh", "en") and weight > best.get(primary, 0.0):
            best[primary] = weight
    return "en" if best.get("en", 0.0) > best.get("zh", 0.0) else "zh"

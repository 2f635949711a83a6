"""The body of a rating."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from catalogue.service.bodies.basics import Body, Prose, RatingChannel, RatingReason, Satisfaction


class RateBody(Body):
    """``level`` for both, or ``window`` and ``office`` apart; a bad one with ``reasons`` or ``text``."""

    level: Satisfaction | None = None
    window: Satisfaction | None = None
    office: Satisfaction | None = None
    reasons: Annotated[tuple[RatingReason, ...], Field(max_length=10, strict=False)] = ()
    text: Prose | None = None
    follow_up: bool = False
    channel: RatingChannel | None = None

"""A unit of work over the value of a loop: each round's function holds the value of its own round."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from catalogue.store.work import StoredWork

T = TypeVar("T")
V = TypeVar("V")


def taking(value: V, function: Callable[[StoredWork, V], T]) -> Callable[[StoredWork], T]:
    """The unit of work that runs the function with that value."""
    return lambda work: function(work, value)

"""Loading a program without looking for garbage, which does not arise while modules are read."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within the block the collector rests. Measured: a sixth of the CPU of a start (``bench/starts.py``)."""
    rested = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if rested:
            gc.enable()

"""Loading a program without looking for garbage, which does not arise while modules are read."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within the block the collector rests, and of what was loaded it keeps off afterwards, which lives as long as the
    process. Measured in instructions of ``bench/started.py``: a fiftieth, and a fourteenth, of which three quarters are
    saved when the process ends.
    """
    rested = gc.isenabled()
    known = len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > known:
            gc.freeze()
        if rested:
            gc.enable()

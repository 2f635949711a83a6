"""Scans carried over: what one case holds already is not scanned again for the next.

The content is read under the key of the old case and sealed anew under that of the new one; nothing refers across
cases. The callers have let the actor see both.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import replace

from catalogue.domain.people import Actor
from catalogue.service.house import House
from catalogue.service.ports import Work


def copy_scans(
    work: Work, house: House, actor: Actor, old: str, new: str, listed: Collection[str], only: str | None = None
) -> int:
    """Copy the scans of a case into another one; how many.

    ``listed`` are the papers that the new case knows; a scan of another one is kept without its paper. ``only`` takes
    the scans of that paper alone.
    """
    copied = 0
    for file in work.files.list(old):
        if only is not None and file.material != only:
            continue
        found = work.files.content(old, file.id)
        if found is None:
            continue
        work.files.add(
            replace(
                file,
                id=f"f{secrets.token_hex(8)}",
                reference=new,
                material=file.material if file.material in listed else None,
                added_at=house.clock.now(),
                added_by=actor.id,
            ),
            found[1],
        )
        copied += 1
    return copied

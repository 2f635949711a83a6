"""The repeating jobs in a thread of their own, round after round until stopped."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from catalogue.logs import log
from catalogue.service.house import House
from catalogue.service.jobs import Deliver, KeepAnchor, prune, run_once, to_desk
from catalogue.service.measuring import learn
from catalogue.service.ports import Database

LONGEST_PAUSE = 60.0
PRUNE_SECONDS = 86_400.0
MEASURE_SECONDS = 900.0

CHANNELS: dict[str, Deliver] = {"desk": to_desk}
"""Channel -> how a message is handed over. A message of another channel stays in the outbox and is tried again."""


def anchor_file(path: Path | None) -> KeepAnchor | None:
    """Appends each anchor to that file as a line of JSON, on the disk before it returns."""
    if path is None:
        return None

    def keep(anchor: Mapping[str, Any]) -> None:
        with path.open("ab") as file:
            file.write(msgspec.json.encode(anchor) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    return keep


class Rounds:
    """A thread that does its round every ``seconds``; one that fails is logged and tried again, ever more slowly."""

    def __init__(self, name: str, seconds: float, once: Callable[[], Mapping[str, int]]) -> None:
        self._seconds, self._once = seconds, once
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first round runs at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that runs, waiting for it at most ten seconds."""
        self._stopped.set()
        self._thread.join(timeout=10)

    def join(self) -> None:
        """Wait until it ends, interruptible from the keyboard."""
        while self._thread.is_alive():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        pause = self._seconds
        while not self._stopped.is_set():
            started = time.monotonic()
            try:
                counts = self._once()
                pause = self._seconds
                if any(counts.values()):
                    log.info("round", **counts, seconds=round(time.monotonic() - started, 3))
            except Exception as error:  # noqa: BLE001 -- the thread outlives whatever one round meets
                pause = min(pause * 2, LONGEST_PAUSE)
                log.error("round failed", error=type(error).__name__, again_in=pause)
            self._stopped.wait(pause)


class Jobs:
    """One round of the repeating jobs; anchors and forgetting have longer intervals of their own."""

    def __init__(
        self, database: Database, house: House, *, anchor_seconds: float, keep_anchor: KeepAnchor | None
    ) -> None:
        self._database, self._house = database, house
        self._anchor_seconds, self._keep_anchor = anchor_seconds, keep_anchor
        self._anchored, self._pruned, self._measured = -anchor_seconds, -PRUNE_SECONDS, -MEASURE_SECONDS

    def __call__(self) -> Mapping[str, int]:
        """Everything that is due; the counts of what was done."""
        now = time.monotonic()
        anchor = now - self._anchored >= self._anchor_seconds
        measure = now - self._measured >= MEASURE_SECONDS
        done = run_once(
            self._database, self._house, CHANNELS, anchor=anchor, measure=measure, keep_anchor=self._keep_anchor
        )
        if measure:
            self._measured = now
        if anchor:
            self._anchored = now
        if now - self._pruned >= PRUNE_SECONDS:
            prune(self._database)
            self._pruned = now
        return done.counts()


def follow_revisions(database: Database, house: House) -> Callable[[], Mapping[str, int]]:
    """A round that learns of new revisions, for a process that leaves the jobs to another one."""

    def once() -> Mapping[str, int]:
        before = len(house.numbers)
        database.read(lambda work: learn(work, house)).result()
        return {"revisions": len(house.numbers) - before}

    return once

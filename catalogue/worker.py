"""The repeating jobs in a thread of their own, round after round until stopped."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from catalogue.logs import log
from catalogue.service.delivery import Deliver, Delivered, deliver_region, to_desk
from catalogue.service.house import House
from catalogue.service.jobs import KeepAnchor, prune, run_once
from catalogue.service.measuring import learn
from catalogue.service.ports import Database
from catalogue.service.reconciling import ask_holdings

LONGEST_PAUSE = 60.0
PRUNE_SECONDS = 86_400.0
MEASURE_SECONDS = 900.0

OUTBOX_PAUSE = 30.0
COMMITTED_WITHIN = 0.02
"""A message is announced just before its commit; looked for this much later it is there."""

CHANNELS: dict[str, Deliver] = {"desk": to_desk}
"""What needs no settings; ``catalogue.app`` adds the webhook."""


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

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop; a long round looks here."""
        return self._stopped.is_set()

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


class Postman:
    """Looks into the outbox again and again; each city's line is gone over in a thread of its own.

    So a city that answers slowly keeps its own messages waiting and nobody else's.
    """

    def __init__(self, database: Database, house: House, channels: Mapping[str, Deliver], seconds: float) -> None:
        self._database, self._house, self._channels, self._seconds = database, house, channels, seconds
        self._stopped = threading.Event()
        self._lines: dict[str, Future[Delivered]] = {}
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is on its way; what was only claimed goes back."""
        self._stopped.set()
        self._house.posted.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        pause = self._seconds
        with ThreadPoolExecutor(64, thread_name_prefix="line") as threads:
            while not self._stopped.is_set():
                try:
                    self._round(threads)
                    pause = self._seconds
                except Exception as error:  # noqa: BLE001 -- the thread outlives whatever one round meets
                    pause = min(max(pause, 0.5) * 2, OUTBOX_PAUSE)
                    log.error("outbox not read", error=type(error).__name__, again_in=pause)
                if self._house.posted.wait(pause):
                    self._house.posted.clear()
                    self._stopped.wait(COMMITTED_WITHIN)

    def _round(self, threads: ThreadPoolExecutor) -> None:
        for region, line in list(self._lines.items()):
            if line.done():
                del self._lines[region]
                error = line.exception()
                if error is not None:
                    log.error("line failed", region=region, error=type(error).__name__)
                elif line.result().sent or line.result().failed:
                    log.info("line", region=region, sent=line.result().sent, failed=line.result().failed)
        for region in self._database.read(lambda work: work.outbox.due(work.now())).result():
            if region not in self._lines:
                self._lines[region] = threads.submit(
                    deliver_region, self._database, self._house, self._channels, region, self._stopped
                )


class Jobs:
    """One round of the repeating jobs; anchors and forgetting have longer intervals of their own."""

    def __init__(
        self,
        database: Database,
        house: House,
        channels: Mapping[str, Deliver],
        *,
        anchor_seconds: float,
        keep_anchor: KeepAnchor | None,
    ) -> None:
        self._database, self._house, self._channels = database, house, channels
        self._anchor_seconds, self._keep_anchor = anchor_seconds, keep_anchor
        self._anchored, self._pruned, self._measured = -anchor_seconds, -PRUNE_SECONDS, -MEASURE_SECONDS

    def __call__(self) -> Mapping[str, int]:
        """Everything that is due; the counts of what was done."""
        now = time.monotonic()
        anchor = now - self._anchored >= self._anchor_seconds
        measure = now - self._measured >= MEASURE_SECONDS
        ask_holdings(self._database, self._house, self._channels)
        done = run_once(
            self._database, self._house, None, anchor=anchor, measure=measure, keep_anchor=self._keep_anchor
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

"""The repeating jobs in a thread of their own, round after round until stopped."""

from __future__ import annotations

import threading
import time

import structlog

from catalogue.service.house import House
from catalogue.service.jobs import Deliver, run_once, to_desk
from catalogue.service.ports import Database

LONGEST_PAUSE = 60.0

CHANNELS: dict[str, Deliver] = {"desk": to_desk}
"""Channel -> how a message is handed over. A message of another channel stays in the outbox and is tried again."""

log = structlog.get_logger("worker")


class Worker:
    """Runs what is due every ``seconds``; a failing round is logged and tried again, ever more slowly."""

    def __init__(self, database: Database, house: House, seconds: float) -> None:
        self._database, self._house, self._seconds = database, house, seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

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
                done = run_once(self._database, self._house, CHANNELS)
                pause = self._seconds
                if done.busy:
                    log.info("round", **done.counts(), seconds=round(time.monotonic() - started, 3))
            except Exception as error:  # noqa: BLE001 -- the thread outlives whatever one round meets
                pause = min(pause * 2, LONGEST_PAUSE)
                log.error("round failed", error=type(error).__name__, again_in=pause)
            self._stopped.wait(pause)

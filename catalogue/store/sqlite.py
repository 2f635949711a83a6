"""Units of work on SQLite: reading threads, and one writer that commits several units of work together."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from catalogue.domain.problems import Unavailable
from catalogue.store.database import TRIES, Connections, Driver, Now, StoredDatabase, T, refused
from catalogue.store.engines import sqlite_engine
from catalogue.store.keyring import Keyring
from catalogue.store.later import Later
from catalogue.store.session import Retry, Session
from catalogue.store.sqlite_line import WritersLine
from catalogue.store.sqlite_log import LogCopier
from catalogue.store.work import StoredWork

Unit = Callable[[StoredWork], T]
Waiting = tuple[Unit[Any], Future[Any]]

GROUP = 64
"""Writes that share one COMMIT at most."""

DRIVER = Driver((DBAPIError, sqlite3.Error), (sqlite3.DataError,))


class _HalfWritten(Exception):
    """A unit of work failed after it had written: the transaction it shares cannot be committed."""


def _fail(future: Future[Any], error: BaseException) -> None:
    shown = DRIVER.translated(error)
    if shown is not error:
        shown.__cause__ = error
    future.set_exception(shown)


class SqliteDatabase(StoredDatabase):
    """The port ``Database`` on one SQLite file."""

    def __init__(self, url: str, keyring: Keyring, *, read_threads: int, now: Now) -> None:
        self.keyring = keyring
        self.url = url
        self.dialect = "sqlite"
        self._now = now
        self._writing = sqlite_engine(url, poolclass=NullPool)
        # The writer's connection comes first: it creates the files that a read-only one expects.
        self._writer = self._writing.connect()
        self._connections = Connections(sqlite_engine(url, read_only=True, poolclass=NullPool))
        self._readers = ThreadPoolExecutor(max_workers=read_threads, thread_name_prefix="read")
        self._line: WritersLine[Waiting] = WritersLine(GROUP)
        self._copier = LogCopier(self._writing)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="write", daemon=True)
        self._thread.start()

    def read(self, function: Unit[T]) -> Future[T]:
        """Run it in a reader's thread; each statement sees what was committed when it began."""
        if not self._closed:
            return self._readers.submit(self._read, function)
        return refused()

    def write(self, function: Unit[T]) -> Future[T]:
        """Run it in the writer's thread; it resolves after the COMMIT it shares."""
        if self._closed:
            return refused()
        future: Future[T] = Future()
        self._line.put((function, future))
        return future

    def close(self) -> None:
        """Finish what is waiting, then close."""
        if self._closed:
            return
        self._closed = True
        self._line.close()
        self._thread.join()
        self._copier.close()
        self._readers.shutdown(wait=True)
        self._connections.close()
        self._writer.close()
        self._writing.dispose()

    def _read(self, function: Unit[T]) -> T:
        try:
            connection = self._connections.get()
            try:
                return function(StoredWork(Session(connection, self.keyring, writing=False, now=self._now)))
            finally:
                if connection.in_transaction():
                    connection.rollback()
        except Exception as error:
            shown = DRIVER.translated(error)
            if shown is error:
                raise
            raise shown from error

    def _run(self) -> None:
        while group := self._line.take():
            self._commit([(f, future) for f, future in group if future.set_running_or_notify_cancel()])

    def _commit(self, group: list[Waiting]) -> None:
        """Write a group in one transaction. A unit that fails half way takes the others' writes with it: then all
        that still wait are written again, each in a savepoint of its own."""
        waiting = {future: function for function, future in group}
        if not waiting:
            return
        try:
            self._transaction(waiting, apart=False)
        except _HalfWritten:
            self._transaction(waiting, apart=True)

    def _transaction(self, waiting: dict[Future[Any], Unit[Any]], *, apart: bool) -> None:
        """Run the units and COMMIT; a unit that fails is told at once and taken out of ``waiting``."""
        answers: list[tuple[Future[Any], Any]] = []
        driver: Any = self._writer.connection.driver_connection
        later = Later()
        try:
            # All are made ready first, so that what sealing needs and what SQLite needs do not take turns in the caches
            # of the processor. Measured: a twentieth of what this thread does.
            works = [self._work(function, later) for function in waiting.values()]
            # By the driver: SQLAlchemy's own transaction costs a group more than its COMMIT. It joins this one where
            # a unit of work asks by its statements (``engines``).
            driver.execute("BEGIN IMMEDIATE")
            for (future, function), work in zip(tuple(waiting.items()), works, strict=True):
                try:
                    answer = self._one(function, work, later, apart=apart)
                except _HalfWritten:
                    raise
                except BaseException as error:
                    del waiting[future]
                    _fail(future, error)
                    if not driver.in_transaction:
                        # The engine gave up the whole transaction (disk full, input/output error).
                        raise Unavailable from error
                else:
                    answers.append((future, answer))
            later.write(driver)
            if self._writer.in_transaction():
                self._writer.commit()
            else:
                driver.commit()
        except _HalfWritten:
            self._give_up()
            raise
        except BaseException as error:  # noqa: BLE001 - nobody of this group may be told that it was written
            # A COMMIT that failed leaves its transaction open.
            self._give_up()
            for future in waiting:
                unknown = Unavailable()
                unknown.__cause__ = error
                future.set_exception(unknown)
            return
        self._line.written(len(answers))
        for future, answer in answers:
            future.set_result(answer)
        self._copier.written(len(answers), driver)

    def _give_up(self) -> None:
        """Roll back what was begun, by whomever."""
        with suppress(*DRIVER.errors):
            self._writer.rollback()
        with suppress(*DRIVER.errors):
            self._writer.connection.rollback()

    def _work(self, function: Unit[Any], later: Later) -> StoredWork:
        """What a unit of work is given; a case that it will open is sealed already."""
        work = StoredWork(Session(self._writer, self.keyring, writing=True, now=self._now, later=later))
        opening = getattr(function, "opening", None)
        if opening is not None:
            # What is wrong with it is found again, and told, when its turn comes.
            with suppress(Exception):
                work.cases.seal(opening)
        return work

    def _one(self, function: Unit[T], work: StoredWork, later: Later, *, apart: bool) -> T:
        """Run a unit of work, ``apart`` in a savepoint. Raises what it raises, and _HalfWritten without a savepoint.

        A savepoint costs a tenth of a submission (measured), and nearly all units that fail have written nothing yet.
        """
        driver: Any = self._writer.connection.driver_connection
        for attempt in range(TRIES):
            before, waiting = driver.total_changes, len(later)
            if apart:
                driver.execute("SAVEPOINT one")
                kept = later.copy()
            try:
                answer = function(work)
            except BaseException as error:
                if driver.in_transaction and apart:
                    driver.execute("ROLLBACK TO one")
                    driver.execute("RELEASE one")
                    later.put_back(kept)
                elif driver.in_transaction and (driver.total_changes != before or len(later) != waiting):
                    raise _HalfWritten from error
                if not isinstance(error, Retry) or attempt == TRIES - 1:
                    raise
                work = self._work(function, later)
            else:
                if apart:
                    driver.execute("RELEASE one")
                return answer
        raise AssertionError("a loop of tries either answers or raises")

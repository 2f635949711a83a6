"""Running units of work: one writer that commits in groups on SQLite, a bounded pool of threads on PostgreSQL.

A unit of work may be run again from its beginning when the database asks for it, so it must change nothing but what
it is given. It must not wait for another unit of work: on SQLite that one would wait for the same thread.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from psycopg import errors as pg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from catalogue.domain.problems import InvalidInput, Unavailable
from catalogue.domain.text import Text
from catalogue.service.ports import Database
from catalogue.store.engines import postgresql_engine, sqlite_engine
from catalogue.store.keyring import Keyring
from catalogue.store.session import Retry, Session
from catalogue.store.work import StoredWork

T = TypeVar("T")
Now = Callable[[], datetime] | None

GROUP = 64
"""Writes that share one COMMIT at most."""

_TRIES = 5
_AGAIN = (pg.SerializationFailure, pg.DeadlockDetected, pg.UniqueViolation)
"""What may be gone when the unit of work is run again: another one was in the way."""

DRIVER_ERRORS = (DBAPIError, psycopg.Error, sqlite3.Error)


def cause(error: BaseException) -> BaseException:
    """The driver's own error behind one of SQLAlchemy's."""
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def translated(error: BaseException) -> BaseException:
    """The problem that people see in the place of a driver's error; any other error as it is."""
    if isinstance(error, Retry):
        return Unavailable()
    if isinstance(cause(error), pg.DataError | sqlite3.DataError | UnicodeEncodeError | OverflowError):
        return InvalidInput(
            Text("内容含有无法保存的字符或数值", "The input holds a character or number that cannot be kept")
        )
    if isinstance(error, DRIVER_ERRORS):
        return Unavailable()
    return error


def _fail(future: Future[Any], error: BaseException) -> None:
    shown = translated(error)
    if shown is not error:
        shown.__cause__ = error
    future.set_exception(shown)


def _refused() -> Future[Any]:
    """What a closed database answers."""
    future: Future[Any] = Future()
    future.set_exception(Unavailable())
    return future


class _Held(threading.local):
    """The connection a thread keeps, so that no request pays for taking one from a pool."""

    connection: Connection | None = None


class _Connections:
    """One connection per thread on one engine, all closed together."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._held = _Held()
        self._lock = threading.Lock()
        self._all: list[Connection] = []

    def get(self) -> Connection:
        """The calling thread's connection."""
        connection = self._held.connection
        if connection is None:
            connection = self._held.connection = self.engine.connect()
            with self._lock:
                self._all.append(connection)
        return connection

    def drop(self) -> None:
        """Close the calling thread's connection; the next ``get`` makes a new one."""
        connection, self._held.connection = self._held.connection, None
        if connection is not None:
            with self._lock:
                self._all.remove(connection)
            with suppress(*DRIVER_ERRORS):
                connection.invalidate()
            connection.close()

    def close(self) -> None:
        """Close every connection; no thread may be using one."""
        for connection in self._all:
            connection.close()
        self._all.clear()
        self.engine.dispose()


class SqliteDatabase:
    """The port ``Database`` on one SQLite file."""

    def __init__(self, url: str, keyring: Keyring, *, read_threads: int, now: Now) -> None:
        self.keyring = keyring
        self.url = url
        self.dialect = "sqlite"
        self._now = now
        self._writing = sqlite_engine(url, poolclass=NullPool)
        # The writer's connection comes first: it creates the files that a read-only one expects.
        self._writer = self._writing.connect()
        self._connections = _Connections(sqlite_engine(url, read_only=True, poolclass=NullPool))
        self._readers = ThreadPoolExecutor(max_workers=read_threads, thread_name_prefix="read")
        self._queue: queue.SimpleQueue[tuple[Callable[[StoredWork], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="write", daemon=True)
        self._thread.start()

    def read(self, function: Callable[[StoredWork], T]) -> Future[T]:
        """Run it in a reader's thread; each statement sees what was committed when it began."""
        if not self._closed:
            return self._readers.submit(self._read, function)
        return _refused()

    def write(self, function: Callable[[StoredWork], T]) -> Future[T]:
        """Run it in the writer's thread, in a savepoint of its own; resolves after the COMMIT it shares."""
        if self._closed:
            return _refused()
        future: Future[T] = Future()
        self._queue.put((function, future))
        return future

    def close(self) -> None:
        """Finish what is waiting, then close."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        self._thread.join()
        self._readers.shutdown(wait=True)
        self._connections.close()
        self._writer.close()
        self._writing.dispose()

    def _read(self, function: Callable[[StoredWork], T]) -> T:
        try:
            connection = self._connections.get()
            try:
                return function(StoredWork(Session(connection, self.keyring, writing=False, now=self._now)))
            finally:
                if connection.in_transaction():
                    connection.rollback()
        except Exception as error:
            shown = translated(error)
            if shown is error:
                raise
            raise shown from error

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            last = False
            with suppress(queue.Empty):
                while len(group) < GROUP:
                    following = self._queue.get_nowait()
                    if following is None:
                        last = True
                        break
                    group.append(following)
            self._commit([(f, future) for f, future in group if future.set_running_or_notify_cancel()])
            if last:
                return

    def _commit(self, group: list[tuple[Callable[[StoredWork], Any], Future[Any]]]) -> None:
        if not group:
            return
        waiting = [future for _, future in group]
        answers: list[tuple[Future[Any], Any]] = []
        try:
            with self._writer.begin():
                for function, future in group:
                    try:
                        answer = self._one(function)
                    except BaseException as error:
                        waiting.remove(future)
                        _fail(future, error)
                        if not self._writer.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
                            # The engine gave up the whole transaction (disk full, input/output error).
                            raise Unavailable from error
                    else:
                        answers.append((future, answer))
        except BaseException as error:  # noqa: BLE001 - nobody of this group may be told that it was written
            # A COMMIT that failed leaves its transaction open.
            with suppress(*DRIVER_ERRORS):
                self._writer.connection.rollback()
            for future in waiting:
                unknown = Unavailable()
                unknown.__cause__ = error
                future.set_exception(unknown)
            return
        for future, answer in answers:
            future.set_result(answer)

    def _one(self, function: Callable[[StoredWork], T]) -> T:
        driver: Any = self._writer.connection.driver_connection
        for attempt in range(_TRIES):
            driver.execute("SAVEPOINT one")
            try:
                answer = function(StoredWork(Session(self._writer, self.keyring, writing=True, now=self._now)))
            except BaseException as error:
                if driver.in_transaction:
                    driver.execute("ROLLBACK TO one")
                    driver.execute("RELEASE one")
                if not isinstance(error, Retry) or attempt == _TRIES - 1:
                    raise
            else:
                driver.execute("RELEASE one")
                return answer
        raise AssertionError("a loop of tries either answers or raises")


class PostgresqlDatabase:
    """The port ``Database`` on PostgreSQL: ``pool_size`` threads, each with a connection to read and one to write."""

    def __init__(self, url: str, keyring: Keyring, *, pool_size: int, now: Now) -> None:
        self.keyring = keyring
        self.url = url
        self.dialect = "postgresql"
        self._now = now
        self._reading = _Connections(postgresql_engine(url, reading=True))
        self._writing = _Connections(postgresql_engine(url))
        self._alone = _Connections(postgresql_engine(url, alone=True))
        self._threads = ThreadPoolExecutor(max_workers=pool_size, thread_name_prefix="database")
        self._closed = False

    def read(self, function: Callable[[StoredWork], T]) -> Future[T]:
        """Run it in a thread of the pool; each statement sees what was committed when it began."""
        return self._submit(self._read, function)

    def write(self, function: Callable[[StoredWork], T]) -> Future[T]:
        """Run it in one transaction; again where another one was in the way; resolves after the COMMIT.

        A unit of work that says it is one statement (``alone``) is its own transaction: two round trips less.
        """
        return self._submit(self._write_alone if getattr(function, "alone", False) else self._write, function)

    def close(self) -> None:
        """Finish what is waiting, then close."""
        if self._closed:
            return
        self._closed = True
        self._threads.shutdown(wait=True)
        self._reading.close()
        self._writing.close()
        self._alone.close()

    def _submit(self, run: Callable[[Callable[[StoredWork], T]], T], function: Callable[[StoredWork], T]) -> Future[T]:
        if not self._closed:
            return self._threads.submit(run, function)
        return _refused()

    def _read(self, function: Callable[[StoredWork], T]) -> T:
        def once() -> T:
            connection = self._reading.get()
            try:
                return function(StoredWork(Session(connection, self.keyring, writing=False, now=self._now)))
            finally:
                if connection.in_transaction():
                    connection.rollback()

        return self._tried(once, self._reading)

    def _write(self, function: Callable[[StoredWork], T]) -> T:
        def once() -> T:
            connection = self._writing.get()
            transaction = connection.begin()
            try:
                answer = function(StoredWork(Session(connection, self.keyring, writing=True, now=self._now)))
            except BaseException:
                with suppress(*DRIVER_ERRORS):
                    transaction.rollback()
                raise
            try:
                transaction.commit()
            except DRIVER_ERRORS as error:
                if isinstance(cause(error), _AGAIN):
                    raise
                # Whether it was written is not known: it must not be run again.
                self._writing.drop()
                raise Unavailable from error
            return answer

        return self._tried(once, self._writing)

    def _write_alone(self, function: Callable[[StoredWork], T]) -> T:
        def once() -> T:
            connection = self._alone.get()
            try:
                return function(StoredWork(Session(connection, self.keyring, writing=True, now=self._now)))
            except DRIVER_ERRORS as error:
                if _lost(error):
                    # Whether it was written is not known: it must not be run again.
                    self._alone.drop()
                    raise Unavailable from error
                raise
            finally:
                if connection.in_transaction():
                    connection.rollback()

        return self._tried(once, self._alone)

    def _tried(self, once: Callable[[], T], connections: _Connections) -> T:
        for attempt in range(_TRIES):
            try:
                return once()
            except (Retry, UnicodeEncodeError, OverflowError, *DRIVER_ERRORS) as error:
                lost = _lost(error)
                if lost:
                    connections.drop()
                again = isinstance(error, Retry) or lost or isinstance(cause(error), _AGAIN)
                if not again or attempt == _TRIES - 1:
                    shown = translated(error)
                    raise shown from error
        raise AssertionError("a loop of tries either answers or raises")


def _lost(error: BaseException) -> bool:
    """Whether the connection is gone; nothing of its transaction was committed then."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(cause(error), pg.OperationalError) and not isinstance(
        cause(error), pg.LockNotAvailable | pg.QueryCanceled | pg.SerializationFailure | pg.DeadlockDetected
    )


StoredDatabase = SqliteDatabase | PostgresqlDatabase


def stored(database: Database) -> StoredDatabase:
    """The database behind the port. Raises TypeError for one that is not of this store."""
    if not isinstance(database, SqliteDatabase | PostgresqlDatabase):
        raise TypeError("not a database of this store")
    return database

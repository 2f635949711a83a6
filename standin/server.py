"""The HTTP face of the stand-in: the inbox for messages, its pages, its mood."""

from __future__ import annotations

import json
import time
import urllib.parse
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standin import pages
from standin.clerk import Clerk
from standin.inbox import NotOurs, add_answer, take, verify
from standin.store import Store

SLOW_SECONDS = 3.0
SKEW_SECONDS = 900.0
LARGEST = 4 * 1024 * 1024


@dataclass
class System:
    """What the handlers share. ``seconds``: between two answers; below 0 nothing is answered by itself."""

    store: Store
    clerk: Clerk
    region: str
    secret: str
    seconds: float


class Server(ThreadingHTTPServer):
    """Knows the system its handlers serve."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], system: System) -> None:
        super().__init__(address, Handler)
        self.system = system


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        system = self.server.system
        path = urllib.parse.urlsplit(self.path).path
        if path == "/":
            self._page(pages.overview(system.store, system.region))
        elif path == "/holdings":
            self._json(200, {"cases": system.store.holdings()})
        elif path.startswith("/cases/"):
            self._page(pages.one_case(system.store, system.region, path.removeprefix("/cases/")))
        else:
            self._json(404, {"error": "not found"})

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        if length > LARGEST:
            self.close_connection = True
            self._json(413, {"error": "too large"})
            return
        body = self.rfile.read(length)
        path = urllib.parse.urlsplit(self.path).path
        if path == "/inbox":
            self._inbox(body)
            return
        form = {key: values[0] for key, values in urllib.parse.parse_qs(body.decode()).items()}
        store = self.server.system.store
        if path == "/mood" and form.get("mood") in pages.MOODS:
            store.set("mood", form["mood"])
            self._back("/")
        elif path == "/compare":
            self._json(200, self.server.system.clerk.compare())
        elif path.startswith("/cases/") and path.endswith("/answers"):
            self._by_hand(path.split("/")[2], form)
        else:
            self._json(404, {"error": "not found"})

    def _inbox(self, body: bytes) -> None:
        system = self.server.system
        mood = system.store.setting("mood", "well")
        if mood == "down":
            self.close_connection = True
            self._json(503, {"error": "down"})
            return
        if mood == "slow":
            time.sleep(SLOW_SECONDS)
        try:
            verify(body, dict(self.headers.items()), system.secret, time.time() + SKEW_SECONDS * (mood == "skewed"))
        except NotOurs as problem:
            self._json(401, {"error": str(problem)})
            return
        event = json.loads(body)
        if event["type"] == "holdings.requested":
            system.clerk.compare()
        else:
            take(system.store, event, system.seconds)
        self._json(200, {"taken": event["id"]})

    def _by_hand(self, reference: str, form: dict[str, str]) -> None:
        store = self.server.system.store
        try:
            data = json.loads(form.get("data") or "{}")
        except ValueError:
            self._json(422, {"error": "data is not JSON"})
            return
        if store.row("SELECT 1 FROM cases WHERE reference = ?", reference) is None:
            self._json(404, {"error": "not found"})
            return
        with store.transaction() as connection:
            add_answer(connection, reference, form.get("type", ""), data, time.time())
        self._back(f"/cases/{reference}")

    def _page(self, text: str | None) -> None:
        if text is None:
            self._json(404, {"error": "not found"})
        else:
            self._send(200, "text/html; charset=utf-8", text.encode())

    def _json(self, status: int, value: Any) -> None:
        self._send(status, "application/json", json.dumps(value, ensure_ascii=False).encode())

    def _back(self, address: str) -> None:
        self.send_response(303)
        self.send_header("location", address)
        self.send_header("content-length", "0")
        self.end_headers()

    def _send(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Says nothing: bodies and addresses of cases are nobody's log's business."""

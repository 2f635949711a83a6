"""A house that tells Xishuangbanna's own system, and a receiver that does as a test likes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

SECRET = "whsec_c2VjcmV0LW9mLXRoZS10ZXN0cw=="
OLDER = "whsec_YW5vdGhlci1zZWNyZXQtb2YtdGVzdHM="


@dataclass
class Receiver:
    """A city's end of the line: what came, and what it answers."""

    url: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.came]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on a loopback address."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with found.lock:
                found.came.append((dict(self.headers.items()), body))
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/inbox"
    yield found
    server.shutdown()
    server.server_close()
    thread.join()

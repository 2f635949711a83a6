"""A city's own system beside the real one: the stand-in as a process that is told to be slow, down or killed."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.server import ROOT, STARTS_WITHIN, catalogue, free_port


def new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


def until(holds: Callable[[], Any], within: float = 120.0) -> Any:
    """Wait for something to become true; whatever it gave."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = holds()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not become true")


class OwnSystem:
    """``python -m standin`` for one region, with a database of its own."""

    def __init__(self, directory: Path, region: str, seconds: float = 0.0) -> None:
        self.directory, self.region, self.seconds = directory, region, seconds
        self.port, self.secret = free_port(), new_secret()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = directory / f"standin-{region}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.token = ""
        self.catalogue = ""

    def settings(self) -> dict[str, str]:
        """What the catalogue must know of it."""
        name = f"CATALOGUE_WEBHOOK_{self.region.upper()}"
        return {
            f"{name}_URL": f"{self.url}/inbox",
            f"{name}_SECRET": self.secret,
            "CATALOGUE_WEBHOOK_ALLOW_PRIVATE": "1",
            "CATALOGUE_OUTBOX_SECONDS": "0.2",
        }

    def known_to(self, env: dict[str, str], url: str) -> OwnSystem:
        """With a token of that catalogue."""
        self.token = json.loads(catalogue(env, "account", "token", self.region, "--json").stdout)["token"]
        self.catalogue = url
        return self

    def start(self) -> OwnSystem:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "standin", "--port", str(self.port), "--region", self.region,
                    "--catalogue", self.catalogue, "--database", str(self.directory / f"{self.region}.db"),
                    "--seconds", str(self.seconds),
                ],
                env={**os.environ, "STANDIN_SECRET": self.secret, "STANDIN_TOKEN": self.token},
                cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text("utf-8")[-4000:]
            try:
                if httpx.get(f"{self.url}/holdings", timeout=2).status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text("utf-8")[-4000:])

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=40)

    def mood(self, mood: str) -> None:
        assert httpx.post(f"{self.url}/mood", data={"mood": mood}).status_code == 303

    def holds(self) -> dict[str, str]:
        """Reference -> state, as it believes."""
        cases = httpx.get(f"{self.url}/holdings", timeout=10).json()["cases"]
        return {case["reference"]: case["state"] for case in cases}

    def compare(self) -> dict[str, Any]:
        """Have the two sides compared; what the catalogue found."""
        answer = httpx.post(f"{self.url}/compare", timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

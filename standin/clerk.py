"""The officer of the stand-in: fetches papers, gives the planned answers in order, again and again until told."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from standin.inbox import add_answer
from standin.store import Store

BATCH = 200
LONGEST_WAIT = 30.0


class Clerk:
    """A thread that works off what is due."""

    def __init__(self, store: Store, catalogue: str, region: str, token: str) -> None:
        self.store, self.catalogue, self.region, self.token = store, catalogue.rstrip("/"), region, token
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clerk", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the answer that is on its way."""
        self._stopped.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stopped.is_set():
            if self.store.setting("mood") == "down" or not self.work():
                self._stopped.wait(0.1)

    def work(self) -> int:
        """Give what is due; answers how many were given."""
        given = 0
        due = self.store.rows(
            "SELECT * FROM answers WHERE state = 'planned' AND due_at <= ? AND NOT EXISTS "
            "(SELECT 1 FROM answers before WHERE before.reference = answers.reference "
            "AND before.sequence < answers.sequence AND before.state = 'planned') ORDER BY due_at LIMIT ?",
            time.time(),
            BATCH,
        )
        for answer in due:
            if self._stopped.is_set() or self.store.setting("mood") == "down":
                break
            if answer["type"] in ("decision", "granted") and not self._fetch(answer["reference"]):
                self._later(answer)
                continue
            given += self._give(answer)
        return given

    def _fetch(self, reference: str) -> bool:
        """The papers of a case that are not here yet. A link that has run out comes fresh with the next message."""
        for paper in self.store.rows("SELECT * FROM papers WHERE reference = ? AND content IS NULL", reference):
            address = urllib.parse.urljoin(f"{self.catalogue}/", paper["url"])
            try:
                with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 -- the configured address
                    content = answer.read()
            except (urllib.error.URLError, OSError):
                return False
            if hashlib.sha256(content).hexdigest() != paper["sha256"]:
                return False
            with self.store.transaction() as connection:
                connection.execute(
                    "UPDATE papers SET content = ? WHERE reference = ? AND id = ?", (content, reference, paper["id"])
                )
        return True

    def _give(self, answer: Any) -> int:
        body: dict[str, Any] = {
            "id": answer["id"],
            "reference": answer["reference"],
            "type": answer["type"],
            "sequence": answer["sequence"],
            "officer": "officer-1",
            "data": json.loads(answer["body"]),
        }
        status, reply = self.post("answers", body)
        if self.store.setting("mood") == "double":
            self.post("answers", body)
        if status == 0 or status >= 500 or status in (401, 403, 429):
            self._later(answer, status)
            return 0
        with self.store.transaction() as connection:
            connection.execute(
                "UPDATE answers SET state = ?, status = ?, reply = ?, tries = tries + 1 WHERE id = ?",
                ("given" if status in (200, 202) else "refused", status, json.dumps(reply), answer["id"]),
            )
            if status == 200:
                sequence = int(reply["etag"].strip('"').partition("-")[2])
                connection.execute(
                    "UPDATE cases SET state = ?, sequence = ? WHERE reference = ? AND sequence < ?",
                    (reply["case_state"], sequence, answer["reference"], sequence),
                )
                if self.store.setting("mood") == "contradictory" and answer["type"] == "decision":
                    against = {"reasons": "演示：自相矛盾", "basis": "演示", "remedies": "演示"}
                    add_answer(connection, answer["reference"], "refused", against, time.time())
        return 1

    def _later(self, answer: Any, status: int = 0) -> None:
        wait = min(0.5 * 2 ** min(answer["tries"], 8), LONGEST_WAIT)
        with self.store.transaction() as connection:
            connection.execute(
                "UPDATE answers SET tries = tries + 1, due_at = ?, status = ? WHERE id = ?",
                (time.time() + wait, status, answer["id"]),
            )

    def compare(self) -> Any:
        """Tell the other side what is held here; answers the differences it found."""
        return self.post("holdings", {"cases": self.store.holdings()})[1]

    def post(self, what: str, body: Any) -> tuple[int, Any]:
        """POST to the catalogue; (0, None) where it does not answer."""
        request = urllib.request.Request(  # noqa: S310 -- the configured address
            f"{self.catalogue}/api/regions/{self.region}/{what}",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json", "authorization": f"Bearer {self.token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            try:
                return error.code, json.loads(text)
            except ValueError:
                return error.code, None
        except (urllib.error.URLError, OSError):
            return 0, None

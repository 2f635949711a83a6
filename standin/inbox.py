"""Taking a message: checked, written down once, keyed into the own list; only then acknowledged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from standin.store import Store

TOLERANCE = 300
ENDS = frozenset({"case.recalled", "case.withdrawn", "case.terminated", "case.bounced"})
"""After these the case is no longer this system's business."""


class NotOurs(Exception):
    """The signature is missing, wrong or too old."""


def verify(body: bytes, headers: Mapping[str, str], secret: str, now: float) -> None:
    """Standard Webhooks: HMAC-SHA256 over id, time and body. Raises NotOurs."""
    given = {name.lower(): value for name, value in headers.items()}
    name, stamp, signatures = (given.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not stamp.isdigit() or abs(now - int(stamp)) > TOLERANCE:
        raise NotOurs("the time of the message is too far from ours")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256)
    expected = f"v1,{base64.b64encode(signed).decode()}"
    if not any(hmac.compare_digest(expected, one) for one in signatures.split(" ")):
        raise NotOurs("no signature fits")


def take(store: Store, event: Mapping[str, Any], seconds: float) -> bool:
    """Write a message down and plan what to answer; False where it had come before."""
    now = time.time()
    data = event["data"]
    with store.transaction() as connection:
        cursor = connection.execute(
            "INSERT INTO messages (id, reference, sequence, type, came_at, body) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET times = times + 1 RETURNING times",
            (event["id"], event["subject"], int(event["sequence"]), event["type"], now, json.dumps(event)),
        )
        if cursor.fetchone()["times"] > 1:
            return False
        _key_in(connection, event, data)
        if event["type"] in ENDS or _has_left(event):
            connection.execute("UPDATE cases SET active = 0 WHERE reference = ?", (event["subject"],))
            connection.execute(
                "UPDATE answers SET state = 'dropped' WHERE reference = ? AND state = 'planned'", (event["subject"],)
            )
        elif seconds >= 0:
            plan(connection, event["subject"], event["type"], data, now, seconds)
    return True


def _has_left(event: Mapping[str, Any]) -> bool:
    """A case that was moved: to another city, or back to its window, from where it may come again."""
    data = event["data"]
    home = (data.get("home") or {}).get("region", event["region"])
    return bool(event["type"] == "case.reassigned" and (home != event["region"] or data["state"] == "received"))


def _key_in(connection: sqlite3.Connection, event: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """The own list: an own number for a new case; what a later message says of a known one."""
    applicant = (data.get("application") or {}).get("form", {}).get("enterprise_name") or "—"
    connection.execute(
        "INSERT INTO cases (reference, number, matter, applicant, procedure, office, state, sequence, active) "
        "VALUES (?, (SELECT coalesce(max(number), 0) + 1 FROM cases), ?, ?, ?, ?, ?, ?, 1) "
        "ON CONFLICT (reference) DO UPDATE SET state = excluded.state, sequence = excluded.sequence, "
        "active = CASE WHEN ? THEN 1 ELSE cases.active END WHERE excluded.sequence > cases.sequence OR ?",
        (
            event["subject"],
            data["matter"]["name"]["zh"],
            applicant,
            data["procedure"],
            (data.get("home") or {}).get("id"),
            data["state"],
            int(event["sequence"]),
            event["type"] == "case.forwarded",
            event["type"] == "case.stated",
        ),
    )
    for paper in data.get("files", ()):
        connection.execute(
            "INSERT INTO papers (reference, id, name, url, sha256) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (reference, id) DO UPDATE SET url = excluded.url",
            (event["subject"], paper["id"], paper["name"], paper["url"], paper["sha256"]),
        )


def plan(
    connection: sqlite3.Connection, reference: str, kind: str, data: Mapping[str, Any], now: float, seconds: float
) -> None:
    """What an officer would do next, in order, each after a while."""
    decision = {"decision": "grant", "opinion": "演示：准予", "reviewer": "officer-1", "decider": "officer-2"}
    steps: list[tuple[str, dict[str, Any]]] = []
    if kind == "case.forwarded":
        steps = [("received", {}), ("accepted", {}), ("decision", decision)]
        if data.get("certificate", True):
            steps.append(("certificate", {"number": f"演示{reference}"}))
        if data["limits"].get("accepted_on"):
            steps.remove(("accepted", {}))
    elif kind == "case.correction_supplied":
        steps = [("accepted", {}), ("decision", decision), ("certificate", {"number": f"演示{reference}"})]
    for n, (what, body) in enumerate(steps, 1):
        add_answer(connection, reference, what, body, now + n * seconds)


def add_answer(
    connection: sqlite3.Connection, reference: str, kind: str, body: Mapping[str, Any], due_at: float
) -> str:
    """One more answer on a case, counted."""
    row = connection.execute(
        "UPDATE cases SET counted = counted + 1 WHERE reference = ? RETURNING counted", (reference,)
    ).fetchone()
    name = f"{reference}-a{row['counted']}"
    connection.execute(
        "INSERT INTO answers (id, reference, sequence, type, body, due_at, state) VALUES (?, ?, ?, ?, ?, ?, 'planned')",
        (name, reference, row["counted"], kind, json.dumps(body), due_at),
    )
    return name

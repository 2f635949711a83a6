"""Killed at any moment of a submission, the system keeps every number it answered, none twice and no half case."""

from __future__ import annotations

import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.e2e.server import Person, Server, Town, application, catalogue, environment

WUHUA, JINGHONG = "530102", "532801"
KILLS = 6
CLERKS = 4


def test_kill_9_at_any_moment_loses_no_answered_number(tmp_path: Path) -> None:
    env = environment(tmp_path, f"sqlite:///{tmp_path}/catalogue.db")
    accounts = json.loads(catalogue(env, "demo", "--json", "--cases", "0").stdout)["accounts"]
    clerk = next(a for a in accounts if "window_clerk" in a["roles"] and a["office"] == WUHUA)
    token = json.loads(
        catalogue(env, "account", "token", "kunming", "--account", clerk["username"], "--scope", "cases:read",
                  "--scope", "cases:write", "--json").stdout
    )["token"]  # fmt: skip
    answered: dict[str, str] = {}
    chance = random.Random(9)
    server = Server(env, tmp_path)
    for round_ in range(KILLS):
        server.start()
        stop = threading.Event()

        def keep_submitting(name: str, stop: threading.Event = stop) -> None:
            with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=5) as client:
                number = 0
                while not stop.is_set():
                    key = f"{name}-{number}"
                    number += 1
                    try:
                        answer = client.post("/api/cases", json=application(), headers={"Idempotency-Key": key})
                    except httpx.TransportError:
                        return
                    assert answer.status_code == 201, answer.text
                    answered[key] = answer.json()["reference"]

        threads = [
            threading.Thread(target=keep_submitting, args=(f"round{round_}-clerk{index}",)) for index in range(CLERKS)
        ]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.2, 1.2))
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
    assert len(answered) > KILLS
    assert len(set(answered.values())) == len(answered), "no number was given twice"

    server.start()
    try:
        with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
            for reference in answered.values():
                case = client.get(f"/api/cases/{reference}")
                assert case.status_code == 200
                assert [event["type"] for event in case.json()["events"]] == ["received"]
                assert case.json()["dossier"]["applicant"]["name"]
            key, reference = next(iter(answered.items()))
            again = client.post("/api/cases", json=application(), headers={"Idempotency-Key": key})
            assert (again.status_code, again.json()["reference"]) == (201, reference)
    finally:
        server.stop()
    report = json.loads(catalogue(env, "audit", "verify", "--json").stdout)
    assert report["broken"] == []
    assert report["cases"] >= len(answered)
    assert json.loads(catalogue(env, "case", "rebuild", "--json").stdout)["differences"] == []


def burst(running: Town, number: int) -> list[httpx.Response]:
    """So many submissions at once, each by a key of its own."""
    clerk = running.person("window_clerk", WUHUA)

    def one(index: int) -> httpx.Response:
        with httpx.Client(base_url=running.server.url, cookies=clerk.client.cookies, timeout=60) as client:
            return client.post(
                "/api/cases",
                json=application(),
                headers={"Idempotency-Key": f"burst-{index}", "X-CSRFToken": clerk.client.cookies["csrftoken"]},
            )

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_sixty_four_submissions_at_once_lose_none(any_town: Town) -> None:
    answers = burst(any_town, 64)
    assert {answer.status_code for answer in answers} == {201}
    references = {answer.json()["reference"] for answer in answers}
    assert len(references) == 64
    clerk = any_town.person("window_clerk", WUHUA)
    page = clerk.client.get("/api/cases", params={"limit": 200}).json()
    assert {line["reference"] for line in page["cases"]} == references


def test_of_two_clerks_at_once_one_wins_and_the_other_is_told(any_town: Town) -> None:
    first = any_town.person("window_clerk", WUHUA)
    reference = first.submit(application()).json()["reference"]
    tag = first.case(reference).headers["etag"]

    def forward(person: Person) -> httpx.Response:
        return person.client.post(f"/api/cases/{reference}/forward", json={}, headers={"If-Match": tag})

    people = [any_town.person("window_clerk", WUHUA) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(forward, people))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    told = next(answer.json() for answer in answers if answer.status_code == 412)
    assert told["type"].endswith("stale-read")
    assert told["state"] == "forwarded"


def test_the_same_key_sent_at_once_makes_one_case(any_town: Town) -> None:
    clerk = any_town.person("window_clerk", WUHUA)

    def one(_: int) -> httpx.Response:
        with httpx.Client(base_url=any_town.server.url, cookies=clerk.client.cookies, timeout=60) as client:
            return client.post(
                "/api/cases",
                json=application(),
                headers={"Idempotency-Key": "the-same", "X-CSRFToken": clerk.client.cookies["csrftoken"]},
            )

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(one, range(12)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["reference"] for answer in answers}) == 1
    assert len({answer.json()["query_code"] for answer in answers}) == 1

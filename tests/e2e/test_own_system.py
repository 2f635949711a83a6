"""The founding case with the home region on a system of its own, through a crash of that system in the middle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Person, Server, Town, application, catalogue, environment
from tests.e2e.standin import OwnSystem, until

WUHUA, JINGHONG, SIMAO, HONGTA = "530102", "532801", "530802", "530402"
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture(params=["xishuangbanna", "puer"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Town, OwnSystem]]:
    """A system with demonstration accounts, and a city's own system that answers within half a second."""
    own = OwnSystem(tmp_path, request.param, seconds=0.4)
    env = {**environment(tmp_path, f"sqlite:///{tmp_path}/catalogue.db"), **own.settings()}
    done = catalogue(env, "demo", "--json", "--cases", "0")
    accounts = {account["username"]: account for account in json.loads(done.stdout)["accounts"]}
    server = Server(env, tmp_path)
    own.known_to(env, server.url)
    server.start()
    own.start()
    running = Town(server, accounts)
    try:
        yield running, own
    finally:
        for person in running.people:
            person.client.close()
        own.stop()
        server.stop()


def state_of(person: Person, reference: str) -> str:
    return str(person.case(reference).json()["state"])


def test_the_founding_case_survives_a_crash_of_the_citys_own_system(pair: tuple[Town, OwnSystem]) -> None:
    town, own = pair
    place = JINGHONG if own.region == "xishuangbanna" else SIMAO
    clerk = town.person("window_clerk", WUHUA)
    reference = clerk.submit(application(place, form={"enterprise_name": "演示甲有限公司"})).json()["reference"]
    scan = clerk.client.post(f"/api/cases/{reference}/files", files={"file": ("章程.pdf", PDF)})
    assert scan.status_code == 201
    own.kill()
    clerk.do(reference, "forward")
    other = clerk.submit(application(HONGTA)).json()["reference"]
    clerk.do(other, "forward")
    assert state_of(clerk, reference) == "forwarded", "the city is down: nothing is lost and nothing is guessed"

    own.start()
    until(lambda: state_of(clerk, reference) in ("home_received", "accepted"))
    own.kill()
    before = state_of(clerk, reference)
    own.start()
    until(lambda: state_of(clerk, reference) == "cert_ready")
    assert before in ("home_received", "accepted", "under_review", "decided_grant", "cert_ready")

    case = clerk.case(reference).json()
    told = [event["type"] for event in case["events"]]
    assert told == [
        "received", "forwarded", "received_at_home", "accepted", "reviewed", "granted", "certificate_made",
    ]  # fmt: skip
    assert case["certificate_number"] == f"演示{reference}"
    handed = {
        "collector": "演示申请人", "document_type": "resident_id", "document_number": "11010519491231002X",
        "relation": "self",
    }  # fmt: skip
    assert clerk.do(reference, "hand-over", handed)["state"] == "collected"
    until(lambda: own.holds().get(reference) == "collected")
    assert own.compare()["differences"] == [], "and the two sides agree"
    assert own.holds() == {reference: "collected"}, "another city's case is none of its business"
    report = json.loads(catalogue(town.server.env, "audit", "verify", "--json").stdout)
    assert report["broken"] == []
    assert json.loads(catalogue(town.server.env, "case", "rebuild", "--json").stdout)["differences"] == []

"""A bulk move towards a city that has a system of its own, while both are killed: each message once, in order."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx

from tests.e2e.server import ROOT, Person, catalogue
from tests.e2e.standin import OwnSystem, until
from tests.e2e.test_delivery_faults import DONE, JINGHONG, SIMAO, WUHUA, forward, forwarded, opened, types

CASES = 9
WORD = "演示：改派后的说明"


def with_jinghong_at_simao(directory: Path) -> Path:
    """A registry by which what belonged to 景洪市 is decided in 思茅区, as a change of rules would say it."""
    text = (ROOT / "matters.yaml").read_text("utf-8")
    other = "      - place: 532823/磨憨镇\n"
    assert text.count(other) == 1
    moved = (
        '      - place: "532801"\n        zh: 景洪市（演示改由思茅区办理）\n        en: Jinghong (demonstration)\n'
        f'        office: "{SIMAO}"\n        provenance: assumed MOHAN — a change of rules, for this test\n'
    )
    file = directory / "matters.yaml"
    file.write_text(text.replace(other, moved + other), "utf-8")
    return file


def move_all(publisher: Person, reason: str) -> str:
    """What a publisher does on the page 批量改派: look, tick all, say why; answers the address of the move."""
    page = publisher.client.get("/admin/moves").text
    ticked = re.findall(r'name="case" value="(\d+)" checked', page)
    assert len(ticked) == CASES
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    form = {"csrf": csrf.group(1), "case": ticked, "reason": reason}
    answer = publisher.client.post("/admin/moves", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def came(own: OwnSystem) -> dict[str, list[tuple[int, str]]]:
    """Reference -> what that system took of it, as it came."""
    with closing(sqlite3.connect(own.directory / f"{own.region}.db")) as connection:
        rows = connection.execute("SELECT reference, sequence, type FROM messages ORDER BY came_at, rowid").fetchall()
    told: dict[str, list[tuple[int, str]]] = {}
    for reference, sequence, kind in rows:
        told.setdefault(reference, []).append((sequence, kind))
    return told


def forwarded_again(clerk: Person, reference: str) -> bool:
    """Whether a case that came back to its window went on, always under the same key."""
    return forward(clerk, reference, f"again-{reference}").status_code == 200


def test_a_bulk_move_reaches_a_citys_own_system_once_each_and_in_order_though_both_are_killed(tmp_path: Path) -> None:
    own = OwnSystem(tmp_path, "puer", seconds=0.2)
    town, env = opened(tmp_path, f"sqlite:///{tmp_path}/catalogue.db", own)
    town.server.start()
    try:
        clerk = town.person("window_clerk", WUHUA)
        publisher = Person.sign_in(
            town.server.url, next(a for a in town.accounts.values() if "registry_publisher" in a["roles"])
        )
        town.people.append(publisher)
        references = forwarded(clerk, CASES, JINGHONG)
        catalogue(
            {**env, "CATALOGUE_REGISTRY_FILE": str(with_jinghong_at_simao(tmp_path))},
            "registry", "apply", "--note", "演示修订",
        )  # fmt: skip
        until(lambda: httpx.get(f"{town.server.url}/api/registry").json()["number"] == 2)

        # The city's system is not running: what is moved there waits, and nobody waits for it.
        move_all(publisher, "演示规则变更")
        for reference in references:
            assert clerk.case(reference).json()["state"] == "received", "it goes there through its window"
        for n, reference in enumerate(references):
            until(partial(forwarded_again, clerk, reference))
            clerk.do(reference, "message", {"text": WORD})
            if n == CASES // 2:
                town.server.kill()
                town.server.start()
        own.start()
        until(lambda: len(came(own)) >= 2)
        own.kill()
        own.start()

        told = ["received", "forwarded", "reassigned", "forwarded", "message_sent", *DONE[2:]]
        until(lambda: all(types(clerk, one) == told for one in references), within=120)
        until(lambda: json.loads(catalogue(env, "outbox", "list", "--json").stdout) == [], within=120)
        order = [(4, "case.forwarded"), (5, "case.message_sent")]
        assert came(own) == dict.fromkeys(references, order), "each once, the earlier before the later"
        assert set(own.holds()) == set(references)
        assert own.compare()["differences"] == [], "and the two sides agree"
        assert all(clerk.case(one).json()["home"]["office"] == SIMAO for one in references)
        assert json.loads(catalogue(env, "audit", "verify", "--json").stdout)["broken"] == []
        assert json.loads(catalogue(env, "case", "rebuild", "--json").stdout)["differences"] == []
    finally:
        for person in town.people:
            person.client.close()
        own.stop()
        town.server.stop()

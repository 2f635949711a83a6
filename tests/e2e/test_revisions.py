"""A case pins the revision it was received under; a new one takes effect in a running system without a restart."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from tests.e2e.server import ROOT, application, catalogue, town

WUHUA, JINGHONG = "530102", "532801"


def published(url: str) -> int:
    return int(httpx.get(f"{url}/api/registry").json()["number"])


def test_a_new_revision_takes_effect_and_leaves_old_cases_as_they_were(tmp_path: Path) -> None:
    with town(tmp_path, f"sqlite:///{tmp_path}/catalogue.db") as running:
        clerk = running.person("window_clerk", WUHUA)
        old = clerk.submit(application()).json()
        assert old["revision"] == published(running.server.url) == 1

        text = (ROOT / "matters.yaml").read_text("utf-8")
        begin = text.index("  - id: company-establishment\n")
        changed = text[:begin] + text[begin:].replace("zh: 公司设立登记\n", "zh: 公司设立登记（演示修订）\n", 1)
        (tmp_path / "matters.yaml").write_text(changed, "utf-8")
        env = {**running.server.env, "CATALOGUE_REGISTRY_FILE": str(tmp_path / "matters.yaml")}
        catalogue(env, "registry", "apply", "--note", "演示修订")
        deadline = time.monotonic() + 60
        while published(running.server.url) != 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert published(running.server.url) == 2

        stale = clerk.submit(application(revision=1))
        assert stale.status_code == 409
        assert stale.json()["type"].endswith("revision-superseded")
        assert stale.json()["revision"] == 2
        assert stale.json()["routing"]["office"]["id"] == JINGHONG

        new = clerk.submit(application(revision=2))
        assert new.status_code == 201
        assert clerk.case(new.json()["reference"]).json()["matter"]["name"]["zh"] == "公司设立登记（演示修订）"
        pinned = clerk.case(old["reference"]).json()
        assert (pinned["revision"], pinned["matter"]["name"]["zh"]) == (1, "公司设立登记")
        assert clerk.do(old["reference"], "forward")["revision"] == 1

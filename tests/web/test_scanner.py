"""The hook for a virus scanner: what it refuses is not stored, and without its answer nothing is."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from catalogue.domain.problems import FileRefused, Unavailable
from catalogue.web.scanner import scanner
from tests.web.conftest import Browser, Town
from tests.web.test_intake_pages import PDF

REFUSING = f"{sys.executable} -c 'import sys; sys.exit(b\"EICAR\" in sys.stdin.buffer.read())'"


def test_without_a_command_there_is_no_scanner() -> None:
    assert scanner("") is None
    assert scanner("  ") is None


def test_the_exit_status_decides() -> None:
    scan = scanner(REFUSING)
    assert scan is not None
    scan(PDF)
    with pytest.raises(FileRefused):
        scan(PDF + b"EICAR")


@pytest.mark.parametrize("command", ["/no/such/scanner", f"{sys.executable} -c 'raise SystemExit(2)'"])
def test_a_scanner_that_does_not_work_lets_nothing_pass(command: str) -> None:
    scan = scanner(command)
    assert scan is not None
    with pytest.raises(Unavailable):
        scan(PDF)


def test_what_is_refused_is_told_and_not_stored_by_api_and_by_form(
    town: Town, clerk: Browser, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town.app.edge, "parts", replace(town.app.edge.parts, scan=scanner(REFUSING)))
    reference = case["reference"]
    bad = {"file": ("坏.pdf", PDF + b"EICAR", "application/pdf")}
    answer = clerk.post(f"/api/cases/{reference}/files", files=bad)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (422, "file-refused")
    page = town.sign_in("clerk")
    form = page.post(f"/desk/receipts/{reference}/files", files=bad, data={"csrf": page.csrf or ""})
    assert form.status_code == 422
    assert "病毒扫描未通过" in form.text
    assert clerk.get(f"/api/cases/{reference}/files").json()["files"] == []
    good = {"file": ("好.pdf", PDF, "application/pdf")}
    assert clerk.post(f"/api/cases/{reference}/files", files=good).status_code == 201

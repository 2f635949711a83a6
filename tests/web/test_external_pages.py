"""What another system decides: the transcription sheet, all papers at once, results taken from its list."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.conftest import Browser, Town
from tests.web.test_two_windows import arrived, ok, today

PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture(autouse=True)
def decided_elsewhere(town: Town) -> Iterator[None]:
    """Not a demonstration: registrations are decided in the registrar's own system."""
    town.house.demo = False
    yield
    town.house.demo = True


@pytest.fixture
def officer(town: Town) -> Browser:
    return town.sign_in("intake")


def look(officer: Browser, text: str, do: str = "look") -> Any:
    return officer.post(
        "/desk/external", data={"csrf": officer.csrf or "", "results": text, "do": do}, headers={"X-CSRFToken": ""}
    )


def test_the_sheet_shows_every_field_in_clear_and_is_logged(
    town: Town, clerk: Browser, intake: Browser, officer: Browser
) -> None:
    reference = arrived(clerk, intake, form={"enterprise_name": "演示转录有限公司"})
    page = officer.get(f"/desk/cases/{reference}/transcription")
    assert page.status_code == 200
    for value in ("演示转录有限公司", "演示甲", "13800000000"):
        assert f'value="{value}"' in page.text
    logged = town.database.read(
        lambda work: work.session.connection.exec_driver_sql(
            "SELECT count(*) FROM access_log WHERE act = 'unmasked' AND subject = ?", (reference,)
        ).scalar_one()
    ).result()
    assert logged == 1
    assert town.sign_in("clerk").get(f"/desk/cases/{reference}/transcription").status_code == 403
    assert "转录单" in officer.get(f"/desk/cases/{reference}").text


def test_all_papers_come_as_one_zip_and_count_as_opened(
    town: Town, clerk: Browser, intake: Browser, officer: Browser
) -> None:
    reference = ok(clerk.get(f"/api/cases/{clerk.receive().json()['reference']}"))["reference"]
    for n in (1, 2):
        clerk.post(f"/api/cases/{reference}/files", files={"file": ("../章程.pdf", PDF + str(n).encode())})
    ok(clerk.command(reference, "forward"))
    answer = officer.get(f"/desk/cases/{reference}/papers.zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert len(set(names)) == 2
        assert not any("/" in name or "\\" in name for name in names)
        assert {archive.read(name) for name in names} == {PDF + b"1", PDF + b"2"}
    openers = town.database.read(lambda work: work.files.openers(reference)).result()
    assert all(town.accounts["intake"].id in accounts for accounts in openers.values())


def test_a_list_of_results_is_looked_at_and_then_attached(clerk: Browser, intake: Browser, officer: Browser) -> None:
    here, gone, unknown = uuid.uuid4().hex[:12], uuid.uuid4().hex[:12], uuid.uuid4().hex[:12]
    case, other = arrived(clerk, intake), arrived(clerk, intake)
    for reference, number in ((case, here), (other, gone)):
        ok(intake.command(reference, "record-external", {"number": number}))
    ok(intake.command(other, "attach-result", {"outcome": "granted", "decided_on": today().isoformat()}))
    assert case in officer.get("/desk/external").text
    licence = uuid.uuid4().hex[:18]
    text = (
        "编号,结果,日期,证照\r\n"
        f"{here},准予,{today().isoformat()},{licence}\r\n"
        f"{gone},准予,{today().isoformat()},\r\n"
        f"{unknown},不予,{today().isoformat()},\r\n"
        f"{here}x,也许,{today().isoformat()},\r\n"
    )
    page = look(officer, text)
    assert page.status_code == 200
    for words in ("可以登记", "已有决定", "没有此编号", "应写准予或不予"):
        assert words in page.text
    assert clerk.get(f"/api/cases/{case}").json()["decided_on"] is None, "looking changes nothing"
    done = look(officer, text, "attach")
    assert "已登记" in done.text
    after = clerk.get(f"/api/cases/{case}").json()
    assert (after["state"], after["certificate_number"], after["external_number"]) == ("cert_ready", licence, here)
    assert case not in {line for line in officer.get("/desk/external").text.split('"') if line == case}
    again = look(officer, text, "attach")
    assert "已有决定" in again.text, "a list taken twice attaches once"


def test_what_is_no_list_says_how_one_is_written(officer: Browser) -> None:
    page = look(officer, "")
    assert page.status_code == 422
    assert "每行写" in page.text

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


# The file that shows a result


def attached_file(officer: Browser, reference: str) -> str | None:
    events = ok(officer.get(f"/api/cases/{reference}"))["events"]
    return next((e["facts"].get("file") for e in events if e["type"] == "result_attached"), None)


def sent(officer: Browser, address: str, fields: dict[str, str], field: str, name: str, content: bytes) -> Any:
    """A form as browsers send it: a file that was not chosen is there without name and content."""
    disposition = "Content-Disposition: form-data; name="
    parts = [f'{disposition}"{key}"\r\n\r\n{value}'.encode() for key, value in fields.items()]
    head = f'{disposition}"{field}"; filename="{name if content else ""}"\r\nContent-Type: application/octet-stream'
    body = b"".join(b"--limit\r\n" + part + b"\r\n" for part in (*parts, head.encode() + b"\r\n\r\n" + content))
    headers = {"X-CSRFToken": "", "Content-Type": "multipart/form-data; boundary=limit"}
    return officer.post(address, content=body + b"--limit--\r\n", headers=headers)


def by_form(officer: Browser, reference: str, content: bytes, key: str, tag: str, **more: str) -> Any:
    fields = {"csrf": officer.csrf or "", "etag": tag, "key": key, "outcome": "refused", **more}
    fields["decided_on"] = today().isoformat()
    return sent(officer, f"/desk/cases/{reference}/attach-result", fields, "upload", "决定书.pdf", content)


def test_the_form_takes_the_file_of_a_result_and_keeps_it_with_the_case_once(
    clerk: Browser, intake: Browser, officer: Browser
) -> None:
    reference = arrived(clerk, intake)
    page = officer.get(f"/desk/cases/{reference}")
    assert 'enctype="multipart/form-data"' in page.text
    assert 'type="file" id="attach-result-upload"' in page.text
    tag, key = officer.get(f"/api/cases/{reference}").headers["etag"], uuid.uuid4().hex
    content = PDF + reference.encode()
    for _ in range(2):
        assert by_form(officer, reference, content, key, tag).status_code == 303, "sent twice it acts once"
    file = attached_file(officer, reference)
    assert file is not None
    assert [one["id"] for one in ok(officer.get(f"/api/cases/{reference}/files"))["files"]] == [file]
    assert officer.get(f"/api/cases/{reference}/files/{file}").content == content
    assert f"/scans/{file}" in officer.get(f"/desk/cases/{reference}").text


def test_a_result_that_is_refused_leaves_no_file_behind(clerk: Browser, intake: Browser, officer: Browser) -> None:
    reference = arrived(clerk, intake)
    tag = officer.get(f"/api/cases/{reference}").headers["etag"]
    answer = by_form(officer, reference, PDF + b"stale", uuid.uuid4().hex, f'"{reference}-1"')
    assert answer.status_code == 412
    assert by_form(officer, reference, b"no scan at all", uuid.uuid4().hex, tag).status_code == 415
    assert ok(officer.get(f"/api/cases/{reference}/files"))["files"] == []
    assert attached_file(officer, reference) is None
    assert by_form(officer, reference, b"", uuid.uuid4().hex, tag).status_code == 303, "a file is not needed"


def test_a_result_names_no_file_that_its_case_does_not_have(clerk: Browser, intake: Browser) -> None:
    reference, other = arrived(clerk, intake), clerk.receive().json()["reference"]
    elsewhere = clerk.post(f"/api/cases/{other}/files", files={"file": ("决定书.pdf", PDF + other.encode())}).json()
    for file in ("f0123456789abcdef", elsewhere["id"]):
        body = {"outcome": "refused", "decided_on": today().isoformat(), "file": file}
        answer = intake.command(reference, "attach-result", body)
        assert answer.status_code == 422
        assert [(one["path"], one["code"]) for one in answer.json()["errors"]] == [("file", "unknown-file")]


def with_files(officer: Browser, text: str, pack: bytes, do: str) -> Any:
    return sent(
        officer, "/desk/external", {"csrf": officer.csrf or "", "results": text, "do": do}, "files", "结果.zip", pack
    )


def test_a_list_of_results_brings_its_files_as_one_zip(clerk: Browser, intake: Browser, officer: Browser) -> None:
    packed, held, missing = (arrived(clerk, intake) for _ in range(3))
    scan = officer.post(f"/api/cases/{held}/files", files={"file": ("已有.pdf", PDF + held.encode())}).json()["id"]
    day = today().isoformat()
    text = f"{packed},不予,{day},,决定书.pdf\n{held},不予,{day},,已有.pdf\n{missing},不予,{day},,没有.pdf\n"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("结果/决定书.pdf", PDF + packed.encode())
    assert with_files(officer, text, b"", "look").text.count("都没有“") == 2, "without the ZIP two files are missing"
    looked = with_files(officer, text, content.getvalue(), "look")
    assert looked.text.count("都没有“") == 1
    done = with_files(officer, text, content.getvalue(), "attach")
    assert done.text.count("已登记") == 2
    assert attached_file(officer, held) == scan
    file = attached_file(officer, packed)
    assert officer.get(f"/api/cases/{packed}/files/{file}").content == PDF + packed.encode()
    assert attached_file(officer, missing) is None
    assert ok(officer.get(f"/api/cases/{missing}"))["decided_on"] is None


def test_what_is_no_zip_of_results_is_refused_with_its_reason(officer: Browser) -> None:
    page = with_files(officer, "1,准予,2026-11-02,,a.pdf", b"PK no zip", "look")
    assert page.status_code == 422
    assert "不是能打开的 ZIP" in page.text

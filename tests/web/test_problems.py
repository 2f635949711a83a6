"""Errors as problem+json, in both languages, and what cannot be read at all."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from catalogue.domain.problems import InternalError
from catalogue.service.intake import Reception
from catalogue.service.ports import ReferenceTaken, RevisionChanged, Work
from tests.web.conftest import Browser, Town, application


def _problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"/problems/{code}"
    assert body["status"] == status
    assert {"title", "detail", "instance"} <= body.keys()
    return body


def test_an_unknown_address_is_a_problem_for_machines(town: Town) -> None:
    body = _problem(town.anybody().get("/api/nothing?secret=1"), 404, "not-found")
    assert body["instance"] == "/api/nothing"
    assert body["title"] == "没有找到"


def test_titles_follow_the_accepted_language(town: Town) -> None:
    caller = town.anybody()
    for accept, title in [
        ("en", "Not found"),
        ("en-GB,en;q=0.9", "Not found"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "没有找到"),
        ("en;q=0.1, zh;q=0.2", "没有找到"),
        ("fr", "没有找到"),
        ("en;q=x", "没有找到"),
    ]:
        answer = caller.get("/api/nothing", headers={"Accept-Language": accept})
        assert answer.json()["title"] == title, accept
        assert answer.headers["content-language"] in ("zh", "en")


def test_an_unknown_address_is_a_page_for_people(town: Town) -> None:
    answer = town.anybody().get("/nothing", headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "没有找到" in answer.text


def test_a_wrong_method_names_the_right_ones(town: Town) -> None:
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "QUERY"):
        answer = town.anybody().request(method, "/api/cases")
        _problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "GET, POST, HEAD, OPTIONS"


def test_options_and_head(town: Town) -> None:
    caller = town.anybody()
    answer = caller.request("OPTIONS", "/api/matters")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "GET, HEAD, OPTIONS", b"")
    assert caller.request("OPTIONS", "/api/nothing").status_code == 404
    got, head = caller.get("/api/matters"), caller.request("HEAD", "/api/matters")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert caller.request("HEAD", "/api/session").status_code == 405


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"",
        b"nonsense",
        b"[]",
        b'"text"',
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":"\\ud800"}',
        b"\xef\xbb\xbf{}",
        '{"matter":"公司"}'.encode("gbk"),
        '{"matter":"公司"}'.encode("utf-16"),
        b'{"a":"\xff"}',
        b"[" * 100_000,
        b'{"a":' * 60 + b"1" + b"}" * 60,
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"matter":"a","matter":"b"}',
        b'{"form":{"address":"a","address" : "b"}}',
        b'{"matter":"a","\\u006datter":"b"}',
    ],
    ids=lambda raw: repr(raw[:16]),
)
def test_a_body_that_cannot_be_read(clerk: Browser, raw: bytes) -> None:
    answer = clerk.post(
        "/api/cases", content=raw, headers={"Idempotency-Key": "broken", "Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    if raw != b'{"a":' + b"9" * 5000 + b"}":
        _problem(answer, 400, "malformed-body")


def test_a_charset_that_is_not_utf_8(clerk: Browser) -> None:
    headers = {"Idempotency-Key": "gbk", "Content-Type": "application/json; charset=gbk"}
    _problem(clerk.post("/api/cases", content=b"{}", headers=headers), 400, "malformed-body")


def test_another_media_type(clerk: Browser) -> None:
    headers = {"Idempotency-Key": "xml", "Content-Type": "application/xml"}
    _problem(clerk.post("/api/cases", content=b"<a/>", headers=headers), 415, "unsupported-media-type")


def test_a_body_of_20_megabytes_is_refused_and_kept_nowhere(clerk: Browser) -> None:
    headers = {"Idempotency-Key": "large", "Content-Type": "application/json"}
    body = b'{"form":"' + b"x" * 20_000_000 + b'"}'
    _problem(clerk.post("/api/cases", content=body, headers=headers), 413, "body-too-large")

    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 1_000_000

    _problem(clerk.post("/api/cases", content=pieces(), headers=headers), 413, "body-too-large")


def test_a_length_that_is_a_lie_is_answered_at_once(clerk: Browser) -> None:
    headers = {"Idempotency-Key": "lie", "Content-Type": "application/json", "Content-Length": str(10**12)}
    _problem(clerk.post("/api/cases", content=b"{}", headers=headers), 413, "body-too-large")


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ff", "q=%ED%A0%80", "q=a&q=b", "limit=x", "limit=0", "limit=201", "queue=no", "other=1"]
)
def test_parameters_are_checked(clerk: Browser, query: str) -> None:
    body = _problem(clerk.get(f"/api/cases?{query}"), 422, "invalid-input")
    assert body["errors"]


@pytest.mark.parametrize("path", ["%00", "%ff%fe", "%E4%B8%AD", "0" * 4000, "'; DROP TABLE cases; --"])
def test_odd_paths_are_not_found(clerk: Browser, path: str) -> None:
    assert clerk.get(f"/api/cases/{path}").status_code == 404
    assert clerk.get(f"/api/public/cases/{path}?code=ABCDEFGH").status_code == 404
    assert clerk.get(f"/api/certificates/{path}/verification").status_code == 404


def test_an_odd_cursor_is_refused(clerk: Browser) -> None:
    for cursor in ("x", "AAAA", "中文", "e30", "W10"):
        _problem(clerk.get("/api/cases", params={"cursor": cursor}), 422, "invalid-input")


def test_a_strange_host_is_refused(town: Town) -> None:
    answer = town.anybody().get("/api/matters", headers={"host": "a b"})
    _problem(answer, 400, "malformed-request")


def test_what_nobody_foresaw_says_nothing(town: Town, clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("SELECT secret FROM people -- 演示甲")

    monkeypatch.setattr("catalogue.web.api.cases.list_cases", broken)
    monkeypatch.setattr("catalogue.web.pages.desk.list_cases", broken)
    before = len(town.logged())
    answer = clerk.get("/api/cases")
    _problem(answer, 500, "internal-error")
    assert "SELECT" not in answer.text
    page = town.sign_in("clerk").get("/desk")
    assert page.status_code == 500
    assert "系统内部错误" in page.text
    logged = town.logged()[before:]
    assert "builtins.RuntimeError" in logged
    assert "演示甲" not in logged
    assert "SELECT" not in logged


def test_an_internal_error_that_is_a_problem_is_logged_too(
    town: Town, clerk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise InternalError

    monkeypatch.setattr("catalogue.web.api.cases.list_cases", broken)
    before = len(town.logged())
    _problem(clerk.get("/api/cases"), 500, "internal-error")
    assert "InternalError" in town.logged()[before:]


def test_a_reference_that_is_taken_is_drawn_again(town: Town, clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []
    written = Reception.__call__

    def taken(reception: Reception, work: Work) -> Any:
        tries.append(1)
        if len(tries) < 4:
            raise ReferenceTaken
        return written(reception, work)

    monkeypatch.setattr(Reception, "__call__", taken)
    assert clerk.receive().status_code == 201
    assert len(tries) == 4


def test_a_full_day_is_a_named_error(clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*_: Any) -> Any:
        raise ReferenceTaken

    monkeypatch.setattr(Reception, "__call__", taken)
    answer = clerk.receive()
    _problem(answer, 503, "numbers-exhausted")
    assert answer.headers["retry-after"]


def test_a_revision_that_changed_is_loaded_once(clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []
    written = Reception.__call__

    def changed(reception: Reception, work: Work) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise RevisionChanged
        return written(reception, work)

    monkeypatch.setattr(Reception, "__call__", changed)
    assert clerk.receive().status_code == 201

    def always(*_: Any) -> Any:
        raise RevisionChanged

    monkeypatch.setattr(Reception, "__call__", always)
    _problem(clerk.receive(), 503, "unavailable")


def test_answers_about_cases_are_kept_by_no_cache(clerk: Browser, case: dict[str, Any]) -> None:
    answers = [
        clerk.get("/api/cases"),
        clerk.get(f"/api/cases/{case['reference']}"),
        clerk.get("/api/queues"),
        clerk.get("/api/me"),
        clerk.command(case["reference"], "forward"),
        clerk.get(f"/api/cases/{case['reference']}/files"),
        clerk.get("/api/cases/0"),
        clerk.receive(application(consent=False)),
        clerk.get(f"/api/public/cases/{case['reference']}?code={case['query_code']}"),
    ]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


def test_every_answer_carries_the_headers_of_the_house(town: Town) -> None:
    for path in ("/", "/api/matters", "/api/nothing", "/health/live"):
        headers = town.anybody().get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert len(headers["x-request-id"]) == 16


def test_ready_tells_why_not(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    parts = town.app.edge.parts

    def broken() -> dict[str, Any]:
        raise OSError("connection refused to db.example")

    monkeypatch.setattr(town.app.edge, "parts", replace(parts, readiness=broken))
    answer = town.anybody().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert "db.example" not in answer.text
    monkeypatch.setattr(town.app.edge, "parts", replace(parts, readiness=lambda: {"ready": True, "revision": None}))
    assert town.anybody().get("/health/ready").status_code == 503


def test_multipart_that_cannot_be_read(clerk: Browser, case: dict[str, Any]) -> None:
    path = f"/api/cases/{case['reference']}/files"
    for kind, raw in [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\n"),
        ("multipart/form-data; boundary=b", b"--b--\r\n"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--\r\n',
        ),
    ]:
        answer = clerk.post(path, content=raw, headers={"Content-Type": kind})
        _problem(answer, 400, "malformed-body")
    _problem(clerk.post(path, json={}), 415, "unsupported-media-type")
    two = [("file", ("a.pdf", io.BytesIO(b"%PDF-"))), ("file", ("b.pdf", io.BytesIO(b"%PDF-")))]
    _problem(clerk.post(path, files=two), 400, "malformed-body")

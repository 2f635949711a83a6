"""Who gets in: guards on every route, sessions, CSRF, tokens, lockout."""

from __future__ import annotations

from datetime import timedelta

import pytest
from litestar.routes import HTTPRoute
from prometheus_client import CONTENT_TYPE_LATEST

from catalogue.domain.people import Role
from catalogue.service import sign_in
from catalogue.web.access import PUBLIC, Access
from catalogue.web.metrics import EXPOSITION, Metrics
from tests.web.conftest import JINGHONG, PASSWORD, WUHUA, Browser, Town

PUBLIC_ROUTES = {
    "/api/public/cases/{reference}/notices/opt-out",
    "/status/notices",
    "/api/public/cases/{reference}/rating",
    "/status/rating",
    "/api/public/cases/{reference}/history",
    "/status/history",
    "/registry/changes.atom",
    "/.well-known/jwks.json",
    "/api/public/cases/{reference}/papers",
    "/api/public/cases/{reference}/papers/{document}",
    "/status/papers/{document}",
    "/", "/sign-in", "/status", "/verify", "/verify/{certificate}", "/matters", "/matters/{matter}", "/static/{name}",
    "/api/matters", "/api/matters/{matter}", "/api/registry", "/api/registry/revisions", "/api/areas", "/api/routes",
    "/api/vocabulary", "/api/session", "/api/public/cases/{reference}", "/api/certificates/{certificate}/verification",
    "/api/regions/{region}/papers/{reference}/{file}",  # the link is the credential
    "/health/live", "/health/ready", "/metrics", "/schema/openapi.json", "/desk/offline", "/desk/worker.js",
}  # fmt: skip


def _marks(town: Town) -> list[tuple[str, str, object]]:
    marks = []
    for route in town.app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            for method in handler.http_methods - {"OPTIONS"}:  # the shell answers it before any route
                marks.append((str(method), route.path_format, handler.opt.get("access")))
    return marks


def test_every_route_says_who_may_call_it(town: Town) -> None:
    marks = _marks(town)
    assert len(marks) > 30
    assert [mark for mark in marks if not isinstance(mark[2], Access)] == []


def test_only_the_listed_routes_are_public(town: Town) -> None:
    public = {path for _, path, access in _marks(town) if access == PUBLIC}
    assert public == PUBLIC_ROUTES


@pytest.mark.parametrize("kind", ["nobody", "wrong token", "wrong cookie"])
def test_every_other_route_refuses_who_is_not_signed_in(town: Town, kind: str) -> None:
    for method, path, access in _marks(town):
        if access == PUBLIC:
            continue
        caller = town.anybody()
        if kind == "wrong token":
            caller.token = "kq_nothing"
        if kind == "wrong cookie":
            caller.cookies = {"session": "nothing"}
        answer = caller.request(method, path.replace("{", "").replace("}", ""), headers={"accept": "application/json"})
        assert answer.status_code == 401, (method, path, answer.status_code)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_session_opens_with_its_cookies(town: Town) -> None:
    caller = town.anybody()
    answer = caller.post("/api/session", json={"username": "clerk", "password": PASSWORD})
    assert answer.status_code == 201
    session, csrf = answer.headers.get_list("set-cookie")
    assert session.startswith("session=")
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    assert csrf.startswith(f"csrftoken={answer.json()['csrf_token']}")
    assert "HttpOnly" not in csrf
    me = caller.get("/api/me").json()
    assert (me["username"], me["roles"], me["region"], me["office"]) == ("clerk", ["window_clerk"], "kunming", WUHUA)


def test_a_cookie_client_must_repeat_the_csrf_token(town: Town) -> None:
    browser = town.sign_in("clerk")
    right = browser.csrf
    for wrong in (None, "", "x" * 32, town.sign_in("clerk").csrf):
        browser.csrf = wrong
        answer = browser.receive()
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/csrf-failed")
    browser.csrf = right
    assert browser.receive().status_code == 201


def test_a_token_needs_no_csrf_header(town: Town) -> None:
    assert town.machine("clerk").receive().status_code == 201


def test_cookie_and_token_together_are_refused(town: Town) -> None:
    browser = town.sign_in("clerk")
    browser.token = town.token("clerk")
    for answer in (browser.get("/api/me"), browser.receive()):
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/two-credentials")


def test_another_scheme_than_bearer_is_refused(town: Town) -> None:
    answer = town.anybody().get("/api/me", headers={"Authorization": "Basic Y2xlcms6eA=="})
    assert answer.status_code == 401


def test_scopes_bound_what_a_token_may_do(town: Town) -> None:
    reading = town.machine("clerk", "cases:read")
    assert reading.get("/api/cases").status_code == 200
    assert reading.receive().status_code == 403
    answering = town.machine("clerk", "answers")
    assert answering.get("/api/cases").status_code == 403
    assert answering.get("/api/me").status_code == 200


def test_roles_bound_who_may_receive(town: Town) -> None:
    for name in ("intake", "auditor", "admin"):
        answer = town.machine(name).receive()
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")


def test_a_token_expires_and_keeps_to_its_network(town: Town) -> None:
    caller = town.anybody()
    caller.token = town.token("clerk", expires_at=town.clock.now() - timedelta(seconds=1))
    assert caller.get("/api/me").status_code == 401
    caller.token = town.token("clerk", networks=("203.0.113.0/24",))
    assert caller.get("/api/me").status_code == 401
    caller.address = "203.0.113.9"
    assert caller.get("/api/me").status_code == 200


def test_signing_out_ends_the_session_at_once(town: Town) -> None:
    browser = town.sign_in("clerk")
    held = dict(browser.cookies)
    assert browser.get("/api/me").status_code == 200
    assert browser.request("DELETE", "/api/session").status_code == 204
    assert browser.cookies == {}
    browser.cookies = held
    assert browser.get("/api/me").status_code == 401


def test_a_token_has_no_session_to_end(town: Town) -> None:
    assert town.machine("clerk").request("DELETE", "/api/session").status_code == 403


def test_disabling_an_account_ends_its_sessions_and_tokens(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.web.credentials.SECONDS", 0.0)
    account = town.add("leaving", WUHUA, Role.WINDOW_CLERK)
    browser, machine = town.sign_in("leaving"), town.machine("leaving")
    assert browser.get("/api/me").status_code == machine.get("/api/me").status_code == 200
    town.database.write(lambda work: work.accounts.disable(account.id)).result()
    assert browser.get("/api/me").status_code == machine.get("/api/me").status_code == 401
    assert town.anybody().post("/api/session", json={"username": "leaving", "password": PASSWORD}).status_code == 401


def test_a_session_idles_out_and_moves_on_when_used(town: Town) -> None:
    browser = town.sign_in("clerk")
    try:
        for _ in range(4):
            town.clock.moved += sign_in.IDLE * 0.75
            assert browser.get("/api/me").status_code == 200
        town.clock.moved += sign_in.IDLE
        assert browser.get("/api/me").status_code == 401
    finally:
        town.clock.moved = timedelta()


def test_a_session_ends_after_its_longest_time(town: Town) -> None:
    browser = town.sign_in("clerk")
    try:
        town.clock.moved = sign_in.SESSION
        assert browser.get("/api/me").status_code == 401
    finally:
        town.clock.moved = timedelta()


def test_a_wrong_name_and_a_wrong_password_look_alike(town: Town) -> None:
    caller = town.anybody()
    wrong = [
        caller.post("/api/session", json={"username": name, "password": "Wrong-password-1"})
        for name in ("nobody-here", "admin", "演示", "a\u0000b")
    ]
    assert {answer.status_code for answer in wrong} == {401}
    assert len({answer.text for answer in wrong}) == 1
    assert "www-authenticate" not in wrong[0].headers


def test_five_failures_lock_an_account_for_a_while(town: Town) -> None:
    town.add("forgetful", JINGHONG, Role.HOME_INTAKE)
    caller = town.anybody()
    for _ in range(sign_in.FAILURES_BEFORE_LOCK):
        answer = caller.post("/api/session", json={"username": "forgetful", "password": "Wrong-password-1"})
        assert answer.status_code == 401
    answer = caller.post("/api/session", json={"username": "forgetful", "password": PASSWORD})
    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/account-locked")
    assert int(answer.headers["retry-after"]) == answer.json()["retry_after"] > 0
    try:
        town.clock.moved = sign_in.LOCKED_FOR + timedelta(seconds=1)
        assert town.sign_in("forgetful").get("/api/me").status_code == 200
    finally:
        town.clock.moved = timedelta()


def test_the_body_of_signing_in_is_checked(town: Town) -> None:
    answer = town.anybody().post("/api/session", json={"username": "clerk", "pass": "x"})
    assert answer.status_code == 422
    assert {fault["path"] for fault in answer.json()["errors"]} == {"password", "pass"}


def test_figures_of_the_database_serve_for_some_seconds_and_say_their_age() -> None:
    figures = Metrics()
    assert not figures.fresh(100.0, 10)
    figures.counted(100.0)
    assert figures.fresh(104.0, 10)
    assert b"catalogue_figures_age_seconds 4.0" in figures.text()
    assert not figures.fresh(110.0, 10)
    assert b"catalogue_figures_age_seconds 0.0" in figures.text()
    assert not figures.fresh(100.0, 0), "without such a time every scrape counts"


def test_figures_count_requests_by_the_limits_of_their_durations() -> None:
    figures = Metrics()
    for seconds in (0.005, 0.3, 7.0):
        figures.observe("GET", "/status/{number}", 200, seconds)
    text = figures.text().decode()
    for line in (
        'catalogue_requests_total{method="GET",route="/status/{number}",status="200"} 3.0',
        'catalogue_request_seconds_bucket{le="0.0025",route="/status/{number}"} 0.0',
        'catalogue_request_seconds_bucket{le="0.005",route="/status/{number}"} 1.0',
        'catalogue_request_seconds_bucket{le="5.0",route="/status/{number}"} 2.0',
        'catalogue_request_seconds_bucket{le="+Inf",route="/status/{number}"} 3.0',
        'catalogue_request_seconds_count{route="/status/{number}"} 3.0',
        'catalogue_request_seconds_sum{route="/status/{number}"} 7.305',
    ):
        assert line in text.splitlines()
    assert CONTENT_TYPE_LATEST.encode() == EXPOSITION


def test_figures_are_for_this_machine_and_for_the_metrics_token(town: Town) -> None:
    far, near = town.anybody(), town.anybody()
    near.address = "127.0.0.1"
    near.get("/api/cases")
    assert far.get("/metrics").status_code == 403
    assert near.get("/metrics", headers={"x-forwarded-for": "203.0.113.5"}).status_code == 403
    answer = near.get("/metrics")
    assert answer.status_code == 200
    assert 'route="/api/cases"' in answer.text


def test_a_forwarded_address_counts_only_from_a_trusted_proxy(town: Town) -> None:
    addresses = town.app.edge.addresses

    def scope(peer: str, forwarded: str) -> dict[str, object]:
        return {"client": (peer, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}

    assert addresses.client(scope("198.51.100.7", "203.0.113.5")) == "198.51.100.7"
    assert addresses.client(scope("192.0.2.1", "203.0.113.5")) == "203.0.113.5"
    assert addresses.client(scope("192.0.2.1", "127.0.0.1, 203.0.113.5")) == "203.0.113.5"
    assert addresses.client(scope("192.0.2.1", "nonsense")) == "192.0.2.1"
    assert addresses.client({"client": None, "headers": []}) == "unknown"


def test_collecting_sees_less(town: Town) -> None:
    """The window where the result is collected sees what collection needs, and cannot unmask."""
    clerk: Browser = town.machine("clerk")
    body = clerk.receive(delivery={"method": "window", "window": "530802"}).json()
    other = town.machine("other-clerk")
    seen = other.get(f"/api/cases/{body['reference']}")
    assert seen.status_code == 200
    assert seen.json()["dossier"] == {}
    assert other.post(f"/api/cases/{body['reference']}/unmask", json={"reason": "演示"}).status_code == 403
    assert other.get(f"/api/cases/{body['reference']}/files").status_code == 403

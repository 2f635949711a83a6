"""Notices: off unless set up, composed when they leave, without personal data in rows and logs, and with an opt-out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from standardwebhooks import Webhook

from catalogue.channels import notice_channels
from catalogue.mail import MailChannel
from catalogue.service.delivery import Refused, Unreachable, deliver_region
from catalogue.service.ports import Message
from catalogue.settings import Settings
from tests.e2e.server import free_port
from tests.web.conftest import Browser, Town, application
from tests.web.papers.test_documents import begun, give, officers, to_home

__all__ = ["officers"]

SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


class Box:
    """What an SMTP server took; refuses recipients of ``nowhere.example``."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_RCPT(  # noqa: N802 - the name the server calls
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address.endswith("nowhere.example"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        self.letters.append(envelope)
        return "250 OK"


@pytest.fixture
def smtp() -> Iterator[tuple[Box, str]]:
    box = Box()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def gateway() -> Iterator[tuple[list[tuple[dict[str, str], bytes]], str]]:
    taken: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            taken.append(({key.lower(): value for key, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *given: Any) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield taken, f"http://127.0.0.1:{server.server_port}/sms"
    server.shutdown()
    server.server_close()
    thread.join()


def message(to: str | None) -> Message:
    body = {"to": to, "subject": "通知", "text": "您尾号0000的办件"}
    return Message("5301-2-email", "email", "email", "5301", 2, "notice.granted", body)


def test_nothing_is_told_unless_it_is_set_up(town: Town, officers: dict[str, Browser]) -> None:
    assert notice_channels(Settings()) == {}
    assert town.house.notices == frozenset()
    reference = begun(officers)["reference"]
    to_home(officers, reference)
    give(officers, "intake", reference, "accept")
    listed = town.database.read(lambda work: work.outbox.list(region="sms")).result()
    assert not [one for one in listed if one["reference"] == reference]


def test_an_sms_leaves_as_a_signed_webhook_and_says_nobodys_name(
    town: Town, officers: dict[str, Browser], gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, url = gateway
    monkeypatch.setattr(town.house, "notices", frozenset({"sms"}))
    settings = Settings(sms_url=url, sms_secret=SecretStr(SECRET), webhook_allow_private=True)
    channels = {name: make(town.house.clock.now) for name, make in notice_channels(settings).items()}
    case = begun(officers)
    reference = case["reference"]
    to_home(officers, reference)
    give(officers, "intake", reference, "accept")
    before = len(town.logged())
    assert deliver_region(town.database, town.house, channels, "sms").sent == 1
    (headers, body) = taken[0]
    told = Webhook(SECRET).verify(body, headers)
    assert told["data"]["to"] == "13800000000"
    text = told["data"]["text"]
    assert f"尾号{reference[-4:]}" in text
    assert "受理" in text
    assert "Accepted" in text
    for personal in ("演示甲", reference, case["query_code"]):
        assert personal not in text
    assert "13800000000" not in town.logged()[before:]
    row = town.database.read(lambda work: work.outbox.list(region="sms")).result()
    assert "13800000000" not in json.dumps([dict(one) for one in row], default=str)


def test_whoever_opts_out_is_told_nothing_more(
    town: Town, officers: dict[str, Browser], gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, url = gateway
    monkeypatch.setattr(town.house, "notices", frozenset({"sms"}))
    settings = Settings(sms_url=url, sms_secret=SecretStr(SECRET), webhook_allow_private=True)
    channels = {name: make(town.house.clock.now) for name, make in notice_channels(settings).items()}
    person = {"kind": "natural_person", "name": "演示甲", "document_type": "passport", "document_number": "E1"}
    case = begun(officers, applicant={**person, "phone": "13911112222"})
    code = {"X-Query-Code": case["query_code"]}
    address = f"/api/public/cases/{case['reference']}/notices/opt-out"
    assert town.anybody().post(address, headers={"X-Query-Code": "AAAAAAAA"}).status_code == 404
    assert town.anybody().post(address, headers=code).json() == {"contacts": 1}
    form = {"reference": case["reference"], "code": case["query_code"]}
    assert "不再发送" in town.anybody().post("/status/notices", data=form).text
    to_home(officers, case["reference"])
    give(officers, "intake", case["reference"], "accept")
    assert deliver_region(town.database, town.house, channels, "sms").sent == 0
    assert taken == []
    assert skipped(town, "sms", case["reference"]) == ["opted_out"]


def skipped(town: Town, channel: str, reference: str) -> list[Any]:
    """Why notices of that case were sent to nobody."""
    listed = town.database.read(lambda work: work.outbox.list(region=channel, state="skipped")).result()
    return [one["reason"] for one in listed if one["reference"] == reference]


def test_an_e_mail_goes_where_the_application_says_and_is_skipped_where_it_says_nothing(
    town: Town, officers: dict[str, Browser], smtp: tuple[Box, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, url = smtp
    monkeypatch.setattr(town.house, "notices", frozenset({"email"}))
    channels = {"email": MailChannel(url, "notice@catalogue.example", town.house.clock.now)}
    address = "demo.person@mail.example"
    person = application()["applicant"]
    told = begun(officers, applicant={**person, "email": address, "email_notices": True})["reference"]
    unasked = begun(officers, applicant={**person, "email": address})["reference"]
    untold = begun(officers)["reference"]
    for reference in (told, unasked, untold):
        to_home(officers, reference)
        give(officers, "intake", reference, "accept")
    before = len(town.logged())
    assert deliver_region(town.database, town.house, channels, "email").sent == 1
    (letter,) = box.letters
    assert letter.rcpt_tos == [address]
    assert skipped(town, "email", untold) == ["no_contact"]
    assert skipped(town, "email", unasked) == ["not_agreed"]
    assert skipped(town, "email", told) == []
    assert not town.database.read(lambda work: work.outbox.list(region="email")).result()
    assert address not in town.logged()[before:]
    shown = officers["clerk"].get(f"/api/cases/{told}").json()["dossier"]["applicant"]["email"]
    assert shown == "d***@mail.example"
    clear = officers["clerk"].post(f"/api/cases/{told}/unmask", json={"reason": "演示核对"}).json()
    assert clear["dossier"]["applicant"]["email"] == address


def test_an_odd_e_mail_address_warns_and_does_not_block(officers: dict[str, Browser]) -> None:
    person = application()["applicant"]
    warnings = begun(officers, applicant={**person, "email": "demo at mail"})["warnings"]
    said = {(one["path"], one["code"]) for one in warnings}
    assert said >= {("applicant.email", "email-shape"), ("applicant.email", "email-not-agreed")}
    warnings = begun(officers, applicant={**person, "email_notices": True})["warnings"]
    assert ("applicant.email", "email-missing") in {(one["path"], one["code"]) for one in warnings}


def test_notices_to_nobody_are_seen_by_the_administrator(
    town: Town, officers: dict[str, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town.house, "notices", frozenset({"email"}))
    reference = begun(officers)["reference"]
    to_home(officers, reference)
    give(officers, "intake", reference, "accept")
    channels = {"email": MailChannel("smtp://127.0.0.1:9", "notice@catalogue.example", town.house.clock.now)}
    deliver_region(town.database, town.house, channels, "email")
    page = town.sign_in("admin").get("/admin/outbox").text
    shown = page[page.index('id="skipped"') :]
    assert reference in shown
    assert "没有留下联系方式" in shown


def test_a_gateway_that_is_down_delays_and_loses_nothing(
    town: Town, officers: dict[str, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town.house, "notices", frozenset({"sms"}))

    def down(message: Message) -> None:
        raise Unreachable("演示")

    reference = begun(officers)["reference"]
    to_home(officers, reference)
    give(officers, "intake", reference, "accept")
    assert deliver_region(town.database, town.house, {"sms": down}, "sms").failed == 1
    waiting = town.database.read(lambda work: work.outbox.list(region="sms", state="waiting")).result()
    assert reference in {one["reference"] for one in waiting}


def test_an_e_mail_leaves_by_smtp(smtp: tuple[Box, str]) -> None:
    box, url = smtp
    channel = MailChannel(url, "notice@catalogue.example", lambda: datetime.now(UTC))
    channel(message("somebody@mail.example"))
    channel(message(None))
    (letter,) = box.letters
    assert letter.rcpt_tos == ["somebody@mail.example"]
    assert b"<5301-2-email@catalogue.example>" in letter.content
    with pytest.raises(Refused) as refused:
        channel(message("nobody@nowhere.example"))
    assert "nowhere" not in str(refused.value)
    with pytest.raises(Unreachable):
        MailChannel("smtp://127.0.0.1:9", "notice@catalogue.example", lambda: datetime.now(UTC))(message("a@b.example"))

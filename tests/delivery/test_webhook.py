"""The webhook channel: public packages read what we send, and nothing of the receiver's can be turned against us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks import Webhook, WebhookVerificationError

from catalogue.service.delivery import Refused, Unreachable
from catalogue.service.ports import Message
from catalogue.settings import Receiver as Address
from catalogue.settings import receivers_of
from catalogue.webhook import LARGEST_ANSWER, WebhookChannel, is_public
from tests.delivery.conftest import OLDER, SECRET, Receiver

MESSAGE = Message(
    "5301261126000017-2",
    "webhook",
    "puer",
    "5301261126000017",
    2,
    "case.forwarded",
    {"state": "forwarded", "名": "演示"},
)


def present() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def channel(receiver: Receiver) -> Iterator[WebhookChannel]:
    made = WebhookChannel({"puer": Address(receiver.url, (SECRET, OLDER))}, allow_private=True, now=present)
    yield made
    made.close()


def test_the_public_packages_verify_and_read_a_message(channel: WebhookChannel, receiver: Receiver) -> None:
    channel(MESSAGE)
    headers, body = receiver.came[0]
    assert Webhook(SECRET).verify(body, headers) == json.loads(body)
    event = JSONFormat().read(CloudEvent, body)
    assert event.get_id() == MESSAGE.id == headers["webhook-id"]
    assert event.get_subject() == MESSAGE.reference
    assert event.get_type() == "case.forwarded"
    assert event.get_extension("sequence") == 2
    assert event.get_data() == {"state": "forwarded", "名": "演示"}


def test_while_a_secret_changes_both_are_valid(channel: WebhookChannel, receiver: Receiver) -> None:
    channel(MESSAGE)
    headers, body = receiver.came[0]
    for secret in (SECRET, OLDER):
        Webhook(secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_bm8gc2VjcmV0IG9mIG91cnM=").verify(body, headers)


def test_a_message_sent_again_has_the_same_id_and_content(channel: WebhookChannel, receiver: Receiver) -> None:
    channel(MESSAGE)
    channel(MESSAGE)
    first, second = receiver.events
    assert (first["id"], first["data"]) == (second["id"], second["data"])


@pytest.mark.parametrize("status", [400, 409, 422, 500])
def test_an_answer_about_the_message_refuses_the_message(
    channel: WebhookChannel, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    with pytest.raises(Refused, match=f"HTTP {status}"):
        channel(MESSAGE)


@pytest.mark.parametrize("status", [401, 404, 429, 503])
def test_an_answer_about_the_line_gives_up_the_line(channel: WebhookChannel, receiver: Receiver, status: int) -> None:
    receiver.status, receiver.headers = status, {"Retry-After": "120"}
    with pytest.raises(Unreachable, match=f"HTTP {status}") as raised:
        channel(MESSAGE)
    assert raised.value.wait == timedelta(seconds=120)


def test_a_redirect_is_refused_and_not_followed(channel: WebhookChannel, receiver: Receiver) -> None:
    receiver.status, receiver.headers = 307, {"Location": receiver.url}
    with pytest.raises(Unreachable, match="redirects"):
        channel(MESSAGE)
    assert len(receiver.came) == 1


def test_an_endless_answer_is_not_read_to_its_end(channel: WebhookChannel, receiver: Receiver) -> None:
    receiver.status, receiver.body = 200, b"x" * (8 * LARGEST_ANSWER)
    channel(MESSAGE)


def test_nobody_there_is_the_line_and_not_the_message(receiver: Receiver) -> None:
    channel = WebhookChannel({"puer": Address("http://127.0.0.1:9/", (SECRET,))}, allow_private=True, now=present)
    with pytest.raises(Unreachable, match="ConnectError"):
        channel(MESSAGE)
    channel.close()


@pytest.mark.parametrize(
    ("url", "secrets", "why"),
    [
        ("http://127.0.0.1:1/", (SECRET,), "https"),
        ("https://127.0.0.1:1/", (SECRET,), "not public"),
        ("https://[::1]:1/", (SECRET,), "not public"),
        ("https://example.org/", (), "no secret"),
    ],
)
def test_private_addresses_and_clear_text_need_the_setting(url: str, secrets: tuple[str, ...], why: str) -> None:
    channel = WebhookChannel({"puer": Address(url, secrets)}, allow_private=False, now=present)
    with pytest.raises(Unreachable, match=why):
        channel(MESSAGE)
    channel.close()


def test_a_name_that_changes_its_answer_never_leads_inside(receiver: Receiver) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14", "127.0.0.1"]

    channel = WebhookChannel(
        {"puer": Address("https://rebinding.example/", (SECRET,))}, allow_private=False, now=present, find=rebinding
    )
    with pytest.raises(Unreachable, match="not public"):
        channel(MESSAGE)
    assert asked == ["rebinding.example"], "asked once: what was looked at is what is connected to"
    assert receiver.came == []
    channel.close()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2001:4860:4860::8888", True), ("10.1.2.3", False), ("172.16.0.1", False),
        ("192.168.1.1", False), ("127.0.0.1", False), ("169.254.169.254", False), ("0.0.0.0", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("::1", False), ("::", False), ("fe80::1%eth0", False),
        ("fd00::1", False), ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True), ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
    ],
)  # fmt: skip
def test_only_addresses_the_world_shares_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_receivers_come_from_the_environment_by_region() -> None:
    found = receivers_of(
        {
            "CATALOGUE_WEBHOOK_PUER_URL": "https://puer.example/inbox",
            "CATALOGUE_WEBHOOK_PUER_SECRET": f"{SECRET} {OLDER}",
            "CATALOGUE_WEBHOOK_YUXI_URL": "https://yuxi.example/",
            "CATALOGUE_WEBHOOK_KUNMING_URL": " ",
            "CATALOGUE_WEBHOOK_ALLOW_PRIVATE": "1",
        }
    )
    assert found == {
        "puer": Address("https://puer.example/inbox", (SECRET, OLDER)),
        "yuxi": Address("https://yuxi.example/", ()),
    }
    assert SECRET not in repr(found)

"""The webhook channel: one signed message to a city's own system, and nothing of what could be turned against us.

CloudEvents in JSON, signed by Standard Webhooks with every secret that is set, so that a secret changes without a gap.
Redirects are refused. The name is resolved once for each connection and that very address is connected to, after it
was found to be public; so no answer of a name server between check and use leads inside. Personal data leave by https
only. Time and size of an answer are bounded.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpcore2
import httpx2
import msgspec
from standardwebhooks import Webhook as Signer

from catalogue.domain.value import Value
from catalogue.service.delivery import Refused, Unreachable
from catalogue.service.ports import Message
from catalogue.settings import Receiver

TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
WHOLE_SECONDS = 20.0
LARGEST_ANSWER = 64 * 1024
SOURCE = "/catalogue"
MEDIA_TYPE = "application/cloudevents+json"

ALL_OF_THEM = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 429, 502, 503, 504})
"""Answers that are about the line and not about this message: wrong secret or address, too busy, down."""

Resolve = Callable[[str, int], Iterable[str]]


class PrivateAddress(Exception):
    """The receiver's name leads to an address that is not public."""


def resolve(host: str, port: int) -> Iterable[str]:
    """The addresses of a name, in the order of the resolver."""
    return dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def is_public(address: str) -> bool:
    """Whether the whole world shares that address; what only wraps another one is judged by what it wraps."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        wrapped = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if wrapped is not None:
            return is_public(str(wrapped))
        if parsed in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)))
    return parsed.is_global and not parsed.is_multicast


class PinnedBackend(httpcore2.SyncBackend):
    """Connects to an address that was looked at, never to a name."""

    def __init__(self, allow_private: bool, find: Resolve) -> None:
        super().__init__()
        self._allow_private, self._find = allow_private, find

    def connect_tcp(self, host: str, port: int, *args: Any, **given: Any) -> Any:
        """The first address that takes the connection. Raises PrivateAddress where any of them is not public."""
        try:
            addresses = list(self._find(host, port))
        except OSError as error:
            raise httpcore2.ConnectError("the name does not resolve") from error
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise PrivateAddress
        problem: Exception = httpcore2.ConnectError("the name has no address")
        for address in addresses:
            try:
                return super().connect_tcp(address, port, *args, **given)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
        raise problem


def envelope(message: Message, at: datetime) -> dict[str, Any]:
    """The CloudEvent of a message: ``subject`` the reference, ``sequence`` the event's number, ``id`` stable."""
    return {
        "specversion": "1.0",
        "id": message.id,
        "source": SOURCE,
        "type": message.type,
        "subject": message.reference,
        "time": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "sequence": message.sequence,
        "region": message.region,
        "data": dict(message.body),
    }


class Signed(Value, frozen=True):
    """What goes over the wire."""

    body: bytes
    headers: dict[str, str]


def signed(message: Message, secrets: Iterable[str], now: datetime) -> Signed:
    """Body and headers, with one signature for each secret that is valid now."""
    body = msgspec.json.encode(envelope(message, now))
    text = body.decode()
    # The library reads the fields of the moment as UTC and whole seconds; the header carries the same.
    moment = now.astimezone(UTC)
    signatures = [Signer(secret).sign(message.id, moment, text) for secret in secrets]
    return Signed(
        body,
        {
            "content-type": MEDIA_TYPE,
            "webhook-id": message.id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": " ".join(signatures),
        },
    )


class WebhookChannel:
    """Delivers messages to the receivers of the settings. Safe to share between threads."""

    def __init__(
        self,
        receivers: Mapping[str, Receiver],
        *,
        allow_private: bool,
        now: Callable[[], datetime],
        find: Resolve = resolve,
    ) -> None:
        self._receivers, self._allow_private, self._now = receivers, allow_private, now
        transport = httpx2.HTTPTransport(trust_env=False, retries=0)
        # The pool's backend is what opens connections; httpx has no parameter for it.
        transport._pool._network_backend = PinnedBackend(allow_private, find)
        self._client = httpx2.Client(
            transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False, cookies=None
        )

    def __call__(self, message: Message) -> None:
        """Send once. Raises Refused for what concerns this message, Unreachable for what concerns the line."""
        receiver = self._receivers.get(message.region)
        if receiver is None:
            raise Unreachable("no address is set for this region")
        if not receiver.secrets:
            raise Unreachable("no secret is set for this region")
        if not receiver.url.startswith("https://") and not self._allow_private:
            raise Unreachable("the address is not https")
        letter = signed(message, receiver.secrets, self._now())
        try:
            status, answer = self._post(receiver.url, letter)
        except PrivateAddress:
            raise Unreachable("the address is not public (CATALOGUE_WEBHOOK_ALLOW_PRIVATE)") from None
        except httpx2.TimeoutException as error:
            raise Unreachable(f"time-out: {type(error).__name__}") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, httpcore2.ConnectError, OSError) as error:
            raise Unreachable(type(error).__name__) from None
        if 200 <= status < 300:
            return
        if 300 <= status < 400:
            raise Unreachable(f"HTTP {status}: redirects are refused")
        if status in ALL_OF_THEM:
            raise Unreachable(f"HTTP {status}", answer)
        raise Refused(f"HTTP {status}")

    def close(self) -> None:
        """End all connections."""
        self._client.close()

    def _post(self, url: str, letter: Signed) -> tuple[int, timedelta | None]:
        until = time.monotonic() + WHOLE_SECONDS
        with self._client.stream("POST", url, content=letter.body, headers=letter.headers) as response:
            size = 0
            for piece in response.iter_raw():
                size += len(piece)
                if size > LARGEST_ANSWER:
                    break
                if time.monotonic() > until:
                    raise httpx2.ReadTimeout("the answer takes too long")
            return response.status_code, _asked_wait(response.headers.get("retry-after"))


def _asked_wait(text: str | None) -> timedelta | None:
    return timedelta(seconds=int(text)) if text is not None and text.isascii() and text.isdigit() else None

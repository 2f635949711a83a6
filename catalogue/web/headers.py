"""Reading what surrounds a body: headers, cookies, the query string, the client's address."""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, unquote_plus

from catalogue.domain.problems import Fault, InvalidInput, MalformedRequest
from catalogue.domain.text import Text

Scope = Mapping[str, Any]


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of that lower-case name."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


def cookies(scope: Scope) -> Mapping[str, str]:
    """The cookies of a request; a name that comes twice keeps its first value."""
    return _cookies(tuple(value for key, value in scope["headers"] if key == b"cookie"))


@lru_cache(maxsize=1024)
def _cookies(values: tuple[bytes, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for value in values:
        for part in value.decode("latin-1").split(";"):
            name, separator, content = part.strip().partition("=")
            if separator:
                found.setdefault(name, content)
    return MappingProxyType(found)


def unprintable(text: str) -> bool:
    """Whether a text holds what no column and no log takes: control characters, halves of surrogate pairs."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def query(scope: Scope) -> dict[str, str]:
    """The parameters of the query string. Raises InvalidInput for repeated and for unreadable ones."""
    raw = scope["query_string"]
    if not raw:
        return {}
    found: dict[str, str] = {}
    faults = []
    for part in raw.split(b"&", 100)[:100]:
        if not part:
            continue
        name_raw, _, value_raw = part.partition(b"=")
        try:
            name = unquote_plus(name_raw.decode("ascii"), errors="strict")
            value = unquote_plus(value_raw.decode("ascii"), errors="strict")
        except UnicodeDecodeError:
            faults.append(Fault("", "not-utf-8", Text("参数应为 UTF-8 编码", "Parameters must be UTF-8")))
            continue
        if unprintable(name) or unprintable(value):
            shown = "" if unprintable(name) else name[:64]
            faults.append(Fault(shown, "control-character", Text("参数含有控制字符", "Holds control characters")))
        elif name in found:
            faults.append(Fault(name[:64], "repeated", Text("参数重复", "Given twice")))
        else:
            found[name] = value
    if faults:
        raise InvalidInput(errors=tuple(faults))
    return found


def known_only(parameters: Mapping[str, str], *names: str) -> None:
    """Refuse a parameter that is not documented, so that a misspelt filter is not silently no filter."""
    faults = tuple(
        Fault(name[:64], "unknown-parameter", Text("没有这个参数", "No such parameter"))
        for name in parameters
        if name not in names
    )
    if faults:
        raise InvalidInput(errors=faults)


def whole_number(parameters: Mapping[str, str], name: str) -> int | None:
    """A whole number among the parameters. Raises InvalidInput."""
    text = parameters.get(name)
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidInput(errors=(Fault(name, "not-a-number", Text("应为整数", "Must be a whole number")),))
    return int(text)


def path_text(value: str) -> str:
    """A path parameter as text. Raises MalformedRequest where it holds control characters."""
    text = unquote(value)
    if unprintable(text):
        raise MalformedRequest
    return text


@lru_cache(maxsize=4096)
def _address(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


class Addresses:
    """Who calls: the peer, or what a trusted proxy says of it."""

    def __init__(self, trusted: tuple[str, ...]) -> None:
        self._trusted = tuple(ipaddress.ip_network(entry, strict=False) for entry in trusted if entry != "unix")
        self._socket = "unix" in trusted

    def _is_trusted(self, address: str | None) -> bool:
        if address is None or not self._trusted:
            return False
        parsed = ipaddress.ip_address(address)
        return any(parsed in network for network in self._trusted if network.version == parsed.version)

    def client(self, scope: Scope) -> str:
        """The address failures are counted under: the last one that no trusted proxy vouches for."""
        peer = scope.get("client")
        address = _address(str(peer[0])) if peer else None
        if self._is_trusted(address) or (self._socket and not peer):
            forwarded = header(scope, b"x-forwarded-for") or ""
            for hop in reversed(forwarded.split(",")):
                known = _address(hop)
                if known is None:
                    break
                address = known
                if not self._is_trusted(known):
                    break
        return address or "unknown"

    def is_loopback(self, scope: Scope) -> bool:
        """Whether the caller sits at this machine. A forwarding header from an untrusted peer makes it doubtful: no."""
        peer = scope.get("client")
        address = _address(str(peer[0])) if peer else None
        if not self._is_trusted(address) and (header(scope, b"x-forwarded-for") or header(scope, b"forwarded")):
            return False
        return _is_loopback(self.client(scope))

    def is_local(self, scope: Scope) -> bool:
        """Whether the caller sits at this machine and named it by a loopback address, not by a name of somebody's."""
        host = (header(scope, b"host") or "").rsplit(":", 1)[0].strip("[]")
        return self.is_loopback(scope) and (host == "localhost" or _is_loopback(host))


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False

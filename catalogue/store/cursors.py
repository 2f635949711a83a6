"""Cursors of pages: opaque, and refused when anybody has changed them."""

from __future__ import annotations

import base64
import binascii
import hmac

from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text
from catalogue.store.codec import json_bytes, read_json
from catalogue.store.keyring import Keyring

_MARK = 12


def cursor(keyring: Keyring, *key: str) -> str:
    """The cursor that continues after the row with this key."""
    body = json_bytes(key)
    return base64.urlsafe_b64encode(keyring.digest("cursor", body)[:_MARK] + body).decode().rstrip("=")


def read_cursor(keyring: Keyring, text: str, parts: int) -> tuple[str, ...]:
    """The key in a cursor. Raises InvalidInput for anything that ``cursor`` did not make."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _refused() from None
    body = data[_MARK:]
    if not hmac.compare_digest(data[:_MARK], keyring.digest("cursor", body)[:_MARK]):
        raise _refused()
    key = tuple(read_json(body))
    if len(key) != parts:
        raise _refused()
    return key


def _refused() -> InvalidInput:
    message = Text("翻页标记无效，请从第一页重新查询", "The cursor is not one of ours; start again from the first page")
    return InvalidInput(message, errors=(Fault("cursor", "cursor", message),))

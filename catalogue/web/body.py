"""Reading bodies: bounded, strict about encodings, never echoed back."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from litestar import Request
from multipart import (  # type: ignore[import-untyped]  # publishes no types
    MultipartError,
    MultipartParser,
    MultipartPart,
    parse_options_header,
)

from catalogue.domain.problems import BodyTooLarge, MalformedBody, UnsupportedMediaType
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.web.headers import header

DISCARDED_AT_MOST = 64 * 1024 * 1024
DISCARD_SECONDS = 10.0
DEEPEST = 40
"""Levels of nesting; no body of ours has more than six."""

AnyRequest = Request[Any, Any, Any]


async def read_body(request: AnyRequest, limit: int) -> bytes:
    """The body up to ``limit`` bytes. Raises BodyTooLarge, keeping nothing of it.

    What is too large is received and thrown away within bounds: a client that is still sending when the connection
    closes would see a broken connection instead of the 413.
    """
    declared = header(request.scope, b"content-length")
    too_large = declared is not None and declared.isdigit() and int(declared) > limit
    if too_large and int(declared or 0) > DISCARDED_AT_MOST:
        raise _too_large(limit)
    pieces: list[bytes] = []
    size = 0
    receive = request.receive
    async with asyncio.timeout(DISCARD_SECONDS if too_large else None) as waiting:
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise MalformedBody(Text("连接中断，内容不完整", "The connection ended before the body did"))
                piece: bytes = message.get("body", b"")  # type: ignore[assignment]
                size += len(piece)
                if size > limit and not too_large:
                    too_large = True
                    waiting.reschedule(asyncio.get_running_loop().time() + DISCARD_SECONDS)
                if too_large:
                    pieces.clear()
                    if size > DISCARDED_AT_MOST:
                        break
                elif piece:
                    pieces.append(piece)
                if not message.get("more_body", False):
                    break
        except TimeoutError:
            pass
    if too_large:
        raise _too_large(limit)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(
        Text(f"内容不能超过 {limit // 1024} KiB", f"The body may have at most {limit // 1024} KiB"),
        extra={"limit": limit},
    )


def media_type(request: AnyRequest) -> tuple[str, Mapping[str, str]]:
    """The content type in lower case and its options; empty where none was sent."""
    text = header(request.scope, b"content-type")
    return _media_type(text) if text else ("", {})


@lru_cache(maxsize=64)
def _media_type(text: str) -> tuple[str, Mapping[str, str]]:
    kind, options = parse_options_header(text)
    return kind.lower(), {key.lower(): value for key, value in options.items()}


def _in_utf8(options: Mapping[str, str]) -> None:
    charset = options.get("charset", "utf-8").strip().lower().replace("_", "-")
    if charset not in ("utf-8", "utf8", "us-ascii", "ascii"):
        raise MalformedBody(Text("内容应为 UTF-8 编码", "The body must be UTF-8"))


def parse_json(raw: bytes) -> Any:
    """The JSON value of a body. Raises MalformedBody, never quoting the body."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise MalformedBody(
            Text("内容不是有效的 UTF-8 JSON，请检查", "The body is not valid JSON in UTF-8; please check it")
        ) from None
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and _depth(value) > DEEPEST:
        raise MalformedBody(Text(f"内容嵌套超过 {DEEPEST} 层", f"The body nests deeper than {DEEPEST} levels"))
    if not _says_once(raw, value) and _says_twice(raw):
        raise MalformedBody(
            Text("内容中同一个键出现两次，请只留一个", "The body gives a key twice; which one counts would be a guess")
        )
    return value


def _says_once(raw: bytes, value: Any) -> bool:
    """Whether an object of a usual body surely gives no key twice: its value, written anew, then has as many quotes
    before colons. Unusual is what makes these differ as well: a quote as an escape, a space before a colon."""
    if b"\\u" in raw or b" :" in raw or b"\t:" in raw or b"\n:" in raw or b"\r:" in raw:
        return False
    return raw.count(b'":') == msgspec.json.encode(value).count(b'":')


def _says_twice(raw: bytes) -> bool:
    """Whether an object of the text gives a key twice."""
    twice = False

    def look(pairs: list[tuple[str, Any]]) -> None:
        nonlocal twice
        twice = twice or len({key for key, _ in pairs}) < len(pairs)

    json.loads(raw, object_pairs_hook=look)
    return twice


def _depth(value: Any) -> int:
    level, here = 0, [value]
    while here:
        level += 1
        here = [
            inner
            for outer in here
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
        ]
        if level > DEEPEST:
            break
    return level


async def read_json(request: AnyRequest, limit: int, *, optional: bool = False) -> tuple[Any, bytes]:
    """The JSON object of a request and the bytes it came in. Raises UnsupportedMediaType, MalformedBody, BodyTooLarge.

    An absent body is None where ``optional``.
    """
    kind, options = media_type(request)
    raw = await read_body(request, limit)
    if not raw and optional:
        return None, raw
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise UnsupportedMediaType(Text("请使用 application/json", "Send application/json"))
    _in_utf8(options)
    value = parse_json(raw)
    if not isinstance(value, dict):
        raise MalformedBody(Text("内容应为 JSON 对象", "The body must be a JSON object"))
    return value, raw


async def read_form(request: AnyRequest, limit: int) -> dict[str, list[str]]:
    """The fields of a form as a page sends it, each with its values in order."""
    kind, options = media_type(request)
    raw = await read_body(request, limit)
    if kind != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType
    _in_utf8(options)
    found: dict[str, list[str]] = {}
    try:
        for part in raw.decode("ascii").split("&"):
            if part:
                name, _, value = part.partition("=")
                found.setdefault(unquote_plus(name, errors="strict"), []).append(unquote_plus(value, errors="strict"))
    except UnicodeDecodeError:
        raise MalformedBody(Text("内容应为 UTF-8 编码", "The body must be UTF-8")) from None
    return found


class Upload(Value, frozen=True):
    """One file of a multipart body, held in memory: scans never touch a temporary file in clear."""

    name: str
    content: bytes
    fields: dict[str, str]
    """The last value of each plain field."""
    every: dict[str, list[str]]
    """All values of each, in order."""


async def read_upload(request: AnyRequest, limit: int) -> Upload:
    """The one file of a multipart body and its plain fields.

    Raises UnsupportedMediaType, MalformedBody, BodyTooLarge.
    """
    kind, options = media_type(request)
    raw = await read_body(request, limit)
    if kind != "multipart/form-data":
        raise UnsupportedMediaType(Text("请使用 multipart/form-data", "Send multipart/form-data"))
    boundary = options.get("boundary", "")
    if not boundary:
        raise MalformedBody(Text("缺少 boundary", "The boundary is missing"))
    try:
        parts = _parts(raw, boundary)
    except (MultipartError, ValueError, LookupError):
        raise MalformedBody(Text("multipart 内容无法读取", "The multipart body cannot be read")) from None
    files = [part for part in parts if part.filename is not None]
    if len(files) != 1:
        raise MalformedBody(Text("每次上传一个文件", "Send exactly one file in a call"))
    every: dict[str, list[str]] = {}
    for part in parts:
        if part.filename is None:
            every.setdefault(part.name, []).append(part.value)
    return Upload(str(files[0].filename), files[0].raw, {name: said[-1] for name, said in every.items()}, every)


def _parts(raw: bytes, boundary: str) -> list[MultipartPart]:
    parser = MultipartParser(
        io.BytesIO(raw),
        boundary,
        content_length=len(raw),
        disk_limit=0,
        memory_limit=len(raw) + 1,
        spool_limit=len(raw) + 1,
        strict=True,
    )
    parts: list[MultipartPart] = parser.parts()
    for part in parts:
        if part.filename is None:
            part.value.encode()
    return parts

"""The stylesheets, the scripts and the sign of the house, from memory; addresses carry the digest of their source."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from catalogue.domain.problems import NotFound
from catalogue.web.access import PUBLIC
from catalogue.web.answer import Answer
from catalogue.web.body import AnyRequest
from catalogue.web.endpoint import api

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M4 12h24M4 20h24" stroke="#143f7a" '
    'stroke-width="3"/><rect x="4" y="6" width="9" height="20" rx="4.5" fill="#fff" stroke="#143f7a" '
    'stroke-width="2.5"/><rect x="18" y="4" width="11" height="24" rx="5.5" fill="#0b7261"/></svg>'
)
ARROW = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 8" fill="none" stroke="#465463" stroke-width="1.6">'
    '<path d="m1 1.5 5 5 5-5"/></svg>'
)

TYPES = {"css": b"text/css; charset=utf-8", "js": b"text/javascript; charset=utf-8", "svg": b"image/svg+xml"}


def lighter(name: str, content: bytes) -> bytes:
    """Without comments and indentation, which are for those who write it. A script with a text over several lines is
    left as it is."""
    if name.endswith(".css"):
        bare = re.sub(rb"/\*.*?\*/", b"", content, flags=re.DOTALL)
        bare = re.sub(rb";}", b"}", re.sub(rb"\s*([{};,]|\n)\s*", rb"\1", bare))
        return re.sub(rb"([a-z-]): ", rb"\1:", bare)
    lines = content.splitlines()
    if not name.endswith(".js") or any(line.count(b"`") % 2 for line in lines):
        return content
    bare_lines = (line.strip() for line in lines)
    return b"\n".join(line for line in bare_lines if line and not line.startswith(b"//"))


IMPORT = re.compile(rb'(?m)^(import .* from )"\./([a-z]+\.js)";$')


def linked(scripts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Scripts with each import by its address, so that a script changes with its parts. No circle of imports."""
    made: dict[str, bytes] = {}

    def link(name: str) -> bytes:
        if name not in made:
            made[name] = IMPORT.sub(lambda found: found[1] + b'"' + part(found[2].decode()) + b'";', scripts[name])
        return made[name]

    def part(name: str) -> bytes:
        return _address(name, link(name)).encode()

    return {name: link(name) for name in scripts}


def _address(name: str, content: bytes) -> str:
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def _read() -> dict[str, tuple[bytes, bytes]]:
    folder = Path(__file__).parent.with_name("static")
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix[1:] in TYPES}
    files |= linked({name: source for name, source in files.items() if name.endswith(".js")})
    files |= {"icon.svg": ICON.encode(), "arrow.svg": ARROW.encode()}
    return {name: (source, TYPES[name.rpartition(".")[2]]) for name, source in files.items()}


FILES = _read()
"""Name -> source and type."""
ADDRESSES = {name: _address(name, source) for name, (source, _) in FILES.items()}


@cache
def content(name: str) -> bytes:
    """A file of the house as it goes out, made lighter when it is first asked for. Raises KeyError."""
    return lighter(name, FILES[name][0])


def static_address(name: str) -> str:
    """The address of a file, which changes with its content."""
    return ADDRESSES[name]


@api("GET", "/static/{name:str}", PUBLIC, None)
async def get_static(request: AnyRequest) -> Answer:
    name = request.path_params["name"]
    if name not in FILES:
        raise NotFound
    return Answer(content(name), 200, FILES[name][1], ((b"cache-control", b"public, max-age=31536000, immutable"),))


ROUTES = (get_static,)

"""The window without network: a script of the house that hands out one page, which holds nothing of anybody.

A browser that has lost the network, or is opened again without it, would show its own error and the clerk would not
know whether an application waits or is lost. The worker keeps this page and its three files, and nothing else ever.
"""

from __future__ import annotations

import hashlib
from functools import cache

import msgspec

from catalogue.web.access import PUBLIC
from catalogue.web.answer import Answer
from catalogue.web.body import AnyRequest
from catalogue.web.endpoint import api, page
from catalogue.web.pages.render import page_answer
from catalogue.web.pages.static import TYPES, content, static_address

SHELL = "/desk/offline"


@page("GET", SHELL, PUBLIC)
async def offline_page(request: AnyRequest) -> Answer:
    """No network: what waits on this machine and why. In both languages, because it is kept once for all."""
    return page_answer(request, "offline.html")


@cache
def worker() -> bytes:
    """The worker's script; its first lines name what it may keep, and change with any of it."""
    kept = [SHELL, *(static_address(name) for name in ("house.css", "offline.js", "icon.svg"))]
    code = content("worker.js")
    version = hashlib.sha256(msgspec.json.encode(kept) + code).hexdigest()[:12]
    values = {"FILES": kept, "SHELL": SHELL, "VERSION": version}
    return b"".join(b"const %s = %s;\n" % (n.encode(), msgspec.json.encode(v)) for n, v in values.items()) + code


@api("GET", "/desk/worker.js", PUBLIC, None)
async def get_worker(request: AnyRequest) -> Answer:
    return Answer(worker(), 200, TYPES["js"], ((b"cache-control", b"no-cache"),))


ROUTES = (offline_page, get_worker)

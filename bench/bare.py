"""The smallest answer Litestar can give: what every other answer is compared with."""

from __future__ import annotations

import sys

import uvicorn
from litestar import Litestar, get

ANSWER = {"status": "live", "note": "x" * 170}
"""About 200 bytes of JSON."""


@get("/", sync_to_thread=False)
def bare() -> dict[str, str]:
    """Plain dict in, JSON out."""
    return ANSWER


app = Litestar([bare], openapi_config=None)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False, loop="uvloop", http="httptools")

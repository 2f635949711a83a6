"""The hook for a virus scanner: a command of the operator's that reads a file and says whether it may be stored.

It runs before anything is written and outside every unit of work: a slow scanner holds up its own upload alone.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable

from catalogue.domain.problems import FileRefused, Unavailable
from catalogue.domain.text import Text

Scan = Callable[[bytes], None]
SECONDS = 60.0

_DOWN = Text(
    "病毒扫描暂时不可用，文件没有存，请稍后再传", "The virus scanner does not answer; nothing was stored: try later"
)


def scanner(command: str) -> Scan | None:
    """The scanner of that command line, None where none is set.

    It gets the content on standard input, as ``clamdscan --fdpass -`` takes it: 0 lets the file pass, 1 refuses it, and
    everything else, or no answer in a minute, is a scanner that does not work. Raises FileRefused, Unavailable.
    """
    words = shlex.split(command)
    if not words:
        return None

    def scan(content: bytes) -> None:
        try:
            done = subprocess.run(  # noqa: S603 -- the operator's own command, no part of it from outside
                words, input=content, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            raise Unavailable(_DOWN) from None
        if done.returncode == 1:
            raise FileRefused
        if done.returncode:
            raise Unavailable(_DOWN)

    return scan

"""Which characters a font has: the character maps of an OpenType collection, read once.

Typst names only the first character it cannot set; a clerk should see all of them at once.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path

FACE = 2
"""The face of the collection that the forms are set in: Noto Sans CJK SC."""

UNSEEN = frozenset("\n\t\r")


def missing(text: str, font: Path) -> str:
    """The characters of a text that the font lacks, each once, in the order they come."""
    known = characters(font)
    return "".join(dict.fromkeys(c for c in text if ord(c) > 0x7E and ord(c) not in known and c not in UNSEEN))


@lru_cache(maxsize=2)
def characters(font: Path) -> frozenset[int]:
    """Every code point of the face that has a glyph (OpenType ``cmap``, formats 4 and 12)."""
    data = font.read_bytes()
    start = struct.unpack_from(">I", data, 12 + 4 * FACE)[0] if data[:4] == b"ttcf" else 0
    tables = struct.unpack_from(">H", data, start + 4)[0]
    for n in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sIII", data, start + 12 + 16 * n)
        if tag == b"cmap":
            return frozenset(_mapped(data, offset))
    return frozenset()


def _mapped(data: bytes, cmap: int) -> set[int]:
    found: set[int] = set()
    count = struct.unpack_from(">H", data, cmap + 2)[0]
    for n in range(count):
        platform, _, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * n)
        table = cmap + offset
        if platform in (0, 3) and struct.unpack_from(">H", data, table)[0] == 12:
            groups = struct.unpack_from(">I", data, table + 12)[0]
            for g in range(groups):
                first, last, glyph = struct.unpack_from(">III", data, table + 16 + 12 * g)
                found.update(range(first if glyph else first + 1, last + 1))
    return found

"""A page of a PDF as a PNG, without a library for pictures."""

from __future__ import annotations

import struct
import zlib

import pypdfium2


def png(content: bytes, page: int = 0, scale: float = 1.1) -> bytes:
    """The page in grey, as it comes from a black and white printer."""
    bitmap = pypdfium2.PdfDocument(content)[page].render(scale=scale, grayscale=True)
    held = bytes(bitmap.buffer)
    rows = b"".join(
        b"\0" + held[line * bitmap.stride : line * bitmap.stride + bitmap.width] for line in range(bitmap.height)
    )
    header = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data) for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def ink(content: bytes) -> float:
    """How much of the first page is dark: 0 is blank paper."""
    bitmap = pypdfium2.PdfDocument(content)[0].render(scale=0.5, grayscale=True)
    held = bytes(bitmap.buffer)
    return sum(value < 128 for value in held) / len(held)

"""Pictures made small: a page has few colours, so a palette of 256 says them all and takes a third of the room."""

from __future__ import annotations

import base64
import struct
import zlib

from playwright.sync_api import Page

_INDEX = """async picture => {
  const image = await createImageBitmap(await (await fetch(picture)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const data = new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer);
  const often = new Map();
  for (const colour of data) often.set(colour, (often.get(colour) ?? 0) + 1);
  const palette = [...often].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([colour]) => colour);
  const parts = colour => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
  const said = palette.map(parts);
  const nearest = new Map(palette.map((colour, index) => [colour, index]));
  const find = colour => {
    const [r, g, b] = parts(colour);
    let best = 0, least = Infinity;
    said.forEach(([x, y, z], index) => {
      const far = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2;
      if (far < least) [best, least] = [index, far];
    });
    nearest.set(colour, best);
    return best;
  };
  const indices = new Uint8Array(data.length);
  data.forEach((colour, at) => { indices[at] = nearest.get(colour) ?? find(colour); });
  let text = '';
  for (let at = 0; at < indices.length; at += 8192) text += String.fromCharCode(...indices.subarray(at, at + 8192));
  return {width: image.width, height: image.height, palette: said, indices: btoa(text)};
}"""


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def small(page: Page, picture: bytes) -> bytes:
    """A PNG of the same picture with a palette; ``page`` is an empty one, whose canvas reads the picture."""
    read = page.evaluate(_INDEX, f"data:image/png;base64,{base64.b64encode(picture).decode()}")
    width, height = read["width"], read["height"]
    indices = base64.b64decode(read["indices"])
    rows = b"".join(b"\0" + indices[at : at + width] for at in range(0, len(indices), width))
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
        + _chunk(b"PLTE", bytes(value for colour in read["palette"] for value in colour))
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )

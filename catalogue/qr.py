"""QR codes as vectors: one drawing for pages and papers alike, without style and sharp at any size."""

from __future__ import annotations

import io
from typing import NamedTuple

LONG_CODE = 200
"""Characters beyond which a code takes the lowest level, or its modules would be too small for a telephone; papers
print it larger."""


class Code(NamedTuple):
    """A drawn code: the modules of one side with its border, and the SVG path of the dark ones."""

    side: int
    path: str


def draw(content: str, border: int) -> Code:
    """The code of a text with ``border`` modules of white around it; level M survives a fold in the paper."""
    # Imported here: what prints nothing starts without it.
    import segno

    level = "l" if len(content) > LONG_CODE else "m"
    code = segno.make_qr(content, error=level, boost_error=False)
    drawn = io.BytesIO()
    code.save(
        drawn, kind="svg", border=border, xmldecl=False, svgns=False, svgclass=None, lineclass=None, omitsize=True
    )
    path = drawn.getvalue().decode()
    return Code(int(code.symbol_size(border=border)[0]), path[path.index("<path") : path.index("</svg>")])


def svg_file(content: str) -> str:
    """The code as a picture of its own, without a border: the paper around it is white."""
    code = draw(content, 0)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {code.side} {code.side}">{code.path}</svg>'

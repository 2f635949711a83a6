"""QR codes on pages, drawn on the server as inline SVG: one path, no style, black on white in print."""

from __future__ import annotations

from markupsafe import Markup, escape

from catalogue.qr import draw
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.headers import header

QUIET = 4
"""Modules of white around the code, as ISO/IEC 18004 asks."""


def qr_svg(content: str, title: str) -> Markup:
    """A QR code as an inline SVG element with ``title`` as its name."""
    side, path = draw(content, QUIET)
    return Markup(  # noqa: S704 - numbers, segno's path and an escaped title
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" viewBox="0 0 {side} {side}">'
        f'<title>{escape(title)}</title><path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>{path}</svg>'
    )


def absolute(request: AnyRequest, address: str) -> str:
    """An address of this house as a telephone needs it: whole. Where no public address is set, as it was asked for."""
    if not address.startswith("/"):
        return address
    scheme = "https" if edge_of(request).parts.secure_cookies else "http"
    return f"{scheme}://{header(request.scope, b'host') or 'localhost'}{address}"

"""Reading what was printed: text, fonts, attachments and the picture of a page."""

from __future__ import annotations

import io

from pypdf import PdfReader
from pypdf.generic import DictionaryObject


def text(content: bytes) -> str:
    """All text of a PDF, without spaces, so that justified lines compare."""
    reader = PdfReader(io.BytesIO(content))
    return "".join("".join((page.extract_text() or "").split()) for page in reader.pages)


def fonts_embedded(content: bytes) -> bool:
    """Whether every font of every page is in the file."""
    for page in PdfReader(io.BytesIO(content)).pages:
        resources = page["/Resources"].get_object()
        assert isinstance(resources, DictionaryObject)
        fonts = resources["/Font"].get_object()
        assert isinstance(fonts, DictionaryObject)
        for font in fonts.values():
            held = font.get_object()
            for one in held.get("/DescendantFonts", [held]):
                descriptor = one.get_object()["/FontDescriptor"].get_object()
                if not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
                    return False
    return True

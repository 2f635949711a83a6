"""The press: documents and certificates as PDF/A by Typst, with the one font that has every character of a name.

Data reach a form as JSON and are set as text, so nothing that an applicant wrote can become markup. PDF/A refuses a
character that the font lacks, which is then said plainly; there is never an empty box.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typst

from catalogue import __version__
from catalogue.domain.problems import GlyphMissing, InternalError
from catalogue.domain.text import Text
from catalogue.press.glyphs import missing
from catalogue.service.ports import Attachment

FORMS = ("house", "document", "licence")


class TypstPress:
    """The port ``Press``. One compiler, used by one thread at a time: a sheet takes a few milliseconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @cached_property
    def version(self) -> str:
        """Release and digest of the forms."""
        digest = hashlib.sha256()
        for form in FORMS:
            digest.update(_source(form))
        return f"{__version__}-{digest.hexdigest()[:8]}"

    @cached_property
    def _compiler(self) -> typst.Compiler:
        # Imported here: what prints nothing starts without it.
        import typst

        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_font().parent)])
        return typst.Compiler(root=str(_folder()), font_paths=fonts, ignore_system_fonts=True)

    def pdf(self, form: str, sheet: Mapping[str, Any], at: datetime, attachments: tuple[Attachment, ...] = ()) -> bytes:
        """A sheet as PDF/A-2b, as PDF/A-3b where it carries a file. Raises GlyphMissing."""
        import typst

        given = {
            **sheet,
            "version": self.version,
            "attachments": [
                {"name": one.name, "type": one.media_type, "content": one.content, "description": one.description}
                for one in attachments
            ],
        }
        text = json.dumps(given, ensure_ascii=False)
        lacking = missing(text, _font())
        if lacking:
            raise _glyph_missing(lacking)
        with self._lock:
            try:
                made = self._compiler.compile(
                    _source(form),
                    format="pdf",
                    sys_inputs={"sheet": text},
                    pdf_standards=["a-3b" if attachments else "a-2b"],
                    timestamp=int(at.timestamp()),
                )
            except typst.TypstError as error:
                # The diagnostic quotes the sheet, so it goes no further than the class of what failed.
                if "could not be displayed" in error.message:
                    raise _glyph_missing("") from None
                raise InternalError from None
        if not isinstance(made, bytes):
            raise InternalError
        return made


def _glyph_missing(characters: str) -> GlyphMissing:
    named = " ".join(f"{character} (U+{ord(character):04X})" for character in characters)
    return GlyphMissing(
        Text(
            f"字库中没有这些字：{named}。请核对录入；确是原字的，请联系管理员更换字库，暂以手写件送达",
            f"The font lacks: {named}. Check the entry; if it is right, ask the administrator for another font and "
            "serve the document in handwriting meanwhile",
        ),
        extra={"characters": list(characters)},
    )


def _folder() -> Path:
    return Path(__file__).with_name("templates")


def _source(form: str) -> bytes:
    return (_folder() / f"{form}.typ").read_bytes()


def _font() -> Path:
    import noto_cjk_sans_otc

    return Path(noto_cjk_sans_otc.__file__).parent / "NotoSansCJK-Regular.ttc"

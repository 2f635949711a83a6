"""QR codes of papers and pages, read by a decoder of others' making as a telephone would."""

from __future__ import annotations

import html
import re
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from catalogue.qr import LONG_CODE, svg_file
from catalogue.service.ports import Press
from tests.web.conftest import Browser, Town
from tests.web.papers.test_certificates import made, verified
from tests.web.papers.test_documents import begun, officers, papers

__all__ = ["officers"]


def read(pdf: bytes, scale: float = 2.0) -> list[str]:
    """Every code on the first page, rendered in grey at that many times 72 dots an inch."""
    bitmap = pypdfium2.PdfDocument(pdf)[0].render(scale=scale, grayscale=True)
    rows = bytes(bitmap.buffer)
    packed = b"".join(rows[n * bitmap.stride : n * bitmap.stride + bitmap.width] for n in range(bitmap.height))
    image = memoryview(packed).cast("B", shape=(bitmap.height, bitmap.width))
    return [found.text for found in zxingcpp.read_barcodes(image)]


def on_paper(press: Press, svg: str) -> bytes:
    """A sheet that bears that drawing and nothing else."""
    from datetime import UTC, datetime

    sheet = {
        "title": "码", "title_en": "", "subtitle": "", "number": "", "organ": "", "corner": [], "foot": "",
        "blocks": [{"is": "qr", "svg": svg, "content": "", "big": True, "lines": []}],
    }  # fmt: skip
    return press.pdf("document", sheet, datetime(2026, 11, 26, tzinfo=UTC), ())


def test_the_receipt_leads_to_the_status_without_typing_a_number(town: Town, officers: dict[str, Browser]) -> None:
    case = begun(officers)
    paper = papers(officers["clerk"], case["reference"])["receipt"]
    (link,) = read(officers["clerk"].get(paper["href"]).content)
    path = re.sub(r"^https?://[^/]+", "", link)
    answer = town.anybody().get(path)
    assert answer.status_code == 303
    assert link.endswith(case["qr_url"].rpartition("/")[2])


@pytest.mark.parametrize("kind", ["result_slip", "certificate_copy"])
def test_a_strangers_telephone_reads_the_certificate_and_its_signature(
    town: Town, officers: dict[str, Browser], kind: str
) -> None:
    case = made(officers)
    paper = papers(officers["clerk"], case["reference"])[kind]
    found = read(officers["clerk"].get(paper["href"]).content)
    (link,) = [one for one in found if "/verify/" in one]
    certificate, _, token = link.rpartition("/verify/")[2].partition("?token=")
    assert certificate == case["certificate"]
    assert verified(town, certificate, token)["token"] == "valid"
    assert "这份证照现在有效" in town.anybody().get(re.sub(r"^https?://[^/]+", "", link)).text


def test_a_page_and_a_paper_bear_the_same_drawing(town: Town, officers: dict[str, Browser]) -> None:
    case = begun(officers)
    content = f"http://testserver{case['qr_url']}" if case["qr_url"].startswith("/") else case["qr_url"]
    from catalogue.web.qr import qr_svg

    page = html.unescape(str(qr_svg(content, "码")))
    assert read(on_paper(town.house.press, page), 3.0) == [content]
    assert read(on_paper(town.house.press, svg_file(content)), 3.0) == [content]


@pytest.mark.parametrize("length", [LONG_CODE, LONG_CODE + 1, 800])
def test_a_long_code_is_still_read(town: Town, length: int) -> None:
    content: Any = "https://example.test/" + "a1B2" * (length // 4)
    content = content[:length]
    assert read(on_paper(town.house.press, svg_file(content)), 3.0) == [content]

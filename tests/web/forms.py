"""Forms of a page as a browser without scripts would send them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self._fields: list[tuple[str, str]] | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._fields = []
            self.forms.append((given.get("action") or "", self._fields))
        if self._fields is None:
            return
        name = given.get("name")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" not in given:
                return
            if kind not in ("file", "submit"):
                self._fields.append((name, given.get("value") or ""))
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((given.get("value") or "", "selected" in given))
        elif tag == "textarea":
            self._area, self._text = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        elif tag == "select" and self._select and self._fields is not None and self._options:
            chosen = next((value for value, picked in self._options if picked), self._options[0][0])
            self._fields.append((self._select, chosen))
            self._select = None
        elif tag == "textarea" and self._area and self._fields is not None:
            self._fields.append((self._area, self._text.removeprefix("\n")))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data


def fields(html: str, action: str) -> list[tuple[str, str]]:
    """The fields of the form that goes to that address, as they stand."""
    reader = _Reader()
    reader.feed(html)
    found = [held for address, held in reader.forms if address == action]
    assert found, f"no form goes to {action}; there are {[address for address, _ in reader.forms]}"
    return found[0]


def filled(html: str, action: str, **changes: str | list[str] | None) -> str:
    """The form with some fields filled in otherwise, ready to be sent. ``None`` leaves a field out."""
    given = {name.replace("__", "."): value for name, value in changes.items()}
    pairs = [(name, value) for name, value in fields(html, action) if name not in given]
    for name, value in given.items():
        pairs += [(name, one) for one in (value if isinstance(value, list) else [value]) if one is not None]
    return urlencode(pairs)


def multipart(pairs: list[tuple[str, str]], field: str, name: str, content: bytes) -> dict[str, Any]:
    """A form with a file as browsers send it: one that was not chosen is there without name and content."""
    disposition = "Content-Disposition: form-data; name="
    parts = [f'{disposition}"{key}"\r\n\r\n{value}'.encode() for key, value in pairs]
    head = f'{disposition}"{field}"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    body = b"".join(b"--limit\r\n" + part + b"\r\n" for part in (*parts, head.encode() + content))
    headers = {"X-CSRFToken": "", "Content-Type": "multipart/form-data; boundary=limit"}
    return {"content": body + b"--limit--\r\n", "headers": headers}

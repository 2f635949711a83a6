"""Bodies as they arrive: what passes for JSON here."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalogue.domain.problems import MalformedBody
from catalogue.web.body import parse_json

LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text('a":\\ ,{}', max_size=6)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab":', max_size=2), inner, max_size=3)
)
SEPARATORS = st.sampled_from((":", ": ", " :", "\t:"))


def written(value: Any, colon: str, ascii_only: bool) -> str:
    """JSON as one client or another writes it."""
    if isinstance(value, dict):
        members = ", ".join(
            f"{written(key, colon, ascii_only)}{colon}{written(one, colon, ascii_only)}" for key, one in value.items()
        )
        return f"{{{members}}}"
    if isinstance(value, list):
        return f"[{','.join(written(one, colon, ascii_only) for one in value)}]"
    if ascii_only and isinstance(value, str):
        return '"' + "".join(f"\\u{ord(c):04x}" if c in '"\\' else c for c in value) + '"'
    return msgspec.json.encode(value).decode()


@given(VALUES, SEPARATORS, st.booleans())
def test_a_body_is_read_however_its_client_writes_it(value: Any, colon: str, ascii_only: bool) -> None:
    assert parse_json(written(value, colon, ascii_only).encode()) == value


@given(VALUES, VALUES, st.lists(VALUES, max_size=2), SEPARATORS, st.booleans())
@example('"":', 1, [], ":", True)
def test_a_key_that_comes_twice_is_refused(
    first: Any, second: Any, beside: list[Any], colon: str, ascii_only: bool
) -> None:
    one, two = (written(value, colon, ascii_only) for value in (first, second))
    others = "".join(f', "o{n}"{colon}{written(value, colon, ascii_only)}' for n, value in enumerate(beside))
    for body in (
        f'{{"k"{colon}{one}, "k"{colon}{two}{others}}}',
        f'[{{"k"{colon}{one}{others}, "\\u006b"{colon}{two}}}]',
    ):
        with pytest.raises(MalformedBody):
            parse_json(body.encode())

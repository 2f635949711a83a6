"""Search in clear names by character bigrams, the same on both engines.

Each pair of neighbouring characters becomes one token of hexadecimal digits, which no tokenizer can take apart (rare
characters and emoji included); the last character stands alone, so that each character begins some token and a query
of one character is a search by prefix. The index gives candidates, a comparison of the folded text decides.
"""

from __future__ import annotations

import unicodedata
from itertools import zip_longest

from catalogue.domain.personal_data import PLAIN_NAME


class _Tokens(dict[tuple[str, str], str]):
    """Neighbours -> their token, for those that have come so far; the last character has none beside it."""

    def __missing__(self, pair: tuple[str, str]) -> str:
        token = _token("".join(pair))
        if len(self) < _COMMON:
            self[pair] = token
        return token


_COMMON = 20_000
"""How many tokens are kept: most of what names are made of."""

_TOKENS = _Tokens()


def folded(text: str) -> str:
    """A name as it is searched: one width and case, no spaces, control characters or lone surrogates."""
    if PLAIN_NAME.fullmatch(text):
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cs", "Cf"))


def _token(characters: str) -> str:
    return "x" + "".join([f"{ord(c):06x}" for c in characters])


def tokens(text: str) -> list[str]:
    """The tokens of a folded text, each once, in order of code."""
    return sorted({_TOKENS[pair] for pair in zip_longest(text, text[1:], fillvalue="")})


def query_tokens(text: str) -> list[str]:
    """The tokens every match has, for a folded query of two characters or more."""
    return sorted({_token(text[n : n + 2]) for n in range(len(text) - 1)})


def prefix(character: str) -> str:
    """What some token of every match of a one-character query begins with."""
    return _token(character)

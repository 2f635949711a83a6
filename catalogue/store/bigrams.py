"""Search in clear names by character bigrams, the same on both engines.

Each pair of neighbouring characters becomes one token of hexadecimal digits, which no tokenizer can take apart (rare
characters and emoji included); the last character stands alone, so that each character begins some token and a query
of one character is a search by prefix. The index gives candidates, a comparison of the folded text decides.
"""

from __future__ import annotations

import unicodedata

from catalogue.domain.personal_data import PLAIN_NAME


class _Codes(dict[str, str]):
    """Character -> its code as hexadecimal digits, for those that have come so far."""

    def __missing__(self, character: str) -> str:
        code = f"{ord(character):06x}"
        if len(self) < _COMMON:
            self[character] = code
        return code


_COMMON = 20_000
"""How many characters are kept: more than any register of names uses."""

_CODES = _Codes()


def folded(text: str) -> str:
    """A name as it is searched: one width and case, no spaces, control characters or lone surrogates."""
    if PLAIN_NAME.fullmatch(text):
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cs", "Cf"))


def _token(characters: str) -> str:
    return "x" + "".join([_CODES[c] for c in characters])


def tokens(text: str) -> list[str]:
    """The tokens of a folded text, each once, in order of code."""
    codes = [_CODES[c] for c in text]
    return sorted({f"x{first}{second}" for first, second in zip(codes, [*codes, ""][1:], strict=True)})


def query_tokens(text: str) -> list[str]:
    """The tokens every match has, for a folded query of two characters or more."""
    return sorted({_token(text[n : n + 2]) for n in range(len(text) - 1)})


def prefix(character: str) -> str:
    """What some token of every match of a one-character query begins with."""
    return _token(character)

"""Keeps the second half of ``docs/glossary.md`` as the words of ``catalogue/domain/vocabulary.json`` have it.

``python docs/glossary.py`` writes the file; ``make fmt`` calls it and a test compares.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
GLOSSARY = HERE / "glossary.md"
VOCABULARY = HERE.parent / "catalogue" / "domain" / "vocabulary.json"
MARK = "<!-- from here on written by docs/glossary.py -->\n"


def tables(vocabulary: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Each group of the vocabulary as a table of code, Chinese and English."""
    parts = []
    for group, words in vocabulary.items():
        rows = [f"| `{code}` | {word['zh']} | {word['en']} |" for code, word in words.items()]
        parts.append("\n".join([f"\n### {group}\n", "| code | 中文 | English |", "| --- | --- | --- |", *rows]))
    return "\n".join(parts) + "\n"


def glossary() -> str:
    """The whole file as it should read: the hand-written half as it is, the tables anew."""
    by_hand = GLOSSARY.read_text(encoding="utf-8").partition(MARK)[0]
    return by_hand + MARK + tables(json.loads(VOCABULARY.read_text(encoding="utf-8")))


if __name__ == "__main__":
    GLOSSARY.write_text(glossary(), encoding="utf-8")

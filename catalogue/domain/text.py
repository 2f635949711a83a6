"""Words in the two languages of the house: Chinese first, English complete."""

from __future__ import annotations

from typing import Literal

from catalogue.domain.value import Value

Language = Literal["zh", "en"]


class Text(Value, frozen=True):
    """One phrase in Chinese and English."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """The phrase as a reader of that language should see it."""
        return self.zh if language == "zh" else self.en

    def as_json(self) -> dict[str, str]:
        """``{"zh": …, "en": …}``, the shape the API gives."""
        return {"zh": self.zh, "en": self.en}

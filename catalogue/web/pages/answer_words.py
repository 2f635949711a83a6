"""Answers of a city's own system in words: what each says, and what a person may do with one that was not taken."""

from __future__ import annotations

from collections.abc import Mapping

from catalogue.domain.text import Text

ANSWERS: Mapping[str, Text] = {
    "received": Text("接件", "Received"),
    "accepted": Text("受理", "Accepted"),
    "correction": Text("补正告知", "Correction asked"),
    "decision": Text("决定", "Decision"),
    "certificate": Text("制证", "Certificate"),
    "bounced": Text("退回转办", "Sent back"),
    "message": Text("留言", "Message"),
}
"""What a city's own system answers, by the short name of the answer."""

ANSWER_ACTS: Mapping[str, tuple[Text, Text]] = {
    "again": (Text("再判一次", "Judge again"), Text("办件已到位时用", "once the case stands right")),
    "ask": (
        Text("请对方重报", "Ask again"),
        Text("把现状告知本市系统，由其重新回传", "tells the system how the case stands"),
    ),
    "drop": (Text("归档", "Put away"), Text("不再处理，仍存档", "nothing more is done; it stays kept")),
}
"""What a person does with an answer that was not taken: word, and when it is right."""

ANSWER_DONE: Mapping[str, Text] = {
    "again": Text("已重新判定，采纳了", "Judged again and taken"),
    "again-refused": Text("已重新判定，仍未采纳，原因见下", "Judged again and still not taken; see why below"),
    "ask": Text(
        "已把现状告知对方系统，等它重新回传；这条已归档",
        "The system was told how the case stands; this answer was put away",
    ),
    "drop": Text("已归档，不再处理", "Put away"),
}
"""How that went."""


def answer_done(act: str, state: str) -> str:
    """The key of ``ANSWER_DONE`` for an act and what the answer is afterwards."""
    return "again-refused" if act == "again" and state != "done" else act

"""What a list of ids may hold, by name and under headings: kinds of document, matters, offices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalogue.domain.registry.pieces import names
from catalogue.domain.registry.schema import NUMBERED
from catalogue.domain.registry.sketch import Sketch
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS
from catalogue.web.admin.forms import MOST_CHOICES, Choice

Groups = list[tuple[Text, list[Choice]]]


def kinds_of(found: Sketch) -> Groups:
    """What a rule of numbers may be kept to: documents that bear a number, or matters."""
    documents = [(kind, WORDS["documents"][kind]) for kind in NUMBERED]
    return [(Text("文书", "Documents"), documents), *matters_of(found)]


def matters_of(found: Sketch) -> Groups:
    """The matters by category; as one group where they are too many to be picked, which then are typed."""
    registry = found.registry
    ids = names(found.pieces, "matters")
    if len(ids) > MOST_CHOICES:
        return [(Text("事项", "Matters"), [(id, _matter(found, id)[1]) for id in ids])]
    groups: dict[str, list[Choice]] = {id: [] for id in registry.categories}
    for id in ids:
        category, name = _matter(found, id)
        groups.setdefault(category, []).append((id, name))
    return [
        (registry.categories[id].name if id in registry.categories else Text("其他", "Others"), choices)
        for id, choices in groups.items()
        if choices
    ]


def _matter(found: Sketch, id: str) -> tuple[str, Text]:
    matter = found.registry.matters.get(id)
    # A matter of a draft that does not hold yet has no values.
    return ("", Text(id, id)) if matter is None else (matter.category, matter.name)


def office_choices(offices: Iterable[Any]) -> list[Choice]:
    """The offices of a city as its block has them."""
    return [
        (office["id"], Text(str(office.get("zh") or office["id"]), str(office.get("en") or office["id"])))
        for office in offices
        if isinstance(office, Mapping) and "id" in office
    ]


def city_name(id: str, region: Mapping[str, Any]) -> Text:
    """What a city is called in its block."""
    return Text(str(region.get("zh") or id), str(region.get("en") or id))

"""The merged matter: each value with where it stands."""

from __future__ import annotations

import pytest

from catalogue.domain.problems import InvalidRegistry, NotFound
from catalogue.domain.registry.show import Shown, show_matter
from tests.registry.samples import FILE, SMALL, changed


def shown(region: str | None = None) -> dict[str, Shown]:
    return {row.path: row for row in show_matter(SMALL.encode(), FILE, "licence", region)}


def test_each_value_names_its_origin() -> None:
    rows = shown()
    assert rows["limits.statutory_days"].value == 15
    assert rows["limits.statutory_days"].origin == "matter"
    assert rows["limits.statutory_days"].basis == "derived LAW"
    assert rows["limits.notice_days"].origin == "family licences"
    assert rows["mode"].origin == "family licences"
    assert rows["decided_by.place"].origin == "matter"
    assert rows["name"].value == {"zh": "样例许可", "en": "Sample licence"}
    assert "acceptance" not in rows


def test_a_city_adds_its_overlay_and_its_acceptance() -> None:
    east, west = shown("east"), shown("west")
    assert (east["limits.promised_days"].value, east["limits.promised_days"].origin) == (5, "overlay east")
    assert (west["limits.promised_days"].value, west["limits.promised_days"].origin) == (None, "family licences")
    assert (west["acceptance"].value, west["acceptance"].origin) == ("delegated", "region west")


def test_json_carries_label_and_provenance() -> None:
    assert shown()["limits.notice_days"].as_json() == {
        "path": "limits.notice_days",
        "label": {"zh": "补正告知时限", "en": "notice limit"},
        "value": 5,
        "origin": "family licences",
        "provenance": "official LAW — 5 days",
    }


@pytest.mark.parametrize(("matter", "region"), [("nothing", None), ("licence", "north")])
def test_what_is_not_there_is_not_found(matter: str, region: str | None) -> None:
    with pytest.raises(NotFound):
        show_matter(SMALL.encode(), FILE, matter, region)


def test_a_broken_file_is_not_shown() -> None:
    with pytest.raises(InvalidRegistry):
        show_matter(changed("mode: proxy", "mode: post").encode(), FILE, "licence")

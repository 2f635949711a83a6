"""Totality: for every matter, place and choice exactly one office answers, or a finding says where not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from catalogue.domain.calendar import Calendar, read_calendars
from catalogue.domain.handler import Handler, StandardHandler
from catalogue.domain.registry.check import CheckReport, check_registry
from catalogue.domain.registry.reader import placed, read_registry
from tests.registry.samples import FILE, SMALL, changed, small
from tests.registry.test_revision import CALENDARS

HANDLERS: Mapping[str, Handler] = {"standard": StandardHandler()}


@cache
def calendars() -> Mapping[str, Calendar]:
    found, problems = read_calendars(CALENDARS)
    assert not problems
    return found


def report(text: str = SMALL) -> CheckReport:
    registry, found = read_registry(text.encode(), FILE)
    assert registry is not None, found
    return check_registry(registry, calendars(), HANDLERS, FILE)


def test_the_sample_is_total() -> None:
    whole = report()
    assert whole.problems == ()
    assert (whole.matters, whole.regions, whole.offices) == (1, 2, 3)


def test_every_place_and_choice_is_routed() -> None:
    """East: city, county and special place; West: city. Two sizes each."""
    with_county = changed(
        "          - {value: small, zh: 小, en: Small}\n",
        "          - {value: small, zh: 小, en: Small}\n          - {value: middle, zh: 中, en: Middle}\n",
    )
    assert report().routes_checked == 8
    assert report(with_county).routes_checked == 12


def test_the_matrix_says_which_levels_decide() -> None:
    assert report().matrix == {"licence": {"east": "city+county", "west": "city"}}
    closed = changed("        promised_days: 5\n", "        available: false\n")
    assert report(closed).matrix["licence"]["east"] == "—"
    provincial = changed("        - level: county\n", "        - level: province\n")
    assert report(provincial).matrix["licence"]["east"] == "city"


def test_a_county_without_an_office_is_found() -> None:
    line = next(line for line in SMALL.splitlines() if "甲区局" in line)
    found = report(changed(line + "\n", "")).problems
    assert [(problem.code, problem.path, problem.file) for problem in found] == [
        ("unroutable", "matters.licence", FILE)
    ]
    assert "530102 size=small" in found[0].message.en
    assert "530102 size=small" in found[0].message.zh


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    calendar: west\n", "    calendar: north\n", "missing-calendar"),
        ("    handler: standard\n    calendar: west\n", "    handler: west\n    calendar: west\n", "missing-handler"),
    ],
)
def test_a_missing_part_of_a_region_is_found(old: str, new: str, code: str) -> None:
    whole = report(changed(old, new))
    assert [problem.code for problem in whole.problems if not problem.path.startswith("matters")] == [code]
    assert whole.matrix["licence"]["west"] == "—"


def test_what_is_found_stands_on_the_line_it_speaks_of() -> None:
    text = changed("    handler: standard\n    calendar: west\n", "    handler: west\n    calendar: west\n")
    found = placed(report(text).problems, text.encode(), FILE)
    lines = text.splitlines()
    shown = {problem.path: lines[problem.line - 1].strip() for problem in found if problem.line is not None}
    assert len(shown) == len({problem.path for problem in found})
    assert shown["regions.west.handler"] == "handler: west"
    assert "licence" in shown["matters.licence"]


def test_a_calendar_that_does_not_cover_the_day_is_found() -> None:
    whole = report(changed("as_of: 2026-11-23", "as_of: 2031-11-23"))
    assert {problem.code for problem in whole.problems} == {"calendar"}


def test_json_has_the_shape_of_the_interface() -> None:
    body = report().as_json()
    assert set(body) >= {"matters", "regions", "offices", "routes_checked", "problems"}
    assert small().matters.keys() == body["matrix"].keys()
    line = next(line for line in SMALL.splitlines() if "甲区局" in line)
    (problem,) = report(changed(line + "\n", "")).as_json()["problems"]
    assert set(problem) == {"file", "line", "path", "code", "message"}

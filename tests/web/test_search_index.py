"""The index of search is made beside the requests: before the first one, once, and broken off when the house stops."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from catalogue.app import create_app, join
from catalogue.settings import Settings
from catalogue.web import find
from tests.web.conftest import Town


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "_FINDERS", {})


def test_the_index_in_force_is_ready_before_anybody_searches(town: Town) -> None:
    assert find.prepare(town.house, lambda: False) == {"indexes": 1}
    assert find.is_ready(town.house.in_force())
    assert find.prepare(town.house, lambda: False) == {"indexes": 0}


def test_it_is_broken_off_at_once_when_the_house_stops(town: Town) -> None:
    assert find.prepare(town.house, lambda: True) == {"indexes": 0}
    assert not find.is_ready(town.house.in_force())
    assert find.finder(town.house.in_force()).find("") == tuple(town.house.in_force().registry.matters)


def test_a_search_waits_for_the_index_that_is_being_made_and_makes_no_second(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    begun, go_on = threading.Event(), threading.Event()
    real = find.Finder

    def counted(registry: Any) -> find.Finder:
        made.append(registry)
        begun.set()
        assert go_on.wait(30)
        return real(registry)

    monkeypatch.setattr(find, "Finder", counted)
    found: list[find.Finder] = []
    first = threading.Thread(target=find.prepare, args=(town.house, lambda: False))
    first.start()
    assert begun.wait(30)
    second = threading.Thread(target=lambda: found.append(find.finder(town.house.in_force())))
    second.start()
    go_on.set()
    first.join(30)
    second.join(30)
    assert len(made) == 1
    assert found == [find.finder(town.house.in_force())]


def test_the_thread_that_makes_it_lives_as_long_as_the_pages_are_served(sqlite_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=sqlite_url, keys_file=tmp_path / "keys.json", worker=False)
    joined = join(settings)
    app = create_app(settings, joined)
    assert "search" not in {thread.name for thread in threading.enumerate()}, "what only opens the house starts none"
    with TestClient(app):
        assert "search" in {thread.name for thread in threading.enumerate()}
    assert "search" not in {thread.name for thread in threading.enumerate()}

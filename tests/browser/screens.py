"""``make screens``: every scene as a picture in ``docs/screens``, from a demonstration system started for it.

Names of scenes or of their modules as arguments take only those.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import scenes
from tests.browser.ground import Watch, browser, new_page
from tests.browser.picture import small
from tests.browser.stage import Scene, Stage
from tests.browser.stories import Storyteller
from tests.e2e.server import ROOT, town

SCREENS = ROOT / "docs" / "screens"
LARGEST = 400_000


def all_scenes(wanted: list[str]) -> Iterator[Scene]:
    """The scenes of all modules, or those that were asked for."""
    for module in pkgutil.iter_modules(scenes.__path__):
        for scene in importlib.import_module(f"tests.browser.scenes.{module.name}").SCENES:
            if not wanted or scene.name in wanted or module.name in wanted:
                yield scene


def take(started: Browser, stage: Stage, scene: Scene, directory: Path) -> None:
    """One scene at each of its widths. Raises AssertionError for what the page complained about."""
    for size in scene.sizes:
        watch = Watch(stage.town.server.url)
        page = new_page(started, stage.town.server.url, watch, size)
        page.context.add_cookies([{"name": "lang", "value": scene.language, "url": stage.town.server.url}])
        scene.play(stage, page)
        page.wait_for_load_state("networkidle")
        path = directory / f"{scene.name}-{size[0]}.png"
        if not scene.viewport_only:
            # As tall as the page, so that what sticks to an edge of the window stands where the page ends.
            tall = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": size[0], "height": max(tall, size[1])})
        picture = page.screenshot(full_page=not scene.viewport_only, animations="disabled")
        page.context.close()
        empty = started.new_page()
        path.write_bytes(small(empty, picture))
        empty.context.close()
        assert not watch.problems, "\n".join(watch.problems)
        assert path.stat().st_size < LARGEST, f"{path.name} has {path.stat().st_size} bytes"
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def main(wanted: list[str]) -> None:
    """Take the pictures."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="catalogue-screens-") as place:
        directory = Path(place)
        url = f"sqlite:///{directory}/catalogue.db"
        with town(directory, url, cases=70) as running, browser() as started:
            stage = Stage(running, Storyteller(running))
            for scene in all_scenes(wanted):
                take(started, stage, scene, SCREENS)


if __name__ == "__main__":
    main(sys.argv[1:])

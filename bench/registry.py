"""``python -m bench.registry``: the registry at 10,000 matters and 400 regions, act by act, in seconds.

Made of copies of the shipped file. Part of ``make bench``; what an administrator waits for must stay within seconds.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from bench.machine import describe
from catalogue.domain.calendar import read_calendars
from catalogue.domain.registry.compiled import compile_registry, load_compiled
from catalogue.domain.registry.coverage import Coverage, unverified
from catalogue.domain.registry.pieces import document_of, join, read_piece, split, write_piece
from catalogue.domain.registry.reader import read_registry
from catalogue.domain.registry.revision import build_revision
from catalogue.domain.registry.sketch import Base, sketch
from catalogue.handlers import load_handlers
from catalogue.web.find import Finder

ROOT = Path(__file__).resolve().parents[1]
T = TypeVar("T")


def many(matters: int, regions: int) -> str:
    """A canonical registry of that size: the shipped matters and cities again and again under other ids."""
    pieces = split((ROOT / "matters.yaml").read_text("utf-8"))
    document = document_of(pieces)
    kept = {name: text for name, text in pieces.items() if not name.startswith(("matters/", "regions/"))}
    for n in range(regions):
        region = copy.deepcopy(document["regions"][n % len(document["regions"])])
        head = f"{100 + n}"
        names = {region["division"]: f"{head}100"}
        names |= {d["id"]: f"{head}{k + 101:03}" for k, d in enumerate(region["divisions"])}
        region |= {
            "id": f"city-{n}",
            "zh": f"{region['zh']}{n}",
            "handler": "standard",
            "overlays": {},
            "jurisdictions": [],
        }
        region |= {
            "division": names[region["division"]],
            "city_office": names[region["city_office"]],
            "former_codes": [],
        }
        for division in region["divisions"]:
            division["id"] = names[division["id"]]
            division.pop("former_codes", None)
        for office in region["offices"]:
            office["id"] = names[office["id"]]
            if office.get("parent"):
                office["parent"] = names[office["parent"]]
        kept[f"regions/city-{n}"] = write_piece(f"regions/city-{n}", region)
    for n in range(matters):
        matter = {**document["matters"][n % len(document["matters"])]}
        matter |= {"id": f"{matter['id']}-{n}", "zh": f"{matter['zh']}{n}"}
        kept[f"matters/{matter['id']}"] = write_piece(f"matters/{matter['id']}", matter)
    return join(kept)


class Timed:
    """Acts with the seconds each took."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float]] = []

    def __call__(self, words: str, act: Callable[[], T]) -> T:
        begin = time.perf_counter()
        found = act()
        self.rows.append((words, time.perf_counter() - begin))
        sys.stderr.write(f"{self.rows[-1][1]:8.2f} s  {words}\n")
        return found


def measure(matters: int, regions: int) -> list[tuple[str, float]]:
    """Every act an administrator waits for."""
    timed = Timed()
    text = many(matters, regions)
    data = text.encode()
    registry, found = timed("read and check the whole file (a file that is applied)", lambda: read_registry(data, "m"))
    assert registry is not None, found[:3]
    kept = timed("compile it", lambda: compile_registry(registry))
    loaded = timed("load it compiled (each process, for each revision)", lambda: load_compiled(kept))
    pieces = timed("take its text to pieces", lambda: split(text))
    texts = {path.name: path.read_text("utf-8") for path in (ROOT / "regions/calendars").glob("*.yaml")}
    calendars, _ = read_calendars({name: content.encode() for name, content in texts.items()})
    base = Base(1, pieces, texts, loaded, calendars)
    first = next(name for name in pieces if name.startswith("matters/company-change"))
    value: dict[str, Any] = read_piece(first, pieces[first])[0]
    edits = {first: write_piece(first, {**value, "zh": "演示"})}
    timed("check a draft of one matter, the first time", lambda: sketch(base, edits))
    trial = timed("check a draft of one matter, again", lambda: sketch(base, edits))
    timed("compare it with its base", trial.changes)
    timed("prove its routes", lambda: trial.prove(load_handlers(set())))
    now = datetime.now(UTC)
    texts_of = {name: content.encode() for name, content in texts.items()}
    timed(
        "make a revision of a draft of one matter",
        lambda: build_revision(
            number=2, registry_text=trial.text.encode(), calendars=texts_of, effective_from=now, published_at=now,
            author="", values=(trial.registry, trial.calendars),
        ),
    )  # fmt: skip
    index = timed("make the index of search (once a revision)", lambda: Finder(loaded))
    timed("make it again for a revision that changes one matter", lambda: Finder(trial.registry))
    timed("find matters by pinyin initials", lambda: index.find("gsbg"))
    table = Coverage(loaded)
    page = list(loaded.matters.values())[:200]
    shown = list(loaded.regions.values())[:6]
    timed("a page of the matrix", lambda: [table.cell(matter, region) for matter in page for region in shown])
    timed("the whole work list", lambda: sum(1 for _ in unverified(loaded.matters.values())))
    timed("write the whole text", lambda: join(trial.pieces))
    return timed.rows


def main() -> None:
    """Measure, print, and write ``bench/REGISTRY.md``."""
    parser = argparse.ArgumentParser(prog="python -m bench.registry", description=__doc__)
    parser.add_argument("--matters", type=int, default=10_000)
    parser.add_argument("--regions", type=int, default=400)
    parser.add_argument("--quick", action="store_true", help="a tenth of it; writes no REGISTRY.md")
    given = parser.parse_args()
    size = (given.matters // 10, given.regions // 10) if given.quick else (given.matters, given.regions)
    rows = measure(*size)
    facts = [f"- {name}: {value}" for name, value in describe()]
    text = "\n".join(
        [
            "# A large registry",
            "",
            f"Written by `python -m bench.registry`, a part of `make bench`: {size[0]:,} matters, {size[1]} regions.",
            "",
            *facts,
            "",
            "| act | seconds |",
            "| --- | ---: |",
            *(f"| {words} | {seconds:.2f} |" for words, seconds in rows),
            "",
        ]
    )
    if not given.quick:
        (ROOT / "bench" / "REGISTRY.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()

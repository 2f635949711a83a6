"""Drafts, feed and bulk moves as kept, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from catalogue.domain.problems import RuleForbids
from catalogue.domain.registry.model import Division
from catalogue.service.ports import Draft, FeedEntry, Move, MovedCase
from catalogue.service.removals import removed_in_use
from catalogue.store import StoredDatabase
from tests.domain.builders import registry
from tests.store.builders import NOON, change, load, opening, reference, stock
from tests.units import taking

DRAFT = Draft("d1", "演示", None, "edit", 1, "a1", NOON, NOON, 1, "open")


def entry(revision: int, n: int, matter: str | None = "m") -> FeedEntry:
    return FeedEntry(
        revision, n, NOON, "changed", "matter", "m", matter, "name", {"zh": "甲"}, None, "改", "x", "a", "b", "c"
    )


def test_a_draft_keeps_its_pieces_and_its_hands(database: StoredDatabase) -> None:
    database.write(lambda work: work.drafts.add(DRAFT)).result()
    second = replace(DRAFT, version=2, changed_at=NOON + timedelta(minutes=1))
    database.write(lambda work: work.drafts.save(second, 1, {"matters/x": "文", "matters/y": None}, (), "a2")).result()
    third = replace(second, version=3)
    database.write(lambda work: work.drafts.save(third, 2, {"matters/x": "改"}, ["matters/y"], "a1")).result()
    assert database.read(lambda work: work.drafts.get("d1")).result() == third
    pieces = database.read(lambda work: work.drafts.pieces("d1")).result()
    assert {name: (piece.text, piece.changed_by) for name, piece in pieces.items()} == {"matters/x": ("改", "a1")}
    assert database.read(lambda work: work.drafts.hands("d1")).result() == {"a1", "a2"}
    with pytest.raises(RuleForbids):
        database.write(lambda work: work.drafts.save(third, 2, {}, (), "a1")).result()
    assert [draft.id for draft in database.read(lambda work: work.drafts.list("open")).result()] == ["d1"]
    assert database.read(lambda work: work.drafts.list("published")).result() == []


def test_the_feed_is_read_by_matter_and_leafed_through(database: StoredDatabase) -> None:
    database.write(lambda work: work.feed.record([entry(1, 0), entry(1, 1, None), entry(2, 0)])).result()
    every = database.read(lambda work: work.feed.entries()).result()
    assert [(one.revision, one.n) for one in every] == [(2, 0), (1, 0), (1, 1)]
    assert every[0] == entry(2, 0)
    own = database.read(lambda work: work.feed.entries(matter="m")).result()
    assert [(one.revision, one.n) for one in own] == [(2, 0), (1, 0)]
    rest = database.read(lambda work: work.feed.entries(before=(2, 0), limit=1)).result()
    assert [(one.revision, one.n) for one in rest] == [(1, 0)]
    assert database.read(lambda work: work.feed.count(1)).result() == 2


def test_the_feed_cannot_be_changed(database: StoredDatabase) -> None:
    from catalogue.domain.problems import Unavailable

    database.write(lambda work: work.feed.record([entry(1, 0)])).result()
    for act in ("UPDATE registry_changes SET zh = 'x'", "DELETE FROM registry_changes"):
        with pytest.raises(Unavailable):
            database.write(taking(act, lambda work, act: work.session.raw(act, {}))).result()
    assert database.read(lambda work: work.feed.count(1)).result() == 1


def test_a_move_names_its_cases_and_what_was_taken_back(database: StoredDatabase) -> None:
    moved = [MovedCase(reference(1), 2, "530102", "530103"), MovedCase(reference(2), 3, None, "530103")]
    database.write(lambda work: work.moves.add(Move("v1", NOON, "a1", "演示", 2), moved)).result()
    assert database.read(lambda work: work.moves.cases("v1")).result() == moved
    database.write(lambda work: work.moves.undone("v1", [reference(1)], NOON, "a2", whole=False)).result()
    assert [case.undone for case in database.read(lambda work: work.moves.cases("v1")).result()] == [True, False]
    database.write(lambda work: work.moves.undone("v1", [reference(2)], NOON, "a2", whole=True)).result()
    move = database.read(lambda work: work.moves.get("v1")).result()
    assert move is not None
    assert move.undone_by == "a2"


def test_open_cases_are_found_by_what_they_rest_on(database: StoredDatabase) -> None:
    stock(database, opening(1), opening(2))
    case = database.read(lambda work: work.open_cases.walk()).result()[0]
    assert database.read(lambda work: work.open_cases.count(matters=[case.matter])).result() == 2
    assert database.read(lambda work: work.open_cases.count(matters=["nothing"])).result() == 0
    assert database.read(lambda work: work.open_cases.count(office=case.accepting_office)).result() == 2
    home = str(case.home_region)
    rest = database.read(lambda work: work.open_cases.walk(regions=[home], after=case.reference)).result()
    assert [one.reference for one in rest] == [reference(2)]
    matters, regions = [case.matter], [home, "nowhere"]
    counted = database.read(lambda work: work.open_cases.count(matters=matters, regions=regions)).result()
    assert counted == 2, "counted once each"
    found = database.read(lambda work: work.open_cases.walk(matters=matters, regions=regions)).result()
    assert [one.reference for one in found] == [reference(1), reference(2)]
    assert database.read(lambda work: work.open_cases.walk(states=["nothing"])).result() == []


def test_several_cases_and_their_histories_are_read_together(database: StoredDatabase) -> None:
    stock(database, opening(1), opening(2))
    wanted = [reference(2), reference(1), reference(9)]
    found = database.read(lambda work: work.open_cases.several(wanted)).result()
    assert [one.reference for one in found] == [reference(1), reference(2)]
    histories = database.read(lambda work: work.open_cases.histories(wanted)).result()
    assert set(histories) == {reference(1), reference(2)}
    for name, events in histories.items():
        alone = database.read(taking(name, lambda work, name: work.cases.events(name, unseal=False))).result()
        assert events == alone


def test_an_office_that_any_case_names_open_or_ended_is_found(database: StoredDatabase) -> None:
    stock(database, opening(1))
    case = database.read(lambda work: work.open_cases.walk()).result()[0]
    for office in (case.accepting_office, str(case.home_office)):
        found = database.read(taking(office, lambda work, office: work.open_cases.referring(office))).result()
        assert found == case.reference
    assert database.read(lambda work: work.open_cases.referring("539999")).result() is None


def test_a_division_that_any_case_names_open_or_ended_is_found(database: StoredDatabase) -> None:
    stock(database, opening(1), opening(2))
    case = load(database, 2)
    code = case.place.partition("/")[0]
    ended = change(case, "withdrawn", {"state": "withdrawn"})
    database.write(lambda work: work.cases.append(ended)).result()
    found = database.read(lambda work: work.open_cases.placed(code)).result()
    assert found in (reference(1), reference(2))
    for other in ("539999", case.matter, code[:5] + "9"):
        assert database.read(taking(other, lambda work, other: work.open_cases.placed(other))).result() is None


def test_a_division_that_cases_name_is_removed_by_no_registry_unless_it_lives_on_as_a_former_code(
    database: StoredDatabase,
) -> None:
    stock(database, opening(1))
    code = load(database, 1).place.partition("/")[0]
    before = registry()
    home = before.divisions[code][1]

    def faults(*divisions: Division) -> list[tuple[str, str]]:
        after = replace(before, regions={**before.regions, home.id: msgspec.structs.replace(home, divisions=divisions)})
        found = database.read(lambda work: removed_in_use(work, before, after)).result()
        return [(fault.code, fault.path) for fault in found]

    rest = tuple(division for division in home.divisions if division.code != code)
    assert faults(*rest) == [("removed-in-use", f"regions.{home.id}.divisions.{code}")]
    assert faults(before.divisions[code][0]) == [], "what no case names may go"
    renamed = msgspec.structs.replace(before.divisions[code][0], code="532899", former_codes=(code,))
    assert faults(*rest, renamed) == []

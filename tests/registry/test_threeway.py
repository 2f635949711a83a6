"""Two changes of one thing, field by field: nothing that one side changed alone is lost, nothing is overwritten."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalogue.domain.registry.threeway import ABSENT, Conflict, fields, merge

leaves = st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from("abc"))
values = st.dictionaries(st.sampled_from("xyz"), st.one_of(leaves, st.dictionaries(st.sampled_from("pq"), leaves)))


@given(base=values, ours=values)
def test_a_side_that_changed_nothing_takes_the_other(base: Any, ours: Any) -> None:
    assert merge(base, ours, base) == (ours, ())
    assert merge(base, base, ours) == (ours, ())
    assert merge(base, ours, ours) == (ours, ())


@given(base=values, ours=values, theirs=values)
def test_every_conflict_can_be_settled_to_either_side(base: Any, ours: Any, theirs: Any) -> None:
    _, conflicts = merge(base, ours, theirs)
    for side in ("ours", "theirs"):
        merged, left = merge(base, ours, theirs, {conflict.path: side for conflict in conflicts})
        assert left == ()
        for conflict in conflicts:
            assert at(merged, conflict.path) == getattr(conflict, side)


def at(value: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        value = value.get(step, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def test_items_of_a_list_are_told_apart_by_their_names() -> None:
    base = [{"id": "a", "n": 1}, {"id": "b", "n": 1}]
    ours = [{"id": "a", "n": 2}, {"id": "b", "n": 1}]
    theirs = [{"id": "b", "n": 3}, {"id": "c", "n": 1}]
    merged, conflicts = merge(base, ours, theirs)
    assert conflicts == (Conflict("[a]", base[0], ours[0], ABSENT),)
    assert [item["id"] for item in merged] == ["a", "b", "c"]
    assert merge(base, base, theirs)[0] == theirs


def test_null_and_absent_are_two_things() -> None:
    assert list(fields({"a": None}, {})) == [("a", None, ABSENT)]
    assert list(fields([{"id": "x", "n": 1}], [{"id": "x", "n": 2}], "m")) == [("m[x].n", 1, 2)]

"""Drafts of the registry: compared in words, published by a second person, never overwriting each other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalogue.domain.people import Role
from catalogue.domain.problems import InvalidInput, InvalidRegistry, NotAllowed, RuleForbids
from catalogue.domain.registry.pieces import read_piece, write_piece
from catalogue.service.drafting import discard, opened, rebase, rebased, reinstate, save, upload
from catalogue.service.publish import plan
from catalogue.service.standing import base, newest
from catalogue.service.withdraw import withdraw
from tests.service.conftest import ROOT, Bench

CHANGE = "matters/company-change"
NEW = "matters/food-business-licence-new"


def limits(bench: Bench, matter: str) -> int | None:
    return bench.house.in_force().registry.matters[matter].limits.promised_days


def test_a_draft_names_its_revision_and_says_in_words_what_it_changes(bench: Bench) -> None:
    draft = bench.draft()
    assert draft.based_on == 1
    bench.change(draft, CHANGE, {"zh": "公司变更登记（演示）"})
    found = bench.read(lambda work: opened(work, bench.house, draft.id))
    assert [change.sentence.zh for change in found.sketch.changes()] == [
        "公司变更登记（演示）：名称由“公司变更登记”改为“公司变更登记（演示）”"
    ]


def test_a_piece_put_back_is_no_change(bench: Bench) -> None:
    draft = bench.draft()
    bench.change(draft, CHANGE, {"zh": "公司变更登记（演示）"})
    bench.change(draft, CHANGE, {"zh": "公司变更登记"})
    assert bench.read(lambda work: work.drafts.pieces(draft.id)) == {}


def test_publishing_a_draft_puts_exactly_its_text_in_force(bench: Bench) -> None:
    draft = bench.draft()
    bench.change(draft, NEW, {"limits": {"promised_days": 12}})
    text = bench.read(lambda work: opened(work, bench.house, draft.id)).sketch.text
    revision = bench.publish(draft)
    assert revision.number == 2
    assert limits(bench, "food-business-licence-new") == 12
    from catalogue.domain.registry.pieces import join

    assert join(bench.read(lambda work: base(work, bench.house, 2)).pieces) == text


def test_author_and_publisher_are_two_persons(bench: Bench) -> None:
    both = bench.actor("both", Role.REGISTRY_EDITOR, Role.REGISTRY_PUBLISHER)
    draft = bench.draft(actor=both)
    bench.change(draft, CHANGE, {"zh": "公司变更登记（演示）"}, actor=both)
    with pytest.raises(RuleForbids) as refused:
        bench.publish(draft, actor=both)
    assert refused.value.extra["rule"] == "four-eyes"
    assert bench.publish(draft).number == 2


def test_who_wrote_in_anothers_draft_does_not_publish_it_even_after_putting_the_piece_back(bench: Bench) -> None:
    both = bench.actor("both", Role.REGISTRY_EDITOR, Role.REGISTRY_PUBLISHER)
    draft = bench.draft()
    bench.change(draft, CHANGE, {"zh": "公司变更登记（演示）"})
    before = list(bench.house.in_force().registry.matters["food-business-licence-new"].aliases)
    bench.change(draft, NEW, {"aliases": ["演示别名"]}, actor=both)
    bench.change(draft, NEW, {"aliases": before}, actor=both)
    with pytest.raises(RuleForbids) as refused:
        bench.publish(draft, actor=both)
    assert refused.value.extra["rule"] == "four-eyes"


def test_editors_do_not_publish_and_publishers_do_not_write(bench: Bench) -> None:
    draft = bench.draft()
    bench.change(draft, CHANGE, {"zh": "公司变更登记（演示）"})
    with pytest.raises(NotAllowed):
        bench.publish(draft, actor=bench.other_editor)
    with pytest.raises(NotAllowed):
        bench.draft(actor=bench.publisher)


def test_a_draft_changed_after_it_was_looked_at_is_not_published(bench: Bench) -> None:
    from catalogue.service.publish_draft import make_ready, publish_draft

    draft = bench.change(bench.draft(), CHANGE, {"zh": "公司变更登记（演示）"})
    ready = bench.read(lambda work: make_ready(work, bench.house, draft.id))
    bench.change(draft, NEW, {"limits": {"promised_days": 9}})
    with pytest.raises(RuleForbids) as refused:
        bench.write(
            lambda work: publish_draft(
                work, bench.house, bench.publisher, ready, draft.version, note=None, effective_from=None
            )
        )
    assert refused.value.extra["rule"] == "draft-changed"
    assert bench.house.in_force().number == 1


def test_two_savings_of_one_draft_do_not_overwrite_each_other(bench: Bench) -> None:
    draft = bench.draft()
    bench.change(draft, CHANGE, {"zh": "公司变更登记（演示）"})
    with pytest.raises(RuleForbids):
        bench.write(lambda work: save(work, bench.house, bench.editor, draft.id, draft.version, {}, title="旧"))


def test_several_revisions_a_day_come_into_force_in_order(bench: Bench) -> None:
    start = bench.clock.now()
    for hours, days in ((1, 12), (2, 11)):
        draft = bench.draft()
        bench.change(draft, NEW, {"limits": {"promised_days": days}})
        bench.publish(draft, effective_from=start + timedelta(hours=hours))
    assert limits(bench, "food-business-licence-new") is None
    bench.clock.move(hours=1)
    assert limits(bench, "food-business-licence-new") == 12
    bench.clock.move(hours=1)
    assert limits(bench, "food-business-licence-new") == 11


def test_nothing_comes_into_force_before_a_revision_that_is_scheduled(bench: Bench) -> None:
    draft = bench.draft()
    bench.change(draft, NEW, {"limits": {"promised_days": 12}})
    bench.publish(draft, effective_from=bench.clock.now() + timedelta(days=1))
    urgent = bench.draft()
    bench.change(urgent, CHANGE, {"zh": "公司变更登记（演示）"})
    with pytest.raises(RuleForbids) as refused:
        bench.publish(urgent)
    assert refused.value.extra["rule"] == "scheduled-ahead"


def test_a_scheduled_revision_is_withdrawn_and_its_draft_base_gone(bench: Bench) -> None:
    draft = bench.draft()
    bench.change(draft, NEW, {"limits": {"promised_days": 12}})
    bench.publish(draft, effective_from=bench.clock.now() + timedelta(days=1))
    follows = bench.draft()
    bench.change(follows, CHANGE, {"zh": "公司变更登记（演示）"})
    bench.write(lambda work: withdraw(work, bench.house, bench.publisher, 2, "演示撤回"))
    last = bench.read(newest)
    assert last is not None
    assert last["number"] == 1
    found = bench.read(lambda work: opened(work, bench.house, follows.id))
    assert found.overtaken
    bench.write(lambda work: rebase(work, bench.house, bench.editor, follows.id, found.draft.version, {}))
    assert bench.publish(follows).number == 3
    bench.clock.move(days=2)
    assert limits(bench, "food-business-licence-new") is None


def test_what_is_in_force_is_not_withdrawn(bench: Bench) -> None:
    with pytest.raises(RuleForbids) as refused:
        bench.write(lambda work: withdraw(work, bench.house, bench.publisher, 1, "演示"))
    assert refused.value.extra["rule"] == "in-force"
    with pytest.raises(InvalidInput):
        bench.write(lambda work: withdraw(work, bench.house, bench.publisher, 1, " "))
    with pytest.raises(NotAllowed):
        bench.write(lambda work: withdraw(work, bench.house, bench.editor, 1, "演示"))


def test_rolling_back_is_publishing_the_older_one_again(bench: Bench) -> None:
    draft = bench.draft()
    bench.change(draft, NEW, {"limits": {"promised_days": 12}})
    bench.publish(draft)
    back = bench.write(lambda work: reinstate(work, bench.house, bench.editor, 1, "演示恢复"))
    revision = bench.publish(back)
    assert revision.number == 3
    assert limits(bench, "food-business-licence-new") is None
    first = bench.read(lambda work: base(work, bench.house, 1))
    third = bench.read(lambda work: base(work, bench.house, 3))
    assert (third.pieces, third.calendar_texts) == (first.pieces, first.calendar_texts)


def test_two_drafts_of_different_fields_are_laid_together(bench: Bench) -> None:
    one, two = bench.draft("一"), bench.draft("二", bench.other_editor)
    bench.change(one, NEW, {"limits": {"promised_days": 12}})
    bench.change(two, NEW, {"aliases": ["演示别名"]}, bench.other_editor)
    bench.publish(one)
    with pytest.raises(RuleForbids) as refused:
        bench.publish(two)
    assert refused.value.extra["rule"] == "newer-revision"
    version = bench.kept(two.id).version
    bench.write(lambda work: rebase(work, bench.house, bench.other_editor, two.id, version, {}))
    bench.publish(two)
    matter = bench.house.in_force().registry.matters["food-business-licence-new"]
    assert (matter.limits.promised_days, matter.aliases) == (12, ("演示别名",))


@pytest.mark.parametrize(("side", "days"), [("ours", 9), ("theirs", 12)])
def test_a_field_that_both_changed_is_settled_by_a_person(bench: Bench, side: str, days: int) -> None:
    one, two = bench.draft("一"), bench.draft("二", bench.other_editor)
    bench.change(one, NEW, {"limits": {"promised_days": 12}})
    bench.change(two, NEW, {"limits": {"promised_days": 9}, "aliases": ["演示别名"]}, bench.other_editor)
    bench.publish(one)
    draft = bench.kept(two.id)
    clashes = bench.read(lambda work: rebased(work, bench.house, draft, {})).clashes
    assert [(clash.piece, clash.conflict.path) for clash in clashes] == [(NEW, "limits.promised_days")]
    with pytest.raises(RuleForbids) as refused:
        bench.write(lambda work: rebase(work, bench.house, bench.other_editor, two.id, draft.version, {}))
    assert [fault.path for fault in refused.value.errors] == [clashes[0].key]
    settled = {clashes[0].key: side}
    bench.write(lambda work: rebase(work, bench.house, bench.other_editor, two.id, draft.version, settled))
    bench.publish(two)
    matter = bench.house.in_force().registry.matters["food-business-licence-new"]
    assert (matter.limits.promised_days, matter.aliases) == (days, ("演示别名",))


def test_an_upload_lands_as_a_draft_with_its_difference(bench: Bench) -> None:
    text = (ROOT / "matters.yaml").read_text("utf-8")
    changed = text.replace("    zh: 公司变更登记\n", "    zh: 公司变更登记（演示）\n", 1)
    draft = bench.write(lambda work: upload(work, bench.house, bench.editor, changed.encode(), "演示上传"))
    assert list(bench.read(lambda work: work.drafts.pieces(draft.id))) == [CHANGE]
    with pytest.raises(InvalidInput):
        bench.write(lambda work: upload(work, bench.house, bench.editor, text.encode(), "演示上传"))


def test_a_broken_upload_names_its_lines_and_leaves_no_draft(bench: Bench) -> None:
    text = (ROOT / "matters.yaml").read_text("utf-8")
    broken = text.replace("    procedure: registration\n", "    procedure: registation\n", 1)
    with pytest.raises(InvalidRegistry) as refused:
        bench.write(lambda work: upload(work, bench.house, bench.editor, broken.encode(), "演示上传"))
    assert refused.value.findings[0].line is not None
    assert bench.read(lambda work: work.drafts.list()) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"limits": {"statutory_days": 0}}, "limit-zero"),
        ({"limits": {"statutory_days": 3000}}, "limit-too-long"),
        ({"limits": {"promised_days": 40}}, "promise-too-long"),
        ({"family": "nothing"}, "dangling"),
    ],
)
def test_a_draft_that_breaks_a_rule_is_not_published(bench: Bench, changes: dict[str, object], code: str) -> None:
    draft = bench.draft()
    bench.change(draft, NEW, changes)
    with pytest.raises(InvalidRegistry) as refused:
        bench.publish(draft)
    assert code in {finding.code for finding in refused.value.findings}
    assert all(finding.path.startswith("matters.food-business-licence-new") for finding in refused.value.findings)
    assert bench.house.in_force().number == 1


def test_a_division_without_a_deciding_office_is_not_published(bench: Bench) -> None:
    draft = bench.draft()
    puer, _ = read_piece("regions/puer", bench.read(lambda work: base(work, bench.house)).pieces["regions/puer"])
    without = {**puer, "offices": [office for office in puer["offices"] if office["id"] != "530829"]}
    bench.write(
        lambda work: save(
            work, bench.house, bench.editor, draft.id, 1, {"regions/puer": write_piece("regions/puer", without)}
        )
    )
    with pytest.raises(InvalidRegistry) as refused:
        bench.publish(draft)
    assert {finding.code for finding in refused.value.findings} == {"unroutable"}
    assert any("530829" in finding.message.zh for finding in refused.value.findings)


def test_the_feed_keeps_who_wrote_who_published_and_why(bench: Bench) -> None:
    draft = bench.draft()
    bench.change(draft, CHANGE, {"zh": "公司变更登记（演示）"})
    bench.change(draft, NEW, {"limits": {"promised_days": 12}}, bench.other_editor)
    bench.publish(draft)
    entries = bench.read(lambda work: work.feed.entries(revision=2))
    told = {entry.matter: (entry.author, entry.publisher, entry.reason) for entry in entries}
    assert told == {
        "company-change": ("a-editor", "a-publisher", "演示"),
        "food-business-licence-new": ("a-other-editor", "a-publisher", "演示"),
    }
    own = bench.read(lambda work: work.feed.entries(matter="company-change"))
    assert [entry.revision for entry in own] == [2, 1]


def test_the_plan_of_the_command_line_and_the_comparison_of_the_pages_are_one(bench: Bench) -> None:
    draft = bench.draft()
    bench.change(draft, "families/establishment", {"limits": {"statutory_days": 3, "promised_days": 2}})
    found = bench.read(lambda work: opened(work, bench.house, draft.id)).sketch
    from catalogue.domain.registry.reader import read_registry

    registry, problems = read_registry(found.text.encode(), "matters.yaml")
    assert registry is not None, problems
    planned = bench.read(lambda work: plan(bench.house, work, registry, bench.house.in_force().calendars))
    assert planned == found.changes()
    assert planned


def test_a_discarded_draft_can_be_neither_changed_nor_published(bench: Bench) -> None:
    draft = bench.change(bench.draft(), CHANGE, {"zh": "公司变更登记（演示）"})
    bench.write(lambda work: discard(work, bench.house, bench.editor, draft.id, draft.version))
    for act in (lambda: bench.publish(draft), lambda: bench.change(draft, NEW, {"aliases": ["演示"]})):
        with pytest.raises(RuleForbids):
            act()

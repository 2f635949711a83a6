"""The same story from the command line: plan, schedule, withdraw, publish, publish the older one again."""

from __future__ import annotations

import json
import re
from pathlib import Path

from catalogue.domain.registry.reader import read_registry
from tests.commands.test_commands import Run, document, run

__all__ = ["run"]


def with_a_new_matter(text: str) -> str:
    """A 62nd matter, a copy of another one, with different rules in two cities."""
    start = text.index("  - id: food-stall-filing\n")
    block = text[start : text.index("\n\n", start)]
    new = block.replace("id: food-stall-filing", "id: demonstration-filing").replace("zh: 食品摊贩备案", "zh: 演示备案")
    text = text.replace(block, f"{block}\n\n{new}", 1)
    yuxi = text.index("  - id: yuxi\n")
    overlay = "    overlays:\n      demonstration-filing:\n        promised_days: 2\n"
    text = text[:yuxi] + text[yuxi:].replace("    overlays: {}\n", overlay, 1)
    puer = text.index("  - id: puer\n")
    overlay = "    overlays:\n      demonstration-filing:\n        available: false\n"
    return text[:puer] + text[puer:].replace("    overlays: {}\n", overlay, 1)


def test_a_matter_is_planned_scheduled_withdrawn_applied_and_rolled_back(run: Run, tmp_path: Path) -> None:
    assert run("registry", "apply").exit_code == 0
    first = document(run("registry", "log", "--json"))[0]["digest"]
    shipped = run("registry", "export", "--format", "yaml").stdout
    path = tmp_path / "changed.yaml"
    path.write_text(with_a_new_matter(shipped), "utf-8")
    checked = document(run("registry", "check", str(path), "--json"))
    assert (checked["matters"], checked["problems"]) == (62, [])
    planned = document(run("registry", "plan", str(path), "--json"))["changes"]
    assert {(change["kind"], change["part"]) for change in planned} == {("added", "matter"), ("added", "overlay")}
    assert len(planned) == 3

    later = ("--effective-from", "2099-01-01T00:00:00+08:00")
    assert run("registry", "apply", str(path), *later, "--note", "演示").exit_code == 0
    assert run("registry", "apply", str(path)).exit_code == 0, "the same as what is scheduled: nothing to publish"
    assert run("registry", "withdraw", "2").exit_code == 2
    assert run("registry", "withdraw", "2", "--reason", "演示撤回").exit_code == 0
    assert run("registry", "withdraw", "1", "--reason", "演示").exit_code == 1
    assert document(run("registry", "plan", str(path), "--json"))["changes"] == planned

    assert run("registry", "apply", str(path), "--note", "演示").exit_code == 0
    log = document(run("registry", "log", "--json"))
    assert [row["number"] for row in log] == [3, 2, 1]
    assert log[0]["digest"] == log[1]["digest"] != first
    assert log[1]["withdrawn_at"] is not None
    assert re.fullmatch(r"command line( \(.+\))?", log[0]["author"]), "the log says that it was a shell, and whose"
    assert run("registry", "apply", "--again", "1").exit_code == 0
    log = document(run("registry", "log", "--json"))
    assert (log[0]["number"], log[0]["digest"]) == (4, first)
    assert re.search(r"恢复第 1 版", json.dumps(log[0], ensure_ascii=False))
    assert run("registry", "apply", "--again", "9").exit_code == 1


TABLE = (
    "事项代号 matter,代号 id,中文 zh,英文 en,复印件份数 copies\nfood-stall-filing,demo_paper,演示材料,Demonstration,2\n"
)


def test_a_spreadsheet_becomes_a_draft_or_a_file_for_plan_and_apply(run: Run, tmp_path: Path) -> None:
    assert run("registry", "apply").exit_code == 0
    table, out = tmp_path / "papers.csv", tmp_path / "out.yaml"
    table.write_text(TABLE, "utf-8")
    drafted = document(run("registry", "import", str(table), "--reason", "演示", "--json"))
    written = document(run("registry", "import", str(table), "--out", str(out), "--json"))
    assert drafted["draft"]
    assert written["file"] == str(out)
    assert drafted["changes"] == written["changes"] == document(run("registry", "plan", str(out), "--json"))["changes"]
    assert run("registry", "apply", str(out), "--note", "演示").exit_code == 0
    made, _ = read_registry(out.read_bytes(), "out.yaml")
    assert made is not None
    assert [(paper.id, paper.copies) for paper in made.matters["food-stall-filing"].materials] == [("demo_paper", 2)]

    table.write_text(TABLE.replace(",2\n", ",两份\n"), "utf-8")
    broken = run("registry", "import", str(table))
    assert broken.exit_code == 1
    assert "materials!2.copies" in broken.stdout + broken.stderr
    assert run("registry", "import", str(table), "--out", str(out)).exit_code == 1
    assert run("registry", "import", str(out), "--out", str(out)).exit_code == 2

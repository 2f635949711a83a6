"""The commands as INTERFACE names them: exit status, one JSON document, what they change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command on a system of its own, with its own copy of the registry."""
    shutil.copy(ROOT / "matters.yaml", tmp_path / "matters.yaml")
    environment = {
        "CATALOGUE_DATABASE_URL": f"sqlite:///{tmp_path}/catalogue.db",
        "CATALOGUE_KEYS_FILE": str(tmp_path / "keys.json"),
        "CATALOGUE_REGISTRY_FILE": str(tmp_path / "matters.yaml"),
        "CATALOGUE_CALENDARS_DIR": str(ROOT / "regions" / "calendars"),
        "CATALOGUE_ANCHORS_FILE": str(tmp_path / "anchors.jsonl"),
    }

    def invoke(*arguments: str, **settings: str) -> Result:
        return CliRunner(env=environment | settings).invoke(main, list(arguments))

    return invoke


def document(result: Result) -> Any:
    """The one JSON document of a command that went well."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_shipped_registry_is_sound_and_counted(run: Run) -> None:
    report = document(run("registry", "check", "--json"))
    assert (report["matters"], report["regions"], report["problems"]) == (61, 4, [])
    assert report["offices"] >= 40
    assert report["routes_checked"] > 61 * 36


def test_a_broken_registry_ends_with_status_1_and_names_file_and_line(run: Run, tmp_path: Path) -> None:
    edit(tmp_path / "matters.yaml", "statutory_days: 3", "statutory_days: 010")
    edit(tmp_path / "matters.yaml", "as_of: 2026-11-23", "as_of: 2026-11-23\n  colour: blue")
    result = run("registry", "check", str(tmp_path / "matters.yaml"), "--json")
    assert result.exit_code == 1
    problems = json.loads(result.stdout)["problems"]
    assert len(problems) >= 2
    assert all(
        problem["file"] and problem["line"] and problem["code"] and problem["message"]["zh"] for problem in problems
    )


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfregistry: {}\n", b"registry: \xff\n", b""])
def test_a_bom_a_wrong_byte_and_an_empty_file_are_errors(run: Run, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "odd.yaml").write_bytes(data)
    assert run("registry", "check", str(tmp_path / "odd.yaml")).exit_code == 1


def test_the_shipped_file_is_in_its_canonical_form(run: Run, tmp_path: Path) -> None:
    assert run("registry", "fmt", "--check").exit_code == 0
    edit(tmp_path / "matters.yaml", "  as_of: 2026-11-23", "  as_of:   2026-11-23")
    assert run("registry", "fmt", "--check").exit_code == 1
    assert run("registry", "fmt").exit_code == 0
    assert (tmp_path / "matters.yaml").read_bytes() == (ROOT / "matters.yaml").read_bytes()


def test_one_matter_is_shown_with_the_origin_of_each_value(run: Run) -> None:
    shown = document(run("registry", "show", "company-establishment", "--city", "yuxi", "--json"))
    assert shown["values"]
    assert all(row["origin"] for row in shown["values"])
    assert run("registry", "show", "no-such-matter").exit_code == 1


def test_a_revision_is_planned_applied_and_logged_and_no_second_one_without_a_change(run: Run, tmp_path: Path) -> None:
    assert document(run("registry", "plan", "--json"))["changes"]
    assert run("registry", "apply").exit_code == 0
    assert document(run("registry", "plan", "--json"))["changes"] == []
    assert run("registry", "apply").exit_code == 0
    assert [row["number"] for row in document(run("registry", "log", "--json"))] == [1]
    edit(tmp_path / "matters.yaml", "zh: 公司设立登记\n", "zh: 公司设立登记（演示）\n")
    plan = run("registry", "plan")
    assert plan.exit_code == 0
    assert "公司设立登记（演示）" in plan.stdout
    assert run("registry", "apply", "--effective-from", "2099-01-01T00:00:00+08:00").exit_code == 0
    log = document(run("registry", "log", "--json"))
    assert [row["number"] for row in log] == [2, 1]
    assert log[0]["digest"] != log[1]["digest"]


def test_a_revision_made_from_an_older_one_is_refused(run: Run, tmp_path: Path) -> None:
    assert run("registry", "apply").exit_code == 0
    edit(tmp_path / "matters.yaml", "zh: 公司设立登记\n", "zh: 公司设立登记（演示一）\n")
    assert run("registry", "apply", "--based-on", "1").exit_code == 0
    edit(tmp_path / "matters.yaml", "zh: 公司设立登记（演示一）\n", "zh: 公司设立登记（演示二）\n")
    assert run("registry", "apply", "--based-on", "1").exit_code == 1


def test_a_revision_does_not_take_effect_in_the_past(run: Run) -> None:
    assert run("registry", "apply", "--effective-from", "2020-01-01T00:00:00+08:00").exit_code == 1


def test_the_catalogue_is_exported(run: Run) -> None:
    assert run("registry", "export", "--format", "yaml").stdout == (ROOT / "matters.yaml").read_text("utf-8")
    assert len(run("registry", "export", "--format", "csv").stdout.splitlines()) == 62
    graph = json.loads(run("registry", "export", "--format", "jsonld").stdout)["@graph"]
    assert sum(node["@type"] == "cpsv:PublicService" for node in graph) == 61


def test_the_routing_dry_run_answers_asks_and_refuses(run: Run) -> None:
    card = document(
        run("route", "company-establishment", "--place", "532801", "--with", "company_type=limited", "--json")
    )
    assert (card["region"], card["office"]["id"]) == ("xishuangbanna", "532801")
    asked = run("route", "company-establishment", "--place", "532801", "--json")
    assert asked.exit_code == 1
    assert json.loads(asked.stdout)["problem"]["missing"][0]["key"] == "company_type"
    assert run("route", "company-establishment", "--place", "999999").exit_code == 1
    assert run("route", "company-establishment").exit_code == 2


@pytest.mark.parametrize(
    ("region", "start", "days", "expected", "provisional"),
    [
        ("kunming", "2026-02-12", 5, "2026-02-26", False),
        ("kunming", "2026-02-12", 20, "2026-03-18", False),
        ("yuxi", "2026-09-23", 5, "2026-10-08", False),
        ("puer", "2026-09-23", 10, "2026-10-14", False),
        ("kunming", "2026-11-23", 20, "2026-12-21", False),
        ("kunming", "2026-12-25", 10, None, True),
    ],
)
def test_working_days_are_counted_by_the_regions_calendar(
    run: Run, region: str, start: str, days: int, expected: str | None, provisional: bool
) -> None:
    counted = document(run("workdays", region, "--from", start, "--add", str(days), "--json"))
    assert counted["provisional"] is provisional
    assert expected is None or counted["date"] == expected


def test_counting_past_the_calendar_names_the_file(run: Run) -> None:
    result = run("workdays", "kunming", "--from", "2027-12-20", "--add", "30")
    assert result.exit_code == 1
    assert "national.yaml" in result.stderr


def test_wrong_usage_is_status_2(run: Run) -> None:
    assert run("no-such-command").exit_code == 2
    assert run("registry", "apply", "--no-such-option").exit_code == 2
    assert run("worker", "--now", "2026-12-01T00:00:00+08:00").exit_code == 2


def test_another_time_is_for_demonstration_databases_only(run: Run) -> None:
    assert run("worker", "--once", "--now", "2026-12-01T00:00:00+08:00").exit_code == 1


def test_a_demonstration_can_be_moved_on_in_time_backed_up_and_its_keys_rotated(run: Run, tmp_path: Path) -> None:
    accounts = document(run("demo", "--json", "--cases", "8"))["accounts"]
    roles = {role for account in accounts for role in account["roles"]}
    assert len(roles) == 11
    assert {account["region"] for account in accounts} == {"kunming", "yuxi", "puer", "xishuangbanna"}
    assert run("demo", "--json").exit_code == 1
    later = document(run("worker", "--once", "--now", "2027-03-01T09:00:00+08:00", "--json"))
    assert later["deemed"] + later["warned"] > 0
    assert document(run("worker", "--once", "--now", "2027-03-01T09:00:00+08:00", "--json"))["warned"] == 0

    kept = tmp_path / "anchors.jsonl"
    assert run("audit", "verify", "--anchors", str(kept)).exit_code == 0
    kept.write_text(kept.read_text().replace('"root":"', '"root":"x', 1))
    assert run("audit", "verify", "--anchors", str(kept)).exit_code == 1

    assert run("keys", "rotate").exit_code == 0
    report = document(run("audit", "verify", "--json"))
    assert (report["cases"], report["broken"]) == (8, [])
    assert document(run("case", "rebuild", "--json"))["differences"] == []
    assert document(run("backup", str(tmp_path / "b.tar.gz"), "--json"))["cases"] == 8
    assert run("restore", str(tmp_path / "b.tar.gz")).exit_code == 1, "not into a database that holds anything"

    assert document(run("outbox", "list", "--state", "sent", "--json"))
    assert document(run("outbox", "list", "--json")) == [], "all of it was handed over"
    assert run("outbox", "resend", "no-such-message").exit_code == 1
    assert run("case", "show", "5301000000000000").exit_code == 1


def test_accounts_are_added_listed_reset_and_disabled_and_never_hold_roles_apart(run: Run) -> None:
    assert run("registry", "apply").exit_code == 0
    made = document(run("account", "add", "demo-clerk", "--role", "window_clerk", "--office", "530102", "--json"))
    assert len(made["password"]) >= 10
    assert run("account", "add", "demo-clerk", "--role", "window_clerk", "--office", "530102").exit_code == 1
    assert run("account", "add", "x", "--role", "window_clerk", "--office", "no-such-office").exit_code == 1
    apart = run("account", "add", "y", "--role", "auditor", "--role", "system_admin", "--office", "530100")
    assert apart.exit_code == 1
    assert "roles-apart" in apart.stderr
    assert document(run("account", "reset", "demo-clerk", "--json"))["password"] != made["password"]
    assert document(run("account", "token", "puer", "--json"))["token"]
    late = run("account", "token", "puer", "--expires", "2020-01-01T00:00:00+08:00", "--json")
    assert json.loads(late.stdout)["problem"]["errors"][0]["code"] == "in-the-past"
    assert run("account", "disable", "demo-clerk").exit_code == 0
    listed = {account["username"]: account for account in document(run("account", "list", "--json"))}
    assert listed["demo-clerk"]["disabled"] is True
    assert listed["system-puer"]["region"] == "puer"


@pytest.mark.parametrize(
    "arguments",
    [
        ("registry", "plan"),
        ("registry", "show", "company-establishment"),
        ("route", "company-establishment", "--place", "532801"),
        ("workdays", "kunming", "--from", "2026-02-12", "--add", "1"),
    ],
    ids=" ".join,
)
def test_a_broken_registry_is_one_document_for_every_command(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    edit(tmp_path / "matters.yaml", "category: entity-registration", "category: entity-registratio")
    result = run(*arguments, "--json")
    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)["problems"]
    assert (problem["code"], problem["path"]) == ("dangling", "families.establishment.category")
    assert problem["line"]
    lines = run(*arguments)
    assert lines.exit_code == 1
    assert f"matters.yaml:{problem['line']}: " in lines.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("workdays", "kunming", "--from", "2026-02-12"),
        ("workdays", "kunming", "--from", "2026-02-12", "--add", "-1"),
        ("route", "company-establishment", "--place", "532801", "--with", "company_type"),
        ("worker", "--now", "2026-12-01T09:00:00+08:00"),
        ("explode",),
        ("registry", "explode"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_status_2_and_is_one_document_where_asked(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["problem"]["code"] == "wrong-usage"
    plain = run(*arguments)
    assert (plain.exit_code, plain.stdout) == (2, "")


@pytest.mark.parametrize("day", ["20260212", "2026-W07-4", "2026-2-12", "2026-02-30", "1770854400", ""])
def test_a_day_is_written_in_one_way(run: Run, day: str) -> None:
    result = run("workdays", "kunming", "--from", day, "--add", "1", "--json")
    assert (result.exit_code, json.loads(result.stdout)["problem"]["errors"][0]["code"]) == (1, "not-a-day")


def test_working_days_without_the_calendars_say_what_is_missing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    result = run(
        "workdays",
        "kunming",
        "--from",
        "2026-02-12",
        "--add",
        "1",
        "--json",
        CATALOGUE_CALENDARS_DIR=str(tmp_path / "none"),
    )
    assert result.exit_code == 1
    assert "kunming" in json.loads(result.stdout)["problem"]["detail"]["zh"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CATALOGUE_DATABASE_URL", "nonsense"),
        ("CATALOGUE_DATABASE_URL", "mysql://somewhere/else"),
        ("CATALOGUE_DATABASE_URL", "sqlite:///:memory:"),
        ("CATALOGUE_MIGRATION_URL", "nonsense"),
        ("CATALOGUE_POOL_SIZE", "many"),
        ("CATALOGUE_TRUSTED_PROXIES", "[1"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(run: Run, name: str, value: str) -> None:
    result = run("audit", "verify", "--json", **{name: value})
    assert result.exit_code == 2
    said = json.loads(result.stdout)["problem"]["detail"]["en"]
    assert name in said
    assert value not in said


def test_keys_that_are_none_are_told_and_left_as_they_are(run: Run, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("no keys", "utf-8")
    result = run("audit", "verify", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problem"]["rule"] == "keys-invalid"
    assert (tmp_path / "keys.json").read_text("utf-8") == "no keys"


def test_an_argument_that_is_no_text_is_told_and_no_crash(run: Run) -> None:
    result = run("registry", "show", "\udcff", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problem"]["code"] == "not-found"

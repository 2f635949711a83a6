"""The registry from the command line: check, canonical form, one matter, plan and publish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalogue.cli.common import (
    as_json,
    finding_json,
    operator,
    parse_moment,
    print_json,
    refuse,
    say,
    say_finding,
    settings,
)
from catalogue.cli.registry_file import calendar_texts, calendars_read, content, path_of, readable
from catalogue.domain.days import local_time
from catalogue.domain.problems import NotFound, RuleForbids
from catalogue.domain.registry.check import check_registry
from catalogue.domain.registry.export import as_csv, as_jsonld
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.reader import placed, read_registry
from catalogue.domain.registry.show import show_matter
from catalogue.domain.registry.writer import format_registry
from catalogue.domain.text import Text
from catalogue.handlers import handlers_of

if TYPE_CHECKING:
    from catalogue.service.house import House
    from catalogue.service.ports import Work

FILE = click.argument("file", required=False, type=click.Path(path_type=Path))


@click.group()
def registry() -> None:
    """matters.yaml and its published revisions."""


@registry.command("check")
@FILE
@as_json
def check(file: Path | None, as_json: bool) -> None:
    """Read strictly, prove that every place has one office, print the coverage matrix."""
    path = path_of(file)
    data = content(path)
    found, problems = read_registry(data, str(path))
    calendars, calendar_problems = calendars_read()
    report = None
    if found is not None:
        report = check_registry(found, calendars, handlers_of(found), str(path))
        problems = (*problems, *placed(report.problems, data, str(path)))
    problems = (*problems, *calendar_problems)
    if as_json:
        print_json(
            {
                "matters": len(found.matters) if found else 0,
                "regions": len(found.regions) if found else 0,
                "offices": len(found.offices) if found else 0,
                "routes_checked": report.routes_checked if report else 0,
                "matrix": report.matrix if report else {},
                "problems": [finding_json(problem) for problem in problems],
            }
        )
    else:
        if report is not None and found is not None:
            _say_matrix(found, report.matrix)
            say(
                f"{len(found.matters)} 事项 matters, {len(found.regions)} 地区 regions, "
                f"{len(found.offices)} 机关 offices, {report.routes_checked} 路径 routes checked"
            )
        for problem in problems:
            say_finding(problem)
        say(f"{len(problems)} 处问题 / problems")
    if problems:
        raise SystemExit(1)


def _say_matrix(found: Registry, matrix: Mapping[str, Mapping[str, str]]) -> None:
    regions = list(found.regions)
    say("  ".join(["matter".ljust(48), *(region.ljust(14) for region in regions)]))
    for matter, row in matrix.items():
        say("  ".join([matter.ljust(48), *(str(row.get(region, "—")).ljust(14) for region in regions)]))


@registry.command("fmt")
@click.option("--check", "only_check", is_flag=True, help="Say whether the form is canonical, change nothing.")
@FILE
def fmt(only_check: bool, file: Path | None) -> None:
    """Put the file into its canonical form."""
    path = path_of(file)
    data = content(path)
    canonical = format_registry(data, str(path)).encode()
    if canonical == data:
        return
    if only_check:
        say(f"{path}: 不是规范格式，请运行 catalogue registry fmt / not in canonical form, run catalogue registry fmt")
        raise SystemExit(1)
    path.write_bytes(canonical)
    say(f"{path}: 已整理 / formatted")


@registry.command("show")
@click.argument("matter")
@click.option("--city", metavar="REGION")
@as_json
def show(matter: str, city: str | None, as_json: bool) -> None:
    """One matter as merged, with the origin of each value."""
    path = settings().registry_file
    found = readable(path)
    if matter not in found.matters:
        raise NotFound(Text(f"没有事项 {matter}", f"No matter {matter}"))
    if city is not None and city not in found.regions:
        raise NotFound(Text(f"没有地区 {city}", f"No region {city}"))
    rows = show_matter(content(path), str(path), matter, city)
    if as_json:
        print_json({"matter": matter, "city": city, "values": rows})
        return
    for row in rows:
        say(f"{row.path:<40} {_short(row.value):<60} {row.origin}")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


@registry.command("plan")
@FILE
@as_json
def plan_command(file: Path | None, as_json: bool) -> None:
    """Compare the file and the calendars with what is published, in words."""
    from catalogue.cli.opening import house_open
    from catalogue.service.publish import plan

    found = readable(path_of(file))
    calendars, problems = calendars_read()
    if problems:
        refuse(problems)
    with house_open() as joined:
        changes = joined.database.read(lambda work: plan(joined.house, work, found, calendars)).result()
    if as_json:
        print_json({"changes": list(changes)})
        return
    for change in changes:
        say(f"{change.sentence.zh} / {change.sentence.en}")
    say(f"{len(changes)} 处变化 / changes")


@registry.command("apply")
@FILE
@click.option("--effective-from", metavar="T", help="A moment with offset; now by default.")
@click.option("--note", help="Why; stands in the log.")
@click.option("--based-on", type=int, help="The revision the file was made from; refused when another is newer.")
@click.option("--again", type=int, metavar="NUMBER", help="Publish that older revision again, in place of a file.")
def apply(
    file: Path | None, effective_from: str | None, note: str | None, based_on: int | None, again: int | None
) -> None:
    """Check and publish the file with the calendars as a new revision."""
    from catalogue.cli.opening import house_open
    from catalogue.service.publish import prepare, publish

    if again is not None and file is not None:
        raise click.UsageError("--again publishes what was published; it takes no FILE")
    moment = None if effective_from is None else parse_moment(effective_from, "--effective-from")
    if again is None:
        path = path_of(file)
        found = readable(path)
        calendars, calendar_problems = calendars_read()
        problems = (*check_registry(found, calendars, handlers_of(found), str(path)).problems, *calendar_problems)
        if problems:
            refuse(problems)
        text, texts = content(path), calendar_texts(settings())
    with house_open() as joined:
        if again is not None:
            text, texts = joined.database.read(lambda work: _published(work, joined.house, again)).result()
        prepared = joined.database.read(lambda work: prepare(work, joined.house, text, texts)).result()
        try:
            revision = joined.database.write(
                lambda work: publish(
                    work,
                    joined.house,
                    registry_text=text,
                    calendars=texts,
                    author=operator(),
                    note=note if note is not None or again is None else f"恢复第 {again} 版 / revision {again} again",
                    effective_from=moment,
                    based_on=based_on,
                    prepared=prepared,
                )
            ).result()
        except RuleForbids as problem:
            if problem.extra.get("rule") != "nothing-changed":
                raise
            say(f"{problem.detail.zh} / {problem.detail.en}")
            return
    say(f"{revision.number}  {revision.digest}  {local_time(revision.effective_from)}")


def _published(work: Work, house: House, number: int) -> tuple[bytes, dict[str, bytes]]:
    """The texts of a published revision. Raises NotFound."""
    from catalogue.domain.registry.pieces import join
    from catalogue.service.standing import base

    held = base(work, house, number)
    return join(held.pieces).encode(), {name: text.encode() for name, text in held.calendar_texts.items()}


@registry.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--title", help="Title of the draft; the name of the file by default.")
@click.option("--reason", help="Why; stands with the draft and later in the feed.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the registry with its changes there; no draft.")
@as_json
def import_command(file: Path, title: str | None, reason: str | None, out: Path | None, as_json: bool) -> None:
    """A spreadsheet (XLSX, CSV) or a matters.yaml as a draft, as by the page of uploads; a publisher publishes it.

    With --out the result is written as a file for `plan` and `apply` instead.
    """
    from catalogue.cli.opening import house_open
    from catalogue.domain.registry.sketch import sketch
    from catalogue.service.drafting import opened, upload
    from catalogue.service.spreadsheet import import_tables, table_edits
    from catalogue.service.standing import base

    data, named = content(file), title or file.name[:80]
    of_yaml = file.suffix.lower() in (".yaml", ".yml")
    if of_yaml and out is not None:
        raise click.UsageError("--out is for spreadsheets; a matters.yaml is compared by `plan` as it is")
    with house_open() as joined:
        house = joined.house
        if out is not None:
            held = joined.database.read(lambda work: base(work, house)).result()
            made = sketch(held, table_edits(held, data, file.name))
            out.write_bytes(made.text.encode())
            draft_id = None
        else:

            def act(work: Work) -> str:
                if of_yaml:
                    return upload(work, house, None, data, named, reason, by=operator()).id
                return import_tables(work, house, None, data, file.name, named, reason, by=operator()).id

            draft_id = joined.database.write(act).result()
            made = joined.database.read(lambda work: opened(work, house, draft_id)).result().sketch
        changes = made.changes()
    if as_json:
        print_json({"draft": draft_id, "file": None if out is None else str(out), "changes": list(changes)})
        return
    for change in changes:
        say(f"{change.sentence.zh} / {change.sentence.en}")
    say(f"{len(changes)} 处变化 / changes → {out or f'/admin/drafts/{draft_id}'}")


@registry.command("withdraw")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why; stands in the feed.")
def withdraw_command(number: int, reason: str) -> None:
    """Take back a scheduled revision before its day."""
    from catalogue.cli.opening import house_open
    from catalogue.service.withdraw import withdraw

    with house_open() as joined:
        joined.database.write(lambda work: withdraw(work, joined.house, None, number, reason, by=operator())).result()
    say(f"{number}  已撤回 / withdrawn")


@registry.command("log")
@as_json
def log(as_json: bool) -> None:
    """List the published revisions, newest first."""
    from catalogue.cli.opening import house_open

    with house_open() as joined:
        rows = joined.database.read(lambda work: work.revisions.list()).result()
    if as_json:
        print_json([dict(row) for row in rows])
        return
    for row in rows:
        since, digest = local_time(datetime.fromisoformat(row["effective_from"])), str(row["digest"])[:16]
        mark = "  已撤回 withdrawn" if row["withdrawn_at"] else ""
        say(f"{row['number']:>4}  {since}  {digest}  {row['author']}  {row['note'] or ''}{mark}")


@registry.command("export")
@click.option("--format", "form", type=click.Choice(["yaml", "jsonld", "csv"]), default="yaml", show_default=True)
def export(form: str) -> None:
    """Write the registry to standard output."""
    path = settings().registry_file
    found = readable(path)
    if form == "yaml":
        click.echo(format_registry(content(path), str(path)), nl=False)
    elif form == "jsonld":
        print_json(as_jsonld(found))
    else:
        click.echo(as_csv(found), nl=False)

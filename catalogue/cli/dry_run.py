"""What the registry's file would answer, without a database: routing and working days."""

from __future__ import annotations

import click

from catalogue.cli.common import as_json, parse_day, print_json, refuse, say, settings
from catalogue.cli.registry_file import calendars_read, readable
from catalogue.domain.days import local_day
from catalogue.domain.problems import Fault, InvalidInput, NotFound
from catalogue.domain.registry.revision import Revision, trial_revision
from catalogue.domain.routing import Route, Unroutable, route, route_json
from catalogue.domain.text import Text
from catalogue.handlers import SystemClock, handlers_of


@click.command("route")
@click.argument("matter")
@click.option("--place", required=True, metavar="CODE")
@click.option("--with", "given", multiple=True, metavar="KEY=VALUE")
@click.option("--on", metavar="DATE", help="Dates are counted from this day; today by default.")
@as_json
def route_command(matter: str, place: str, given: tuple[str, ...], on: str | None, as_json: bool) -> None:
    """The routing dry run: who decides, by when, on which papers, and why."""
    particulars = {}
    for pair in given:
        key, separator, value = pair.partition("=")
        if not separator:
            raise click.UsageError(f"--with {pair}: KEY=VALUE")
        particulars[key] = value
    revision = _trial()
    day = local_day(SystemClock().now()) if on is None else parse_day(on, "--on")
    found = route(revision, handlers_of(revision.registry), matter, place, particulars, day)
    body = route_json(found, "zh")
    if as_json:
        print_json(body)
    else:
        for step in found.explanation:
            say(f"{'✓' if step.matched else '·'} {step.rule}: {step.reason.zh} / {step.reason.en}")
        if isinstance(found, Route):
            say(
                f"→ {found.office.name.zh} ({found.office.id})  承诺 {found.expected.promised_by or '—'}  "
                f"法定 {found.expected.statutory_by or '—'}{' 暂定' if found.expected.provisional else ''}"
            )
        elif isinstance(found, Unroutable):
            say(f"→ 待确定办理机关：{found.reason.zh}")
        else:
            say(f"→ 不属通办范围：{found.authority.zh}")


def _trial() -> Revision:
    """The file as if it were published: a dry run needs no database."""
    path = settings().registry_file
    found = readable(path)
    calendars, problems = calendars_read()
    if problems:
        refuse(problems)
    return trial_revision(found, calendars)


@click.command()
@click.argument("region")
@click.option("--from", "start", required=True, metavar="DATE")
@click.option("--add", "days", required=True, type=click.IntRange(0, 10_000))
@as_json
def workdays(region: str, start: str, days: int, as_json: bool) -> None:
    """The date N working days after a date, which itself is not counted."""
    found = readable(settings().registry_file)
    calendars, problems = calendars_read()
    if problems:
        refuse(problems)
    if region not in found.regions:
        raise InvalidInput(
            errors=(Fault("region", "unknown-region", Text(f"没有地区 {region}", f"No region {region}")),)
        )
    name = found.regions[region].calendar
    if name not in calendars:
        raise NotFound(Text(f"没有工作日历 {name}，请补充该文件", f"There is no calendar {name}; add its file"))
    counted = calendars[name].add(parse_day(start, "--from"), days)
    if as_json:
        print_json({"date": counted.date, "provisional": counted.provisional})
    else:
        say(f"{counted.date.isoformat()}{'  暂定 provisional' if counted.provisional else ''}")

"""Cases, audit and outbox from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import click

from catalogue.cli.common import as_json, print_json, say
from catalogue.cli.opening import house_open
from catalogue.domain.days import local_day
from catalogue.domain.numbers import grouped, parse_reference
from catalogue.domain.people import Actor, Role, Sight
from catalogue.domain.problems import InvalidInput, NotFound
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label
from catalogue.service.history import read_history
from catalogue.service.ports import ClosedLink
from catalogue.service.views import full_case_json
from catalogue.store import rebuild
from catalogue.store.audit import broken_links

OPERATOR = Actor("command line", "command line", frozenset({Role.AUDITOR}), "", "")
"""Whoever may open keys and database on this machine; sees what an auditor sees, masked."""


@click.group()
def case() -> None:
    """One case; rebuild of the projections."""


@case.command("show")
@click.argument("reference")
@as_json
def show(reference: str, as_json: bool) -> None:
    """One case with its events, personal data masked."""
    number = parse_reference(reference) or reference
    with house_open() as joined:
        found = joined.database.read(lambda work: work.cases.load(number, Sight("all"))).result()
        if found is None:
            raise NotFound(Text("没有这个办件", "No such case"))
        events = joined.database.read(lambda work: work.cases.events(number, unseal=True)).result()
        today = local_day(joined.house.clock.now())
        body = full_case_json(joined.house, found, events, OPERATOR, today)
    if as_json:
        print_json(body)
        return
    say(f"{grouped(body['reference'])}  {body['matter']['name']['zh']}  {body['label']['zh']} / {body['label']['en']}")
    say(f"  收件 {body['accepting']['office']}  属地 {body['home']['office']}  收件日 {body['received_on']}")
    limits = body["limits"]
    say(f"  承诺期限 {limits['promised_by'] or '—'}  法定办结期限 {limits['statutory_by'] or '—'}")
    for event in body["events"]:
        name = label("events", event["type"]).zh
        say(f"  {event['seq']:>3}  {event['at']}  {name}  {event['office']}  {event['note'] or ''}")


@case.command("check-history")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_json
def check_history(file: Path, as_json: bool) -> None:
    """Check a history that an applicant took along; needs neither database nor keys."""
    try:
        reference, links = read_history(json.loads(file.read_text("utf-8")))
    except ValueError as error:
        raise InvalidInput(Text("不是办理过程文件", "That is no history of a case")) from error
    broken = broken_links(reference, links)
    closed = sum(isinstance(one, ClosedLink) for one in links)
    if as_json:
        print_json(
            {
                "reference": reference,
                "events": len(links),
                "closed": closed,
                "broken": [{"seq": one.seq, "reason": one.reason} for one in broken],
            }
        )
    else:
        for one in broken:
            say(f"{file}: {one.seq}: {one.reason}")
        say(f"{reference}  {len(links)} events, {closed} of them closed, {len(broken)} broken")
    if broken or not links:
        raise SystemExit(1)


@case.command("rebuild")
@click.option("--repair", is_flag=True, help="Write the rebuilt projection where it differs.")
@as_json
def rebuild_command(repair: bool, as_json: bool) -> None:
    """Rebuild every projection from its events and report what differs."""
    with house_open() as joined:
        differences = list(rebuild(joined.database, repair=repair))
    if as_json:
        print_json({"differences": differences})
    else:
        for difference in differences:
            say(str(difference))
        say(f"{len(differences)} 处不同 / differences")
    if differences and not repair:
        raise SystemExit(1)


@click.group()
def audit() -> None:
    """The hash chains and anchors of the events."""


@audit.command("verify")
@click.option("--anchors", "anchors_file", type=click.Path(path_type=Path, exists=True), help="Anchors kept outside.")
@as_json
def verify(anchors_file: Path | None, as_json: bool) -> None:
    """Check every chain and anchor and name the event that is broken."""
    kept = [] if anchors_file is None else [json.loads(line) for line in anchors_file.read_text("utf-8").splitlines()]
    with house_open() as joined:
        report = joined.database.read(lambda work: work.audit.verify(kept)).result()
    if as_json:
        print_json(report)
    else:
        for broken in report.broken:
            say(f"{grouped(broken.reference)} #{broken.seq}: {broken.reason}")
        say(f"{report.cases} 件 / cases, {report.events} 条 / events, {len(report.broken)} 处断裂 / broken")
    if report.broken:
        raise SystemExit(1)


@click.group()
def outbox() -> None:
    """Messages to the home regions."""


@outbox.command("list")
@click.option("--state", type=click.Choice(["waiting", "claimed", "parked", "sent", "skipped", "erased"]))
@click.option("--region", help="Only messages to that region.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@as_json
def list_(state: str | None, region: str | None, limit: int, as_json: bool) -> None:
    """List messages, oldest first."""
    with house_open() as joined:
        rows = joined.database.read(lambda work: work.outbox.list(state=state, region=region, limit=limit)).result()
    if as_json:
        print_json(list(rows))
        return
    for row in rows:
        say("  ".join(f"{key}={value}" for key, value in row.items() if value is not None))


@outbox.command("resend")
@click.argument("message_id")
def resend(message_id: str) -> None:
    """Send a message again under its own id: one that is parked, or one the receiver has lost."""
    with house_open() as joined:
        now = joined.house.clock.now()
        done = joined.database.write(lambda work: work.outbox.resend(message_id, now)).result()
    if not done:
        raise NotFound(Text("没有这条消息", "No such message"))
    say("ok")

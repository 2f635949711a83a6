"""Serve, fill with demonstration data, run the repeating jobs."""

from __future__ import annotations

import gc
import ipaddress
from datetime import datetime
from pathlib import Path

import click
import uvicorn

from catalogue.app import Joined, create_app, join, postman_of, rounds_of
from catalogue.cli.common import as_json, parse_moment, print_json, say, settings
from catalogue.cli.opening import house_open, prepared
from catalogue.demo.filling import fill
from catalogue.demo.town import DemoClock
from catalogue.domain.problems import RuleForbids
from catalogue.domain.registry.revision import Revision
from catalogue.domain.text import Text
from catalogue.service.jobs import run_once
from catalogue.service.ports import Work
from catalogue.service.publish import publish
from catalogue.service.reconciling import ask_holdings
from catalogue.store import Keyring, SigningKeys, rewrap
from catalogue.store.backup import backup, restore
from catalogue.worker import anchor_file


def publish_first(joined: Joined) -> None:
    """Publish ``matters.yaml`` where nothing is published yet."""
    given = joined.settings

    def first(work: Work) -> Revision | None:
        if work.revisions.list():
            return None
        return publish(
            work,
            joined.house,
            registry_text=given.registry_file.read_bytes(),
            calendars={path.name: path.read_bytes() for path in sorted(given.calendars_dir.glob("*.yaml"))},
            author="system",
            note=None,
            effective_from=None,
            based_on=None,
        )

    if joined.database.write(first).result() is not None:
        joined.database.read(lambda work: joined.house.refresh(work.revisions)).result()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def serve(host: str, port: int) -> None:
    """Migrate the database, publish matters.yaml where nothing is published, run web and worker in one process."""
    joined = join(prepared(settings()))
    publish_first(joined)
    if joined.house.demo and not _loopback(host):
        say(
            "演示数据：登录页只在本机地址列出演示账号 / demo data: accounts are listed on a loopback address only",
            err=True,
        )
    if not joined.house.signs:
        say(
            "没有签名密钥（CATALOGUE_SIGNING_FILE 或 CATALOGUE_SIGNING_KEYS）：不能制证 / "
            "no signing key: no certificate can be made",
            err=True,
        )
    say(f"http://{host}:{port}/", err=True)
    app = create_app(joined.settings, joined)
    # What was loaded lives as long as the process: no collection need walk over it again.
    gc.freeze()
    # What a request leaves behind is nearly all freed at once. Measured: a thirtieth of the CPU of a submission.
    gc.set_threshold(10_000, 20, 20)
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
        backlog=1024,
    )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to the tables of this release (serve does it by itself)."""
    prepared(settings())
    say("ok")


@click.command()
@as_json
@click.option("--cases", default=200, show_default=True, type=click.IntRange(0, 100_000), help="Cases to make.")
def demo(as_json: bool, cases: int) -> None:
    """Fill an empty database with demonstration accounts and cases in every state."""
    clock = DemoClock()
    with house_open(clock) as joined:
        accounts = fill(joined, clock, cases)
    if as_json:
        print_json({"accounts": accounts})
        return
    say("演示账号（密码仅显示这一次） / demonstration accounts (passwords are shown once)")
    for account in accounts:
        say(f"  {account['username']:<28} {account['password']:<20} {account['office']}  {', '.join(account['roles'])}")


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@as_json
def backup_command(target: Path, as_json: bool) -> None:
    """Write everything but the keys to one archive, while the system runs."""
    counts = backup(prepared(settings()).database_url, target)
    _say_counts(counts, as_json)


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_json
def restore_command(source: Path, as_json: bool) -> None:
    """Fill an empty database from an archive, then check every chain of events."""
    given = prepared(settings())
    counts = restore(given.migration_url or given.database_url, source)
    joined = join(given)
    report = joined.database.read(lambda work: work.audit.verify()).result()
    joined.database.close()
    _say_counts(counts, as_json)
    if report.broken:
        raise SystemExit(1)


def _say_counts(counts: dict[str, int], as_json: bool) -> None:
    if as_json:
        print_json(counts)
    else:
        say("  ".join(f"{name} {count}" for name, count in counts.items() if count))


class _At:
    """A clock that stands at one moment."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


@click.command()
@click.option("--once", is_flag=True, help="Do what is due and end.")
@click.option(
    "--now", "now_text", metavar="T", help="As at that moment; on a demonstration database only, with --once."
)
@as_json
def worker(once: bool, now_text: str | None, as_json: bool) -> None:
    """Run due jobs: deemed acceptance, warnings, closing, outbox, anchors."""
    if now_text is not None and not once:
        raise click.UsageError("--now goes with --once")
    clock = None if now_text is None else _At(parse_moment(now_text, "--now"))
    with house_open(clock) as joined:
        if clock is not None and not joined.house.demo:
            raise RuleForbids(
                Text("--now 只能用于演示数据库", "--now is for demonstration databases only"),
                extra={"rule": "demo-only"},
            )
        if once:
            ask_holdings(joined.database, joined.house, joined.channels)
            keep = anchor_file(joined.settings.anchors_file)
            counts = run_once(joined.database, joined.house, joined.channels, keep_anchor=keep).counts()
            if as_json:
                print_json(counts)
            else:
                say("  ".join(f"{name} {count}" for name, count in counts.items()))
            return
        loop, postman = rounds_of(joined), postman_of(joined)
        loop.start()
        postman.start()
        try:
            loop.join()
        except KeyboardInterrupt:
            postman.stop()
            loop.stop()


@click.group()
def keys() -> None:
    """The keys outside the database."""


@keys.command("rotate")
def rotate() -> None:
    """Make a new master key, keep the older ones, and wrap every data key anew; events are not touched."""
    given = prepared(settings())
    if given.keys is not None:
        raise RuleForbids(
            Text(
                "密钥由环境变量提供，请在提供处更换后再运行",
                "The keys come from the environment: rotate them where they are kept",
            ),
            extra={"rule": "keys-elsewhere"},
        )
    # The new key is on disk before anything is wrapped with it.
    Keyring.open_or_create(given.keys_file).rotated().save(given.keys_file)
    joined = join(given)
    moved = rewrap(joined.database)
    joined.database.close()
    say(str(moved))


@keys.command("rotate-signing")
def rotate_signing() -> None:
    """Make a new key that signs certificates; the older ones stay published for what they signed."""
    given = settings()
    if given.signing_keys is not None:
        raise RuleForbids(
            Text(
                "签名密钥由环境变量提供，请在提供处更换",
                "The signing keys come from the environment: rotate them where they are kept",
            ),
            extra={"rule": "keys-elsewhere"},
        )
    file = given.signing_file or given.keys_file.with_name("signing.json")
    rotated = SigningKeys.open_or_create(file).rotated()
    rotated.save(file)
    say(rotated.current)

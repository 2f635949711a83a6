"""``catalogue …``: exit status 0 all is well, 1 problems were found and printed, 2 wrong usage."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from catalogue import __version__
from catalogue.cli import accounts, cases, registry, serving
from catalogue.cli.common import say
from catalogue.domain.problems import Problem


class Commands(click.Group):
    """Turns a named problem into a line on standard error and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            say(f"{problem.code}: {problem.detail.zh} / {problem.detail.en}", err=True)
            for fault in problem.errors:
                say(f"  {fault.path}: {fault.code}: {fault.message.zh} / {fault.message.en}", err=True)
            for key, value in problem.extra.items():
                say(f"  {key}: {value}", err=True)
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """跨区通办: accept anywhere, decide at home, collect anywhere."""
    if sys.stdout.encoding.lower().replace("-", "") != "utf8" and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
        sys.stderr.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    os.umask(0o077)


main.add_command(serving.serve)
main.add_command(serving.demo)
main.add_command(serving.worker)
main.add_command(serving.migrate_command)
main.add_command(registry.registry)
main.add_command(registry.route_command)
main.add_command(registry.workdays)
main.add_command(cases.case)
main.add_command(cases.audit)
main.add_command(cases.outbox)
main.add_command(accounts.account)

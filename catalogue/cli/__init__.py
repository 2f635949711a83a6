"""``catalogue …``: exit status 0 all is well, 1 problems were found and printed, 2 wrong usage."""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

import click

from catalogue import __version__
from catalogue.domain.problems import Problem
from catalogue.loading import undisturbed

COMMANDS = {
    "serve": "catalogue.cli.serving:serve",
    "demo": "catalogue.cli.serving:demo",
    "worker": "catalogue.cli.serving:worker",
    "migrate": "catalogue.cli.serving:migrate_command",
    "backup": "catalogue.cli.serving:backup_command",
    "restore": "catalogue.cli.serving:restore_command",
    "keys": "catalogue.cli.serving:keys",
    "registry": "catalogue.cli.registry:registry",
    "route": "catalogue.cli.dry_run:route_command",
    "workdays": "catalogue.cli.dry_run:workdays",
    "case": "catalogue.cli.cases:case",
    "audit": "catalogue.cli.cases:audit",
    "outbox": "catalogue.cli.cases:outbox",
    "account": "catalogue.cli.accounts:account",
}
"""Name -> where it stands. Imported when asked for: reading the registry needs no web framework and no database."""


JSON_ASKED = "catalogue.json"
"""Key of the context's notes: whether the call asked for one JSON document."""


def _say_problem(problem: dict[str, Any]) -> None:
    click.echo(json.dumps({"problem": problem}, ensure_ascii=False, indent=2))


def _as_document(ctx: click.Context, error: click.ClickException) -> None:
    """Wrong usage, or a file that cannot be used, as the one document; click itself writes to standard error."""
    if ctx.meta.get(JSON_ASKED):
        code = "wrong-usage" if isinstance(error, click.UsageError) else "file-unusable"
        said = error.format_message()
        _say_problem({"code": code, "detail": {"zh": said, "en": said}, "errors": []})


class Commands(click.Group):
    """Finds commands by ``COMMANDS``; turns a named problem into lines on standard error and exit status 1.

    Where JSON was asked for, what went wrong is the one document on standard output, wrong usage included.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        with undisturbed():
            command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[JSON_ASKED] = "--json" in args
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            _as_document(ctx, error)
            raise

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            _as_document(ctx, error)
            raise
        except OSError as error:
            if error.filename is None:
                raise
            failed = click.FileError(str(error.filename), error.strerror)
            _as_document(ctx, failed)
            raise failed from error
        except Problem as problem:
            if ctx.meta[JSON_ASKED]:
                _say_problem(problem.as_json())
            click.echo(f"{problem.code}: {problem.detail.zh} / {problem.detail.en}", err=True)
            for fault in problem.errors:
                click.echo(f"  {fault.path}: {fault.code}: {fault.message.zh} / {fault.message.en}", err=True)
            for key, value in problem.extra.items():
                click.echo(f"  {key}: {value}", err=True)
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """跨区通办: accept anywhere, decide at home, collect anywhere."""
    for stream in (sys.stdout, sys.stderr):
        # A window machine in another code page still prints Chinese; a byte of an argument that is no text is shown as
        # such, in a JSON document as the escape it has there.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    os.umask(0o077)

"""What the commands share: output, the parts of the house, JSON that is one document and nothing else."""

from __future__ import annotations

import dataclasses
import getpass
import os
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Any, NoReturn

import click
import msgspec
from pydantic import ValidationError

from catalogue.cli import JSON_ASKED
from catalogue.domain.days import is_day, is_moment
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.registry.findings import Finding
from catalogue.domain.text import Text
from catalogue.settings import PREFIX, Settings

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


def say(text: str, *, err: bool = False) -> None:
    """A line for people."""
    click.echo(text, err=err)


def plain(value: Any) -> Any:
    """Domain values as JSON: dataclasses as objects, days and times as ISO text."""
    if isinstance(value, Text):
        return value.as_json()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if hasattr(value, "items"):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return value


def print_json(value: Any) -> None:
    """One JSON document, indented, Chinese as itself."""
    click.echo(msgspec.json.format(msgspec.json.encode(plain(value)), indent=2).decode())


def finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.file,
        "line": finding.line,
        "path": finding.path,
        "code": finding.code,
        "message": finding.message.as_json(),
    }


def say_finding(finding: Finding) -> None:
    """``file:line: path: code: sentence`` in both languages."""
    where = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
    say(f"{where}: {finding.path}: {finding.code}: {finding.message.zh} / {finding.message.en}")


def refuse(findings: Iterable[Finding]) -> NoReturn:
    """Say every finding, as lines or where asked as one JSON document, and end with status 1."""
    if click.get_current_context().meta.get(JSON_ASKED):
        print_json({"problems": [finding_json(finding) for finding in findings]})
    else:
        for finding in findings:
            say_finding(finding)
    raise SystemExit(1)


def settings() -> Settings:
    """Settings of the environment. Raises UsageError naming each wrong one, not its value, which may be secret."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{PREFIX}{'.'.join(str(part) for part in detail['loc']).upper()}: {detail['msg']}"
            for detail in error.errors(include_url=False, include_context=False, include_input=False)
        )
        raise click.UsageError(wrong) from None


def parse_moment(text: str, name: str) -> datetime:
    """A moment with offset. Raises InvalidInput."""
    try:
        moment = datetime.fromisoformat(text) if is_moment(text) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(
            errors=(
                Fault(
                    name,
                    "not-a-time",
                    Text("时间写作 2026-12-01T09:00:00+08:00", "A time is written 2026-12-01T09:00:00+08:00"),
                ),
            )
        )
    return moment


def parse_day(text: str, name: str) -> date:
    """A day as ISO text. Raises InvalidInput."""
    if not is_day(text):
        raise InvalidInput(
            errors=(Fault(name, "not-a-day", Text("日期写作 2026-12-01", "A day is written 2026-12-01")),)
        )
    return date.fromisoformat(text)


def operator() -> str:
    """Who signs what is done to the registry from the command line: the shell, and the system's account behind it."""
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):
        return "command line"
    return f"command line ({name})"

"""A published revision: registry and calendars as one immutable document with a number and a digest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from catalogue.domain.calendar import Calendar, read_calendars
from catalogue.domain.problems import InvalidRegistry
from catalogue.domain.registry.compiled import load_compiled, shape_mark
from catalogue.domain.registry.findings import Finding
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.reader import read_registry, sm3
from catalogue.domain.text import Text
from catalogue.domain.value import Value

REGISTRY_FILE = "matters.yaml"
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class Revision(Value, frozen=True):
    """Registry and calendars as published under one number; ``digest`` is the SM3 of the published document."""

    number: int
    registry: Registry
    calendars: Mapping[str, Calendar]
    effective_from: datetime
    published_at: datetime
    author: str
    digest: str
    note: str | None = None


def write_document(registry_text: str, calendars: Mapping[str, str]) -> str:
    """The text that is published: JSON of the YAML texts by file name, the same for the same texts."""
    body = {"registry": registry_text, "calendars": dict(calendars)}
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_texts(document: str) -> tuple[str, dict[str, str]]:
    """The YAML texts of a published document: the registry's, and the calendars' by file name."""
    body = json.loads(document)
    return body["registry"], body["calendars"]


def read_document(document: str) -> tuple[Registry, Mapping[str, Calendar]]:
    """The values of a published document. Raises InvalidRegistry where this release reads it no longer."""
    text, calendars = read_texts(document)
    return read_parts(text.encode(), {name: content.encode() for name, content in calendars.items()})


def read_parts(
    registry_text: bytes, calendars: Mapping[str, bytes], file: str = REGISTRY_FILE
) -> tuple[Registry, Mapping[str, Calendar]]:
    """Registry and calendars of these files; the calendar of each region must be among them.

    Raises InvalidRegistry with every finding of all files.
    """
    registry, found = read_registry(registry_text, file)
    working_days, in_calendars = read_calendars(calendars)
    found += in_calendars
    if registry is None or found:
        raise InvalidRegistry(findings=found)
    absent = tuple(
        Finding(
            file,
            None,
            f"regions.{region.id}.calendar",
            "missing-calendar",
            Text(
                f"没有工作日历 {region.calendar}，请补上文件或改正名称",
                f"There is no calendar {region.calendar}; add its file or mend the name",
            ),
        )
        for region in registry.regions.values()
        if region.calendar not in working_days
    )
    if absent:
        raise InvalidRegistry(findings=absent)
    return registry, working_days


def build_revision(
    *,
    number: int,
    registry_text: bytes,
    calendars: Mapping[str, bytes],
    effective_from: datetime,
    published_at: datetime,
    author: str,
    note: str | None = None,
    values: tuple[Registry, Mapping[str, Calendar]] | None = None,
) -> tuple[Revision, str]:
    """A revision of these files and the document to keep. Raises InvalidRegistry with every finding.

    ``values``: what the files read as, where that is known already.
    """
    if values is None:
        registry, working_days = read_parts(registry_text, calendars)
    else:
        registry, working_days = replace(values[0], digest=sm3(registry_text)), values[1]
    document = write_document(
        registry_text.decode("utf-8"), {name: content.decode("utf-8") for name, content in calendars.items()}
    )
    digest = sm3(document.encode())
    return Revision(number, registry, working_days, effective_from, published_at, author, digest, note), document


def trial_revision(registry: Registry, calendars: Mapping[str, Calendar]) -> Revision:
    """The registry as if it were published, for dry runs and checks; its number 0 is never given to a revision."""
    return Revision(0, registry, calendars, _ALWAYS, _ALWAYS, "", registry.digest)


def read_revision(row: Mapping[str, Any], document: str) -> Revision:
    """A revision as kept: ``number, author, note, effective_from, published_at, digest`` and its document.

    ``compiled`` among them, (mark, bytes), spares reading the YAML where this release made it. Times may be moments or
    RFC 3339. Raises InvalidRegistry where the document is not the one of the digest.
    """
    digest = sm3(document.encode())
    if digest != row["digest"]:
        message = Text(
            f"第 {row['number']} 版的内容与其摘要不符",
            f"The text of revision {row['number']} is not that of its digest",
        )
        raise InvalidRegistry(message, findings=(Finding(REGISTRY_FILE, None, "", "altered", message),))
    registry, working_days = _compiled(row.get("compiled"), document) or read_document(document)
    return Revision(
        number=int(row["number"]),
        registry=registry,
        calendars=working_days,
        effective_from=_moment(row["effective_from"]),
        published_at=_moment(row["published_at"]),
        author=row["author"],
        digest=digest,
        note=row["note"],
    )


def _compiled(kept: tuple[str, bytes] | None, document: str) -> tuple[Registry, Mapping[str, Calendar]] | None:
    """The values by their compiled form; None where there is none, or none of this release."""
    if kept is None or kept[0] != shape_mark():
        return None
    try:
        registry = load_compiled(kept[1])
    except ValueError:
        return None
    working_days, found = read_calendars({name: text.encode() for name, text in read_texts(document)[1].items()})
    return None if found else (registry, working_days)


def _moment(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)

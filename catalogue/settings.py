"""Settings from the environment, each ``CATALOGUE_…``; the README's table is checked against this class."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

PREFIX = "CATALOGUE_"


def _list(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _database(value: str) -> str:
    """A database this house is built for. A SQLite one is a file: no second reader could see one in memory."""
    name, _, rest = value.partition("://")
    kind = name.partition("+")[0]
    if kind == "sqlite" and rest.startswith("/") and rest.strip("/").partition("?")[0] not in ("", ":memory:"):
        return value
    if kind in ("postgresql", "postgres") and rest:
        return value
    raise ValueError("write sqlite:////path/file.db or postgresql://user:password@host/name")


Database = Annotated[str, AfterValidator(_database)]


class Settings(BaseModel):
    """Everything an operator may set. Attribute docstrings are the documentation of each.

    Read from the environment, of which whoever makes them may overrule each. Not by pydantic-settings, whose loading
    costs a tenth of a start and whose other sources nobody asked for.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    def __init__(self, **given: Any) -> None:
        found = {name.upper(): value for name, value in os.environ.items()}
        names = {name: f"{PREFIX}{name}".upper() for name in type(self).model_fields}
        super().__init__(**{name: found[key] for name, key in names.items() if key in found} | given)

    database_url: Database = "sqlite:///var/catalogue.db"
    """``sqlite:////path/file.db`` or ``postgresql://user:password@host/name``."""

    migration_url: Database | None = None
    """PostgreSQL only: the role that owns the schema; the application's role may then only add to ``events``."""

    keys_file: Path = Path("var/keys.json")
    """Master and digest keys, outside the database; made with mode 0600 where absent."""

    keys: SecretStr | None = None
    """The content of a keys file itself, for platforms that hand secrets over in the environment."""

    signing_file: Path | None = None
    """The private keys that sign certificates; ``signing.json`` beside the keys file where not set, made with mode
    0600 where absent."""

    signing_keys: SecretStr | None = None
    """The content of a signing file itself, for platforms that hand secrets over in the environment."""

    sms_url: str | None = None
    """Where notices by SMS are handed over: a gateway that takes signed webhooks. None unless set."""

    sms_secret: SecretStr | None = None
    """The secret those webhooks are signed with (Standard Webhooks)."""

    smtp_url: SecretStr | None = None
    """``smtp://user:secret@host:port`` or ``smtps://…`` for notices by e-mail. None unless set."""

    smtp_from: str = ""
    """The sender's address of notices by e-mail; none is sent without it."""

    registry_file: Path = Path("matters.yaml")
    """The registry that ``serve`` publishes where nothing is published yet."""

    calendars_dir: Path = Path("regions/calendars")
    """The working-day calendars published with the registry."""

    claim_days: Annotated[int, Field(ge=1, le=365)] = 30
    """Days after lost post was reported by which its claim on the carrier should be settled; the window is reminded a
    working day before. No law or agreement that was found gives any: the house's own choice."""

    public_url: str = ""
    """Address that applicants use, for links on receipts; empty gives links without a host."""

    scan_command: str = ""
    """Virus scanner for uploads: reads a file on standard input; 0 lets it pass, 1 refuses it. Empty: none."""

    pool_size: int = 16
    """Database connections of one process on PostgreSQL, and threads that use them."""

    read_threads: int = 4
    """Reading threads of one process on SQLite."""

    secure_cookies: bool = False
    """Set where the system is reached by https, so that cookies never travel in clear."""

    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_list)] = ()
    """Addresses of reverse proxies whose X-Forwarded-For is believed, as a JSON list."""

    metrics_token: SecretStr | None = None
    """Bearer secret for /metrics; without it only a loopback address may read them."""

    metrics_seconds: float = 10.0
    """Seconds for which figures counted in the database serve further scrapes of /metrics; their age is one of them."""

    worker: bool = True
    """Whether ``serve`` also runs the repeating jobs."""

    worker_seconds: float = 5.0
    """Seconds between two rounds of the repeating jobs."""

    anchor_seconds: float = 3600.0
    """Seconds between two anchors of the event chains."""

    anchors_file: Path | None = None
    """Where each anchor is also written as a line of JSON, best on a disk of another machine; none keeps them only in
    the database."""

    outbox_seconds: float = 0.5
    """Seconds between two looks into the outbox of a worker that has nothing to send."""

    webhook_allow_private: bool = False
    """Lets messages go to receivers on private addresses and by http; for tests, demonstrations and closed networks."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A city's own system: its address, and the secrets it may check our signatures with, newest first."""

    url: str
    secrets: tuple[str, ...] = field(repr=False)


_RECEIVER = re.compile(r"CATALOGUE_WEBHOOK_([A-Z][A-Z0-9_]*)_URL")


def receivers_of(environment: Mapping[str, str]) -> dict[str, Receiver]:
    """Region -> its receiver, from ``CATALOGUE_WEBHOOK_<REGION>_URL`` and ``_SECRET`` (two at once, by a space)."""
    found = {}
    for name, url in environment.items():
        match = _RECEIVER.fullmatch(name)
        if match is not None and url.strip():
            secrets = re.split(r"[\s,]+", environment.get(f"CATALOGUE_WEBHOOK_{match[1]}_SECRET", ""))
            found[match[1].lower()] = Receiver(url.strip(), tuple(secret for secret in secrets if secret))
    return found

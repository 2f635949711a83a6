"""The one place that knows everything: settings in, the parts joined, an application out."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from msgspec import field

from catalogue import __version__
from catalogue.channels import notice_channels
from catalogue.domain.problems import Problem, RuleForbids
from catalogue.domain.registry.revision import Revision, read_revision
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.handlers import Chance, MissingHandlers, SystemClock, handlers_of, load_handlers
from catalogue.loading import undisturbed
from catalogue.press import TypstPress
from catalogue.service.delivery import Deliver
from catalogue.service.house import House
from catalogue.service.measuring import learn
from catalogue.service.paper_links import PaperLinks
from catalogue.service.ports import Clock
from catalogue.settings import Settings, receivers_of
from catalogue.store import Keyring, KeyringInvalid, SigningKeys, StoredDatabase, open_database, readiness
from catalogue.worker import CHANNELS, Jobs, Postman, Rounds, anchor_file, follow_revisions

if TYPE_CHECKING:
    from litestar import Litestar


class Joined(Value, frozen=True):
    """The parts that commands, worker and web share."""

    settings: Settings
    house: House
    database: StoredDatabase
    keyring: Keyring
    channels: Mapping[str, Deliver] = field(default_factory=lambda: dict(CHANNELS))


def signing_keys(settings: Settings) -> SigningKeys | None:
    """The keys that sign certificates, made where keys live in files and there are none.

    None where the keys come from the environment and these do not: no certificate is made then. Raises RuleForbids
    where the file or the text holds no keys.
    """
    try:
        if settings.signing_keys is not None:
            return SigningKeys.from_text(settings.signing_keys.get_secret_value())
        file = settings.signing_file or settings.keys_file.with_name("signing.json")
        if settings.keys is None or settings.signing_file is not None or file.exists():
            return SigningKeys.open_or_create(file)
    except KeyringInvalid as error:
        raise RuleForbids(
            Text("签名密钥无法读取，请恢复备份的签名密钥文件后再启动", f"The signing keys cannot be read: {error}"),
            extra={"rule": "signing-keys-invalid"},
        ) from error
    return None


def keyring_of(settings: Settings) -> Keyring:
    """The keys outside the database. Raises RuleForbids where the file or the text holds none."""
    try:
        if settings.keys is not None:
            return Keyring.from_text(settings.keys.get_secret_value())
        return Keyring.open_or_create(settings.keys_file)
    except KeyringInvalid as error:
        raise RuleForbids(
            Text("密钥无法读取，请恢复备份的密钥文件后再启动", f"The keys cannot be read: {error}"),
            extra={"rule": "keys-invalid"},
        ) from error


def join(settings: Settings, clock: Clock | None = None, environment: Mapping[str, str] | None = None) -> Joined:
    """Open keys and database and load the published revisions. The database must have been migrated.

    ``environment`` names the cities' own systems, by default that of this process.
    """
    keyring = keyring_of(settings)
    database = open_database(
        settings.database_url,
        keyring,
        pool_size=settings.pool_size,
        read_threads=settings.read_threads,
        now=None if clock is None else clock.now,
    )
    handlers = MissingHandlers(load_handlers(set()))

    def read(row: Mapping[str, object], document: str) -> Revision:
        revision = read_revision(row, document)
        handlers.update(handlers_of(revision.registry))
        return revision

    receivers = receivers_of(os.environ if environment is None else environment)
    demo = database.read(lambda work: work.marks.get("demo")).result() is not None
    house = House(
        clock=clock or SystemClock(),
        handlers=handlers,
        draw=Chance(),
        read_revision=read,
        public_url=settings.public_url.rstrip("/"),
        demo=demo,
        press=TypstPress(),
        webhooks=frozenset(receivers),
        paper_links=PaperLinks(keyring.digest("links to papers")),
        signer=signing_keys(settings),
        notices=frozenset(notice_channels(settings)),
        claim_days=settings.claim_days,
    )
    database.read(lambda work: learn(work, house)).result()
    channels = dict(CHANNELS)
    if receivers:
        # Imported here: most commands and most houses send nothing.
        from catalogue.webhook import WebhookChannel

        channels["webhook"] = WebhookChannel(
            receivers, allow_private=settings.webhook_allow_private, now=SystemClock().now
        )
    channels.update({name: make(house.clock.now) for name, make in notice_channels(settings).items()})
    return Joined(settings, house, database, keyring, channels)


def rounds_of(joined: Joined, *, jobs: bool = True) -> Rounds:
    """The thread beside the web: the repeating jobs, or only following the published revisions."""
    given = joined.settings
    once = (
        Jobs(
            joined.database,
            joined.house,
            joined.channels,
            anchor_seconds=given.anchor_seconds,
            keep_anchor=anchor_file(given.anchors_file),
        )
        if jobs
        else follow_revisions(joined.database, joined.house)
    )
    return Rounds("jobs" if jobs else "revisions", given.worker_seconds, once)


def postman_of(joined: Joined) -> Postman:
    """The thread that empties the outbox."""
    return Postman(joined.database, joined.house, joined.channels, joined.settings.outbox_seconds)


def create_app(settings: Settings, joined: Joined | None = None) -> Litestar:
    """The web application, with the repeating jobs in a thread beside it where the settings say so."""
    with undisturbed():
        return _created(settings, joined)


def _created(settings: Settings, joined: Joined | None) -> Litestar:
    # Imported here: the commands that serve nothing start without the web framework.
    from catalogue.web.application import create_web
    from catalogue.web.find import prepare
    from catalogue.web.parts import Parts
    from catalogue.web.scanner import scanner

    parts = joined or join(settings)
    rounds = rounds_of(parts, jobs=settings.worker)
    postman = postman_of(parts) if settings.worker else None
    # Only where pages are served: the index of ten thousand matters takes seconds that no request should wait.
    index = Rounds("search", settings.worker_seconds, lambda: prepare(parts.house, lambda: index.stopping))

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        rounds.start()
        index.start()
        if postman is not None:
            postman.start()
        try:
            yield
        finally:
            if postman is not None:
                postman.stop()
            index.stop()
            rounds.stop()
            parts.database.close()

    def ready() -> dict[str, Any]:
        report = readiness(parts.database)
        try:
            report["revision"] = parts.house.in_force().number
        except Problem as problem:
            report["revision"] = None
            report["problem"] = problem.code
        return report

    return create_web(
        Parts(
            house=parts.house,
            database=parts.database,
            demo=parts.house.demo,
            secure_cookies=settings.secure_cookies,
            trusted_proxies=settings.trusted_proxies,
            metrics_seconds=settings.metrics_seconds,
            metrics_token=None if settings.metrics_token is None else settings.metrics_token.get_secret_value(),
            draft_key=lambda account: parts.keyring.digest("drafts of an account", account),
            readiness=ready,
            scan=scanner(settings.scan_command),
            version=__version__,
        ),
        lifespan=[lifespan],
    )

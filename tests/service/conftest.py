"""A house with the shipped registry on SQLite, people who keep the registry, and a clock that tests move."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from catalogue.domain.people import Account, Actor, Role
from catalogue.domain.registry.pieces import read_piece, write_piece
from catalogue.domain.registry.revision import Revision, read_revision
from catalogue.handlers import MissingHandlers, handlers_of, load_handlers
from catalogue.service import sign_in
from catalogue.service.drafting import open_draft, opened, save
from catalogue.service.house import House
from catalogue.service.ports import Draft, Work
from catalogue.service.publish_draft import make_ready, publish_draft
from catalogue.store import Keyring, StoredDatabase, open_database
from catalogue.store.work import StoredWork
from tests.revisions import put_in_force

ROOT = Path(__file__).parents[2]
T = TypeVar("T")
BEGIN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass
class Bench:
    """The house and its database, with short ways to act."""

    house: House
    database: StoredDatabase
    clock: Any
    people: dict[str, Actor] = field(default_factory=dict)

    def read(self, function: Callable[[StoredWork], T]) -> T:
        return self.database.read(function).result()

    def write(self, function: Callable[[StoredWork], T]) -> T:
        return self.database.write(function).result()

    def actor(self, name: str, *roles: Role, office: str = "530100") -> Actor:
        """An account that may do this, made once."""
        if name not in self.people:
            region = self.house.in_force().registry.offices[office].region
            account = Account(f"a-{name}", name, frozenset(roles), region, office)
            self.write(lambda work: work.accounts.add(account, None))
            self.people[name] = sign_in.actor_of(account)
        return self.people[name]

    @property
    def editor(self) -> Actor:
        return self.actor("editor", Role.REGISTRY_EDITOR)

    @property
    def other_editor(self) -> Actor:
        return self.actor("other-editor", Role.REGISTRY_EDITOR)

    @property
    def publisher(self) -> Actor:
        return self.actor("publisher", Role.REGISTRY_PUBLISHER)

    def draft(self, title: str = "演示草案", actor: Actor | None = None) -> Draft:
        return self.write(lambda work: open_draft(work, self.house, actor or self.editor, title, "演示理由"))

    def change(self, draft: Draft, piece: str, changes: dict[str, Any], actor: Actor | None = None) -> Draft:
        """Change keys of a matter or family as the draft has it; limits are founded on an assumption."""

        def act(work: Work) -> Draft:
            found = opened(work, self.house, draft.id)
            value, _ = read_piece(piece, found.sketch.pieces[piece])
            founded = {f"limits.{name}": "assumed" for name in changes.get("limits", {})}
            value = {**value, **changes, "provenance": {**value["provenance"], **founded}}
            edits = {piece: write_piece(piece, value)}
            return save(work, self.house, actor or self.editor, draft.id, found.draft.version, edits)

        return self.write(act)

    def kept(self, id: str) -> Draft:
        """The draft as it stands."""
        found = self.read(lambda work: work.drafts.get(id))
        assert found is not None, id
        return found

    def publish(self, draft: Draft, actor: Actor | None = None, effective_from: datetime | None = None) -> Revision:
        ready = self.read(lambda work: make_ready(work, self.house, draft.id))
        version = self.kept(draft.id).version
        return self.write(
            lambda work: publish_draft(
                work,
                self.house,
                actor or self.publisher,
                ready,
                version,
                note="演示",
                effective_from=effective_from,
            )
        )


class StandingClock:
    """Stands at one moment until a test moves it."""

    def __init__(self) -> None:
        self.at = BEGIN

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def bench(sqlite_url: str) -> Iterator[Bench]:
    """The shipped registry published as revision 1."""
    clock = StandingClock()
    database = open_database(sqlite_url, Keyring.create(), now=clock.now)
    handlers = MissingHandlers(load_handlers(set()))

    def read(row: Any, document: str) -> Revision:
        revision = read_revision(row, document)
        handlers.update(handlers_of(revision.registry))
        return revision

    house = House(clock=clock, handlers=handlers, draw=secrets.randbelow, read_revision=read)
    made = Bench(house, database, clock)
    put_in_force(database, house, (ROOT / "matters.yaml").read_bytes())
    clock.move(seconds=1)
    # Made beforehand: within a writing unit of work nothing else can be written.
    assert len({made.editor.id, made.other_editor.id, made.publisher.id}) == 3
    yield made
    database.close()

"""A registry put in force in a house of a test, by the same publication as everywhere."""

from __future__ import annotations

from pathlib import Path

from catalogue.service.house import House
from catalogue.service.ports import Database
from catalogue.service.publish import publish

ROOT = Path(__file__).resolve().parents[1]
CALENDARS = ROOT / "regions" / "calendars"


def put_in_force(database: Database, house: House, text: bytes) -> None:
    """Publish a registry with the shipped calendars, from now on, and let the house work by it."""
    database.write(
        lambda work: publish(
            work,
            house,
            registry_text=text,
            calendars={path.name: path.read_bytes() for path in CALENDARS.glob("*.yaml")},
            author="test",
            note=None,
            effective_from=None,
            based_on=None,
        )
    ).result()
    database.read(lambda work: house.refresh(work.revisions)).result()

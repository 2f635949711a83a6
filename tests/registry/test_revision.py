"""The published document: immutable, with a digest, and read back to the same values."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from catalogue.domain.problems import InvalidInput, InvalidRegistry
from catalogue.domain.registry.compiled import compile_registry, load_compiled
from catalogue.domain.registry.reader import sm3
from catalogue.domain.registry.revision import Revision, build_revision, read_document, read_revision, trial_revision
from tests.registry.samples import SMALL, changed, small

NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
CALENDAR = """\
id: {id}
name: {{zh: 样例, en: Sample}}
base: null
years:
- year: 2026
  standing: provisional
  notice: {{number: null, title: null, date: null}}
  source: null
  days_off: []
  days_worked: []
"""
CALENDARS = {f"{name}.yaml": CALENDAR.format(id=name).encode() for name in ("east", "west")}


def built(text: str = SMALL, calendars: dict[str, bytes] | None = None) -> tuple[Revision, str]:
    return build_revision(
        number=3,
        registry_text=text.encode(),
        calendars=CALENDARS if calendars is None else calendars,
        effective_from=NOW,
        published_at=NOW,
        author="editor",
        note="why",
    )


def row(revision: Revision, **changes: object) -> dict[str, object]:
    kept = {
        "number": revision.number,
        "author": revision.author,
        "note": revision.note,
        "effective_from": revision.effective_from,
        "published_at": revision.published_at,
        "digest": revision.digest,
    }
    return {**kept, **changes}


def test_a_revision_is_read_back_as_it_was_published() -> None:
    revision, document = built()
    assert read_revision(row(revision), document) == revision
    assert (
        read_revision(row(revision, effective_from=NOW.isoformat(), published_at=NOW.isoformat()), document) == revision
    )
    assert read_document(document)[0] == small()


def test_the_document_holds_the_texts_and_the_digest_is_its_sm3() -> None:
    revision, document = built()
    body = json.loads(document)
    assert body["registry"] == SMALL
    assert set(body["calendars"]) == {"east.yaml", "west.yaml"}
    assert revision.digest == sm3(document.encode())
    assert sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_the_same_texts_give_the_same_document_whatever_their_order() -> None:
    assert built()[1] == built(calendars=dict(reversed(CALENDARS.items())))[1]


def test_an_altered_document_is_refused() -> None:
    revision, document = built()
    with pytest.raises(InvalidRegistry) as raised:
        read_revision(row(revision), document.replace("15", "14"))
    assert raised.value.findings[0].code == "altered"


def test_what_cannot_be_read_is_not_published_and_every_file_is_named() -> None:
    calendars = {**CALENDARS, "west.yaml": b"id: 12\n"}
    with pytest.raises(InvalidInput) as raised:
        built(changed("mode: proxy", "mode: post"), calendars)
    assert isinstance(raised.value, InvalidRegistry)
    assert {finding.file for finding in raised.value.findings} == {"matters.yaml", "west.yaml"}
    assert any(error.path.startswith("matters.yaml:") for error in raised.value.errors)


def test_a_region_needs_its_calendar() -> None:
    with pytest.raises(InvalidRegistry) as raised:
        built(calendars={"east.yaml": CALENDARS["east.yaml"]})
    assert [(finding.code, finding.path) for finding in raised.value.findings] == [
        ("missing-calendar", "regions.west.calendar")
    ]


def test_a_trial_revision_has_a_number_no_publication_has() -> None:
    revision, _ = built()
    trial = trial_revision(revision.registry, revision.calendars)
    assert (trial.number, trial.registry) == (0, revision.registry)


def test_the_compiled_registry_is_the_same_value() -> None:
    registry = small()
    loaded = load_compiled(compile_registry(registry))
    assert loaded == registry
    assert loaded.offices == registry.offices
    assert loaded.divisions == registry.divisions
    with pytest.raises(ValueError, match="Expected"):
        load_compiled(b'{"title": 1}')

"""One demonstration system for the tests that only use it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.server import Town, town


@pytest.fixture(scope="session")
def demo_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    directory = tmp_path_factory.mktemp("town")
    with town(directory, f"sqlite:///{directory}/catalogue.db", cases=70) as running:
        yield running

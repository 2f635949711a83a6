"""Values that tests of the domain share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from catalogue.domain.handler import Handler, StandardHandler
from catalogue.domain.registry.model import Registry
from catalogue.domain.registry.reader import read_registry
from regions import kunming, puer, xishuangbanna, yuxi

DAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def handlers() -> Mapping[str, Handler]:
    """The standard handler and those of the four cities, by the name the registry calls them."""
    modules = (kunming, yuxi, puer, xishuangbanna)
    return {"standard": StandardHandler()} | {module.handler.id: module.handler for module in modules}


@pytest.fixture(scope="session")
def shipped() -> Registry:
    """The registry as it is shipped."""
    path = Path(__file__).parents[2] / "matters.yaml"
    registry, findings = read_registry(path.read_bytes(), path.name)
    assert registry is not None, findings
    return registry

"""Settings come from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from catalogue.settings import Settings


def test_what_the_environment_says_is_read_in_the_type_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_WORKER", "false")
    monkeypatch.setenv("CATALOGUE_OUTBOX_SECONDS", "2.5")
    monkeypatch.setenv("catalogue_keys_file", "/srv/keys.json")
    monkeypatch.setenv("CATALOGUE_TRUSTED_PROXIES", '["10.0.0.1", "unix"]')
    monkeypatch.setenv("CATALOGUE_METRICS_TOKEN", "a secret")
    given = Settings()
    assert (given.worker, given.outbox_seconds, given.keys_file) == (False, 2.5, Path("/srv/keys.json"))
    assert given.trusted_proxies == ("10.0.0.1", "unix")
    assert given.metrics_token is not None
    assert given.metrics_token.get_secret_value() == "a secret"
    assert "a secret" not in repr(given)


def test_what_is_given_in_the_program_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_POOL_SIZE", "3")
    assert Settings().pool_size == 3
    assert Settings(pool_size=5).pool_size == 5


@pytest.mark.parametrize(("name", "value"), [("POOL_SIZE", "many"), ("TRUSTED_PROXIES", "10.0.0.1"), ("WORKER", "")])
def test_a_setting_that_cannot_be_read_is_told_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"CATALOGUE_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()

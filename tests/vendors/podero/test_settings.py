"""What the configuration of a Podero account and its wallboxes may be."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bridge.vendors.podero.settings import PoderoAccountSettings, PoderoSettings
from tests.vendors.podero.documents import ID

ACCOUNT: dict[str, Any] = {"vendor": "podero", "client_id": "abc", "client_secret": "hunter2", "org_id": ID}
WALLBOX: dict[str, Any] = {"vendor": "podero", "account": "utility", "user_id": ID, "wallbox_id": ID}


def test_defaults() -> None:
    """The documented addresses of production."""
    found = PoderoAccountSettings.model_validate(ACCOUNT)
    assert found.api_url == "https://app.podero.com/api/partners/v2.0"
    assert found.token_url == "https://app.podero.com/oauth2/token/"
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize("end", ["", "/", "//"])
def test_addresses_with_or_without_a_slash(end: str) -> None:
    """The path of the token address has one in any case."""
    found = PoderoAccountSettings.model_validate(
        {**ACCOUNT, "api_url": f"http://a/v2.0{end}", "token_url": f"http://a/oauth2/token{end}"}
    )
    assert (found.api_url, found.token_url) == ("http://a/v2.0", "http://a/oauth2/token/")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"org_id": "mine"}, "it must be a UUID"),
        ({"api_url": "app.podero.com"}, "it must begin with https://"),
        ({"token_url": "ftp://a"}, "it must begin with https://"),
        ({"client_id": "a:b"}, "pattern"),
        ({"client_id": ""}, "at least 1"),
        ({"reads_per_minute": 1}, "Extra inputs"),
    ],
    ids=repr,
)
def test_accounts_that_cannot_be(change: dict[str, Any], sentence: str) -> None:
    """Each is told with what is wanted, and without the secret."""
    with pytest.raises(ValidationError, match=sentence) as caught:
        PoderoAccountSettings.model_validate({**ACCOUNT, **change})
    assert "hunter2" not in str(caught.value)


def test_ids_in_any_form() -> None:
    """They are compared as Podero writes them."""
    found = PoderoSettings.model_validate({**WALLBOX, "wallbox_id": ID.upper().replace("-", "")})
    assert found.wallbox_id == ID


@pytest.mark.parametrize("name", ["poll_interval", "poll_interval_idle", "poll_interval_charging"])
def test_the_least_interval(name: str) -> None:
    """30 s, whatever it is for."""
    assert getattr(PoderoSettings.model_validate({**WALLBOX, name: 30}), name) == 30
    with pytest.raises(ValidationError, match="it must be at least 30: Podero is not to be asked more often"):
        PoderoSettings.model_validate({**WALLBOX, name: 29.9})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"vendor_keys": ["owner"]}, "there is no key 'owner'; known are: boost_state"),
        ({"user_id": "5"}, "it must be a UUID"),
    ],
    ids=repr,
)
def test_wallboxes_that_cannot_be(change: dict[str, Any], sentence: str) -> None:
    """Each is told with what is wanted."""
    with pytest.raises(ValidationError, match=sentence):
        PoderoSettings.model_validate({**WALLBOX, **change})


def test_vendor_keys() -> None:
    """By their names in Podero's documents."""
    wanted = ["mode", "device_model.year"]
    assert PoderoSettings.model_validate({**WALLBOX, "vendor_keys": wanted}).vendor_keys == tuple(wanted)
    assert PoderoSettings.model_validate({**WALLBOX, "vendor_keys": "all"}).vendor_keys == "all"

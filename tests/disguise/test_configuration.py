"""What a report tells of the configuration."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from bridge.disguise import Disguise, configuration
from bridge.settings import Settings
from bridge.vendors import VENDORS

HIDDEN = "do-not-publish"
UUIDS = [f"3c90c3cc-0d44-4b50-8888-8dd25736052{digit}" for digit in "abc"]

DOCUMENT: dict[str, Any] = {
    "mqtt": {"host": "broker.example.com", "username": f"{HIDDEN}-user", "password": f"{HIDDEN}-mqtt"},
    "http": {"token": f"{HIDDEN}-long-enough-token"},
    "accounts": {
        "home": {"vendor": "wallbox", "email": f"{HIDDEN}@example.com", "password": f"{HIDDEN}-wallbox"},
        "utility": {
            "vendor": "podero",
            "client_id": f"{HIDDEN}-client",
            "client_secret": f"{HIDDEN}-podero",
            "org_id": UUIDS[0],
        },
    },
    "chargers": {
        "garage": {"vendor": "go-e", "host": "192.168.1.40", "name": f"{HIDDEN}'s car"},
        "away": {"vendor": "go-e", "transport": "cloud", "serial": "123456", "token": f"{HIDDEN}-cloud"},
        "street": {"vendor": "wallbox", "account": "home", "charger_id": 234567},
        "depot": {
            "vendor": "webasto",
            "host": "anna.dyn.example.com:8443",
            "username": f"{HIDDEN}-name",
            "password": f"{HIDDEN}-webasto",
        },
        "flat": {"vendor": "podero", "account": "utility", "user_id": UUIDS[1], "wallbox_id": UUIDS[2]},
    },
}


def shown() -> tuple[Disguise, dict[str, Any]]:
    """Return the configuration as a stranger sees it, and what knows of it."""
    disguise, settings = Disguise(), Settings.model_validate(DOCUMENT)
    configuration.learn(disguise, settings)
    return disguise, configuration.shown(disguise, settings)


def test_nothing_secret_is_told() -> None:
    """Neither secrets, nor what they belong to: users, e-mail addresses, names, ids."""
    _, found = shown()
    text = json.dumps(found)
    for private in (HIDDEN, "123456", "234567", *UUIDS, "example.com"):
        assert private not in text


def test_what_helps_is_told() -> None:
    """Addresses in the local network, what was set and what was not."""
    _, found = shown()
    chargers = found["chargers"]
    assert chargers["garage"]["host"] == "192.168.1.40"
    assert chargers["depot"]["host"] == found["mqtt"]["host"] == "a public host"
    assert chargers["garage"]["name"] == "name-1"
    assert chargers["street"]["charger_id"] == 100003
    assert chargers["flat"]["user_id"] == "00000000-0000-4000-8000-000000000004"
    assert found["accounts"]["home"]["api_url"] == "https://api.wall-box.com"
    assert found["accounts"]["home"]["password"] == "***"
    assert found["mqtt"]["port"] == 1883
    assert found["http"]["listen"] == "127.0.0.1:8099"
    assert chargers["away"]["poll_interval"] is None


def test_secrets_of_the_configuration_are_found_in_texts() -> None:
    """Whoever quotes them, and so are public hosts."""
    disguise, _ = shown()
    text = disguise.text(f"{HIDDEN}-mqtt at anna.dyn.example.com:8443, charger 234567 of {UUIDS[0].upper()}")
    assert text == "*** at ***, charger 100003 of 00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_secret_of_every_vendor_is_masked(vendor: str) -> None:
    """By its type, or because its settings do not show it themselves."""
    models = [VENDORS[vendor].settings, VENDORS[vendor].account_settings]
    for model in filter(None, models):
        for name, info in model.model_fields.items():
            if info.repr and info.annotation is not SecretStr and info.annotation != (SecretStr | None):
                continue
            value = SecretStr(HIDDEN) if info.repr else HIDDEN
            required: dict[str, Any] = {each: "x" for each, info in model.model_fields.items() if info.is_required()}
            settings = model.model_construct(**{**required, name: value})
            assert HIDDEN not in json.dumps(configuration.shown(Disguise(), settings)), name

"""No result repeats what may be a secret, whatever becomes of the command."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bridge.charger.binding import Binding, Request
from bridge.charger.contract import ChargerSettings
from bridge.charger.property import Property
from bridge.charger.values import TEXT, Json
from bridge.engine.abilities import Abilities
from bridge.engine.checks import Known
from bridge.engine.command import CommandLimits
from bridge.engine.commands import Commands
from bridge.engine.intake import Received, refusals
from bridge.engine.results import Result
from bridge.errors import Code
from tests.engine.pretend import BINDINGS, FACTORY, known, pace

HUSH = "open-sesame"
PSK = Property(key="vendor/psk", name="Key", type=TEXT, settable=True, vendor=True, secret=True)
OTHER = Property(key="vendor/zone", name="Zone", type=TEXT, settable=True, vendor=True)


def _put(text: str, _: object) -> Request:
    return Request(method="PUT", path="/", body={"wifi": text})


ROWS = (
    *BINDINGS,
    Binding(property=PSK, read=lambda _: None, write=_put),
    Binding(property=OTHER, read=lambda _: None, write=_put),
)


def _known(*allow: str) -> Known:
    usual = known(allow=allow)
    abilities = Abilities(ROWS, [], ChargerSettings.model_validate({"vendor": "pretend", "allow": allow}))
    abilities.learn(FACTORY)
    return replace(usual, bindings=abilities.bindings, capabilities=abilities.capabilities)


def _results(what: Known | None, received: Received) -> list[Result]:
    found: list[Result] = []
    Commands(pace(), CommandLimits(), found.append).receive(received, what, {})
    return found


def _message(key: str, value: Json) -> list[Received]:
    """Return the same wish as a scalar and as JSON."""
    scalar = value if isinstance(value, str) else json.dumps(value)
    return [Received(key=key, payload=scalar.encode()), Received(key=None, payload=json.dumps({key: value}).encode())]


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize(
    ("allow", "key", "code"),
    [
        (("credentials",), "vendor/psk", Code.OK),
        ((), "vendor/psk", Code.NOT_PERMITTED),
        ((), "vendor/psj", Code.UNKNOWN_PROPERTY),
        (None, "vendor/psk", Code.VENDOR_UNREACHABLE),
    ],
)
def test_it_is_not_repeated(allow: tuple[str, ...] | None, key: str, code: Code, form: int) -> None:
    """Taken, not allowed, misspelt, or before the charger has said what it has."""
    (result,) = _results(None if allow is None else _known(*allow), _message(key, HUSH)[form])
    assert (result.code, result.requested) == (code, None)
    assert HUSH not in json.dumps(result.json())


@pytest.mark.parametrize(
    "received",
    [
        Received(key="vendor/psk", payload=HUSH.encode(), retained=True),
        Received(key="vendor/psk", payload=HUSH.encode() * 1000),
        Received(key="vendor/psk", payload=HUSH.encode() + b"\xff"),
        Received(key=None, payload=f'{{"vendor/psk": "{HUSH}"'.encode()),
        Received(key=None, payload=json.dumps({"ts": "odd", "vendor/psk": HUSH}).encode()),
    ],
)
def test_nor_in_what_is_not_even_read(received: Received) -> None:
    """Retained, too large, half a message; also by a bridge that does not know the charger."""
    found = [*_results(_known("credentials"), received), *refusals(received, Code.UNKNOWN_PROPERTY, "no such charger")]
    assert len(found) == 2
    assert all(HUSH not in json.dumps(result.json()) for result in found)


def test_what_is_no_secret_is_repeated() -> None:
    """As ever, also of the vendor's own keys."""
    (result,) = _results(_known(), _message("vendor/zone", "Rome")[0])
    assert (result.code, result.requested) == (Code.OK, "Rome")
    (result,) = _results(None, _message("current_limit", 13)[0])
    assert result.requested == 13

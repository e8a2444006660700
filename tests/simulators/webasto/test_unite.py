"""A Unite: configuration only, in one flat list of its own."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bridge.simulators.secret import SECRET
from tests.simulators.fake_clock import FakeClock
from tests.simulators.webasto.client import Client

LED = "generalSettings.ledDimmingLevel"
DELAY = "generalSettings.randomisedDelayMaximumDuration"
FREE = "ocppConfigurations.freeModeActive"
LIMIT = "installationSettings.currentLimiterValue"
PHASE_SWITCH = "ocppConfigurations.connectorSwitch3To1PhaseSupported"


async def fields(unite: Client, path: str = "configuration-fields/") -> dict[str, Any]:
    """Values by key."""
    return {field["fieldKey"]: field["value"] for field in await unite.get(path)}


async def test_system_information(unite: Client) -> None:
    """As it has been recorded."""
    assert await unite.get("system-information") == {
        "apiVersion": "1.12.0",
        "hmiVersion": "v3.187.0",
        "identifier": "Wallbox API",
        "model": "Webasto Unite AC22",
    }


@pytest.mark.parametrize("path", ["configuration-fields/", "configuration-fields"])
async def test_fields(unite: Client, path: str) -> None:
    """With a slash at the end and without."""
    assert await fields(unite, path) == {
        FREE: "TRUE",
        "ocppConfigurations.freeModeRfid": f"{SECRET}-tag",
        PHASE_SWITCH: "FALSE",
        LED: "mid",
        DELAY: 0,
        LIMIT: 16,
        "installationSettings.currentLimiterPhase": 1,
        "wifiSettings.ssid": f"{SECRET}-ssid",
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "dashboard-information"),
        ("GET", "current-errors"),
        ("GET", "configuration-structure"),
        ("GET", "sections/system"),
        ("POST", "custom-actions/local-remote-start"),
        ("POST", "custom-actions/factory-reset"),
        ("POST", "custom-actions/skip-random-delay"),
        ("POST", "files/local-ca-cert"),
    ],
)
async def test_what_it_lacks(unite: Client, method: str, path: str) -> None:
    """All that only a Next has."""
    assert (await unite.ask(method, f"/api/{path}"))[0] == 404


@pytest.mark.parametrize("more", [{}, {"configurationFieldUpdateType": "simple-configuration-field-update"}])
@pytest.mark.parametrize(
    ("key", "value", "shown"), [(LED, "timeBased", "timeBased"), (DELAY, "600", 600), (FREE, "FALSE", "FALSE")]
)
async def test_writes(unite: Client, key: str, value: str, shown: object, more: dict[str, str]) -> None:
    """Strings, with a type or without."""
    status, _ = await unite.post("configuration-updates", [{"fieldKey": key, "value": value, **more}])
    assert status == 200
    assert (await fields(unite))[key] == shown


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        (LED, "bright", 400),
        (DELAY, 600, 400),
        (DELAY, "1801", 400),
        (DELAY, "-1", 400),
        (FREE, "true", 400),
        (FREE, True, 400),
        (LIMIT, "5", 400),
        ("led-brightness", "1", 400),
        (PHASE_SWITCH, "TRUE", 403),
    ],
)
async def test_refused_writes(unite: Client, key: str, value: object, status: int) -> None:
    """Nothing changes."""
    before = await fields(unite)
    assert (await unite.post("configuration-updates", [{"fieldKey": key, "value": value}]))[0] == status
    assert await fields(unite) == before


@pytest.mark.parametrize("body", [{}, [1], [{"fieldKey": LED}]])
async def test_updates_that_are_none(unite: Client, body: object) -> None:
    """They are refused."""
    assert (await unite.post("configuration-updates", body))[0] == 400


async def test_the_limit_works(unite: Client, clock: FakeClock) -> None:
    """Though nothing is told about it over this way."""
    unite.sim.car.plug(max_current=32)
    await unite.post("configuration-updates", [{"fieldKey": LIMIT, "value": "10"}])
    clock.pass_time(60)
    assert (unite.sim.state()["state"], unite.sim.state()["current"]) == ("Charging", 10)


@pytest.mark.parametrize(("action", "away", "uptime"), [("restart-system", 150, 0), ("soft-reset", 30, 130)])
async def test_two_kinds_of_restart(unite: Client, clock: FakeClock, action: str, away: float, uptime: float) -> None:
    """The soft one keeps the uptime."""
    clock.pass_time(100)
    with pytest.raises(aiohttp.ClientConnectionError):
        await unite.post(f"custom-actions/{action}")
    clock.pass_time(away - 1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await unite.status()
    clock.pass_time(1)
    assert await unite.status() == 401
    assert unite.sim.state()["uptime_s"] == uptime

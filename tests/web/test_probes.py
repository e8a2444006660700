"""What `/healthz` and `/readyz` answer."""

from __future__ import annotations

from datetime import UTC, datetime

import aiohttp
import pytest

from bridge.engine.view import LastError
from bridge.errors import Code
from bridge.web.probes import BROKER_GRACE_S
from tests.web.conftest import Bridge


async def _get(http: aiohttp.ClientSession, path: str) -> tuple[int, dict[str, object]]:
    async with http.get(path) as response:
        return response.status, await response.json()


async def test_healthz_says_starting_until_the_broker_answers(http: aiohttp.ClientSession) -> None:
    """A bridge that has not reached its broker yet is not healthy, and says that this may still come."""
    assert await _get(http, "/healthz") == (
        503,
        {
            "status": "starting",
            "reasons": ["no connection to the broker yet"],
            "broker": {"connected": False, "away_s": 0},
        },
    )


async def test_healthz_is_an_error_when_the_broker_never_came(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """After the grace time a broker that never answered is no start any more."""
    bridge.clock.now += BROKER_GRACE_S + 1

    status, document = await _get(http, "/healthz")

    assert (status, document["status"], document["reasons"]) == (503, "error", ["the broker has been away for 61 s"])


async def test_healthz_is_ok_whatever_the_chargers_do(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Process and broker alone decide; a dead charger is no reason to restart the bridge."""
    bridge.traffic.connected = True
    bridge.add("garage").health.consecutive_failures = 99

    assert await _get(http, "/healthz") == (
        200,
        {"status": "ok", "reasons": [], "broker": {"connected": True, "away_s": None}},
    )


async def test_healthz_is_an_error_when_something_hangs(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """A container is restarted then, as a service is by its watchdog."""
    bridge.traffic.connected = True
    bridge.stuck = ["charger garage", "account home"]

    status, document = await _get(http, "/healthz")

    assert (status, document["status"]) == (503, "error")
    assert document["reasons"] == ["account home does not go on", "charger garage does not go on"]


async def test_healthz_bears_with_a_broker_that_restarts(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """A broker that goes and comes back within the grace time never turns the answer, and each absence counts anew."""
    for _ in range(2):
        bridge.traffic.connected = True
        await _get(http, "/healthz")
        bridge.traffic.connected = False
        await _get(http, "/healthz")
        bridge.clock.now += BROKER_GRACE_S

        status, document = await _get(http, "/healthz")

        assert (status, document["status"]) == (200, "ok")
        assert document["broker"] == {"connected": False, "away_s": 60}

    bridge.clock.now += 1
    assert (await _get(http, "/healthz"))[0] == 503


async def test_an_absence_counts_from_its_beginning(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """The time runs while nobody asks, so that a rare check finds it out at once."""
    bridge.traffic.connected = True
    await _get(http, "/healthz")
    bridge.traffic.connected = False
    await bridge.clock.read(3)
    bridge.clock.now += 3600

    status, document = await _get(http, "/healthz")

    assert (status, document["reasons"]) == (503, ["the broker has been away for 3600 s"])


async def test_readyz_names_each_charger_that_has_not_answered(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Reasons say what is missing, and of a failed read its kind but not its text, which may hold an address."""
    bridge.traffic.connected = True
    bridge.add("garage").health.last_success = datetime.now(UTC)
    bridge.add("street")
    bridge.add("depot").health.last_error = LastError(
        code=Code.VENDOR_UNREACHABLE, message="no connection to 192.0.2.7", moment=datetime.now(UTC)
    )

    assert await _get(http, "/readyz") == (
        503,
        {
            "status": "waiting",
            "reasons": [
                "charger street has not been read yet",
                "charger depot has not answered yet: vendor_unreachable",
            ],
            "waiting_for": ["street", "depot"],
        },
    )


async def test_readyz_stays_ok_when_a_charger_goes_away_later(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Ready means that everything worked once; what fails later is the business of availability and metrics."""
    bridge.traffic.connected = True
    health = bridge.add("garage").health
    health.last_success, health.consecutive_failures = datetime.now(UTC), 5

    assert await _get(http, "/readyz") == (200, {"status": "ok", "reasons": [], "waiting_for": []})


async def test_readyz_needs_the_broker_now(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Without a session nobody is served, so there is no grace time here."""
    bridge.traffic.connected = True
    await _get(http, "/readyz")
    bridge.traffic.connected = False

    status, document = await _get(http, "/readyz")

    assert (status, document["reasons"]) == (503, ["no connection to the broker"])


async def test_readyz_follows_a_reload(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """A charger that is configured later counts from then on."""
    bridge.traffic.connected = True
    assert (await _get(http, "/readyz"))[0] == 200

    bridge.add("new")

    assert (await _get(http, "/readyz"))[0] == 503


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_probes_answer_one_line_that_nobody_keeps(http: aiohttp.ClientSession, path: str) -> None:
    """One line of JSON, marked so that no proxy hands out an old one."""
    async with http.get(path) as response:
        text = await response.text()

    assert text.endswith("}\n")
    assert text.count("\n") == 1
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content_type == "application/json"

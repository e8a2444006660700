"""The pages as they come from the server, before any script runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bridge.charger.contract import AccountHealth
from bridge.charger.session import Event, EventType
from bridge.charger.values import Json
from bridge.engine.intake import Received
from bridge.engine.view import LastError
from bridge.errors import Code, LoginRefusedError, NoAnswerError
from tests.engine.pretend import PretendCharger
from tests.support.waiting import until
from tests.web.conftest import Bridge
from tests.web.reading import load


class PretendAccount:
    """An account with a budget."""

    name = "home"

    def __init__(self, known: AccountHealth) -> None:
        self.known = known

    def health(self) -> AccountHealth:
        """Tell what it was told to."""
        return self.known

    def may_write_at(self) -> float:
        """At once."""
        return 0.0

    def abandon(self) -> None:
        """Nobody waits."""

    async def discover(self) -> list[Mapping[str, Json]]:
        """It has none."""
        return []


async def test_the_overview_tells_of_each_charger(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Status in words, power, energies, the limit with its bounds, how fresh it is, and that all is well."""
    bridge.traffic.connected = True
    box = PretendCharger(status="charging", watt=7360, session=3.21)
    async with bridge.charger("garage", box, name="Garage"):
        page = await load(http)

    found = page.charger("garage")
    assert found.pop("age", None) is None
    assert found == {
        "name": "Garage",
        "model": "Pretend",
        "status": "Charging",
        "reason": "",
        "power": "7.36 kW",
        "session": "3.21 kWh",
        "total": "not reported",
        "limit": "10 A",
        "bounds": "6 to 16 A",
        "stale": "",
        "availability": "online",
        "error": "",
        "past": "",
    }
    assert {key: page.bridge()[key] for key in ("chargers", "active", "power", "attention", "broker")} == {
        "chargers": "1",
        "active": "1",
        "power": "7.36 kW",
        "attention": "0",
        "broker": "connected",
    }
    assert "0 s ago" in page.text
    assert {"href": "chargers/garage", "data-field": "name"} in page.all("a")


async def test_a_charger_that_was_never_read(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Nothing is invented, and it is no fault yet."""
    bridge.add("garage")

    page = await load(http)

    found = page.charger("garage")
    assert (found["status"], found["power"], found["limit"]) == ("Not read yet", "unknown", "unknown")
    assert (page.bridge()["attention"], page.bridge()["broker"]) == ("0", "not reached yet")
    assert "never" in page.text


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (NoAnswerError("no answer within 10 s"), "Not reachable", "The last read failed: no answer within 10 s."),
        (LoginRefusedError("the password is wrong"), "Access refused", "The last read failed: the password is wrong."),
    ],
)
async def test_what_is_wrong_is_a_sentence(
    bridge: Bridge, http: aiohttp.ClientSession, error: Exception, status: str, told: str
) -> None:
    """A charger that does not answer says why, and counts as in need of attention."""
    box = PretendCharger()
    box.read_error = error
    async with bridge.charger("garage", box):
        page = await load(http)

    assert (page.charger("garage")["status"], page.charger("garage")["error"]) == (status, told)
    assert page.bridge()["attention"] == "1"


async def test_what_is_known_of_a_charger_that_went_away(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Its last values stay, marked as stale, and the headline says that it cannot be reached."""
    box = PretendCharger(status="charging", watt=7360)
    async with bridge.charger("garage", box, poll_interval=0.2) as poller:
        box.read_error = NoAnswerError("it said <nothing>")
        await until(lambda: not poller.view.available, what="the charger to be away")
        page = await load(http)

    found = page.charger("garage")
    assert (found["status"], found["reason"], found["stale"], found["power"], found["availability"]) == (
        "Not reachable",
        "last known: Charging",
        "stale",
        "7.36 kW",
        "offline",
    )
    assert found["error"].startswith("The last 3 reads failed: it said <nothing>")


async def test_an_error_of_the_past_stays_visible(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Without alarming anyone."""
    async with bridge.charger("garage", PretendCharger()) as poller:
        moment = datetime.now(UTC) - timedelta(minutes=5, seconds=3)
        poller.view.health.last_error = LastError(code=Code.VENDOR_UNREACHABLE, message="no route", moment=moment)
        found = (await load(http)).charger("garage")

    assert (found["error"], found["past"]) == ("", "Last error 5 min ago: no route.")


async def test_accounts_tell_budget_and_login(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """What is left, when it is whole again, and whether the login holds."""
    known = AccountHealth(reads_left=3, writes_left=None, reset_in_s=75, login="refused", expires_at=None)
    bridge.accounts.append(PretendAccount(known))

    page = await load(http)

    told = {field: text for (scope, field), text in page.fields.items() if scope == "account:home"}
    assert told == {
        "login": "refused: the credentials are wrong",
        "reads": "3",
        "writes": "no limit",
        "reset": "in 1 min",
    }


async def test_a_charger_has_a_page_with_everything(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """All values with units, the last commands with their results, the events, and the chart with its text."""
    async with bridge.charger("garage", PretendCharger(watt=2300, status="charging"), name="Garage") as poller:
        bridge.history.event(poller.view, Event(type=EventType.PLUGGED, moment=datetime.now(UTC)))
        poller.receive(Received(key="current_limit", payload=b"99"))
        page = await load(http, "/chargers/garage")

    found = page.charger("garage")
    values = {key.removeprefix("value:"): text for key, text in found.items() if key.startswith("value:")}
    assert (values["power"], values["current_limit"], values["led_brightness"]) == ("2\u202f300 W", "10 A", "50 %")
    assert (values["phase_mode"], values["locked"], values["charging"]) == ("three", "unlocked", "yes")
    assert set(values) == set(poller.view.capabilities)
    assert "Between 2.30 kW and 2.30 kW in the last hour" in found["chart_text"]
    assert "Vehicle plugged in" in page.text
    assert "99 is outside 6 to 16 A, what the charger takes now." in page.text
    assert "rejected" in page.text


async def test_a_charger_that_is_not_configured_is_not_found(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Its page says so and leads back; one that was removed while the bridge runs has none any more."""
    bridge.add("garage")
    page = await load(http, "/chargers/%3Cb%3Ex%3C%2Fb%3E", 404)
    assert "No charger is called <b>x</b>." in page.text
    assert "../" in [known["href"] for known in page.all("a")]
    await load(http, "/chargers/garage")
    bridge.views.clear()
    await load(http, "/chargers/garage", 404)

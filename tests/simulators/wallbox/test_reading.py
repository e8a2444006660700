"""What the pretend cloud shows of chargers: the fields of the documents, and who may see them."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bridge.simulators.wallbox import AccountSpec, Charger, ChargerSpec, GroupSpec, WallboxSimulator
from bridge.simulators.wallbox.specs import Snapshot
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import CHARGER, NOW, Client
from tests.simulators.wallbox.documents import BASIC, CONFIG, NEW_CONFIG, NEW_STATUS, STATUS, SUMMARY, names


@asynccontextmanager
async def reader(http: aiohttp.ClientSession, *chargers: ChargerSpec) -> AsyncIterator[Client]:
    """A client of a cloud with these chargers in one group."""
    async with WallboxSimulator(groups=[GroupSpec(chargers=chargers)]) as sim:
        client = Client(http, sim)
        await client.sign_in()
        yield client


@pytest.mark.parametrize(
    ("snapshot", "status", "config", "basic"),
    [
        (
            "2022",
            STATUS - names("added_grid_energy finished") | {"status_description"},
            CONFIG - names("timezone sim_iccid ecosmart"),
            BASIC - names("uniqueIdentifier softwareUpdatedAt"),
        ),
        ("2023", STATUS, CONFIG, BASIC),
        ("2026", STATUS | NEW_STATUS, CONFIG | NEW_CONFIG, BASIC),
    ],
)
async def test_fields_by_year(
    http: aiohttp.ClientSession, snapshot: Snapshot, status: set[str], config: set[str], basic: set[str]
) -> None:
    """Each snapshot has exactly the fields of its time, the one of 2023 those of the API document."""
    async with reader(http, ChargerSpec(snapshot=snapshot)) as client:
        answer = await client.status()
        assert set(answer) == status
        assert set(answer["config_data"]) == config
        assert await client.get(f"chargers/config/{CHARGER}") == answer["config_data"]
        record = await client.get(f"v2/charger/{CHARGER}")
        assert set(record["data"]["chargerData"]) == basic
        assert answer.get("status_description", "Ready") == "Ready"


async def test_a_charger_without_solar(http: aiohttp.ClientSession) -> None:
    """It has no `ecosmart` at all."""
    for spec in (ChargerSpec(eco_smart=False), ChargerSpec(model="Pulsar")):
        async with reader(http, spec) as client:
            assert "ecosmart" not in (await client.status())["config_data"]


async def test_an_idle_charger(client: Client) -> None:
    """Forms and units as recorded."""
    status = await client.status()
    config = status["config_data"]
    assert status["status_id"] == 161
    assert status["last_sync"] == "2026-11-20 10:00:00"
    assert (status["max_available_power"], config["max_available_current"]) == (32, 32)
    assert (status["charging_power"], status["added_energy"], status["added_range"]) == (0, 0, 0)
    assert (config["locked"], config["serial_number"], config["energy_price"]) == (0, "234567", 0.24)
    assert config["currency"]["code"] == "EUR"
    assert config["ecosmart"] == {"enabled": False, "mode": 0, "percentage": 100}
    assert config["software"] == {
        "updateAvailable": False,
        "currentVersion": "5.17.59",
        "latestVersion": "5.17.59",
        "fileName": "plp1_5.17.59.tar",
    }


async def test_the_list_of_all(client: Client, charger: Charger) -> None:
    """Every group with its chargers, and a summary of each."""
    groups = (await client.get("v3/chargers/groups"))["result"]["groups"]
    assert [(group["id"], group["name"], group["profile"]) for group in groups] == [
        (289814, "Family", {"id": 4, "name": "super-admin"})
    ]
    (summary,) = groups[0]["chargers"]
    assert set(summary) == SUMMARY
    assert (summary["id"], summary["status"], summary["locked"]) == (charger.spec.id, 161, 0)
    assert summary["lastSync"] == NOW.timestamp()
    assert summary["uid"] == (await client.status())["config_data"]["uid"]


async def test_the_brief_record(client: Client, cloud: WallboxSimulator) -> None:
    """PUT without a body reads as GET does, and the people who may use the charger are in it."""
    record = await client.get(f"v2/charger/{CHARGER}")
    assert await client.call("PUT", f"v2/charger/{CHARGER}") == (200, record)
    data = record["data"]["chargerData"]
    assert data["lastSync"] == {"date": "2026-11-20 10:00:00.000000", "timezone_type": 3, "timezone": "UTC"}
    (user,) = record["data"]["users"]
    assert (user["email"], user["profile"]) == (cloud.account().spec.email, "super-admin")


async def test_the_totals_of_the_month(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """Texts in Wh although the unit says otherwise, without today; nothing yet is null and a number."""
    specs = [ChargerSpec(id=1, past_sessions=40), ChargerSpec(id=2, past_sessions=0)]
    async with WallboxSimulator(clock=clock, epoch=NOW.timestamp(), groups=[GroupSpec(chargers=specs)]) as sim:
        client = Client(http, sim)
        await client.sign_in()
        records = [await client.get(f"v2/charger/{number}") for number in (1, 2)]
        sim.charger(1).plug(capacity_kwh=5)
        clock.pass_time(3_600)
        sim.charger(1).unplug()
        await client.sign_in()
        assert (await client.get("v2/charger/1"))["data"]["chargerData"]["resume"]["totalSessions"] == 19
        full, empty = (record["data"]["chargerData"]["resume"] for record in records)
        energy = sum(round(session.energy_wh) for session in list(sim.charger(1).sessions)[-20:-1])
        assert full == {
            "totalUsers": 1,
            "totalSessions": 19,  # one a day from the 1st to the 19th
            "chargingTime": str(19 * 7_200),
            "totalEnergy": str(energy),
            "totalMidEnergy": "0",
            "energyUnit": "kWh",
        }
        assert (empty["totalSessions"], empty["chargingTime"], empty["totalEnergy"]) == (0, None, 0)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("Pulsar Plus", ("PulsarPlus", "PLP1", 32, 3, "EUR", None)),
        ("Pulsar Plus US", ("Pulsar Plus US", "PUP1", 40, 1, "USD", "GA")),
        ("Quasar", ("Quasar", "QSX1", 32, 1, "EUR", None)),
        ("Copper SB", ("CopperSB", "CPB1", 32, 3, "EUR", None)),
        ("Pulsar", ("Pulsar", "PLS1", 32, 3, "EUR", None)),
    ],
)
async def test_models(http: aiohttp.ClientSession, model: Any, expected: tuple[object, ...]) -> None:
    """They differ in type, part number, current, phases and where they stand."""
    async with reader(http, ChargerSpec(model=model)) as client:
        status = await client.status()
        config = status["config_data"]
        record = (await client.get(f"v2/charger/{CHARGER}"))["data"]["chargerData"]
        state = config["state"]["code"] if config["state"] else None
        part = config["part_number"][:4]
        assert expected == (
            *(record["chargerType"], part, status["max_available_power"]),
            *(status["current_mode"], config["currency"]["code"], state),
        )
        group = (await client.get("v3/chargers/groups"))["result"]["groups"][0]
        listed = await client.get(f"v4/groups/{group['uid']}/chargers")
        assert listed == {"data": [{"attributes": {"model_name": model, "location_name": "Family"}}]}


async def test_who_may_see_what(http: aiohttp.ClientSession) -> None:
    """A member sees a group, others do not; a plain user reads and does not write; an empty group is one."""
    owner, guest = AccountSpec(id=1, email="owner@example.com"), AccountSpec(id=2, email="guest@example.com")
    groups = [
        GroupSpec(id=1, name="Empty", chargers=()),
        GroupSpec(id=2, chargers=[ChargerSpec(id=21)], members={owner.email: "super-admin", guest.email: "user"}),
        GroupSpec(id=3, chargers=[ChargerSpec(id=31)], members={owner.email: "super-admin"}),
    ]
    async with WallboxSimulator(accounts=[owner, guest], groups=groups) as sim:
        seen = {}
        for email in (owner.email, guest.email):
            client = Client(http, sim)
            await client.sign_in(email)
            found = (await client.get("v3/chargers/groups"))["result"]["groups"]
            seen[email] = {group["id"]: [each["id"] for each in group["chargers"]] for group in found}
        assert seen == {owner.email: {1: [], 2: [21], 3: [31]}, guest.email: {1: [], 2: [21]}}
        await client.status(21)
        assert (await client.call("GET", "chargers/status/31"))[0] == 403
        assert (await client.call("GET", "chargers/status/99"))[0] == 404
        assert (await client.call("GET", "v4/groups/3/charger-charging-sessions"))[0] == 404
        for method, path in (
            ("PUT", "v2/charger/21"),
            ("POST", "chargers/config/21"),
            ("POST", "v3/chargers/21/remote-action"),
            ("PUT", "v4/chargers/21/eco-smart"),
            ("POST", "chargers/21/schedules"),
        ):
            assert (await client.call(method, path, {"action": 1}))[0] == 403
        record = await client.get("v2/charger/21")
        assert [user["profile"] for user in record["data"]["users"]] == ["super-admin", "user"]
        assert sim.account(guest.email).counters.writes == 5
        assert sim.account(owner.email).counters.writes == 0


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([GroupSpec(members={"nobody@example.com": "super-admin"})], "accounts for all its members"),
        ([GroupSpec(members={AccountSpec().email: "user"})], "needs a super-admin"),
        ([GroupSpec(id=1), GroupSpec(id=2)], "two chargers have one number"),
    ],
)
def test_clouds_that_do_not_fit_together(groups: list[GroupSpec], words: str) -> None:
    """Are refused when they are made."""
    with pytest.raises(ValueError, match=words):
        WallboxSimulator(groups=groups)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "", 404),
        ("GET", "chargers/status/", 404),
        ("GET", "chargers/status/abc", 404),
        ("GET", "v4/spaces", 404),
        ("POST", "v3/chargers/groups", 405),
        ("DELETE", f"v2/charger/{CHARGER}", 405),
        ("PATCH", f"chargers/config/{CHARGER}", 405),
        ("GET", f"v3/chargers/{CHARGER}/remote-action", 405),
    ],
)
async def test_what_is_not_there(client: Client, method: str, path: str, status: int) -> None:
    """Unknown paths and methods."""
    assert (await client.call(method, path))[0] == status


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic x"])
async def test_nothing_without_a_token(client: Client, cloud: WallboxSimulator, authorization: str) -> None:
    """Only 401."""
    url = f"{cloud.api_url}chargers/status/{CHARGER}"
    assert (await client.ask("GET", url, authorization=authorization))[0] == 401


async def test_forced_values(client: Client, charger: Charger) -> None:
    """Oddities that have been seen can be put into the answer, even such as no JSON has."""
    charger.forced = {"charging_time": -1648030457, "charging_power": float("nan")}
    status = await client.status()
    assert status["charging_time"] == -1648030457
    assert math.isnan(status["charging_power"])

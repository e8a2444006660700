"""The Wallbox cloud from MQTT to the simulator and back: commands, questions, budgets, logins, secrets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bridge.simulators.secret import SECRET
from bridge.simulators.wallbox import WallboxSimulator
from bridge.simulators.wallbox.limits import ANNOUNCED, Limits
from bridge.simulators.wallbox.specs import ChargerSpec, GroupSpec
from bridge.vendors.wallbox.status import STATES
from tests.support.bridges import make_settings, running
from tests.support.broker import TestBroker
from tests.support.probe import Heard, Probe
from tests.support.waiting import until

OFTEN = 600
"""Calls per minute that no story reaches."""


@pytest.fixture
async def cloud() -> AsyncIterator[WallboxSimulator]:
    """A pretend cloud with one account, whose writes show at once."""
    async with WallboxSimulator(
        settle_s=0.1, groups=(GroupSpec(chargers=(ChargerSpec(id=1001, icp_max_current=30),)),)
    ) as found:
        yield found


def account(cloud: WallboxSimulator, number: int = 0, **settings: Any) -> dict[str, Any]:
    """Return the configuration of one of a cloud's accounts."""
    spec = list(cloud.cloud.accounts.values())[number].spec
    return {
        "vendor": "wallbox",
        "email": spec.email,
        "password": spec.password,
        "api_url": cloud.api_url,
        "auth_url": cloud.auth_url,
        "reads_per_minute": OFTEN,
        "writes_per_minute": OFTEN,
        **settings,
    }


def street(**settings: Any) -> dict[str, Any]:
    """Return the configuration of the charger of the fixture's cloud."""
    return {"vendor": "wallbox", "account": "home", "charger_id": 1001, **settings}


def configured(broker: TestBroker, base: str, accounts: dict[str, Any], chargers: dict[str, Any]) -> Any:
    """Return settings for these accounts and chargers."""
    mqtt = {"base_topic": base, "client_id": base}
    return make_settings(
        broker.port,
        chargers,
        accounts=accounts,
        mqtt=mqtt,
        homeassistant={"prefix": f"{base}-ha"},
        publish={"health_interval": 0.3},
    )


async def until_details(ear: Probe, charger: str = "street") -> None:
    """Wait until the charger's details have been read, not only its entry among all."""
    await ear.until(f"{charger}/state", lambda heard: "house_current_limit" in heard.json, within=15)


@pytest.mark.parametrize(
    "wish",
    [
        ("current_limit", "10", 10),
        ("locked", "on", True),
        ("energy_price", "0.31", 0.31),
        ("house_current_limit", "40", 40),
        ("power_boost", "on", True),
        ("charge_mode", "full_solar", "full_solar"),
        ("vendor/name", "Carport", "Carport"),
    ],
)
async def test_a_command_reaches_the_cloud_and_is_confirmed(
    cloud: WallboxSimulator, shared_broker: TestBroker, ear: Probe, tmp_path: Path, wish: tuple[str, str, Any]
) -> None:
    """Each write goes through and is seen to have taken effect."""
    key, value, shown = wish
    settings = configured(shared_broker, ear.base, {"home": account(cloud)}, {"street": street()})
    async with running(settings, tmp_path):
        await until_details(ear)
        await ear.send(f"street/{key}/set", value)
        result = await ear.result("street", within=25, property=key)
    assert (result["status"], result["applied"]) == ("confirmed", shown)


async def test_pause_resume_and_actions(
    cloud: WallboxSimulator, shared_broker: TestBroker, ear: Probe, tmp_path: Path
) -> None:
    """A charging car is paused and goes on; what the state does not permit is refused with a sentence."""
    settings = configured(shared_broker, ear.base, {"home": account(cloud)}, {"street": street()})
    async with running(settings, tmp_path):
        await until_details(ear)
        cloud.car.plug(capacity_kwh=40)
        await ear.until("street/status", "charging", within=15)
        for wish, status in (("off", "paused"), ("on", "charging")):
            await ear.send("street/charging_enabled/set", wish)
            result = await ear.result("street", within=25, property="charging_enabled", requested=wish == "on")
            assert result["status"] == "confirmed", result
            await ear.until("street/status", status, within=15)
        await ear.send("street/resume_schedule/set", "PRESS")
        refused = await ear.result("street", within=25, property="resume_schedule")
        assert refused["status"] in {"confirmed", "rejected"}
        await ear.send("street/factory_reset/set", "PRESS")
        unknown = await ear.result("street", within=25, property="factory_reset")
    assert (unknown["status"], unknown["code"]) == ("rejected", "unknown_property")
    assert not any(b"4" in request.body for request in cloud.requests if request.path.endswith("/remote-action"))


async def test_questions_about_sessions_and_schedules(
    cloud: WallboxSimulator, shared_broker: TestBroker, ear: Probe, tmp_path: Path
) -> None:
    """Sessions come in kWh and seconds; schedules are read, added to and removed from, and seen to have changed."""
    settings = configured(shared_broker, ear.base, {"home": account(cloud)}, {"street": street()})
    async with running(settings, tmp_path):
        await until_details(ear)
        await ear.send("street/request/sessions", json.dumps({"from": "2020-01-01T00:00:00Z", "transaction": "t"}))
        answer = (await ear.until("street/response/sessions", within=15)).json
        assert (answer["status"], answer["transaction"]) == ("ok", "t")
        for session in answer["data"]["sessions"]:
            assert set(session) >= {"id", "started_at", "finished_at", "energy", "duration", "cost", "currency"}
        await ear.send("street/request/sessions", json.dumps({"from": "yesterday"}))
        wrong = await ear.until("street/response/sessions", lambda heard: heard.json["status"] == "error", within=15)
        assert "ISO 8601" in wrong.json["error"]
        schedule = {"start": "22:00", "stop": "06:00", "days": ["monday"], "max_current": 16}
        await ear.send("street/request/schedules", json.dumps({"add": schedule}))
        added = await ear.until("street/response/schedules", within=30)
        assert added.json["status"] == "ok", added.json
        assert added.json["data"]["schedules"][-1] == {"enabled": True, **schedule}


async def test_three_accounts_side_by_side(
    cloud: WallboxSimulator, shared_broker: TestBroker, ear: Probe, tmp_path: Path
) -> None:
    """One account with a wrong password and one that is throttled: the third does not notice."""
    async with WallboxSimulator(limits=Limits(reads_per_minute=2)) as narrow:
        number = next(iter(narrow.cloud.chargers))
        settings = configured(
            shared_broker,
            ear.base,
            {
                "home": account(cloud),
                "wrong": account(cloud, password=f"{SECRET}-other"),
                "narrow": account(narrow),
            },
            {
                "street": street(),
                "refused": street(account="wrong"),
                "slow": street(account="narrow", charger_id=number),
            },
        )
        async with running(settings, tmp_path):
            state = await ear.until("refused/state", lambda heard: heard.json["reauth_required"] is True, within=15)
            assert state.json["problem"] is True
            others = {"schema", "ts", "reauth_required", "problem", "data_age_s"}
            assert all(value is None for key, value in state.json.items() if key not in others)
            assert ear.last("refused/availability").text == "offline"  # type: ignore[union-attr]
            await ear.until("slow/state", lambda heard: heard.json["rate_limited"] is True, within=15)
            assert ear.last("slow/availability").text == "online"  # type: ignore[union-attr]
            await ear.send("street/current_limit/set", "12")
            assert (await ear.result("street", within=25, property="current_limit"))["status"] == "confirmed"
            ear.forget()
            health = await ear.until("bridge/health", within=5)
            tokens = {name: known["token"]["state"] for name, known in health.json["accounts"].items()}
            assert tokens == {"home": "valid", "wrong": "refused", "narrow": "valid"}
            assert health.json["accounts"]["narrow"]["budget"]["reads_left"] == 0
        assert cloud.counters.refused_sign_ins == 1


async def test_ten_restarts_cause_one_sign_in(
    cloud: WallboxSimulator, shared_broker: TestBroker, ear: Probe, tmp_path: Path
) -> None:
    """The token is kept over restarts."""
    settings = configured(shared_broker, ear.base, {"home": account(cloud)}, {"street": street()})
    for _ in range(10):
        ear.forget()
        async with running(settings, tmp_path):
            await ear.until("street/availability", "online", within=15)
    assert cloud.counters.sign_ins == 1


async def test_the_announced_limit_is_never_passed(
    cloud: WallboxSimulator, shared_broker: TestBroker, ear: Probe, tmp_path: Path
) -> None:
    """With the announced limits configured, reads and many commands stay below them, and each command has a result."""
    cloud.limits = ANNOUNCED
    limited = account(cloud, reads_per_minute=3, writes_per_minute=5)
    settings = configured(shared_broker, ear.base, {"home": limited}, {"street": street()})
    async with running(settings, tmp_path):
        await ear.until("street/availability", "online", within=15)
        for amps in range(6, 30):
            await ear.send("street/current_limit/set", str(amps))
        # All but the last one or none: it may have to wait for the next minute's budget.
        await until(lambda: len(finals(ear)) >= 23, within=25, what="results")
    last = await ear.result("street", property="current_limit", requested=29)
    assert (last["status"], last["code"]) in {("confirmed", "ok"), ("rejected", "shutting_down")}
    assert cloud.counters.too_many == 0
    assert 1 <= cloud.counters.writes <= 5


def finals(ear: Probe) -> list[dict[str, Any]]:
    """Return all final results that were heard."""
    return [heard.json for heard in ear.all("street/result") if heard.json["status"] != "accepted"]


async def test_session_record_is_the_clouds_own(
    cloud: WallboxSimulator, shared_broker: TestBroker, ear: Probe, tmp_path: Path
) -> None:
    """When a car leaves, the record that we saw is replaced by the cloud's, which knows the cost."""
    settings = configured(shared_broker, ear.base, {"home": account(cloud)}, {"street": street()})
    async with running(settings, tmp_path):
        await until_details(ear)
        cloud.car.plug(capacity_kwh=40)
        await ear.until("street/charging", "true", within=15)
        cloud.car.unplug()
        await ear.until("street/vehicle_connected", "false", within=15)
        record = await ear.until("street/last_session", lambda heard: heard.json["currency"] is not None, within=15)
    assert record.retained


async def test_no_secret_leaves(cloud: WallboxSimulator, shared_broker: TestBroker, ear: Probe, tmp_path: Path) -> None:
    """No e-mail address, password, token or name of a person on any topic, in any log line, or in a file but one."""
    chargers = {"street": street(vendor_keys="all")}
    settings = configured(shared_broker, ear.base, {"home": account(cloud)}, chargers)
    with structlog.testing.capture_logs() as logs:
        async with running(settings, tmp_path / "state"):
            await until_details(ear)
            cloud.car.plug(capacity_kwh=1)
            await ear.until("street/status", "charging", within=15)
            await ear.send("street/locked/set", "on")
            await ear.result("street", within=25, property="locked")
            await ear.send("street/request/sessions", "")
            await ear.until("street/response/sessions", within=15)
            for fault in ("garbage", "401", "500"):
                await cloud.set_fault(fault)
                ear.forget()
                await ear.until("bridge/health", failing, within=15)
            await cloud.clear_fault()
    assert not [heard for heard in ear.heard if SECRET in heard.text + heard.topic]
    assert SECRET not in repr(logs)
    holding = [path for path in (tmp_path / "state").rglob("*") if path.is_file() and SECRET in path.read_text()]
    assert all(path.parent.name == "tokens" for path in holding)
    token_file = tmp_path / "state" / "tokens" / "home.json"
    assert token_file.stat().st_mode & 0o077 == 0
    spec = cloud.account().spec
    assert spec.password not in token_file.read_text()
    assert spec.email not in token_file.read_text()


def failing(heard: Heard) -> bool:
    """Tell whether a health document says that the last reads failed."""
    return bool(heard.json["chargers"]["street"]["consecutive_failures"])


async def test_a_cloud_that_is_away_is_given_time(
    cloud: WallboxSimulator, shared_broker: TestBroker, ear: Probe, tmp_path: Path
) -> None:
    """Failed reads do not make a cloud's charger unavailable at once, and it is read again by itself."""
    settings = configured(shared_broker, ear.base, {"home": account(cloud)}, {"street": street()})

    def failures(heard: Heard) -> int:
        return int(heard.json["chargers"]["street"]["consecutive_failures"])

    async with running(settings, tmp_path):
        await ear.until("street/availability", "online", within=15)
        await cloud.set_fault("503")
        await ear.until("bridge/health", lambda heard: failures(heard) >= 4, within=15)
        assert ear.last("street/availability").text == "online"  # type: ignore[union-attr]
        await cloud.clear_fault()
        await ear.until("bridge/health", lambda heard: failures(heard) == 0, within=30)


async def test_every_status_of_the_cloud_arrives(
    cloud: WallboxSimulator, shared_broker: TestBroker, ear: Probe, tmp_path: Path
) -> None:
    """Each id that the documents list becomes its status on MQTT; one that they do not is null, with its number."""
    settings = configured(shared_broker, ear.base, {"home": account(cloud)}, {"street": street()})
    async with running(settings, tmp_path):
        await until_details(ear)
        for number, known in STATES.items():
            cloud.car.hold(number)
            raw, status = str(number), known.status.value
            await ear.until(
                "street/state",
                lambda heard, raw=raw, status=status: (  # type: ignore[misc]
                    (heard.json["status_raw"], heard.json["status"]) == (raw, status)
                ),
                within=15,
            )
        cloud.car.hold(200)
        unknown = await ear.until("street/state", lambda heard: heard.json["status_raw"] == "200", within=15)
    assert unknown.json["status"] is None


@pytest.mark.parametrize(
    ("action", "number"), [("restart", 3), ("factory_reset", 4), ("firmware_update", 5), ("resume_schedule", 9)]
)
async def test_an_action_reaches_the_cloud(
    shared_broker: TestBroker, ear: Probe, tmp_path: Path, action: str, number: int
) -> None:
    """Each button sends its own remote action, once; the dangerous ones only because `allow` names them."""
    groups = (GroupSpec(chargers=(ChargerSpec(id=1001, latest_version="9.9.9"),)),)
    async with WallboxSimulator(settle_s=0.1, groups=groups) as cloud:
        cloud.car.plug(capacity_kwh=40)
        cloud.car.hold(182 if action == "resume_schedule" else None)
        allowed = street(allow=["factory_reset", "firmware_update"])
        settings = configured(shared_broker, ear.base, {"home": account(cloud)}, {"street": allowed})
        async with running(settings, tmp_path):
            await until_details(ear)
            await ear.send(f"street/{action}/set", "PRESS")
            result = await ear.result("street", within=25, property=action)
        sent = [json.loads(request.body) for request in cloud.requests if request.path.endswith("/remote-action")]
    assert (result["status"], sent) == ("confirmed", [{"action": number}])


async def test_schedules_are_replaced_and_seen_to_be(
    cloud: WallboxSimulator, shared_broker: TestBroker, ear: Probe, tmp_path: Path
) -> None:
    """The whole list is set under the vendor's key, and confirmed only by reading it again."""
    chargers = {"street": street(vendor_keys=["schedules"])}
    settings = configured(shared_broker, ear.base, {"home": account(cloud)}, chargers)
    wanted = [{"enabled": True, "start": "23:00", "stop": "05:30", "days": ["friday", "sunday"], "max_current": 10}]
    async with running(settings, tmp_path):
        await ear.until("street/vendor/schedules", within=20)
        await ear.send("street/vendor/schedules/set", json.dumps(wanted))
        result = await ear.result("street", within=25, property="vendor/schedules")
        assert (result["status"], result["applied"]) == ("confirmed", wanted)
        shown = await ear.until("street/vendor/schedules", lambda heard: heard.json == wanted, within=5)
    assert shown.retained

"""What is in a report, and what is not."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import SecretStr

from bridge.charger.contract import ChargerSettings
from bridge.demo.broker import free_port
from bridge.demo.chargers import CHARGERS
from bridge.report import collect
from bridge.settings import Loaded, Settings
from bridge.simulators import SIMULATORS, Fault
from bridge.simulators.secret import SECRET
from bridge.vendors import VENDORS, Means, Vendor
from bridge.vendors.goe.charger import LOCAL_PACE, GoeCharger
from bridge.vendors.goe.settings import GoeSettings
from tests.support.bridges import make_settings, running
from tests.support.broker import TestBroker
from tests.support.probe import Probe
from tests.vendors.bench import simulated

NOBODY = 1
"""A port where nothing listens."""


async def report(settings: Settings, state_dir: Path, *ids: str, **environ: str) -> dict[str, Any]:
    """Return the report, as the file would hold it."""
    loaded = Loaded(settings=settings, warnings=(), path=None)
    made = await collect(loaded, state_dir, ids or settings.chargers, environ)
    found: dict[str, Any] = json.loads(json.dumps(made, allow_nan=False))
    return found


def settings_for(port: int, vendor: str, simulator: Any, **sections: Any) -> Settings:
    """Return a configuration with this charger and all of its keys."""
    accounts, chargers = CHARGERS[vendor].settings(vendor, simulator)
    for charger in chargers.values():
        charger |= {"vendor_keys": "all"}
    return make_settings(port, chargers, accounts=accounts, **sections)


async def test_nothing_secret_is_in_it(tmp_path: Path) -> None:
    """All vendors, all keys, secrets in the configuration, in every answer and in the state that is kept."""
    async with AsyncExitStack() as stack:
        accounts: dict[str, Any] = {}
        chargers: dict[str, Any] = {}
        serials = []
        for vendor in SIMULATORS:
            simulator = await stack.enter_async_context(simulated(vendor))
            simulator.car.plug()
            settings = settings_for(NOBODY, vendor, simulator)
            document = CHARGERS[vendor].settings(vendor, simulator)
            accounts |= document[0]
            chargers |= {id_: {**charger, "vendor_keys": "all"} for id_, charger in document[1].items()}
        mqtt = {"username": f"{SECRET}-user", "password": f"{SECRET}-mqtt"}
        settings = make_settings(NOBODY, chargers, accounts=accounts, mqtt=mqtt)
        found = await report(settings, tmp_path)
        again = await report(settings, tmp_path)
    assert all(charger["ok"] for charger in found["chargers"].values())
    for each in (found, again):
        text = json.dumps(each, ensure_ascii=False)
        assert SECRET not in text
        for document in each["chargers"].values():
            serials.append(document["identity"]["serial"])
            assert document["document"]
            assert len(document["values"]) > 20
    assert set(serials).isdisjoint({"123456", "234567", "WS110064"})


async def test_what_a_charger_says_is_in_it(tmp_path: Path) -> None:
    """Its document, what was made of it, what it can, and how long each request took."""
    async with simulated("go-e") as simulator:
        found = await report(settings_for(NOBODY, "go-e", simulator), tmp_path)
    charger = found["chargers"]["garage"]
    assert charger["vendor"] == "go-e"
    assert charger["document"]["car"] == 1
    assert charger["values"]["status"] == "disconnected"
    assert charger["values"]["vendor/typ"] == charger["document"]["typ"]
    limits = charger["abilities"]["current_limit"]
    assert (limits["unit"], limits["min"], limits["max"], limits["settable"]) == ("A", 6, 32, True)
    assert charger["not_understood"] == {}
    assert all(request["status"] == 200 and request["took_ms"] >= 0 for request in charger["requests"])
    assert charger["requests"][0]["target"].startswith("/api/status?filter=")
    assert found["about"]["charger2mqtt"]
    assert found["about"]["libraries"]["aiohttp"]


async def test_a_value_that_is_not_understood_says_why(tmp_path: Path) -> None:
    """With the document beside it."""
    async with simulated("go-e") as simulator:
        simulator.car.plug()
        await simulator.set_fault(Fault.NULL_KEY, keys=["nrg"])
        found = await report(settings_for(NOBODY, "go-e", simulator), tmp_path)
    charger = found["chargers"]["garage"]
    assert charger["ok"]
    assert "a list was expected" in charger["not_understood"]["power"]
    assert charger["document"]["nrg"] is None


@pytest.mark.parametrize("vendor", SIMULATORS)
@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.GARBAGE, Fault.CUT, Fault.UNAVAILABLE, Fault.UNREACHABLE])
async def test_trouble_is_told_without_secrets(vendor: str, fault: Fault, tmp_path: Path) -> None:
    """The code, the sentence, and what came instead of an answer."""
    async with simulated(vendor) as simulator:
        settings = settings_for(NOBODY, vendor, simulator)
        await simulator.set_fault(fault)
        found = await report(settings, tmp_path)
    (charger,) = found["chargers"].values()
    assert not charger["ok"]
    assert charger["error"]["message"]
    # Where not even the certificate could be asked for, there was no request.
    requests = charger["requests"] or [{"failed": charger["error"]["message"]}]
    assert any("failed" in request or "text" in request or request["status"] >= 400 for request in requests)
    assert "read failed" in {line["event"] for line in found["log"]}
    assert SECRET not in json.dumps(found)


class AcmeSettings(ChargerSettings):
    """A charger with a secret of its own."""

    vendor: Literal["acme"]
    pin: SecretStr


KEPT = ("token-of-a-cloud-1", "token-of-a-charger-1")
"""Tokens that the state directory holds."""


class BrokenCharger(GoeCharger):
    """A charger whose client has a bug."""

    def __init__(self, settings: AcmeSettings, _: Means) -> None:
        """Keep the secret, to tell it in the worst moment."""
        super().__init__(GoeSettings(vendor="go-e", host="127.0.0.1"), LOCAL_PACE)
        self._pin = settings.pin.get_secret_value()

    async def fetch(self) -> Any:
        """Fail, telling everything."""
        told = f"{self._pin} or {KEPT[0]} or {KEPT[1]} at http://anna:{SECRET}-1@192.168.1.2 (anna@example.com)"
        raise RuntimeError(f"cannot use {told}")

    async def send(self, request: Any) -> None:
        """Never called."""


async def test_a_bug_is_told_without_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its traceback, but without values; the other chargers are read all the same."""
    for name, document in (("tokens", {"access": KEPT[0]}), ("chargers", {"login": {"refresh": KEPT[1]}})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "other.json").write_text(json.dumps(document))
    monkeypatch.setitem(VENDORS, "acme", Vendor(name="acme", settings=AcmeSettings, connect=BrokenCharger))
    async with simulated("go-e") as simulator:
        accounts, chargers = CHARGERS["go-e"].settings("go-e", simulator)
        chargers["other"] = {"vendor": "acme", "pin": f"{SECRET}-pin"}
        found = await report(make_settings(NOBODY, chargers, accounts=accounts), tmp_path)
    assert found["chargers"]["garage"]["ok"]
    broken = found["chargers"]["other"]
    assert broken["exception"][-1] == "RuntimeError: cannot use *** or *** or *** at http://***@192.168.1.2 (***)"
    assert "in fetch" in "\n".join(broken["exception"])
    assert SECRET not in json.dumps(found)


async def test_the_broker_is_tried(shared_broker: TestBroker, tmp_path: Path) -> None:
    """With what it speaks, or with the reason."""
    async with simulated("go-e") as simulator:
        there = await report(settings_for(shared_broker.port, "go-e", simulator), tmp_path)
        away = await report(settings_for(NOBODY, "go-e", simulator), tmp_path)
    assert there["broker"]["connected"] is True
    assert there["broker"]["protocol"] in {"5", "3.1.1"}
    assert away["broker"]["connected"] is False
    assert "refused" in away["broker"]["reason"]


async def test_a_running_bridge_is_asked(shared_broker: TestBroker, base: str, ear: Probe, tmp_path: Path) -> None:
    """And not disturbed: it stays on its broker, and its charger stays available."""
    async with simulated("go-e") as simulator:
        sections = {"http": {"listen": f"127.0.0.1:{free_port()}"}, "mqtt": {"base_topic": base, "client_id": base}}
        settings = settings_for(shared_broker.port, "go-e", simulator, **sections)
        async with running(settings, tmp_path / "state"):
            await ear.until("garage/availability", "online", within=20)
            found = await report(settings, tmp_path / "state")
            offline = [heard for heard in ear.all("bridge/state") if heard.text == "offline"]
        alone = await report(settings, tmp_path / "state")
    assert found["running_bridge"]["healthz"]["status"] == 200
    assert found["running_bridge"]["readyz"]["says"]
    assert found["broker"]["connected"] is True
    assert offline == []
    assert "refused" in alone["running_bridge"]["healthz"]["failed"]


async def test_it_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large documents are told by their keys, and of very many chargers some are left out."""
    monkeypatch.setattr("bridge.report.chargers.MOST_DOCUMENT", 100)
    monkeypatch.setattr("bridge.report.chargers.MOST_CHARGERS", 2)
    monkeypatch.setattr("bridge.report.chargers.MOST_EXCHANGES", 1)
    async with simulated("go-e") as simulator:
        chargers = {f"c{number}": {"vendor": "go-e", "host": simulator.address} for number in range(3)}
        found = await report(make_settings(NOBODY, chargers), tmp_path)
    assert list(found["chargers"]) == ["c0", "c1"]
    assert "sse" in found["chargers"]["c0"]["document"]["keys"]
    assert len(found["chargers"]["c0"]["requests"]) == 1


async def test_one_charger_alone(tmp_path: Path) -> None:
    """The others are not read; variables of the environment are told by their names."""
    chargers = {f"c{number}": {"vendor": "go-e", "host": f"127.0.0.1:{NOBODY}"} for number in range(2)}
    found = await report(make_settings(NOBODY, chargers), tmp_path, "c1", CHARGER2MQTT_MQTT__PASSWORD=SECRET, OTHER="x")
    assert list(found["chargers"]) == ["c1"]
    assert list(found["configuration"]["chargers"]) == ["c0", "c1"]
    assert found["environment"] == ["CHARGER2MQTT_MQTT__PASSWORD"]
    assert found["running_bridge"] == {"asked": False, "reason": "http.listen is null"}

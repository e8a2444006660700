"""`charger2mqtt probe` and `set` for a charger that talks to a broker, as processes, the way a person starts them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_mqtt import GoeBroker
from tests.cli.test_run import daemon, run
from tests.support.broker import TestBroker
from tests.support.probe import Probe

pytestmark = pytest.mark.mosquitto  # the charger's own messages count only when they are known to be live


@pytest.fixture
async def charger(shared_broker: TestBroker, base: str) -> AsyncIterator[GoeSimulator]:
    """A charger that is a client of the shared broker."""
    broker = GoeBroker(port=shared_broker.port, prefix=f"{base}-c", period_s=0.2, writable=True)
    async with GoeSimulator(broker=broker, visible_after_s=0.1) as found:
        yield found


@pytest.fixture
def config(tmp_path: Path, shared_broker: TestBroker, base: str, charger: GoeSimulator) -> Path:
    """A configuration file for it."""
    garage = {"vendor": "go-e", "transport": "mqtt", "serial": charger.device.serial, "topic_prefix": f"{base}-c"}
    document = {
        "mqtt": {"host": "127.0.0.1", "port": shared_broker.port, "base_topic": base, "client_id": base},
        "homeassistant": {"discovery": "off"},
        "http": {"listen": None},
        "chargers": {"garage": {**garage, "timeout": 2}},
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


async def test_probe(config: Path) -> None:
    """It listens for a moment, and shows what the charger told."""
    code, out, err = await run("probe", "--json", "--config", str(config))
    told = json.loads(out)["garage"]
    assert (code, told["ok"], told["identity"]["serial"]) == (0, True, "123456"), err
    assert (told["state"]["status"], told["state"]["current_limit"]) == ("disconnected", 16)


async def test_probe_of_a_charger_that_says_nothing(config: Path, charger: GoeSimulator) -> None:
    """After the charger's time limit it is said that nothing came, with exit code 1."""
    await charger.mqtt.stop()
    code, out, _ = await run("probe", "--config", str(config))
    assert code == 1
    assert "garage (go-e): no answer: the charger has said nothing on its broker for 2 s" in out


async def test_probe_without_the_broker(config: Path, tmp_path: Path, own_broker: TestBroker) -> None:
    """Then it is the broker that is not there."""
    document = yaml.safe_load(config.read_text())
    document["chargers"]["garage"]["broker"] = {"host": "127.0.0.1", "port": own_broker.port}
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump(document))
    own_broker.stop()
    code, out, _ = await run("probe", "--config", str(other))
    assert code == 1
    assert "garage (go-e): no answer: there is no connection to the charger's broker" in out


@pytest.mark.parametrize(
    ("arguments", "code", "shown"),
    [
        (("current_limit", "13"), 0, "garage current_limit: confirmed, the charger shows 13"),
        (("current_limit", "99"), 1, "rejected (out_of_range): 99 is outside 6 to 32 A"),
        (("vendor/fna", "x"), 1, "rejected (unknown_property)"),
    ],
)
async def test_set(config: Path, charger: GoeSimulator, arguments: tuple[str, str], code: int, shown: str) -> None:
    """The charger is written to over the broker, and listened to until it shows the value."""
    ended, out, err = await run("set", "garage", *arguments, "--config", str(config))
    assert (ended, shown in out + err) == (code, True), out + err
    assert charger.device.status(["amp"]) == {"amp": 16 if code else 13}


async def test_beside_a_daemon(config: Path, ear: Probe) -> None:
    """Neither throws the other out of the broker: the daemon hears on, and knows what was set."""
    with daemon(config, "--log-format", "json") as process:
        await ear.until("garage/availability", "online", within=15)
        code, _, err = await run("probe", "--config", str(config))
        assert code == 0, err
        code, _, err = await run("set", "garage", "current_limit", "13", "--config", str(config))
        assert code == 0, err
        await ear.until("garage/current_limit", "13", within=15)
        process.terminate()
        _, log = process.communicate(timeout=15)
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events.count("feed connected") == 1
    assert "feed unavailable" not in events

"""Brokers that do not let everyone in: passwords, rights, encryption."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bridge.demo.broker import free_port
from bridge.simulators.goe import GoeSimulator
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.broker import TestBroker, listens
from tests.support.probe import Probe, probe
from tests.support.waiting import until

pytestmark = pytest.mark.mosquitto

PASSWORD = "never-show-this-one"
DOCUMENTATION = Path("docs/mqtt.md")

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


async def works(ear: Probe) -> None:
    """See that the charger is published and takes a command."""
    await ear.until("garage/state")
    await ear.send("garage/current_limit/set", "99")
    assert (await ear.result("garage", property="current_limit"))["code"] == "out_of_range"


# Passwords and rights


def acl_of_the_documentation() -> str:
    """Return the access list that users are told to take."""
    match = re.search(r"```acl\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)
    assert match, "the page has an example between ```acl and ```"
    return match[1]


@contextmanager
def guarded_broker(folder: Path) -> Iterator[TestBroker]:
    """Run a broker with the access list of the documentation, where `admin` may do everything."""
    users, acl = folder / "passwords", folder / "acl"
    for number, name in enumerate(("charger2mqtt", "dashboard", "admin")):
        create = ["-c"] if number == 0 else []
        subprocess.run(["mosquitto_passwd", *create, "-b", str(users), name, PASSWORD], check=True, capture_output=True)
    acl.write_text(acl_of_the_documentation() + "\nuser admin\ntopic readwrite #\n")
    users.chmod(0o644)
    lines = ("allow_anonymous false", f"password_file {users}", f"acl_file {acl}")
    with TestBroker(folder, *lines) as broker:
        yield broker


async def test_the_documented_rights_are_enough(run: Run, simulator: GoeSimulator, tmp_path: Path) -> None:
    """With a password and the least rights everything works: announcements, states, commands, requests, clearing."""
    base = "charger2mqtt"
    login = {"username": base, "password": PASSWORD, "base_topic": base, "client_id": base}
    with guarded_broker(tmp_path) as broker, capture_logs() as logs:
        async with (
            probe(broker.port, base, username="admin", password=PASSWORD) as ear,
            probe(broker.port, base, username="dashboard", password=PASSWORD) as dashboard,
        ):
            await ear.send("garage/led_brightness/set", "50", retain=True)
            async with run(
                {"garage": goe(simulator)}, port=broker.port, mqtt=login, homeassistant={"prefix": "homeassistant"}
            ):
                await works(ear)
                await ear.result("garage", code="retained")
                await ear.until("garage/led_brightness/set", "")
                await ear.until("/homeassistant/device/charger2mqtt_123456/config")
                await ear.send("bridge/request/health", "")
                await ear.until("bridge/response/health")
                await dashboard.send("garage/current_limit/set", "98")
                await dashboard.until("garage/result", lambda heard: heard.json["requested"] == 98)
                await dashboard.until("bridge/state", "online")
            await ear.until("bridge/state", "offline")
    assert [line for line in logs if line["log_level"] in {"warning", "error"}] == [
        {"event": "retained command cleared", "log_level": "warning", "topic": f"{base}/garage/led_brightness/set"}
    ]


async def test_the_documented_rights_are_no_more_than_enough(run: Run, simulator: GoeSimulator, tmp_path: Path) -> None:
    """The bridge cannot write where others are at home, even if a sender asks it to; that harms nobody else."""
    base = "charger2mqtt"
    login = {"username": base, "password": PASSWORD, "base_topic": base, "client_id": base}
    with guarded_broker(tmp_path) as broker:
        async with (
            probe(broker.port, base, username="admin", password=PASSWORD) as ear,
            run({"garage": goe(simulator)}, port=broker.port, mqtt=login, homeassistant={"prefix": "homeassistant"}),
        ):
            await ear.until("garage/state")
            await ear.send("garage/current_limit/set", "99", response="/zigbee2mqtt/bridge/state")
            await ear.send("garage/current_limit/set", "98", response="/charger2mqtt/answers/me")
            await ear.until("/charger2mqtt/answers/me")
            assert ear.all("/zigbee2mqtt/bridge/state") == []
            assert len(ear.all("bridge/info")) == 1


@pytest.mark.parametrize("login", [{"username": "charger2mqtt", "password": PASSWORD + "x"}, {}])
async def test_a_wrong_password_is_said_and_never_shown(
    run: Run, simulator: GoeSimulator, tmp_path: Path, login: dict[str, str]
) -> None:
    """A broker that does not let us in is one line with its reason."""
    with guarded_broker(tmp_path) as broker, capture_logs() as logs:
        async with run({"garage": goe(simulator)}, port=broker.port, mqtt=login):
            await until(lambda: "broker unavailable" in [line["event"] for line in logs], within=10)
    (line,) = [line for line in logs if line["event"] == "broker unavailable"]
    assert "Not authorized" in line["reason"]
    assert PASSWORD not in str(logs)


# Encryption


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of the test's own."""

    folder: Path
    name: str

    @property
    def file(self) -> Path:
        """Its certificate."""
        return self.folder / f"{self.name}.pem"

    def found(self) -> None:
        """Make it."""
        self._openssl(
            *("req", "-x509", "-nodes", "-days", "2", "-subj", f"/CN={self.name}", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", f"{self.name}.key", "-out", f"{self.name}.pem"),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        )

    def sign(self, who: str) -> tuple[Path, Path]:
        """Make a certificate for 127.0.0.1, and its key."""
        self._openssl(
            *("req", "-new", "-nodes", "-subj", f"/CN={who}", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-keyout", f"{who}.key", "-out", f"{who}.csr"),
        )
        lines = ("subjectAltName=IP:127.0.0.1", "basicConstraints=CA:FALSE", "authorityKeyIdentifier=keyid")
        (self.folder / "extensions").write_text("\n".join(lines) + "\n")
        self._openssl(
            *("x509", "-req", "-days", "2", "-in", f"{who}.csr", "-out", f"{who}.pem", "-extfile", "extensions"),
            *("-CA", f"{self.name}.pem", "-CAkey", f"{self.name}.key", "-CAcreateserial"),
        )
        key = self.folder / f"{who}.key"
        key.chmod(0o644)
        return self.folder / f"{who}.pem", key

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The one that signed the broker's certificate."""
    made = Authority(tmp_path_factory.mktemp("authority"), "ours")
    made.found()
    return made


@pytest.fixture(scope="module")
def other_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One that nobody trusts."""
    made = Authority(tmp_path_factory.mktemp("other"), "theirs")
    made.found()
    return made


@dataclass(frozen=True, slots=True)
class Encrypted:
    """A broker with an encrypted port for the bridge and a plain one for the test."""

    port: int
    plain_port: int


@asynccontextmanager
async def encrypted_broker(authority: Authority, *lines: str) -> AsyncIterator[Encrypted]:
    """Run one whose certificate `authority` signed."""
    certificate, key = authority.sign("broker")
    plain = free_port()
    with TestBroker(
        authority.folder,
        *(f"cafile {authority.file}", f"certfile {certificate}", f"keyfile {key}", *lines),
        *(f"listener {plain} 127.0.0.1", "allow_anonymous true"),
    ) as broker:
        await until(lambda: listens(plain))
        yield Encrypted(broker.port, plain)


@needs_openssl
async def test_an_own_authority_is_enough(run: Run, simulator: GoeSimulator, base: str, authority: Authority) -> None:
    """With `ca_file` a broker in the house with its own certificate is verified and used."""
    tls = {"enabled": True, "ca_file": str(authority.file)}
    async with (
        encrypted_broker(authority) as broker,
        probe(broker.plain_port, base) as ear,
        run({"garage": goe(simulator)}, port=broker.port, mqtt={"tls": tls}),
    ):
        await works(ear)


@needs_openssl
async def test_our_own_certificate_is_shown(run: Run, simulator: GoeSimulator, base: str, authority: Authority) -> None:
    """A broker that asks for a certificate gets the one from `cert_file` and `key_file`."""
    certificate, key = authority.sign("bridge")
    tls = {"enabled": True, "ca_file": str(authority.file), "cert_file": str(certificate), "key_file": str(key)}
    async with (
        encrypted_broker(authority, "require_certificate true") as broker,
        probe(broker.plain_port, base) as ear,
        run({"garage": goe(simulator)}, port=broker.port, mqtt={"tls": tls}),
    ):
        await works(ear)


@needs_openssl
async def test_without_verification_any_certificate_will_do(
    run: Run, simulator: GoeSimulator, base: str, authority: Authority
) -> None:
    """`verify: false` encrypts and trusts anyone."""
    async with (
        encrypted_broker(authority) as broker,
        probe(broker.plain_port, base) as ear,
        run({"garage": goe(simulator)}, port=broker.port, mqtt={"tls": {"enabled": True, "verify": False}}),
    ):
        await works(ear)


@needs_openssl
@pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")  # the MQTT library leaves them to the collector
@pytest.mark.parametrize("trusts_another", [True, False])
async def test_a_certificate_that_cannot_be_trusted_is_said(
    run: Run,
    simulator: GoeSimulator,
    authority: Authority,
    other_authority: Authority,
    *,
    trusts_another: bool,
) -> None:
    """No session stands with a broker whose certificate another authority signed; the log says why."""
    tls = {"enabled": True, **({"ca_file": str(other_authority.file)} if trusts_another else {})}
    with capture_logs() as logs:
        async with (
            encrypted_broker(authority) as broker,
            run({"garage": goe(simulator)}, port=broker.port, mqtt={"tls": tls}),
        ):
            await until(lambda: "broker unavailable" in [line["event"] for line in logs], within=10)
    events = [line["event"] for line in logs]
    assert "broker connected" not in events
    (line,) = [line for line in logs if line["event"] == "broker unavailable"]
    assert "certificate verify failed" in line["reason"]

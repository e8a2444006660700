"""`charger2mqtt addon`, with a server that answers as the Supervisor is documented to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from bridge.charger.values import Json
from bridge.cli.addon import configuration
from bridge.errors import ConfigError
from bridge.settings import load
from bridge.simulators.goe import GoeSimulator
from tests.cli.conftest import Run
from tests.support.broker import TestBroker
from tests.support.probe import Probe
from tests.support.waiting import until

TOKEN = "the-supervisors-token"
MOSQUITTO_ADDON: dict[str, Json] = {
    "addon": "core_mosquitto",
    "host": "core-mosquitto",
    "port": 1883,
    "ssl": False,
    "protocol": "3.1.1",
    "username": "addons",
    "password": "its-password",
}
GARAGE: dict[str, Json] = {"id": "garage", "vendor": "go-e", "host": "192.168.1.40"}


class Supervisor:
    """Answers `GET /services/mqtt` to whoever has the token."""

    def __init__(self) -> None:
        """Know no broker."""
        self.service: dict[str, Json] | None = None
        self.answer: bytes | None = None
        self.asked: list[str] = []
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator[Supervisor]:
        """Listen on a free port."""
        supervisor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                supervisor.asked.append(self.path)
                status, body = supervisor.respond(self.path, self.headers.get("Authorization"))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
                """Say nothing."""

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            self.url = f"http://127.0.0.1:{server.server_port}"
            yield self
            server.shutdown()
            thread.join()

    def respond(self, path: str, authorization: str | None) -> tuple[int, bytes]:
        """Return status and body, in the Supervisor's envelope."""
        if self.answer is not None:
            return 200, self.answer
        if authorization != f"Bearer {TOKEN}":
            return 401, b"401: Unauthorized"
        if path != "/services/mqtt":
            return 404, _envelope(error="Service does not exist")
        if self.service is None:
            return 400, _envelope(error="Service not enabled")
        return 200, _envelope(data=self.service)


def _envelope(*, data: Json = None, error: str | None = None) -> bytes:
    found = {"result": "ok", "data": data} if error is None else {"result": "error", "message": error}
    return json.dumps(found).encode()


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """A Supervisor without a broker, and its token in the environment."""
    monkeypatch.setenv("SUPERVISOR_TOKEN", TOKEN)
    with Supervisor().serving() as found:
        yield found


@pytest.mark.parametrize(
    ("given", "broker", "mqtt"),
    [
        (
            {},
            MOSQUITTO_ADDON,
            {
                "host": "core-mosquitto",
                "port": 1883,
                "username": "addons",
                "password": "its-password",
                "tls": {"enabled": False},
            },
        ),
        ({}, {"host": "b", "port": 8883, "ssl": True}, {"host": "b", "port": 8883, "tls": {"enabled": True}}),
        ({"base_topic": "cars", "client_id": ""}, {"host": "b"}, {"host": "b", "base_topic": "cars"}),
        ({"host": "other", "port": 1884}, {}, {"host": "other", "port": 1884}),
        (
            {"host": "other", "tls": True, "ca_file": "/ssl/ca.pem"},
            {},
            {"host": "other", "tls": {"enabled": True, "ca_file": "/ssl/ca.pem"}},
        ),
    ],
)
def test_the_broker(given: dict[str, Json], broker: dict[str, Json], mqtt: dict[str, Json]) -> None:
    """What the Supervisor knows of it, and before that what the user has filled in."""
    assert configuration({"mqtt": given, "chargers": [GARAGE]}, broker)["mqtt"] == mqtt


def test_lists_become_mappings() -> None:
    """The form makes lists; ids lead to chargers and accounts, and what is empty is left out."""
    account: dict[str, Json] = {"id": "home", "vendor": "wallbox", "email": "me@example.com", "password": "secret"}
    street: dict[str, Json] = {"id": "street", "vendor": "wallbox", "account": "home", "charger_id": 123456}

    found = configuration(
        {"chargers": [{**GARAGE, "name": "", "token": None}, street], "accounts": [account], "discovery": "off"}, {}
    )

    assert found == {
        "mqtt": {},
        "homeassistant": {"discovery": "off"},
        "accounts": {"home": {"vendor": "wallbox", "email": "me@example.com", "password": "secret"}},
        "chargers": {
            "garage": {"vendor": "go-e", "host": "192.168.1.40"},
            "street": {"vendor": "wallbox", "account": "home", "charger_id": 123456},
        },
    }


@pytest.mark.parametrize(
    ("chargers", "fault"),
    [
        ([GARAGE, GARAGE], "chargers.garage: it is given twice; each needs an id of its own"),
        ([GARAGE, {"vendor": "go-e"}], "chargers: number 2 has no id"),
        (["garage"], "chargers: number 1 has no id"),
    ],
)
def test_lists_that_are_no_mappings(chargers: list[Json], fault: str) -> None:
    """The place and the number are told."""
    with pytest.raises(ConfigError) as raised:
        configuration({"chargers": chargers}, {})

    assert raised.value.faults == (fault,)


def test_the_file_is_one_that_the_bridge_reads(tmp_path: Path) -> None:
    """JSON is YAML, also with signs that mean something there."""
    broker = {**MOSQUITTO_ADDON, "password": "a: 'b' #c \\ \"d\" €"}
    path = tmp_path / "config.json"
    path.write_text(json.dumps(configuration({"chargers": [GARAGE]}, broker), ensure_ascii=False))

    settings = load(path, {}).settings

    assert settings.mqtt.password is not None
    assert settings.mqtt.password.get_secret_value() == broker["password"]
    assert list(settings.chargers) == ["garage"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "it cannot be read: no such file or directory"),
        ("{", "it is not what the Supervisor writes"),
        ("[]", "it is not what the Supervisor writes"),
    ],
)
def test_options_that_cannot_be_used(run: Run, tmp_path: Path, text: str | None, fault: str) -> None:
    """A sentence and exit code 2."""
    path = tmp_path / "options.json"
    if text is not None:
        path.write_text(text)

    assert run("addon", "--options", str(path)) == (2, "", f"{path}: {fault}\n")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "no broker: the Supervisor says 'Service not enabled'; "),
        (b'{"result": "ok", "data": {}}', "no broker: the Supervisor says 'HTTP 200'; "),
        (b"[]", "no broker: the Supervisor says 'HTTP 200'; "),
    ],
)
def test_no_broker(run: Run, supervisor: Supervisor, tmp_path: Path, answer: bytes | None, said: str) -> None:
    """It is told what to do, and the bridge does not start."""
    supervisor.answer = answer
    (tmp_path / "options.json").write_text(json.dumps({"chargers": [GARAGE], "mqtt": {}}))

    outcome = run("addon", "--options", "options.json", "--supervisor", supervisor.url)

    advice = "install and start the Mosquitto broker add-on, or fill in mqtt.host\n"
    assert outcome == (1, "", f"error: {said}{advice}")
    assert supervisor.asked == ["/services/mqtt"]


def test_no_supervisor(run: Run, tmp_path: Path) -> None:
    """The same, where nobody answers."""
    (tmp_path / "options.json").write_text(json.dumps({"chargers": [GARAGE]}))

    outcome = run("addon", "--options", "options.json", "--supervisor", "http://127.0.0.1:1")

    assert outcome.code == 1
    assert outcome.err.startswith("error: the Supervisor cannot be asked for the broker: no connection to 127.0.0.1:1")


@pytest.mark.parametrize("token", ["", "another"])
def test_a_supervisor_that_does_not_know_us(
    run: Run, supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """What it says then is no JSON."""
    monkeypatch.setenv("SUPERVISOR_TOKEN", token)
    (tmp_path / "options.json").write_text(json.dumps({"chargers": [GARAGE]}))

    outcome = run("addon", "--options", "options.json", "--supervisor", supervisor.url)

    told = "error: the Supervisor cannot be asked for the broker: the answer (HTTP 401) is not JSON\n"
    assert outcome == (1, "", told)


@contextmanager
def addon(folder: Path, supervisor: Supervisor, options: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """Run it as a process."""
    path = folder / "options.json"
    path.write_text(json.dumps(options))
    environ = {
        **os.environ,
        "STATE_DIRECTORY": str(folder / "data"),
        "CHARGER2MQTT_HTTP__LISTEN": "127.0.0.1:0",
        "HASSIO_TOKEN": TOKEN,
    }
    arguments = ["addon", "--options", str(path), "--supervisor", supervisor.url]
    with subprocess.Popen(
        [sys.executable, "-m", "bridge", *arguments], env=environ, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_it_runs_the_bridge(
    supervisor: Supervisor, shared_broker: TestBroker, ear: Probe, base: str, simulator: GoeSimulator, tmp_path: Path
) -> None:
    """The same process goes on as the bridge, on the broker that was told, without the token, and stops as it does."""
    supervisor.service = {"host": "127.0.0.1", "port": shared_broker.port, "ssl": False}
    garage = {"id": "garage", "vendor": "go-e", "host": simulator.address}
    options = {"chargers": [garage], "mqtt": {"base_topic": base, "client_id": base}, "discovery": "off"}

    with addon(tmp_path, supervisor, options) as process:
        await ear.until("garage/availability", "online", within=20)
        environ = Path(f"/proc/{process.pid}/environ").read_text()
        process.send_signal(signal.SIGTERM)
        await until(lambda: process.poll() is not None, within=15, what="the end of the process")
        assert process.stderr is not None
        log = process.stderr.read()

    assert process.returncode == 0
    assert TOKEN not in environ
    assert TOKEN not in log
    assert (tmp_path / "data" / "config.json").stat().st_mode & 0o777 == 0o600


async def test_faults_are_told_as_check_tells_them(supervisor: Supervisor, tmp_path: Path) -> None:
    """The bridge itself says what is wrong with the options, and exits 2; a broker that is named is not asked for."""
    options = {"chargers": [{"id": "garage", "vendor": "go-e"}], "mqtt": {"host": "127.0.0.1"}}

    with addon(tmp_path, supervisor, options) as process:
        await until(lambda: process.poll() is not None, within=20, what="the end of the process")
        assert process.stderr is not None
        log = process.stderr.read()

    assert process.returncode == 2
    assert "chargers.garage.host: " in log
    assert supervisor.asked == []


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone can become somebody else")
def test_root_becomes_the_user_for_good(tmp_path: Path) -> None:
    """With all that is in the state directory, as after a restored backup, and without a way back."""
    state, outside = tmp_path / "state", tmp_path / "outside"
    (state / "inner").mkdir(parents=True)
    (state / "inner" / "token.json").write_text("{}")
    outside.write_text("")
    (state / "link").symlink_to(outside)
    program = """if True:
        import os, sys
        from pathlib import Path
        from bridge.cli.addon import _become
        _become(10001, Path(sys.argv[1]))
        print(os.getresuid(), os.getresgid(), os.getgroups())
        os.setuid(0)
    """

    ended = subprocess.run([sys.executable, "-c", program, str(state)], capture_output=True, text=True, check=False)

    assert ended.stdout == "(10001, 10001, 10001) (10001, 10001, 10001) []\n"
    assert "PermissionError" in ended.stderr
    assert {path.lstat().st_uid for path in (state, *state.rglob("*"))} == {10001}
    assert outside.stat().st_uid == 0

"""`charger2mqtt health`, with a server in place of the bridge."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bridge.cli import health
from tests.cli.conftest import Run


class _Page(BaseHTTPRequestHandler):
    status, body, asked = 200, b"", ""

    def do_GET(self) -> None:
        type(self).asked = self.path
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""


@pytest.fixture
def page() -> Iterator[type[_Page]]:
    """What is answered."""
    yield _Page
    _Page.status, _Page.body = 200, b""


@pytest.fixture
def port(page: type[_Page]) -> Iterator[int]:
    """Where it is answered."""
    with HTTPServer(("127.0.0.1", 0), page) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])  # noqa: S104 - a listener everywhere is asked here
@pytest.mark.parametrize(
    ("status", "body", "code", "told"),
    [
        (200, b"ok\n", 0, "ok\n"),
        (200, b"ok: broker connected\nmore\n", 0, "ok: broker connected\n"),
        (200, b"", 0, "HTTP 200\n"),
        (503, b"broker not connected", 1, "broker not connected\n"),
    ],
)
@pytest.mark.usefixtures("config")
def test_the_answer_decides(  # noqa: PLR0917 - the columns of the table
    run: Run,
    page: type[_Page],
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    status: int,
    body: bytes,
    code: int,
    told: str,
) -> None:
    """Exit code 0 for 200, else 1, and the first line of the answer for people."""
    page.status, page.body = status, body
    monkeypatch.setenv("CHARGER2MQTT_HTTP__LISTEN", f"{host}:{port}")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # is not for what is on this machine

    assert run("health") == (code, told, "")
    assert page.asked == "/healthz"


def test_a_bridge_that_does_not_run(run: Run, config: Path) -> None:
    """A sentence and exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with config.open("a") as file:
        file.write(f"http: {{listen: '127.0.0.1:{port}'}}\n")

    told = f"error: nothing listens on 127.0.0.1 port {port}: the bridge is not running\n"
    assert run("health") == (1, "", told)


def test_a_bridge_that_hangs(run: Run, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for for ever."""
    monkeypatch.setattr(health, "TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        with config.open("a") as file:
            file.write(f"http: {{listen: '127.0.0.1:{server.getsockname()[1]}'}}\n")

        assert run("health") == (1, "", "error: the bridge did not answer within 0.1 s\n")


def test_something_else_that_listens_there(run: Run, config: Path) -> None:
    """What does not speak HTTP is not the bridge."""

    def greet() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"SSH-2.0-server\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        with config.open("a") as file:
            file.write(f"http: {{listen: '127.0.0.1:{server.getsockname()[1]}'}}\n")
        thread = threading.Thread(target=greet)
        thread.start()
        outcome = run("health")
        thread.join()

    assert outcome.code == 1
    assert outcome.err.startswith("error: the bridge cannot be asked: ")


@pytest.mark.parametrize(
    ("listen", "fault"),
    [
        ("null", "http.listen: it is null, so there is nothing to ask; give it an address\n"),
        (
            "127.0.0.1:0",
            "http.listen: port 0 is another one at every start, so it cannot be asked; give it a number\n",
        ),
    ],
)
def test_nothing_to_ask(run: Run, config: Path, listen: str, fault: str) -> None:
    """That is a matter of the configuration."""
    with config.open("a") as file:
        file.write(f"http: {{listen: {listen}}}\n")

    assert run("health") == (2, "", fault)


def test_a_file_spoilt_since_the_start(run: Run, config: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment names the address, as in a container, the bridge is asked and nothing else is read."""
    config.write_text("chargers: [")
    monkeypatch.setenv("CHARGER2MQTT_HTTP__LISTEN", f"0.0.0.0:{port}")

    assert run("health").code == 0

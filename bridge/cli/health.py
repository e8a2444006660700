"""`charger2mqtt health`: asks the running bridge, for example as the health check of a container."""

from __future__ import annotations

import http.client
import os
from pathlib import Path

import typer

from bridge.cli.options import ConfigOption
from bridge.errors import BridgeError, ConfigError

LISTEN = "CHARGER2MQTT_HTTP__LISTEN"
TIMEOUT_S = 5.0
MAX_ANSWER_BYTES = 64 * 1024
_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - listening everywhere includes here


def command(config: ConfigOption = None) -> None:
    """Ask the running bridge whether it is well: exit code 0 if so, else 1."""
    host, port = _named(os.environ.get(LISTEN, "")) or _configured(config)
    if port == 0:
        raise ConfigError(
            ["http.listen: port 0 is another one at every start, so it cannot be asked; give it a number"]
        )
    status, words = _ask(_HERE.get(host, host), port)
    typer.echo(words)
    if status != http.client.OK:
        raise typer.Exit(1)


def _named(listen: str) -> tuple[str, int] | None:
    """Return the address that the environment names.

    It goes before the file, so the rest need not be read. That makes the check of a container quick, and a file that
    was spoilt under a bridge that runs on with what it read before does not make the container ill.
    """
    host, _, port = listen.rpartition(":")
    return (host.strip("[]"), int(port)) if host and port.isdecimal() else None


def _configured(config: Path | None) -> tuple[str, int]:
    from bridge.settings import load  # noqa: PLC0415 - half a second on a small machine

    address = load(config, os.environ).settings.http.address
    if address is None:
        raise ConfigError(["http.listen: it is null, so there is nothing to ask; give it an address"])
    return address


def _ask(host: str, port: int) -> tuple[int, str]:
    """Return the status and the first line of the answer of `/healthz`."""
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        body = answer.read(MAX_ANSWER_BYTES).decode(errors="replace").strip()
    except ConnectionRefusedError as error:
        raise BridgeError(f"nothing listens on {host} port {port}: the bridge is not running") from error
    except TimeoutError as error:
        raise BridgeError(f"the bridge did not answer within {TIMEOUT_S:g} s") from error
    except (OSError, http.client.HTTPException) as error:
        raise BridgeError(f"the bridge cannot be asked: {error}") from error
    finally:
        connection.close()
    return answer.status, body.splitlines()[0] if body else f"HTTP {answer.status}"

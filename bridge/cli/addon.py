"""`charger2mqtt addon`: the bridge as a Home Assistant add-on, with what the Supervisor says.

The Supervisor writes the user's options to /data/options.json, and its services API tells where the broker is:
https://developers.home-assistant.io/docs/apps/communication
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from bridge.charger.values import Json
from bridge.errors import BridgeError, ChargerError, ConfigError
from bridge.http import Http
from bridge.state_files import state_directory, write_json

TIMEOUT_S = 10.0
CONFIG_FILE = "config.json"
TOKENS = ("SUPERVISOR_TOKEN", "HASSIO_TOKEN")
"""The Supervisor gives the same one under two names."""

Options: TypeAlias = Mapping[str, Json]


def command(
    options: Annotated[
        Path, typer.Option(metavar="FILE", help="What the user has filled in, as the Supervisor writes it.")
    ] = Path("/data/options.json"),
    supervisor: Annotated[
        str, typer.Option(metavar="URL", help="The Supervisor, which knows the broker.")
    ] = "http://supervisor",
    user: Annotated[
        int | None, typer.Option(metavar="UID", min=1, help="Who the bridge runs as; root alone can choose.")
    ] = None,
) -> None:
    """Run the bridge as a Home Assistant add-on; not for use elsewhere."""
    told = _read(options)
    state = state_directory(None, os.environ)
    config = state / CONFIG_FILE
    broker = asyncio.run(_broker(told, supervisor, os.environ.get(TOKENS[0], "")))
    write_json(config, configuration(told, broker))
    if user is not None:
        _become(user, state)
    environ = {name: value for name, value in os.environ.items() if name not in TOKENS}
    environ["CHARGER2MQTT_CONFIG"] = str(config)
    level = str(told.get("log_level") or "info")
    # The same process goes on, so that it gets the signals.
    os.execve(sys.executable, [sys.executable, "-m", "bridge", "run", "--log-level", level], environ)  # noqa: S606


def configuration(options: Options, broker: Options) -> dict[str, Json]:
    """Return the bridge's configuration; `broker` is what the Supervisor says of it. Raises ConfigError.

    What the user leaves empty is left out, and has the bridge's default.
    """
    mqtt = {**_filled(broker, "host", "port", "username", "password"), **_filled(options.get("mqtt"))}
    if tls := _filled({"enabled": mqtt.pop("tls", broker.get("ssl")), "ca_file": mqtt.pop("ca_file", None)}):
        mqtt["tls"] = tls
    return {
        "mqtt": mqtt,
        "homeassistant": _filled({"discovery": options.get("discovery")}),
        "accounts": _by_id("accounts", options.get("accounts")),
        "chargers": _by_id("chargers", options.get("chargers")),
    }


def _filled(given: Json | Options, *names: str) -> dict[str, Json]:
    if not isinstance(given, Mapping):
        return {}
    return {key: value for key, value in given.items() if value not in (None, "") and (not names or key in names)}


def _by_id(place: str, given: Json) -> dict[str, Json]:
    """Turn the list that the Supervisor's form makes into a mapping."""
    found: dict[str, Json] = {}
    for number, entry in enumerate(given if isinstance(given, list) else [], 1):
        values = _filled(entry)
        id_ = values.pop("id", None)
        if not isinstance(id_, str):
            raise ConfigError([f"{place}: number {number} has no id"])
        if id_ in found:
            raise ConfigError([f"{place}.{id_}: it is given twice; each needs an id of its own"])
        found[id_] = values
    return found


def _read(path: Path) -> Options:
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError([f"{path}: it cannot be read: {(error.strerror or 'unknown reason').lower()}"]) from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ConfigError([f"{path}: it is not what the Supervisor writes"])
    return found


async def _broker(options: Options, supervisor: str, token: str) -> Options:
    """Return the broker that the Supervisor knows; nothing if the user names one."""
    if _filled(options.get("mqtt")).get("host"):
        return {}
    try:
        async with Http() as http:
            bearer = {"Authorization": f"Bearer {token}"}
            answer = await http.call("GET", f"{supervisor}/services/mqtt", timeout_s=TIMEOUT_S, headers=bearer)
        found = answer.json()
    except ChargerError as error:
        raise BridgeError(f"the Supervisor cannot be asked for the broker: {error.message}") from error
    told = found if isinstance(found, dict) else {}
    data = told.get("data")
    if answer.status == HTTPStatus.OK and told.get("result") == "ok" and isinstance(data, dict) and data.get("host"):
        return data
    said = told.get("message") or f"HTTP {answer.status}"
    raise BridgeError(
        f"no broker: the Supervisor says {said!r}; install and start the Mosquitto broker add-on, or fill in mqtt.host"
    )


def _become(user: int, state: Path) -> None:
    """Hand what is in the state directory to the user, and become the user for good."""
    for path in (state, *state.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)

"""`charger2mqtt demo`: see everything work, with nothing but this machine."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from bridge.app import serve
from bridge.cli.run import stop_on_signals
from bridge.demo.broker import RunningBroker, free_port, own_broker, reachable
from bridge.demo.chargers import CHARGERS, Named
from bridge.demo.watch import Watch
from bridge.log import LogFormat, LogLevel, configure
from bridge.mqtt.listener import BrokerLostError, listen
from bridge.settings import Settings
from bridge.simulators import SIMULATORS, Simulator
from bridge.simulators.scenario import SPEED_FOR_DEMO, daily_life

POLL_INTERVAL_S = 1.0
"""Faster than a real charger should be read, so that a newcomer sees numbers move."""


def command(
    broker: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Use this broker instead of one of our own.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of our own broker; else a free one.")] = None,
    base_topic: Annotated[str, typer.Option(help="Topics below which the demo publishes.")] = "charger2mqtt",
) -> None:
    """Run a broker, pretend chargers and the bridge until Ctrl-C; nothing is left behind."""
    configure(LogLevel.WARNING, LogFormat.CONSOLE)
    asyncio.run(_demo(broker, port, base_topic))


async def _demo(address: str | None, port: int | None, base: str) -> None:
    stop = stop_on_signals()
    async with AsyncExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="charger2mqtt-demo-")))
        if address is None:
            host, broker = "127.0.0.1", await cleanup.enter_async_context(own_broker(folder, port))
        else:
            host, broker = _parse(address)
            await reachable(host, broker.port)
        simulators = {vendor: SIMULATORS[vendor](speed=SPEED_FOR_DEMO) for vendor in CHARGERS}
        for simulator in simulators.values():
            await simulator.start()
            cleanup.push_async_callback(simulator.stop)
        settings = _settings(host, broker, base, simulators)
        _introduce(settings, broker, simulators)
        watch = Watch(base, typer.echo)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(_watch(host, broker.port, watch), name="watch")
            for vendor, simulator in simulators.items():
                group.create_task(daily_life(simulator.car, stop), name=f"car at {vendor}")
            await serve(settings, folder / "state", stop, os.environ)
            # Reading from a socket has no other end than this one.
            watching.cancel()
    typer.echo("ended; nothing was left behind")


def _parse(address: str) -> tuple[str, RunningBroker]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise typer.BadParameter(f"{address} is not HOST:PORT")
    return host, RunningBroker(port=int(port), name="your broker", protocol="auto")


def _settings(host: str, broker: RunningBroker, base: str, simulators: dict[str, Simulator]) -> Settings:
    accounts: Named = {}
    chargers: Named = {}
    for vendor, simulator in simulators.items():
        its_accounts, its_chargers = CHARGERS[vendor].settings(vendor, simulator)
        accounts |= its_accounts
        chargers |= {id_: {"poll_interval": POLL_INTERVAL_S, **charger} for id_, charger in its_chargers.items()}
    return Settings.model_validate(
        {
            "mqtt": {"host": host, "port": broker.port, "protocol": broker.protocol, "base_topic": base},
            "http": {"listen": f"127.0.0.1:{free_port()}", "control": True, "token": secrets.token_hex(8)},
            "accounts": accounts,
            "chargers": chargers,
        }
    )


def _introduce(settings: Settings, broker: RunningBroker, simulators: dict[str, Simulator]) -> None:
    subscribe, publish = _client_commands(settings.mqtt.host, broker.port)
    base = settings.mqtt.base_topic
    first = next(iter(settings.chargers))
    token = settings.http.token.get_secret_value() if settings.http.token is not None else ""
    pretend = ", ".join(f"{CHARGERS[vendor].id} ({vendor}) on {s.address}" for vendor, s in simulators.items())
    typer.echo(f"""charger2mqtt demo

  broker    {broker.name} on {settings.mqtt.host}:{broker.port}, topics below {base}/
  chargers  {pretend}
  page      http://{settings.http.listen}/  (to control from there, sign in with {token})
  health    http://{settings.http.listen}/healthz  /readyz  /metrics

In another terminal:

  see everything    {subscribe} -t '{base}/#' -v
  set the current   {publish} -t {base}/{first}/current_limit/set -m 10
  see the results   {subscribe} -t {base}/{first}/result

A car comes in a few seconds, charges, is full, goes, and comes again. Ctrl-C ends the demo.
""")


def _client_commands(host: str, port: int) -> tuple[str, str]:
    """Return how to subscribe and publish with what is installed."""
    if shutil.which("mosquitto_sub"):
        where = f"-h {host} -p {port}"
        return f"mosquitto_sub {where}", f"mosquitto_pub {where}"
    tools = Path(sys.executable).parent
    where = f"--url mqtt://{host}:{port}"
    return f"{tools}/amqtt_sub {where}", f"{tools}/amqtt_pub {where}"


async def _watch(host: str, port: int, watch: Watch) -> None:
    try:
        await listen(host, port, watch.topics, watch.show)
    except BrokerLostError:
        return

"""`charger2mqtt simulate VENDOR`: a pretend charger for people's own experiments."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bridge.cli.run import stop_on_signals
from bridge.errors import BridgeError
from bridge.simulators import SIMULATORS, Fault, Simulator
from bridge.simulators.replay import Replay
from bridge.simulators.scenario import daily_life


def command(
    vendor: Annotated[str, typer.Argument(metavar="VENDOR", help=f"One of {', '.join(SIMULATORS)}.")],
    port: Annotated[int, typer.Option(help="Where the charger listens; 0 takes a free port.")] = 0,
    host: Annotated[str, typer.Option(help="On which address.")] = "127.0.0.1",
    control_port: Annotated[
        int | None, typer.Option(help="Where it can be told /plug, /unplug, /fill, /fault?name=..., /clear, /state.")
    ] = None,
    speed: Annotated[float, typer.Option(min=0.01, max=10000, help="How much faster than real cars charge.")] = 1.0,
    fault: Annotated[Fault | None, typer.Option(help="Behave badly in this way from the start.")] = None,
    daily: Annotated[
        bool, typer.Option("--daily-life", help="A car comes, charges and goes, again and again.")
    ] = False,
    broker: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Be a client of this MQTT broker, too (go-e, which then takes writes)."),
    ] = None,
    cloud: Annotated[
        bool,
        typer.Option("--cloud", help="Be the vendor's cloud, too, on the next port (go-e; others need no option)."),
    ] = False,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Play what `record` wrote, one answer after the other, instead."),
    ] = None,
    in_time: Annotated[
        bool, typer.Option("--in-time", help="Play it by the clock: --speed is how much faster than it was.")
    ] = False,
) -> None:
    """Run one pretend charger until Ctrl-C; the first line says, as JSON, where it is."""
    if vendor not in SIMULATORS:
        raise typer.BadParameter(f"{vendor} is not one of {', '.join(SIMULATORS)}")
    if replay is not None:
        asyncio.run(_play(_recording(vendor, replay, in_time=in_time, speed=speed), port, host, broker))
        return
    wanted: dict[str, Any] = {"broker": broker, "cloud": cloud}
    extras = {name: value for name, value in wanted.items() if value}

    async def until_signal() -> None:
        stop = stop_on_signals()
        simulator = _made(vendor, extras, speed=speed, control_port=control_port)
        try:
            await simulator.start(port, host)
        except OSError as error:
            raise BridgeError(f"cannot listen on {host} port {port}: {error.strerror}") from error
        try:
            if fault is not None:
                await simulator.set_fault(fault)
            # Where it is and how to sign in; what it holds besides is on the control port.
            told = {key: value for key, value in simulator.state().items() if isinstance(value, str)}
            accounts = simulator.state().get("accounts")
            told_accounts = {} if accounts is None else {"accounts": accounts}
            where = {"address": simulator.address, "control": simulator.control}
            typer.echo(json.dumps({**told, **told_accounts, **where}))
            if daily:
                await daily_life(simulator.car, stop)
            await stop.wait()
        finally:
            await simulator.stop()

    asyncio.run(until_signal())


def _recording(vendor: str, path: Path, *, in_time: bool, speed: float) -> Replay:
    try:
        recording = Replay.of(path, in_time=in_time, speed=speed)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if recording.vendor != vendor:
        raise typer.BadParameter(f"{path} is a recording of a {recording.vendor} charger")
    return recording


async def _play(recording: Replay, port: int, host: str, broker: str | None) -> None:
    stop = stop_on_signals()
    try:
        await recording.start(port, host)
        where = {"address": recording.address, "configuration": recording.configuration}
        typer.echo(json.dumps(where))
        await recording.play(broker, stop)
        await stop.wait()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    except OSError as error:
        raise BridgeError(f"cannot play: {error.strerror or error}") from error
    finally:
        await recording.stop()


def _made(vendor: str, extras: dict[str, Any], **common: Any) -> Simulator:  # noqa: ANN401 - each has options of its own
    """Make a simulator, with options that not every vendor's has."""
    try:
        return SIMULATORS[vendor](**common, **extras)
    except TypeError:
        if not extras:
            raise
        raise typer.BadParameter(f"{vendor} does not take {', '.join(f'--{name}' for name in extras)}") from None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None

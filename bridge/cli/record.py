"""`charger2mqtt record ID`: what a charger answers, fit for strangers, for `simulate --replay`."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from bridge.charger.values import Json
from bridge.cli import EXIT_FAILED
from bridge.cli.handout import OutputOption, place, write
from bridge.cli.local import chosen
from bridge.cli.options import ConfigOption, StateDirOption
from bridge.cli.run import stop_on_signals
from bridge.log import LogFormat, LogLevel, configure
from bridge.recording import record
from bridge.settings import load
from bridge.state_files import state_directory

LONGEST_S = 24 * 3600


def command(
    charger: Annotated[str, typer.Argument(metavar="ID", help="Which charger.")],
    seconds: Annotated[
        float | None,
        typer.Option(min=1, max=LONGEST_S, help="For how long; else for three reads. Ctrl-C ends it sooner."),
    ] = None,
    output: OutputOption = None,
    config: ConfigOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Record what a charger answers while it is read as usual, without anything secret.

    Ids, names and addresses are exchanged for others. `charger2mqtt simulate VENDOR --replay FILE` plays it back.
    """
    settings = load(config, os.environ).settings
    configure(LogLevel.ERROR, LogFormat.AUTO)
    chosen(settings, [charger])
    where = place(output, f"recording-{charger}")

    async def until_signal() -> dict[str, Json]:
        state = state_directory(state_dir, os.environ)
        return await record(settings, state, charger, seconds, stop_on_signals())

    typer.echo(f"recording {charger}; Ctrl-C ends it", err=True)
    recording = asyncio.run(until_signal())
    write(recording, where)
    if not recording["exchanges"] and not recording["messages"]:
        typer.echo("nothing came from the charger", err=True)
        raise typer.Exit(EXIT_FAILED)

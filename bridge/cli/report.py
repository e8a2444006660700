"""`charger2mqtt report [ID]`: one file for whoever helps, with everything but what is private."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from bridge.cli import EXIT_CONFIGURATION
from bridge.cli.handout import OutputOption, place, write
from bridge.cli.local import chosen
from bridge.cli.options import ConfigOption, StateDirOption
from bridge.errors import ConfigError
from bridge.report import collect, of_faults
from bridge.settings import load
from bridge.state_files import state_directory


def command(
    charger: Annotated[str | None, typer.Argument(metavar="[ID]", help="One charger; without it all.")] = None,
    output: OutputOption = None,
    config: ConfigOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Read the chargers once, try the broker, and write what somebody who helps must know.

    Passwords, tokens, card ids, names and addresses are left out or exchanged for others. The exit code is 0 also when
    something is wrong, since that is what the report is for; 2 if the configuration cannot be used.
    """
    where = place(output, "report")
    try:
        loaded = load(config, os.environ)
    except ConfigError as error:
        write(of_faults(error), where)
        for fault in error.faults:
            typer.echo(fault, err=True)
        raise typer.Exit(EXIT_CONFIGURATION) from None
    ids = chosen(loaded.settings, [charger] if charger else [])
    write(asyncio.run(collect(loaded, state_directory(state_dir, os.environ), ids, os.environ)), where)

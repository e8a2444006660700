"""`charger2mqtt set`: one command to one charger, without a broker, and what became of it."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from bridge.cli import EXIT_FAILED
from bridge.cli.local import carry_out, chosen
from bridge.cli.options import ConfigOption, StateDirOption
from bridge.engine.results import Outcome, Result
from bridge.log import LogFormat, LogLevel, configure
from bridge.settings import load
from bridge.state_files import state_directory


def command(
    charger: Annotated[str, typer.Argument(metavar="ID", help="Which charger.")],
    key: Annotated[str, typer.Argument(metavar="PROPERTY", help="Which property or action.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The new value; PRESS for an action.")],
    config: ConfigOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Set a property and wait until the charger shows it; exit code 0 only then."""
    settings = load(config, os.environ).settings
    configure(LogLevel.ERROR, LogFormat.AUTO)
    chosen(settings, [charger])
    outcome = asyncio.run(carry_out(settings, state_directory(state_dir, os.environ), charger, key, value))
    if not isinstance(outcome, Result):
        error = outcome.health.last_error
        typer.echo(f"{charger}: no answer: {error.message if error else 'unknown'}", err=True)
        raise typer.Exit(EXIT_FAILED)
    confirmed = outcome.outcome is Outcome.CONFIRMED
    applied = "" if outcome.applied is None else f", the charger shows {outcome.applied}"
    reason = f" ({outcome.code}): {outcome.message}" if outcome.message else ""
    typer.echo(f"{charger} {key}: {outcome.outcome}{reason}{applied}", err=not confirmed)
    if not confirmed:
        raise typer.Exit(EXIT_FAILED)

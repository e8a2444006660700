"""`charger2mqtt check`: is the configuration as it should be?"""

from __future__ import annotations

import os

import typer

from bridge.charger.contract import ChargerSettings
from bridge.cli.options import ConfigOption
from bridge.settings import load


def command(config: ConfigOption = None) -> None:
    """Check the configuration; nothing is opened.

    One line per charger when all is well, else one line per fault and exit code 2.
    """
    loaded = load(config, os.environ)
    typer.echo(f"configuration: {loaded.path or 'the environment alone'}", err=True)
    for warning in loaded.warnings:
        typer.echo(f"warning: {warning}", err=True)
    for charger_id, settings in loaded.settings.chargers.items():
        typer.echo(f"{charger_id}: {settings.vendor}, {_where(settings)}")


def _where(settings: ChargerSettings) -> str:
    """Tell how the charger is reached: each vendor has a host or an account (contract section 5)."""
    account = getattr(settings, "account", None)
    return f"account {account}" if account else str(getattr(settings, "host", "no host"))

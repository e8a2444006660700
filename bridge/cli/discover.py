"""`charger2mqtt discover`: the chargers of the configured accounts, as YAML to paste."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from pathlib import Path

import typer
import yaml

from bridge.charger.values import Json
from bridge.cli import EXIT_FAILED
from bridge.cli.options import ConfigOption, StateDirOption
from bridge.errors import ChargerError
from bridge.fleet import Fleet
from bridge.http import Http
from bridge.log import LogFormat, LogLevel, configure
from bridge.settings import Settings, load
from bridge.state_files import state_directory


def command(config: ConfigOption = None, state_dir: StateDirOption = None) -> None:
    """List the chargers of every account; what is configured already is marked."""
    settings = load(config, os.environ).settings
    configure(LogLevel.ERROR, LogFormat.AUTO)
    found, errors = asyncio.run(_discover(settings, state_directory(state_dir, os.environ)))
    for error in errors:
        typer.echo(error, err=True)
    if not settings.accounts:
        typer.echo("no accounts are configured: chargers in the local network are not searched for yet", err=True)
    if found:
        typer.echo(_yaml(found, settings))
    if errors:
        raise typer.Exit(EXIT_FAILED)


async def _discover(settings: Settings, state_dir: Path) -> tuple[list[Mapping[str, Json]], list[str]]:
    found: list[Mapping[str, Json]] = []
    errors: list[str] = []
    async with Http() as http:
        fleet = Fleet(settings, http, state_dir)
        for name in settings.accounts:
            try:
                found += await fleet.account(name).discover()
            except ChargerError as error:
                errors.append(f"account {name}: {error.message}")
    return found, errors


def _yaml(found: list[Mapping[str, Json]], settings: Settings) -> str:
    lines = ["chargers:"]
    taken = set(settings.chargers)
    for charger in found:
        own = {key: value for key, value in charger.items() if value is not None}
        known = _configured_as(charger, settings)
        id_ = known or _free_id(str(own.get("name") or own["vendor"]), taken)
        taken.add(id_)
        text = yaml.safe_dump(own, default_flow_style=True, sort_keys=False, allow_unicode=True, width=1000).strip()
        lines.append(f"  {'# ' if known else ''}{id_}: {text}" + ("   # configured already" if known else ""))
    return "\n".join(lines)


def _configured_as(charger: Mapping[str, Json], settings: Settings) -> str | None:
    """Return the id under which a charger is configured: all that it was found with is the same, but for its name."""
    for id_, known in settings.chargers.items():
        if all(getattr(known, key, None) == value for key, value in charger.items() if key != "name"):
            return id_
    return None


def _free_id(name: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:50] or "charger"
    number = 1
    id_ = base
    while id_ in taken or id_ == "bridge":
        number += 1
        id_ = f"{base}_{number}"
    return id_

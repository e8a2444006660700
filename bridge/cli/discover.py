"""`charger2mqtt discover`: the chargers of the configured accounts, as YAML to paste."""

from __future__ import annotations

import asyncio
import math
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

LONGEST_NAME = 100
"""Of a charger, in the configuration."""


def command(config: ConfigOption = None, state_dir: StateDirOption = None) -> None:
    """List the chargers of every account; what is configured already is marked."""
    settings = load(config, os.environ, chargers_needed=False).settings
    configure(LogLevel.ERROR, LogFormat.AUTO)
    found, errors = asyncio.run(_discover(settings, state_directory(state_dir, os.environ)))
    for error in errors:
        typer.echo(error, err=True)
    if not settings.accounts:
        typer.echo("no accounts are configured: chargers in the local network are not searched for yet", err=True)
    elif not found and not errors:
        typer.echo("the accounts have no chargers", err=True)
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
        own = _settings_of(charger)
        known = _configured_as(charger, settings)
        id_ = known or _free_id(str(own.get("name") or own["vendor"]), taken)
        taken.add(id_)
        # As a whole, because an id such as 12_30 or off needs quotes.
        text = yaml.safe_dump({id_: own}, default_flow_style=True, sort_keys=False, allow_unicode=True, width=math.inf)
        line = text.strip().removeprefix("{").removesuffix("}")
        lines.append(f"  # {line}   # configured already" if known else f"  {line}")
    return "\n".join(lines)


def _settings_of(charger: Mapping[str, Json]) -> dict[str, Json]:
    """Return what the configuration takes: the name in one line, and left out where the charger has none."""
    own: dict[str, Json] = {key: told for key, told in charger.items() if told is not None and key != "name"}
    name = charger.get("name")
    if isinstance(name, str) and name.strip():
        own["name"] = " ".join(name.split())[:LONGEST_NAME].strip()
    return own


def _configured_as(charger: Mapping[str, Json], settings: Settings) -> str | None:
    """Return the id under which a charger is configured: all that it was found with is the same, but for its name."""
    for id_, known in settings.chargers.items():
        if all(getattr(known, key, None) == value for key, value in charger.items() if key != "name"):
            return id_
    return None


def _free_id(name: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", name.lower().strip())[:50].strip("_") or "charger"
    number = 1
    id_ = base
    while id_ in taken or id_ == "bridge":
        number += 1
        id_ = f"{base}_{number}"
    return id_

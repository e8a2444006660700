"""`charger2mqtt probe`: one read of each charger, without a broker."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from bridge.charger.values import UNKNOWN_TEXT, Json
from bridge.cli import EXIT_FAILED
from bridge.cli.local import chosen, read_once
from bridge.cli.options import ConfigOption, StateDirOption
from bridge.engine.view import ChargerView
from bridge.log import LogFormat, LogLevel, configure
from bridge.mqtt import documents
from bridge.settings import load
from bridge.state_files import state_directory


def command(
    charger: Annotated[str | None, typer.Argument(metavar="[ID]", help="One charger; without it all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    config: ConfigOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Read each charger once and show what it says; exit code 1 if one did not answer."""
    settings = load(config, os.environ).settings
    configure(LogLevel.ERROR, LogFormat.AUTO)
    views = asyncio.run(
        read_once(settings, state_directory(state_dir, os.environ), chosen(settings, [charger] if charger else []))
    )
    if as_json:
        typer.echo(json.dumps({view.id: _document(view) for view in views}, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n\n".join(_table(view) for view in views))
    if not all(view.available for view in views):
        raise typer.Exit(EXIT_FAILED)


def _document(view: ChargerView) -> Json:
    if view.identity is None or not view.available:
        error = view.health.last_error
        return {"ok": False, "error": None if error is None else {"code": error.code.value, "message": error.message}}
    return {"ok": True, "identity": asdict(view.identity), "state": documents.state(view, datetime.now(UTC))}


def _table(view: ChargerView) -> str:
    if view.identity is None or not view.available:
        error = view.health.last_error
        return f"{view.id} ({view.vendor}): no answer: {error.message if error else 'unknown'}"
    identity = view.identity
    about = [identity.model, f"serial {identity.serial}", identity.firmware and f"firmware {identity.firmware}"]
    lines = [f"{view.id} ({view.vendor}): {', '.join(part for part in about if part)}"]
    for key, value in view.values.items():
        ability = view.capabilities[key]
        row = ability.property
        shown = UNKNOWN_TEXT if value is None else row.type.text(value)
        unit = f" {ability.unit}" if ability.unit and value is not None else ""
        lines.append(f"  {key:<24} {shown}{unit}{_settable(view, key)}")
    return "\n".join(lines)


def _settable(view: ChargerView, key: str) -> str:
    ability = view.capabilities[key]
    if not ability.settable:
        return ""
    if ability.bounds is not None:
        low, high = (ability.property.type.text(bound) for bound in (ability.bounds.minimum, ability.bounds.maximum))
        return f"  (set: {low} to {high})"
    kind = ability.property.type.name
    words = ("true", "false") if kind == "boolean" else (kind,)
    return f"  (set: {', '.join(ability.options or ability.property.options or words)})"

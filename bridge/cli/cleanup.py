"""`charger2mqtt cleanup`: removes what chargers that are not configured any more left on the broker."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from bridge.app import MANIFEST_FILE
from bridge.cli.options import ConfigOption, StateDirOption
from bridge.cli.pasting import one_line
from bridge.errors import ConfigError
from bridge.leftovers import clean_up
from bridge.log import LogFormat, LogLevel, configure
from bridge.settings import load
from bridge.state_files import StateFile, state_directory


def command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    config: ConfigOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Remove the retained topics and announcements of chargers that are not configured any more.

    Only what the state directory or an announcement proves to be ours is removed; the rest below the base topic that
    belongs to no configured charger is shown.
    """
    loaded = load(config, os.environ, chargers_needed=False)
    if loaded.path is None and not loaded.settings.chargers:
        raise ConfigError(["configuration: there is no file, and whatever it does not name would be removed"])
    configure(LogLevel.WARNING, LogFormat.AUTO)
    manifest = StateFile(state_directory(state_dir, os.environ) / MANIFEST_FILE).read()
    cleaned = asyncio.run(clean_up(loaded.settings, manifest=manifest, dry_run=dry_run))
    for topic in cleaned.removed:
        typer.echo(f"{'would remove' if dry_run else 'removed'} {one_line(topic)}")
    for topic in cleaned.left:
        typer.echo(f"left {one_line(topic)}")
    if not cleaned.removed:
        typer.echo("nothing to remove")
    for note in cleaned.notes:
        typer.echo(one_line(note), err=True)

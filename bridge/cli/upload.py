"""`charger2mqtt upload`: send a file to a charger, such as firmware or a certificate."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bridge.charger.contract import FileKind, SentFile, TakesFiles
from bridge.cli.local import chosen
from bridge.cli.options import ConfigOption, StateDirOption
from bridge.errors import BridgeError, ConfigError
from bridge.fleet import Fleet
from bridge.http import Http
from bridge.log import LogFormat, LogLevel, configure
from bridge.settings import Settings, load
from bridge.state_files import state_directory


def command(
    charger: Annotated[str, typer.Argument(metavar="ID", help="Which charger.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="What the charger calls it.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Send a file to a charger, after asking; exit code 0 only if the charger takes it.

    What it does with it (such as a restart with new firmware) it does by itself.
    """
    settings = load(config, os.environ).settings
    configure(LogLevel.ERROR, LogFormat.AUTO)
    chosen(settings, [charger])
    size = asyncio.run(_check(settings, state_directory(state_dir, os.environ), charger, key, file))
    if not yes:
        typer.confirm(f"Send {file.name} ({size:,} bytes) to {charger} as {key}?", abort=True, err=True)
    with typer.progressbar(length=size, label=file.name, file=typer.get_text_stream("stderr")) as bar:
        asyncio.run(_send(settings, state_directory(state_dir, os.environ), charger, key, (file, bar.update)))
    typer.echo(f"{charger} {key}: {size:,} bytes sent, and the charger took them")


async def _check(settings: Settings, state_dir: Path, id_: str, key: str, file: Path) -> int:
    """Return the size of the file; raises BridgeError if it cannot be sent."""
    async with Http() as http:
        kind = _kind(_charger(settings, http, state_dir, id_), key)
    rules = settings.chargers[id_]
    if rules.read_only:
        raise ConfigError([f"chargers.{id_}.read_only: the configuration says that this charger is only read"])
    if kind.needs is not None and kind.needs not in rules.allow:
        raise ConfigError([f"chargers.{id_}.allow: it must name {kind.needs} for this file"])
    return _size(file, kind)


def _charger(settings: Settings, http: Http, state_dir: Path, id_: str) -> TakesFiles:
    charger = Fleet(settings, http, state_dir).charger(id_)
    if not isinstance(charger, TakesFiles):
        raise BridgeError(f"{id_}: {settings.chargers[id_].vendor} chargers take no files")
    return charger


def _kind(charger: TakesFiles, key: str) -> FileKind:
    if key not in charger.files:
        raise BridgeError(f"there is no file called {key[:60]}; these are known: {', '.join(charger.files)}")
    return charger.files[key]


def _size(file: Path, kind: FileKind) -> int:
    try:
        size = file.stat().st_size
        with file.open("rb"):
            pass
    except OSError as error:
        raise BridgeError(f"{file}: {(error.strerror or 'it cannot be read').lower()}") from error
    if not 0 < size <= kind.most_bytes:
        raise BridgeError(f"{file}: it has {size:,} bytes, and 1 to {kind.most_bytes:,} can be sent")
    return size


async def _send(
    settings: Settings, state_dir: Path, id_: str, key: str, what: tuple[Path, Callable[[int], None]]
) -> None:
    file, tell = what
    async with Http() as http:
        with _Told(file, tell) as content:
            await _charger(settings, http, state_dir, id_).upload(key, SentFile(name=file.name, content=content))


class _Told(io.BufferedReader):
    """A file that tells how much of it has been read."""

    def __init__(self, file: Path, tell: Callable[[int], None]) -> None:
        super().__init__(io.FileIO(file))
        self._tell = tell

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self._tell(len(found))
        return found

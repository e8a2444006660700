"""Writing what people hand on: reports and recordings, which only their owner can read until then."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bridge.charger.values import Json
from bridge.errors import BridgeError
from bridge.state_files import write_private

OutputOption = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Where to write it; - for standard output."),
]
STANDARD_OUTPUT = Path("-")


def place(output: Path | None, what: str) -> Path:
    """Return where to write: what was asked for, else the usual name in the current directory.

    Raises BridgeError if there is no such directory, before anybody waits for what would be written.
    """
    path = output or Path(f"charger2mqtt-{what}-{datetime.now(UTC):%Y%m%d-%H%M%S}.json")
    if path != STANDARD_OUTPUT and not os.access(path.parent, os.W_OK | os.X_OK):
        raise BridgeError(f"{path} cannot be written: {path.parent} is no directory that may be written to")
    return path


def write(document: Json, output: Path) -> None:
    """Write it with mode 0600 and say so; raises BridgeError."""
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    text = text.encode(errors="replace").decode()  # half characters, which JSON can hold and files cannot
    if output == STANDARD_OUTPUT:
        typer.echo(text, nl=False)
        return
    target = output.resolve()
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")  # a device or a pipe, which must not be replaced
        else:
            write_private(target, text)
    except OSError as error:
        raise BridgeError(f"{output} cannot be written: {(error.strerror or 'unknown reason').lower()}") from error
    size = len(text.encode())
    typer.echo(f"{output}: {max(1, round(size / 1024))} KiB; look through it before you hand it on", err=True)

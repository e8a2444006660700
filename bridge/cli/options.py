"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.log import LogFormat, LogLevel

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The configuration; else $CHARGER2MQTT_CONFIG, ./config.yaml, /etc/charger2mqtt/config.yaml.",
    ),
]
StateDirOption = Annotated[
    Path | None,
    typer.Option(
        "--state-dir",
        metavar="DIR",
        help="Where tokens and the topic manifest are kept; else $STATE_DIRECTORY, ~/.local/state/charger2mqtt.",
    ),
]
LogLevelOption = Annotated[LogLevel, typer.Option("--log-level", help="How much is logged.")]
LogFormatOption = Annotated[
    LogFormat, typer.Option("--log-format", help="For people, for programs, or by whether this is a terminal.")
]

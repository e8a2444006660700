"""The command line: `charger2mqtt COMMAND`. Each command is one file here, imported only when it is asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Protocol

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from bridge import __version__
from bridge.errors import BridgeError, ConfigError

# structlog imports rich where it is installed, which typer sees to. All of it would go unused, because the plain forms
# are chosen below and in the log; as if it were missing, every process is 3 MB smaller and 30 ms sooner there.
sys.modules["rich"] = None  # type: ignore[assignment]

COMMANDS = {
    "run": "Run the bridge.",
    "check": "Check the configuration; nothing is opened.",
    "probe": "Read each charger once, without a broker.",
    "set": "Set a property of a charger, without a broker, and wait for the result.",
    "upload": "Send a file, such as firmware, to a charger that takes one.",
    "discover": "List the chargers in the local network and of the configured accounts.",
    "cleanup": "Remove what chargers that are gone left on the broker.",
    "demo": "See everything work on this machine, with pretend chargers.",
    "simulate": "Run a pretend charger for your own experiments.",
    "schema": "Print the JSON schema of the configuration or of the state documents.",
    "report": "Write what somebody who helps must know, without secrets.",
    "record": "Record what a charger answers, without secrets, for simulate --replay.",
    "health": "Ask the running bridge whether it is well.",
    "addon": "Run the bridge as a Home Assistant add-on.",
}
"""Every command in the order of the help. Each is the function `command` in the module of that name."""

EXIT_FAILED = 1
EXIT_CONFIGURATION = 2


class _HelpWriter(Protocol):
    """What typer hands to a group for its help."""

    def section(self, name: str) -> AbstractContextManager[None]: ...
    def write_dl(self, rows: Sequence[tuple[str, str]]) -> None: ...


def _typer(group: type[TyperGroup] | None = None) -> typer.Typer:
    return typer.Typer(
        cls=group,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,  # the plain help needs no import of rich
        pretty_exceptions_enable=False,  # the pretty tracebacks show local variables, and those may be passwords
    )


class _Commands(TyperGroup):
    """Imports a command when it is run, so that the help and each command start without waiting for the others."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 - typer's signature
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | None:  # noqa: ARG002 - typer's signature
        if cmd_name not in COMMANDS:
            return None
        alone = _typer()
        alone.command(cmd_name)(importlib.import_module(f"bridge.cli.{cmd_name}").command)
        command = get_command(alone)
        return command if isinstance(command, TyperCommand) else None

    def format_commands(self, ctx: object, formatter: _HelpWriter) -> None:  # noqa: ARG002 - typer's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = _typer(_Commands)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"charger2mqtt {__version__}")
        raise typer.Exit


@app.callback()
def _bridge(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Bridges EV chargers to MQTT and Home Assistant."""


def main() -> None:
    """Run the command line: exit code 0 is fine, 1 a charger or broker failed, 2 the configuration or the usage."""
    try:
        app(prog_name="charger2mqtt")
    except ConfigError as error:
        for fault in error.faults:
            typer.echo(fault, err=True)
        sys.exit(EXIT_CONFIGURATION)
    except BridgeError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(EXIT_FAILED)

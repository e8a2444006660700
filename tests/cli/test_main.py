"""The command line as a whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bridge import __version__, cli
from bridge.errors import BridgeError
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


def test_the_help_names_every_command_and_imports_none(run: Run) -> None:
    """So it is there at once."""
    script = (
        "import sys, bridge.cli\n"
        "sys.argv = ['charger2mqtt', '--help']\n"
        "try: bridge.cli.main()\n"
        "finally: print({'pydantic', 'aiohttp', 'structlog', 'rich'} & {k for k, v in sys.modules.items() if v})\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], check=True, cwd=ROOT, capture_output=True, text=True, timeout=30
    ).stdout

    for command in cli.COMMANDS:
        assert f"\n  {command} " in told
    assert told.endswith("set()\n")
    assert run("--help").out == told.removesuffix("set()\n")


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    """Which means that each is there."""
    outcome = run(command, "--help")

    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: charger2mqtt {command} ")


def test_without_arguments_there_is_help(run: Run) -> None:
    """But it is no success, so that a service that was set up wrong is noticed."""
    outcome = run()

    assert outcome.code == 2
    assert "Commands:" in outcome.out + outcome.err


def test_the_version(run: Run) -> None:
    """In one line."""
    assert run("--version") == (0, f"charger2mqtt {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["chek"], ["check", "--confg", "x"], ["check", "garage"], ["schema", "garage"]])
def test_wrong_usage(run: Run, arguments: list[str]) -> None:
    """A sentence, and the same exit code as for a wrong configuration."""
    outcome = run(*arguments)

    assert outcome.code == 2
    assert "Error: " in outcome.err


def test_what_the_bridge_raises_on_purpose_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a traceback; a charger or broker that failed is exit code 1."""

    def command() -> None:
        raise BridgeError("the charger does not answer")

    monkeypatch.setitem(sys.modules, "bridge.cli.fail", SimpleNamespace(command=command))
    monkeypatch.setitem(cli.COMMANDS, "fail", "Fails.")

    assert run("fail") == (1, "", "error: the charger does not answer\n")


def test_python_can_run_it_as_a_module() -> None:
    """Where the command is not on the path."""
    command = [sys.executable, "-m", "bridge", "--version"]
    told = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True, timeout=30).stdout

    assert told == f"charger2mqtt {__version__}\n"

"""Commands run as a person would, and what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from bridge.cli import main


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Run: TypeAlias = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `charger2mqtt` with these arguments in an empty directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("CHARGER2MQTT_CONFIG", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)

    def run_it(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["charger2mqtt", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        code = left.value.code
        return Outcome(code if isinstance(code, int) else 0, *capsys.readouterr())

    return run_it


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration that is fine, found without being named."""
    path = tmp_path / "config.yaml"
    path.write_text("chargers: {garage: {vendor: go-e, host: 192.168.1.40}}\n")
    return path

"""`charger2mqtt report`, as a person would use it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bridge.cli.handout import write
from bridge.simulators.secret import SECRET
from tests.cli.conftest import Run

AWAY = (
    "http: {listen: null}\nmqtt: {host: 127.0.0.1, port: 1}\nchargers: {garage: {vendor: go-e, host: '127.0.0.1:1'}}\n"
)


def test_the_file(run: Run, tmp_path: Path) -> None:
    """In the current directory, for its owner alone; a charger that does not answer is no failure of the report."""
    (tmp_path / "config.yaml").write_text(AWAY)
    outcome = run("report", "--state-dir", str(tmp_path / "state"))
    (file,) = tmp_path.glob("charger2mqtt-report-*.json")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.startswith(f"{file.name}: ")
    assert file.stat().st_mode & 0o777 == 0o600
    found = json.loads(file.read_text())
    assert found["chargers"]["garage"]["error"]["code"] == "vendor_unreachable"
    assert found["configuration_file"]["path"] == "config.yaml"


def test_a_file_of_that_name_is_replaced(run: Run, tmp_path: Path) -> None:
    """And is for its owner alone afterwards, whatever it was before."""
    (tmp_path / "config.yaml").write_text(AWAY)
    (tmp_path / "report.json").write_text("old")
    (tmp_path / "report.json").chmod(0o666)
    assert run("report", "garage", "-o", "report.json", "--state-dir", "state").code == 0
    assert (tmp_path / "report.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((tmp_path / "report.json").read_text())["report"] == 1


def test_what_is_no_file_stays_what_it_is(run: Run, tmp_path: Path) -> None:
    """A pipe is written to; a link stays one, and what it leads to is for its owner alone."""
    (tmp_path / "config.yaml").write_text(AWAY)
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    assert run("report", "-o", "link.json", "--state-dir", "state").code == 0
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").stat().st_mode & 0o777 == 0o600
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run("report", "-o", "pipe", "--state-dir", "state").code == 0
        assert os.read(reader, 10).startswith(b"{")
    finally:
        os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("output", ["-", "file"])
def test_half_characters_do_no_harm(output: str, tmp_path: Path) -> None:
    """A charger's JSON may hold them."""
    path = tmp_path / output
    write({"name": "\ud800ö"}, path if output == "file" else Path(output))
    if output == "file":
        assert json.loads(path.read_text(encoding="utf-8")) == {"name": "?ö"}


def test_to_standard_output(run: Run, tmp_path: Path) -> None:
    """And nothing but the report."""
    (tmp_path / "config.yaml").write_text(AWAY)
    outcome = run("report", "-o", "-", "--state-dir", "state")
    assert (outcome.code, outcome.err) == (0, "")
    assert "garage" in json.loads(outcome.out)["chargers"]


def test_a_configuration_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    """Its faults are the report, without a value of it."""
    (tmp_path / "config.yaml").write_text(f"mqtt: {{username: u, password: [{SECRET}]}}\nchargers: {{}}\n")
    outcome = run("report", "-o", "-")
    assert outcome.code == 2
    found = json.loads(outcome.out)
    assert any(fault.startswith("mqtt.password: ") for fault in found["faults"])
    assert found["about"]["python"]
    assert SECRET not in outcome.out + outcome.err


def test_the_home_directory_is_not_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is often called like its owner."""
    home = tmp_path / "anna"
    home.mkdir()
    (home / "config.yaml").write_text(AWAY)
    monkeypatch.setenv("HOME", str(home))
    outcome = run("report", "-o", "-", "--config", str(home / "config.yaml"))
    assert json.loads(outcome.out)["configuration_file"]["path"] == "~/config.yaml"
    assert "anna" not in outcome.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("report", "nobody"), 2, "chargers.nobody: there is no such charger"),
        (("report", "-o", "no/such/folder"), 1, "no/such/folder cannot be written"),
    ],
)
def test_what_does_not_fit(run: Run, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    """It is said in a sentence, and no file is left."""
    (tmp_path / "config.yaml").write_text(AWAY)
    outcome = run(*arguments, "--state-dir", "state")
    assert outcome.code == code
    assert words in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]

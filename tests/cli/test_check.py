"""`charger2mqtt check`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.vendors import VENDORS
from tests.cli.conftest import Run


def test_one_line_per_charger_when_all_is_well(run: Run, config: Path) -> None:
    """What is about the file goes to standard error."""
    assert run("check", "--config", str(config)) == (0, "garage: go-e, 192.168.1.40\n", f"configuration: {config}\n")


@pytest.mark.usefixtures("config")
def test_the_usual_places_are_looked_at(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the environment goes before the file."""
    monkeypatch.setenv("CHARGER2MQTT_CHARGERS__GARAGE__HOST", "goe.local:8080")

    assert run("check") == (0, "garage: go-e, goe.local:8080\n", "configuration: config.yaml\n")


def test_the_environment_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container."""
    monkeypatch.setenv("CHARGER2MQTT_CHARGERS__GARAGE", '{"vendor": "go-e", "host": "goe.local"}')

    assert run("check") == (0, "garage: go-e, goe.local\n", "configuration: the environment alone\n")


def test_warnings_do_not_make_it_fail(run: Run, config: Path) -> None:
    """They are told beside it."""
    with config.open("a") as file:
        file.write("shard: {count: 2}\n")

    outcome = run("check")

    assert outcome.code == 0
    assert "warning: mqtt.client_id: each shard needs one of its own" in outcome.err


def test_one_line_per_fault_and_nothing_else(run: Run, config: Path) -> None:
    """On standard error, so that nothing is taken for a charger."""
    config.write_text("mqtt: {hots: x, pasword: hunter2}\nchargers: {garage: {vendor: goe}}\n")

    outcome = run("check")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.splitlines() == [
        "mqtt.hots: this key is not known; did you mean host? (config.yaml line 1)",
        "mqtt.pasword: this key is not known; did you mean password? (config.yaml line 1)",
        (
            "chargers.garage.vendor: it is not known; did you mean go-e? "
            f"Known are: {', '.join(sorted(VENDORS))} (config.yaml line 2)"
        ),
    ]

"""Environment variables go before the file, and are checked as strictly."""

from __future__ import annotations

from operator import attrgetter

import pytest

from tests.settings.given import GARAGE, Faults, Load


@pytest.mark.parametrize(
    ("name", "text", "place", "value"),
    [
        ("MQTT__HOST", "broker.local", "mqtt.host", "broker.local"),
        ("MQTT__PORT", "1884", "mqtt.port", 1884),
        ("MQTT__USERNAME", "null", "mqtt.username", None),
        ("MQTT__CLIENT_ID", "[not JSON", "mqtt.client_id", "[not JSON"),
        ("mqtt__protocol", "5", "mqtt.protocol", "5"),
        ("MQTT", '{"port": 1885}', "mqtt.port", 1885),
        ("HOMEASSISTANT__DISCOVERY", "off", "homeassistant.discovery", "off"),
        ("HTTP__LISTEN", "null", "http.listen", None),
        ("HTTP__LISTEN", "[::]:80", "http.listen", "[::]:80"),
        ("PUBLISH__MIN_CHANGE", '{"power": 10}', "publish.min_change", {"power": 10}),
        ("PUBLISH__MIN_CHANGE__POWER", "20", "publish.min_change", {"power": 20}),
    ],
)
def test_values_are_read_from_text(load_text: Load, name: str, text: str, place: str, value: object) -> None:
    """Numbers, booleans and null as such, JSON where a list or mapping is wanted, everything else as text."""
    file = f"mqtt: {{host: from-the-file, port: 1, username: u}}\n{GARAGE}"

    settings = load_text(file, **{f"CHARGER2MQTT_{name}": text}).settings

    assert attrgetter(place)(settings) == value


def test_chargers_are_added_and_changed(load_text: Load) -> None:
    """Their ids are written in lower case, whatever the case of the variable."""
    settings = load_text(
        GARAGE,
        CHARGER2MQTT_CHARGERS__GARAGE__ALLOW='["factory_reset"]',
        CHARGER2MQTT_CHARGERS__GARAGE__READ_ONLY="true",
        CHARGER2MQTT_CHARGERS__GARAGE__VENDOR_KEYS='["tpa"]',
        CHARGER2MQTT_CHARGERS__YARD='{"vendor": "go-e", "host": "a"}',
        CHARGER2MQTT_CHARGERS__YARD__NAME="Yard",
        CHARGER2MQTT_INSTANCE="second",
    ).settings

    garage, yard = settings.chargers["garage"], settings.chargers["yard"]
    assert garage.allow == frozenset({"factory_reset"})
    assert garage.read_only is True
    assert garage.vendor_keys == ("tpa",)
    assert yard.name == "Yard"
    assert settings.instance == "second"


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("MQTT__HOTS", "x", "mqtt.hots: this key is not known; did you mean host?"),
        ("MQTTT__HOST", "x", "mqttt: this key is not known; did you mean mqtt?"),
        ("MQTT__PORT", "hunter2", "mqtt.port: it must be a whole number (from CHARGER2MQTT_MQTT__PORT)"),
        ("MQTT__HOST", "", "mqtt.host: it must not be empty (from CHARGER2MQTT_MQTT__HOST)"),
        ("MQTT", "{hunter2", "mqtt: it is not valid JSON (from CHARGER2MQTT_MQTT)"),
        ("MQTT", "hunter2", "mqtt: it must be a mapping (`key: value` lines) (from CHARGER2MQTT_MQTT)"),
        ("INSTANCE__X", "hunter2", "instance: it must be a mapping; CHARGER2MQTT_INSTANCE__X stands below it"),
    ],
)
def test_faults_name_the_variable(faults_of: Faults, name: str, text: str, fault: str) -> None:
    """They look like those of the file, without the value."""
    found = faults_of(f"instance: x\n{GARAGE}", **{f"CHARGER2MQTT_{name}": text})

    assert found[0].startswith(fault)
    assert "hunter2" not in str(found)


def test_names_that_are_no_settings_are_passed_over(load_text: Load) -> None:
    """Kubernetes makes such variables by itself; only what looks like a slip is worth a warning."""
    loaded = load_text(
        GARAGE,
        CHARGER2MQTT_CONFIG="config.yaml",
        CHARGER2MQTT_TEST_BROKER="localhost",
        CHARGER2MQTT_PORT="tcp://10.0.0.1:8099",
        CHARGER2MQTT_SERVICE_HOST="10.0.0.1",
        CHARGER2MQTT_INSTANC="x",
        PATH="/bin",
    )

    assert loaded.warnings == ("CHARGER2MQTT_INSTANC: this is no setting; did you mean CHARGER2MQTT_INSTANCE?",)

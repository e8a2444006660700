"""What a configuration becomes, and where it is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.settings import Settings, load
from bridge.settings.load import find
from bridge.vendors.goe.settings import GoeSettings
from tests.settings.given import GARAGE, Load


def test_defaults_are_those_of_the_contract(load_text: Load) -> None:
    """One charger is all that must be said."""
    settings = load_text(GARAGE).settings

    assert settings.model_dump() == {
        "mqtt": {
            "host": "localhost",
            "port": 1883,
            "username": None,
            "password": None,
            "client_id": "charger2mqtt",
            "protocol": "auto",
            "base_topic": "charger2mqtt",
            "tls": {"enabled": False, "ca_file": None, "cert_file": None, "key_file": None, "verify": True},
        },
        "homeassistant": {"discovery": "device", "prefix": "homeassistant"},
        "http": {"listen": "127.0.0.1:8099", "control": False, "token": None},
        "publish": {"output": "both", "heartbeat": 300, "health_interval": 60, "min_interval": 0, "min_change": {}},
        "commands": {"max_age": 60, "queue": 32},
        "shard": {"index": 0, "count": 1},
        "instance": "charger2mqtt",
        "accounts": {},
        "chargers": settings.model_dump()["chargers"],
    }
    assert isinstance(settings.chargers["garage"], GoeSettings)
    assert settings.chargers["garage"].host == "192.168.1.40"


@pytest.mark.parametrize(
    ("text", "section", "field", "value"),
    [
        ("mqtt: {protocol: 5}", "mqtt", "protocol", "5"),
        ("mqtt: {protocol: '5'}", "mqtt", "protocol", "5"),
        ("mqtt: {protocol: 3.1.1}", "mqtt", "protocol", "3.1.1"),
        ("mqtt: {base_topic: home/chargers}", "mqtt", "base_topic", "home/chargers"),
        ("mqtt: {base_topic: homeassistants}", "mqtt", "base_topic", "homeassistants"),
        ("mqtt: {host: '[::1]'}", "mqtt", "host", "::1"),
        ("mqtt: {host: '::1'}", "mqtt", "host", "::1"),
        ("mqtt: {tls: {enabled: true}}", "mqtt", "port", 8883),
        ("mqtt: {tls: {enabled: true}, port: 1884}", "mqtt", "port", 1884),
        ("mqtt:", "mqtt", "host", "localhost"),
        ("homeassistant: {discovery: off}", "homeassistant", "discovery", "off"),
        ("homeassistant: {discovery: 'off'}", "homeassistant", "discovery", "off"),
        ("http: {listen: null}", "http", "address", None),
        ("http: {listen: localhost:0}", "http", "address", ("localhost", 0)),
        ("http: {listen: '[::1]:8099'}", "http", "address", ("::1", 8099)),
        (
            "publish: {min_change: {power: 50, temperature: 0.5}}",
            "publish",
            "min_change",
            {"power": 50, "temperature": 0.5},
        ),
        ("shard: {index: 1, count: 2}", "shard", "index", 1),
        ("accounts: {}", "shard", "index", 0),
    ],
)
def test_forms_that_are_accepted(load_text: Load, text: str, section: str, field: str, value: object) -> None:
    """What YAML makes of a value does not matter where the meaning is clear."""
    assert getattr(getattr(load_text(f"{text}\n{GARAGE}").settings, section), field) == value


def test_anchors_and_merges_save_typing(load_text: Load) -> None:
    """`<<` brings in another mapping, whose keys give way to those beside it."""
    text = """
        chargers:
          garage: &goe {vendor: go-e, host: 192.168.1.40, poll_interval: 10, name: Garage}
          street: {<<: *goe, host: 192.168.1.41, name: Street}
          yard: {<<: [{name: Yard}, *goe], host: 192.168.1.42}
    """

    chargers = load_text(text).settings.chargers

    assert [charger.name for charger in chargers.values()] == ["Garage", "Street", "Yard"]
    assert [charger.poll_interval for charger in chargers.values()] == [10, 10, 10]


def test_settings_cannot_be_changed(load_text: Load) -> None:
    """Everything reads them, so nobody writes them."""
    settings = load_text(GARAGE).settings

    with pytest.raises(ValueError, match="frozen"):
        settings.mqtt.host = "elsewhere"  # type: ignore[misc]


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    """A service runs in another directory than the one where the file was tried."""
    (tmp_path / "ca.pem").touch()
    (tmp_path / "password").write_text("hunter2\n")
    file = tmp_path / "bridge.yaml"
    file.write_text(f"mqtt: {{username: u, password_file: password, tls: {{enabled: yes, ca_file: ca.pem}}}}\n{GARAGE}")

    mqtt = load(file, {}).settings.mqtt

    assert mqtt.tls.ca_file == tmp_path / "ca.pem"
    assert mqtt.password is not None
    assert mqtt.password.get_secret_value() == "hunter2"


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            "mqtt: {tls: {ca_file: ca.pem}}",
            "mqtt.tls: it is not enabled, so the connection is not encrypted, although certificates are named",
        ),
        (
            "mqtt: {}\nshard: {count: 2}",
            "mqtt.client_id: each shard needs one of its own: the broker lets only one of the same name in",
        ),
    ],
)
def test_what_is_hardly_meant_is_worth_a_warning(load_text: Load, folder: Path, text: str, warning: str) -> None:
    """It is no fault, because it can work."""
    (folder / "ca.pem").touch()

    assert load_text(f"{text}\n{GARAGE}").warnings == (f"{warning} (config.yaml line 1)",)


def test_the_file_that_is_named_goes_before_the_usual_places(folder: Path) -> None:
    """The option, then the environment, then ./config.yaml."""
    named = {"CHARGER2MQTT_CONFIG": "/named/by/environment.yaml"}
    assert find(Path("option.yaml"), named) == Path("option.yaml")
    assert find(None, named) == Path("/named/by/environment.yaml")
    assert find(None, {}) is None
    (folder / "config.yaml").touch()
    assert find(None, {}) == Path("config.yaml")


@pytest.mark.usefixtures("folder")
def test_no_file_is_needed_if_the_environment_says_enough() -> None:
    """So it is in a container."""
    environ = {"CHARGER2MQTT_CHARGERS__GARAGE__VENDOR": "go-e", "CHARGER2MQTT_CHARGERS__GARAGE__HOST": "goe.local"}

    loaded = load(None, environ)

    assert loaded.path is None
    assert list(loaded.settings.chargers) == ["garage"]


@pytest.mark.usefixtures("folder")
def test_neither_file_nor_environment() -> None:
    """The first line says where the file was looked for."""
    with pytest.raises(ConfigError) as caught:
        load(None, {})

    assert caught.value.faults == (
        "configuration: there is no file; looked for config.yaml, /etc/charger2mqtt/config.yaml",
        "chargers: none is configured",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"mqtt: {host: \xff}", "line 1: it is not UTF-8 text; save it as UTF-8"),
        (b"\n\nmqtt: {host: \x01}", "line 3: there is a character that YAML does not allow"),
        (b"#" * 1024 * 1024 + b"#", "it is larger than 1 MiB, which no configuration is"),
        (b"- mqtt", "it must consist of `key: value` lines"),
        (b"mqtt", "it must consist of `key: value` lines"),
        (b"[" * 10_000, "it is nested too deep"),
        (b"a: &a [*a]", "it is nested too deep"),
    ],
)
def test_files_that_are_no_configuration(tmp_path: Path, content: bytes, message: str) -> None:
    """One line says what the file is instead."""
    path = tmp_path / "config.yaml"
    path.write_bytes(content)

    with pytest.raises(ConfigError) as caught:
        load(path, {})

    assert caught.value.faults == (f"{path}: {message}",)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "it is a directory, not a file"),
        ("missing.yaml", "it cannot be read: no such file or directory"),
        ("\0", "it cannot be read: not a path"),
    ],
)
def test_files_that_are_not_there(tmp_path: Path, name: str, message: str) -> None:
    """A file that is named must exist."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / name, {})

    assert caught.value.faults == (f"{tmp_path / name}: {message}",)


def test_a_place_that_cannot_be_looked_at_is_no_empty_place(folder: Path) -> None:
    """Better to fail on the file than to go on without it."""
    (folder / "config.yaml").symlink_to("config.yaml")

    with pytest.raises(ConfigError, match="it cannot be read: too many levels of symbolic links"):
        load(None, {})


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    path = tmp_path / "config.yaml"
    path.write_text(GARAGE, encoding="utf-8-sig")

    assert isinstance(load(path, {}).settings, Settings)


@pytest.mark.parametrize("text", ["", "# mqtt: {host: a}\n", "---\n", "null\n"])
def test_an_empty_file_says_nothing(load_text: Load, text: str) -> None:
    """The environment may say enough."""
    loaded = load_text(text, CHARGER2MQTT_CHARGERS__GARAGE='{"vendor": "go-e", "host": "goe.local"}')

    assert loaded.path == Path("config.yaml")
    assert list(loaded.settings.chargers) == ["garage"]


def test_few_lines_of_aliases_cannot_stand_for_billions_of_values(load_text: Load) -> None:
    """The well-known bomb is a fault and takes no time."""
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    with pytest.raises(ConfigError, match="too many values"):
        load_text("\n".join(lines))


@pytest.mark.parametrize(
    ("written", "serial"),
    [
        ("123456", "123456"),
        ("'123456'", "123456"),
        ("'072246'", "072246"),
        ('"012345"', "012345"),
        # These are no numbers to YAML: octal ones have no 8 and no 9.
        ("089123", "089123"),
        ("050089", "050089"),
        ("91000A", "91000A"),
    ],
)
def test_a_serial_number_is_what_the_charger_calls_itself(load_text: Load, written: str, serial: str) -> None:
    """With its zeros; what YAML would change is a fault (test_faults.py)."""
    text = f"chargers: {{garage: {{vendor: go-e, transport: mqtt, serial: {written}}}}}"
    garage = load_text(text).settings.chargers["garage"]
    assert isinstance(garage, GoeSettings)
    assert garage.serial == serial


@pytest.mark.parametrize(
    ("settings", "field", "value"),
    [
        ("transport: mqtt, serial: 123456", "topic_prefix", "go-eCharger"),
        ("transport: mqtt, serial: 123456, topic_prefix: /go-eCharger/", "topic_prefix", "go-eCharger"),
        ("transport: mqtt, serial: 123456, topic_prefix: home/garage/", "topic_prefix", "home/garage"),
        ("transport: mqtt, serial: 123456", "broker", None),
        ("transport: mqtt, serial: 123456, host: 192.168.1.40", "host", "192.168.1.40"),
        ("transport: cloud, serial: 123456, token: t, api_url: 'https://a/b/'", "api_url", "https://a/b"),
        ("transport: cloud, serial: 123456, token: t", "api_url", None),
        ("host: a, vendor_keys: [amp, cak]", "vendor_keys", ("amp", "cak")),
    ],
)
def test_the_ways_to_a_go_e(load_text: Load, settings: str, field: str, value: object) -> None:
    """Slashes at the ends do not matter, whoever may have written them."""
    garage = load_text(f"chargers: {{garage: {{vendor: go-e, {settings}}}}}").settings.chargers["garage"]
    assert getattr(garage, field) == value


def test_the_broker_of_a_charger(load_text: Load) -> None:
    """It can be told as much of it as of our own, and may have a name for us there."""
    text = """
        chargers:
          garage:
            {vendor: go-e, transport: mqtt, serial: 123456,
             broker: {host: "[::1]", tls: {enabled: true}, username: u, protocol: 5, client_id: us}}
    """
    garage = load_text(text).settings.chargers["garage"]
    assert isinstance(garage, GoeSettings)
    assert garage.broker is not None
    assert (garage.broker.host, garage.broker.port, garage.broker.client_id) == ("::1", 8883, "us")
    assert garage.broker.protocol == "5"

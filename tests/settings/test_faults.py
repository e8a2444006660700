"""Faults are told at their place and in plain words, all at once, and never with the value of a secret."""

from __future__ import annotations

import traceback

import pytest

from bridge.errors import ConfigError
from bridge.vendors import VENDORS
from tests.settings.given import GARAGE, Faults, Load

KNOWN = ", ".join(sorted(VENDORS))
WITH_ACCOUNTS = ", ".join(sorted(name for name, vendor in VENDORS.items() if vendor.account_settings is not None))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("mqtt: {hots: x}", "mqtt.hots: this key is not known; did you mean host?"),
        ("mqtt: {pasword_file: x}", "mqtt.pasword_file: this key is not known; did you mean password_file?"),
        ("mqtt: {keepalive: 30}", "mqtt.keepalive: this key is not known"),
        ("mqtt: {hots: }", "mqtt: there is a key that is not known and has no value; did you mean host?"),
        ("mqtt: localhost", "mqtt: it must be a mapping (`key: value` lines)"),
        ("mqtt: {host: ''}", "mqtt.host: it must not be empty"),
        ("mqtt: {host: null}", "mqtt.host: it must be text; put it in quotes"),
        ("mqtt: {host: a b}", "mqtt.host: it must not hold blanks or control characters"),
        (
            "mqtt: {host: 'mqtt://localhost'}",
            "mqtt.host: it must be the host alone; the port has a key of its own, and tls.enabled is for TLS",
        ),
        ("mqtt: {port: 0}", "mqtt.port: it must be at least 1"),
        ("mqtt: {port: 65536}", "mqtt.port: it must be at most 65535"),
        ("mqtt: {port: mqtt}", "mqtt.port: it must be a whole number"),
        ("mqtt: {port: 1.5}", "mqtt.port: it must be a whole number"),
        ("mqtt: {username: 1}", "mqtt.username: it must be text; put it in quotes"),
        ("mqtt: {protocol: 4}", "mqtt.protocol: it must be 'auto', '5' or '3.1.1'"),
        (
            "mqtt: {password: hunter2}",
            "mqtt.username: it must be given, since there is a password (only MQTT 5 can do without)",
        ),
        ("mqtt: {tls: {verify: maybe}}", "mqtt.tls.verify: it must be true or false"),
        ("mqtt: {tls: {ca_file: missing.pem}}", "mqtt.tls.ca_file: there is no such file"),
        (f"mqtt: {{tls: {{ca_file: {'x' * 5000}}}}}", "mqtt.tls.ca_file: there is no such file"),
        ("mqtt: {tls: {ca_file: .}}", "mqtt.tls.ca_file: there is no such file"),
        ("mqtt: {tls: {ca_file: 1}}", "mqtt.tls.ca_file: it must be the path of a file"),
        ("mqtt: {tls: {key_file: config.yaml}}", "mqtt.tls.key_file: it is of no use without cert_file"),
        ("mqtt: {base_topic: a/+}", "mqtt.base_topic: it must not hold the wildcards + and #"),
        ("mqtt: {base_topic: a/#}", "mqtt.base_topic: it must not hold the wildcards + and #"),
        ("mqtt: {base_topic: /a}", "mqtt.base_topic: it must neither begin nor end with / nor hold //"),
        ("mqtt: {base_topic: a/}", "mqtt.base_topic: it must neither begin nor end with / nor hold //"),
        ("mqtt: {base_topic: a//b}", "mqtt.base_topic: it must neither begin nor end with / nor hold //"),
        ("mqtt: {base_topic: $SYS}", "mqtt.base_topic: it must not begin with $, which brokers keep for themselves"),
        ('mqtt: {base_topic: "a\\0"}', "mqtt.base_topic: it must not hold control characters"),
        (
            "mqtt: {base_topic: homeassistant}",
            "mqtt.base_topic: it and homeassistant.prefix must be different, and neither may lie below the other",
        ),
        (
            "mqtt: {base_topic: homeassistant/ev}",
            "mqtt.base_topic: it and homeassistant.prefix must be different, and neither may lie below the other",
        ),
        (
            "mqtt: {base_topic: ev}\nhomeassistant: {prefix: ev/ha}",
            "mqtt.base_topic: it and homeassistant.prefix must be different, and neither may lie below the other",
        ),
        ("homeassistant: {discovery: on}", "homeassistant.discovery: it must be 'device', 'component' or 'off'"),
        ("http: {listen: 8099}", "http.listen: it must be text; put it in quotes"),
        ("http: {listen: ':8099'}", "http.listen: it must be HOST:PORT, such as 127.0.0.1:8099 or [::1]:8099"),
        ("http: {listen: '::1:8099'}", "http.listen: it must be HOST:PORT, such as 127.0.0.1:8099 or [::1]:8099"),
        ("http: {listen: 'a:65536'}", "http.listen: it must be HOST:PORT, such as 127.0.0.1:8099 or [::1]:8099"),
        (
            "http: {control: true}",
            "http.token: it must be given, since control lets people command chargers from the page",
        ),
        ("http: {control: true, token: guess-me}", "http.token: it must have at least 16 characters"),
        ("http: {token: 1234567890123456}", "http.token: it must be text; put it in quotes"),
        ("publish: {heartbeat: .nan}", "publish.heartbeat: it must be at most 86400"),
        ("publish: {heartbeat: often}", "publish.heartbeat: it must be a number"),
        ("publish: {min_change: {powr: 1}}", "publish.min_change.powr: there is no such property"),
        (
            "publish: {min_change: {current_limit: 1}}",
            "publish.min_change.current_limit: only measurements can be damped, and this is none",
        ),
        ("publish: {min_change: {power: .inf}}", "publish.min_change.power: it must be a finite number"),
        ("publish: {min_change: {power: -1}}", "publish.min_change.power: it must be at least 0"),
        ("commands: {queue: 0}", "commands.queue: it must be at least 1"),
        ("shard: {index: 2, count: 2}", "shard.index: it must be less than shard.count, which is 2"),
        ("instance: a/b", "instance: it is not written as it should be; see docs/configuration.md"),
        ("accounts: {home: {vendor: go-e}}", f"accounts.home.vendor: it is not one of {WITH_ACCOUNTS}"),
        ("accounts: {home: x}", "accounts.home: it must be a mapping (`key: value` lines)"),
        ("off: 1", 'off: YAML reads this key as true or false; quote it: "off"'),
        ("port: !!int many", "port: it cannot be read as a number"),
        ("port: !secret port", "port: it starts with a tag that is not known; quote a text that begins with `!`"),
        ("mqtt: {host: a, host: b}", "mqtt.host: it is given twice"),
    ],
)
def test_each_fault_has_its_place_and_its_sentence(faults_of: Faults, text: str, fault: str) -> None:
    """The sentence says what is wanted, and the line where it is to be mended follows."""
    first = faults_of(f"{GARAGE}{text}")[0]

    assert first.split(" (config.yaml line")[0] == fault


@pytest.mark.parametrize(
    ("chargers", "fault"),
    [
        ("", "chargers: none is configured"),
        ("{}", "chargers: none is configured"),
        ("[garage]", "chargers: it must be a mapping (`key: value` lines)"),
        ("{garage: }", f"chargers.garage.vendor: it must be given: one of {KNOWN}"),
        ("{garage: {host: a}}", f"chargers.garage.vendor: it must be given: one of {KNOWN}"),
        ("{garage: {vendor: Goe}}", f"chargers.garage.vendor: it is not known; did you mean go-e? Known are: {KNOWN}"),
        ("{garage: {vendor: 5}}", f"chargers.garage.vendor: it is not one of {KNOWN}"),
        ("{garage: {vendor: go-e}}", "chargers.garage.host: it must be given for transport: http"),
        (
            "{garage: {vendor: go-e, host: a, hots: b}}",
            "chargers.garage.hots: this key is not known; did you mean host?",
        ),
        (
            "{garage: {vendor: go-e, host: 'http://a/'}}",
            (
                "chargers.garage.host: it must be a name or an address, perhaps with a port:"
                " 192.168.1.40 or charger.lan:8080"
            ),
        ),
        ("{garage: {vendor: go-e, host: a, timeout: 0}}", "chargers.garage.timeout: it must be more than 0"),
        (
            "{garage: {vendor: go-e, host: a, allow: [all]}}",
            "chargers.garage.allow.0: it must be 'factory_reset', 'firmware_update' or 'credentials'",
        ),
        ("{garage: {vendor: go-e, host: a, allow: all}}", "chargers.garage.allow: it must be a list"),
        (
            "{garage: {vendor: go-e, host: a, vendor_keys: 5}}",
            "chargers.garage.vendor_keys: it must be 'all', or it must be a list",
        ),
        (
            "{bridge: {vendor: go-e, host: a}}",
            "chargers.bridge: a charger cannot be called bridge, because the bridge's own topics are",
        ),
        ("{My Garage: {}}", "chargers.My Garage: a name consists of 1 to 64 of the characters a-z 0-9 _ -"),
        ("{a/b: {vendor: go-e, host: a}}", "chargers.?: a name consists of 1 to 64 of the characters a-z 0-9 _ -"),
        ("{off: {vendor: go-e, host: a}}", 'chargers.off: YAML reads this key as true or false; quote it: "off"'),
        ("{no: {vendor: go-e, host: a}}", 'chargers.no: YAML reads this key as true or false; quote it: "no"'),
        ("{1: {vendor: go-e, host: a}}", 'chargers.1: YAML reads this key as a number; quote it: "1"'),
        ("{null: {vendor: go-e, host: a}}", 'chargers.null: YAML reads this key as nothing; quote it: "null"'),
        (
            "{2026-11-20: {vendor: go-e, host: a}}",
            'chargers.2026-11-20: YAML reads this key as a date; quote it: "2026-11-20"',
        ),
        ("{[a]: {vendor: go-e, host: a}}", "chargers: in line 1 a whole list or mapping stands where a key should"),
        ("{<<: a}", "chargers: only mappings can be merged with `<<`"),
    ],
)
def test_faults_of_chargers(faults_of: Faults, chargers: str, fault: str) -> None:
    """Their ids are topics, and their settings depend on the vendor."""
    assert faults_of(f"chargers: {chargers}")[0].split(" (config.yaml line")[0] == fault


QUOTE_THE_SERIAL = 'serial: it must be in quotes, because YAML changes numbers that begin with 0: "012345"'
ONE_WORD = "token: it must be one word of letters, digits and signs, as the app shows it"


@pytest.mark.parametrize(
    ("settings", "faults"),
    [
        ("transport: udp", ["transport: it must be 'http', 'mqtt' or 'cloud'"]),
        ("transport: mqtt", ["serial: it must be given for transport: mqtt"]),
        ("transport: mqtt, host: a", ["serial: it must be given for transport: mqtt"]),
        (
            "transport: cloud, host: a",
            ["serial: it must be given for transport: cloud", "token: it must be given for transport: cloud"],
        ),
        ("transport: cloud, serial: 123456", ["token: it must be given for transport: cloud"]),
        ("host: a, broker: {host: b}", ["broker: it is only for transport: mqtt"]),
        ("host: a, token: hunter2", ["token: it is only for transport: cloud"]),
        ("host: a, api_url: 'https://b'", ["api_url: it is only for transport: cloud"]),
        (
            "transport: mqtt, serial: 123456, token: hunter2, api_url: 'https://b'",
            ["token: it is only for transport: cloud", "api_url: it is only for transport: cloud"],
        ),
        (
            "transport: cloud, serial: 123456, token: hunter2, broker: {host: b}",
            ["broker: it is only for transport: mqtt"],
        ),
        # YAML reads 072246 as octal, which is 29862.
        ("transport: mqtt, serial: 072246", [QUOTE_THE_SERIAL]),
        ("transport: mqtt, serial: 000000", [QUOTE_THE_SERIAL]),
        ("transport: mqtt, serial: 29862", [QUOTE_THE_SERIAL]),
        ("transport: mqtt, serial: -1", [QUOTE_THE_SERIAL]),
        ("transport: mqtt, serial: 1234567", [QUOTE_THE_SERIAL]),
        ("transport: mqtt, serial: 1.5", ["serial: it must be text; put it in quotes"]),
        ("transport: mqtt, serial: true", ["serial: it must be text; put it in quotes"]),
        (
            "transport: mqtt, serial: '12/34'",
            ["serial: it is not written as it should be; see docs/configuration.md"],
        ),
        ("transport: mqtt, serial: ''", ["serial: it is not written as it should be; see docs/configuration.md"]),
        *(
            (
                f"transport: mqtt, serial: 123456, topic_prefix: {prefix}",
                ["topic_prefix: it must not hold the wildcards + and #, nor control characters"],
            )
            for prefix in ("a/+", "'#'", '"a\\0"', '"a\\nb"')
        ),
        *(
            (f"transport: mqtt, serial: 123456, topic_prefix: {prefix}", ["topic_prefix: it must not be empty"])
            for prefix in ("''", "/", "//")
        ),
        (
            "transport: mqtt, serial: 123456, broker: {hots: b}",
            ["broker.hots: this key is not known; did you mean host?"],
        ),
        ("transport: mqtt, serial: 123456, broker: {port: 0}", ["broker.port: it must be at least 1"]),
        (
            "transport: mqtt, serial: 123456, broker: {host: 'mqtt://b'}",
            ["broker.host: it must be the host alone; the port has a key of its own, and tls.enabled is for TLS"],
        ),
        (
            "transport: mqtt, serial: 123456, broker: {password: hunter2}",
            ["broker.username: it must be given, since there is a password (only MQTT 5 can do without)"],
        ),
        (
            "transport: cloud, serial: 123456, token: hunter2, api_url: b",
            ["api_url: it must begin with https:// (or http://)"],
        ),
        *(
            (f"transport: cloud, serial: 123456, token: {token}", [ONE_WORD])
            for token in ("hunter2 and more", '"hunter2\\r\\nX-Other: 1"', "hünter2")
        ),
        (
            "host: a, vendor_keys: [amp, nosuch]",
            ["vendor_keys: there is no key 'nosuch'; docs/vendors/go-e.md lists them all"],
        ),
        (
            "host: a, vendor_keys: [facwak]",
            ["vendor_keys: facwak is a secret that cannot be set, so there is nothing to publish"],
        ),
    ],
)
def test_faults_of_the_ways_to_a_go_e(faults_of: Faults, settings: str, faults: list[str]) -> None:
    """What each transport needs, what is of no use for it, and how a serial number must be written."""
    text = f"chargers: {{garage: {{vendor: go-e, {settings}}}}}"
    found = [line.split(" (config.yaml line")[0] for line in faults_of(text)]
    assert found == [f"chargers.garage.{fault}" for fault in faults]
    assert "unter2" not in str(found)


@pytest.mark.parametrize("name", ["off", "1", "2026-11-20"])
def test_quoted_ids_are_fine(load_text: Load, name: str) -> None:
    """What the advice leads to works."""
    assert list(load_text(f'chargers: {{"{name}": {{vendor: go-e, host: a}}}}').settings.chargers) == [name]


def test_all_faults_come_at_once_with_their_lines(faults_of: Faults) -> None:
    """Nobody should have to mend a file line by line."""
    text = """\
mqtt:
  hots: localhost
  port: many
  port: 1883
chargers:
  garage:
    vendor: go-e
  off:
    vendor: go-e
    host: a
"""

    assert faults_of(text) == [
        "mqtt.port: it is given twice (config.yaml lines 3 and 4)",
        'chargers.off: YAML reads this key as true or false; quote it: "off" (config.yaml line 8)',
        "mqtt.hots: this key is not known; did you mean host? (config.yaml line 2)",
        "chargers.garage.host: it must be given for transport: http (config.yaml line 6)",
    ]


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("accounts", "fault"),
    [
        ("{}", "it must name an account of acme; there is none under accounts"),
        ("{work: {vendor: acme, email: a, password: b}}", "it must name an account of acme; known are: work"),
    ],
)
def test_a_charger_needs_an_account_that_exists(faults_of: Faults, accounts: str, fault: str) -> None:
    """The account must be there, and be of the same vendor."""
    text = f"accounts: {accounts}\nchargers: {{street: {{vendor: acme, account: home}}}}"

    assert faults_of(text) == [f"chargers.street.account: {fault} (config.yaml line 2)"]


@pytest.mark.usefixtures("acme")
def test_chargers_and_accounts_have_the_class_of_their_vendor(load_text: Load) -> None:
    """A vendor's own keys are checked and there."""
    text = """
        accounts: {home: {vendor: acme, email: you@example.com, password: hunter2}}
        chargers: {street: {vendor: acme, account: home, door: {code: "1234"}}}
    """

    settings = load_text(text).settings

    assert type(settings.accounts["home"]).__name__ == "AcmeAccount"
    assert type(settings.chargers["street"]).__name__ == "AcmeSettings"
    assert "hunter2" not in repr(settings)
    assert "1234" not in repr(settings)


@pytest.mark.parametrize(
    "text",
    [
        "mqtt: {pasword: hunter2}",
        "mqtt: {unheard_of: hunter2}",
        "mqtt: {password: [hunter2]}",
        "mqtt: {password: {hunter2: hunter2}}",
        "mqtt: {password: {is: hunter2}, port: x}",
        "mqtt: hunter2",
        "mqtt: [hunter2]",
        "hunter2",
        "- hunter2",
        "password: hunter2",
        "mqtt: {password: hunter2, password: hunter2}",
        "mqtt: {password: hunter2, password_file: hunter2}",
        "mqtt: {password_file: hunter2}",
        "mqtt: {password_file: [hunter2]}",
        "mqtt: {password: hunter2}",
        "mqtt: {host: 'mqtt://user:hunter2@localhost'}",
        # Characters that mean something to YAML, in a password without quotes
        "mqtt: {password:hunter2}",
        "mqtt: {password: hun,hunter2}",
        'mqtt: {passwordhunter2"}',
        "mqtt: {host: 'a, 'hunter2', x': b}",
        "mqtt: {password: *hunter2}",
        "mqtt: {password: &hunter2 }",
        "mqtt: {password: !hunter2 }",
        "mqtt: {password: @hunter2}",
        "mqtt: {password: %hunter2}",
        "mqtt: {password: `hunter2}",
        "mqtt: {password: [hunter2}",
        "mqtt: {password: hunter2: x}",
        "mqtt: {password: hunter2",
        "mqtt:\n  password: 'hunter2",
        "mqtt:\n  password: hunter2: x",
        "mqtt:\n  password: x\n   hunter2",
        "mqtt:\n  password: x\nhunter2",
        "mqtt:\n\tpassword: hunter2",
        "mqtt:\n  password: \x02hunter2",
        "mqtt: {port: !!int hunter2}",
        "mqtt: {? [hunter2] : x}",
        "<<: hunter2",
    ],
)  # fmt: skip
def test_no_fault_shows_a_secret(load_text: Load, text: str) -> None:
    """Neither the lines nor the traceback, in whatever way the file is wrong."""
    with pytest.raises(ConfigError) as caught:
        load_text(f"{text}\n")

    assert "unter2" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.faults


def test_a_number_as_secret_is_not_shown_as_key(faults_of: Faults) -> None:
    """In `{password: 12,34}` the comma ends the password, and 34 becomes a key."""
    assert faults_of(f"{GARAGE}mqtt: {{username: u, password: 12,34}}") == [
        "mqtt: there is a key that is not text and has no value (config.yaml line 2)",
        "mqtt.password: it must be text; put it in quotes (config.yaml line 2)",
    ]

"""Where secrets come from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bridge.settings import Loaded
from bridge.vendors.goe.settings import GoeSettings
from tests.settings.given import GARAGE, Faults, Load

USER = f"{GARAGE}mqtt: {{username: u}}"


def _password(loaded: Loaded) -> str:
    assert loaded.settings.mqtt.password is not None
    return loaded.settings.mqtt.password.get_secret_value()


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """Systemd's directory, with one credential."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "mqtt.password").write_text("from systemd\n")
    return folder


@pytest.fixture
def secret(folder: Path) -> Path:
    """A file with a secret that only its owner can read."""
    path = folder / "secret"
    path.write_text("from a file\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("in_file", "environ", "expected"),
    [
        ("password: plain", {}, "plain"),
        ("password_file: secret", {}, "from a file"),
        ("", {"CHARGER2MQTT_MQTT__PASSWORD": "variable"}, "variable"),
        ("", {"CHARGER2MQTT_MQTT__PASSWORD_FILE": "secret"}, "from a file"),
        ("", {"CREDENTIALS_DIRECTORY": "credentials"}, "from systemd"),
        ("password: plain", {"CREDENTIALS_DIRECTORY": "credentials"}, "from systemd"),
        ("password_file: gone", {"CREDENTIALS_DIRECTORY": "credentials"}, "from systemd"),
        ("password: plain", {"CREDENTIALS_DIRECTORY": "elsewhere"}, "plain"),
        ("password: plain", {"CHARGER2MQTT_MQTT__PASSWORD_FILE": "secret"}, "from a file"),
        ("password_file: gone", {"CHARGER2MQTT_MQTT__PASSWORD": "variable"}, "variable"),
        ("", {"CREDENTIALS_DIRECTORY": "credentials", "CHARGER2MQTT_MQTT__PASSWORD": "variable"}, "variable"),
        ("", {"CHARGER2MQTT_MQTT__PASSWORD": "[null]"}, "[null]"),
        ("", {"CHARGER2MQTT_MQTT__PASSWORD": "null"}, "null"),
    ],
)
@pytest.mark.usefixtures("credentials", "secret")
def test_the_environment_goes_before_a_credential_before_the_file(
    load_text: Load, in_file: str, environ: dict[str, str], expected: str
) -> None:
    """Whatever is nearer to the running service wins."""
    loaded = load_text(f"{GARAGE}mqtt: {{username: u, {in_file}}}", **environ)

    assert _password(loaded) == expected


@pytest.mark.usefixtures("secret")
def test_both_in_the_environment_is_a_fault(faults_of: Faults) -> None:
    """As it is in the file."""
    environ = {"CHARGER2MQTT_MQTT__PASSWORD": "variable", "CHARGER2MQTT_MQTT__PASSWORD_FILE": "secret"}

    assert faults_of(USER, **environ) == [
        "mqtt.password_file: give either this or password, not both (from CHARGER2MQTT_MQTT__PASSWORD_FILE)"
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"a\n", "a"), (b"a\r\n", "a"), (b"a\n\n", "a"), (b" a \n", " a "), ("ä".encode(), "ä")],
)
def test_only_newlines_at_the_end_are_taken_off(load_text: Load, folder: Path, content: bytes, expected: str) -> None:
    """Editors and `echo` add them; blanks may be meant."""
    (folder / "secret").write_bytes(content)

    assert _password(load_text(f"{GARAGE}mqtt: {{username: u, password_file: secret}}")) == expected


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "the file is empty"),
        (b"\n", "the file is empty"),
        (b"\xff", "the file is not UTF-8 text"),
        (b"a" * 65537, "the file is larger than 64 KiB, which no secret is"),
    ],
)
def test_files_that_hold_no_secret(faults_of: Faults, folder: Path, content: bytes, fault: str) -> None:
    """The fault is told at the key that names the file."""
    (folder / "secret").write_bytes(content)
    text = f"{GARAGE}mqtt: {{username: u, password_file: secret}}"

    assert faults_of(text) == [f"mqtt.password_file: {fault} (config.yaml line 2)"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("gone", "the file cannot be read: no such file or directory"),
        ("x" * 5000, "the file cannot be read: file name too long"),
        (".", "the file cannot be read: is a directory"),
        ("''", "it must be the path of a file"),
        ("5", "it must be the path of a file"),
        ('"\\0"', "it must be the path of a file"),
    ],
)
def test_files_that_cannot_be_read(faults_of: Faults, name: str, fault: str) -> None:
    """Their path is not shown, because people write the secret itself there."""
    text = f"{GARAGE}mqtt: {{username: u, password_file: {name}}}"

    assert faults_of(text) == [f"mqtt.password_file: {fault} (config.yaml line 2)"]


def test_a_secret_can_come_through_a_pipe(load_text: Load) -> None:
    """As from `CHARGER2MQTT_MQTT__PASSWORD_FILE=<(pass show mqtt)` in a shell."""
    reader, writer = os.pipe()
    os.write(writer, b"hunter2\n")
    os.close(writer)
    try:
        loaded = load_text(USER, CHARGER2MQTT_MQTT__PASSWORD_FILE=f"/dev/fd/{reader}")
    finally:
        os.close(reader)

    assert _password(loaded) == "hunter2"
    assert loaded.warnings == ()


def test_an_empty_secret_is_a_fault(faults_of: Faults) -> None:
    """Most often a variable that was never set."""
    assert faults_of(USER, CHARGER2MQTT_MQTT__PASSWORD="") == [
        "mqtt.password: it is empty (from CHARGER2MQTT_MQTT__PASSWORD)"
    ]


@pytest.mark.usefixtures("acme")
def test_every_secret_of_every_vendor_can_be_in_a_file(load_text: Load, folder: Path) -> None:
    """Also a required one, in a section, in a list, or as a credential, without a word of the vendor's about it."""
    for name in ("account", "pin", "code", "first"):
        (folder / name).write_text(f"the {name}\n")
    (folder / "credentials").mkdir()
    (folder / "credentials" / "chargers.yard.pin").write_text("the credential")
    text = """
        accounts: {home: {vendor: acme, email: you@example.com, password_file: account}}
        chargers:
          street: {vendor: acme, account: home, pin_file: pin, door: {code_file: code}, doors: [{code_file: first}]}
          yard: {vendor: acme, account: home}
    """

    settings = load_text(text, CREDENTIALS_DIRECTORY=str(folder / "credentials")).settings

    street: Any = settings.chargers["street"]
    account: Any = settings.accounts["home"]
    yard: Any = settings.chargers["yard"]
    secrets: list[SecretStr] = [account.password, street.pin, street.door.code, street.doors[0].code, yard.pin]
    assert [each.get_secret_value() for each in secrets] == [
        "the account",
        "the pin",
        "the code",
        "the first",
        "the credential",
    ]
    assert yard.door is None


@pytest.mark.usefixtures("acme")
def test_a_required_secret_that_is_nowhere(faults_of: Faults) -> None:
    """It is missed under its own name."""
    text = f"accounts: {{home: {{vendor: acme, email: a}}}}\n{GARAGE}"

    assert faults_of(text) == ["accounts.home.password: it must be given (config.yaml line 1)"]


@pytest.fixture
def open_folder(folder: Path) -> Path:
    """A directory that every user can enter, as pytest's own are not."""
    for each in (folder, *folder.parents):
        if each.stat().st_uid == os.geteuid() and each != Path("/"):
            each.chmod(each.stat().st_mode | 0o011)
    return folder


def test_a_secret_that_everyone_can_read_is_worth_a_warning(load_text: Load, open_folder: Path) -> None:
    """The file of a secret, and the configuration that holds one itself."""
    (open_folder / "secret").write_text("hunter2")
    (open_folder / "secret").chmod(0o644)
    in_a_file = load_text(f"{GARAGE}mqtt: {{username: u, password_file: secret}}")
    (open_folder / "config.yaml").chmod(0o644)
    itself = load_text(f"{GARAGE}mqtt: {{username: u, password: hunter2}}")

    assert in_a_file.warnings == (
        "mqtt.password_file: every user of this machine can read the file; chmod 600 helps (config.yaml line 2)",
    )
    (warning,) = itself.warnings
    assert warning.startswith(
        "config.yaml: it holds a secret and every user of this machine can read it; chmod 600 helps"
    )
    assert warning.endswith("or a file or a systemd credential for the secret alone")


def test_a_certificates_key_that_everyone_can_read_is_worth_a_warning(load_text: Load, open_folder: Path) -> None:
    """It opens as much as a password."""
    for name in ("cert", "key"):
        (open_folder / name).write_text("pem")
        (open_folder / name).chmod(0o644)
    text = f"{GARAGE}mqtt: {{tls: {{enabled: true, cert_file: cert, key_file: key}}}}"
    warning = "mqtt.tls.key_file: every user of this machine can read the file; chmod 600 helps (config.yaml line 2)"

    assert load_text(text).warnings == (warning,)
    (open_folder / "key").chmod(0o640)
    assert load_text(text).warnings == ()


def test_no_warning_where_others_cannot_come(load_text: Load, open_folder: Path) -> None:
    """A closed directory keeps an open file safe, and without a secret there is nothing to keep."""
    (open_folder / "closed").mkdir(mode=0o700)
    (open_folder / "closed" / "secret").write_text("hunter2")
    (open_folder / "closed" / "secret").chmod(0o644)

    assert load_text(f"{GARAGE}mqtt: {{username: u, password_file: closed/secret}}").warnings == ()
    assert load_text(GARAGE).warnings == ()


BY_MQTT = "chargers: {garage: {vendor: go-e, transport: mqtt, serial: 123456, broker: {host: b, username: u%s}}}"
BY_CLOUD = "chargers: {garage: {vendor: go-e, transport: cloud, serial: 123456%s}}"


@pytest.mark.parametrize(
    ("text", "in_file", "environ", "expected"),
    [
        (BY_MQTT, "password: plain", {}, "plain"),
        (BY_MQTT, "password_file: secret", {}, "from a file"),
        (BY_MQTT, "", {"CHARGER2MQTT_CHARGERS__GARAGE__BROKER__PASSWORD": "variable"}, "variable"),
        (BY_MQTT, "", {"CHARGER2MQTT_CHARGERS__GARAGE__BROKER__PASSWORD_FILE": "secret"}, "from a file"),
        (BY_MQTT, "password: plain", {"CHARGER2MQTT_CHARGERS__GARAGE__BROKER__PASSWORD": "0123"}, "0123"),
        (BY_CLOUD, "token: plain", {}, "plain"),
        (BY_CLOUD, "token_file: token", {}, "token-from-a-file"),
        (BY_CLOUD, "", {"CHARGER2MQTT_CHARGERS__GARAGE__TOKEN": "variable"}, "variable"),
        (BY_CLOUD, "", {"CHARGER2MQTT_CHARGERS__GARAGE__TOKEN_FILE": "token"}, "token-from-a-file"),
    ],
)
@pytest.mark.usefixtures("secret")
def test_secrets_of_a_charger_come_from_anywhere(
    load_text: Load, folder: Path, text: str, in_file: str, environ: dict[str, str], expected: str
) -> None:
    """The password for a charger's own broker, deep in its settings, and the token for its cloud."""
    (folder / "token").write_text("token-from-a-file\n")
    loaded = load_text(text % (in_file and f", {in_file}"), **environ)
    garage = loaded.settings.chargers["garage"]
    assert isinstance(garage, GoeSettings)
    secret = garage.token if garage.broker is None else garage.broker.password
    assert secret is not None
    assert secret.get_secret_value() == expected
    assert expected not in repr(loaded.settings)


def test_the_serial_number_of_the_environment(load_text: Load) -> None:
    """There it is text, zeros and all."""
    text = "chargers: {garage: {vendor: go-e, transport: mqtt}}"
    for serial in ("072246", "123456", "000001"):
        garage = load_text(text, CHARGER2MQTT_CHARGERS__GARAGE__SERIAL=serial).settings.chargers["garage"]
        assert isinstance(garage, GoeSettings)
        assert garage.serial == serial


@pytest.mark.parametrize(
    ("in_file", "environ"),
    [
        ("token: sixteen-or-more!", {}),
        ("token_file: token", {}),
        ("", {"CHARGER2MQTT_HTTP__TOKEN": "sixteen-or-more!"}),
        ("", {"CREDENTIALS_DIRECTORY": "credentials"}),
    ],
)
def test_the_token_of_the_status_page_is_a_secret(
    load_text: Load, folder: Path, credentials: Path, in_file: str, environ: dict[str, str]
) -> None:
    """It comes from wherever secrets come from, and is shown nowhere."""
    for path in (folder / "token", credentials / "http.token"):
        path.write_text("sixteen-or-more!\n")
        path.chmod(0o600)
    environ = {key: str(credentials) if key == "CREDENTIALS_DIRECTORY" else text for key, text in environ.items()}

    http = load_text(f"{USER}\nhttp: {{control: true, {in_file}}}", **environ).settings.http

    assert http.token is not None
    assert http.token.get_secret_value() == "sixteen-or-more!"
    assert "sixteen" not in f"{http!r} {http}"

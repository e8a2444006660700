"""What can be said of the container's and the add-on's files without an engine that builds them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge import __version__
from bridge.charger.contract import AccountSettings, ChargerSettings
from bridge.charger.values import Json
from bridge.cli.addon import configuration
from bridge.settings.model import Settings
from bridge.settings.vendor_choice import settings_class
from bridge.vendors import VENDORS

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
ADDON = ROOT / "addon"

# https://developers.home-assistant.io/docs/apps/configuration, without what it says is deprecated
ADDON_KEYS = """
    name version slug description arch machine url startup webui boot ports ports_description host_network host_ipc
    host_dbus host_pid host_uts devices homeassistant hassio_role hassio_api homeassistant_api docker_api privileged
    full_access apparmor map environment audio video gpio usb uart udev devicetree kernel_modules stdin legacy options
    schema image timeout tmpfs discovery services auth_api ingress ingress_port ingress_entry ingress_stream panel_icon
    panel_title panel_admin backup backup_pre backup_post backup_exclude stage init watchdog realtime journald
    breaking_versions ulimits
"""
ADDON_TYPES = re.compile(
    r"(bool|email|url|port|str(\(\d*,\d*\))?|password(\(\d*,\d*\))?|int(\(-?\d*,-?\d*\))?"
    r"|float(\([-\d.]*,[-\d.]*\))?|match\(.*\)|list\(.+\)|device(\(subsystem=[a-z]+\))?)\??"
)


def document(path: Path) -> Any:
    """Return a YAML file's content."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def instructions(text: str) -> list[tuple[str, str]]:
    """Return each instruction of a Dockerfile with its text, lines joined."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in joined.splitlines() if line]


@pytest.fixture(scope="module")
def compose() -> Any:
    """The example."""
    return document(ROOT / "compose.yaml")


@pytest.fixture(scope="module")
def addon() -> Any:
    """What the Supervisor reads."""
    return document(ADDON / "config.yaml")


# The image


def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    """The last USER counts."""
    assert [text for name, text in instructions(DOCKERFILE) if name == "USER"][-1] == "10001:10001"


def test_the_image_is_checked_by_health_and_gets_signals() -> None:
    """The exec form everywhere: a shell before the bridge would keep the signals for itself, and there is none."""
    said = dict(instructions(DOCKERFILE))

    assert said["HEALTHCHECK"].endswith('CMD ["charger2mqtt", "health"]')
    assert (said["ENTRYPOINT"], said["CMD"]) == ('["charger2mqtt"]', '["run"]')
    assert said["VOLUME"] == '["/var/lib/charger2mqtt"]'


def test_the_page_is_where_a_published_port_leads() -> None:
    """Ports lead to the container's own address, never to its 127.0.0.1."""
    said = dict(instructions(DOCKERFILE))

    assert "CHARGER2MQTT_HTTP__LISTEN=0.0.0.0:8099" in said["ENV"].split()
    assert said["EXPOSE"] == "8099"


@pytest.mark.parametrize("label", ["title", "description", "version", "licenses"])
def test_the_image_says_what_it_is(label: str) -> None:
    """By the annotations of the Open Container Initiative."""
    assert f"org.opencontainers.image.{label}=" in dict(instructions(DOCKERFILE))["LABEL"]


def test_nothing_depends_on_the_processor_or_on_chance() -> None:
    """The same lines build it for amd64 and arm64, from a base with a version and with the tested packages."""
    assert not re.search(r"x86_64|amd64|arm64|aarch64", DOCKERFILE)
    assert "latest" not in DOCKERFILE
    assert "--constraint constraints.txt" in DOCKERFILE


def test_only_what_the_image_needs_is_sent_to_the_build() -> None:
    """Everything else is kept out, so that no secret gets in; and what is copied by name is there."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    wanted = [line for line in lines if line and not line.startswith("#")]

    assert wanted[0] == "*"
    assert all((ROOT / line.removeprefix("!")).exists() for line in wanted if line.startswith("!"))


# The example for Docker Compose


def test_compose_names_versions(compose: Any) -> None:
    """An image without a tag is the latest one, whatever that is."""
    images = [service["image"] for service in compose["services"].values()]

    assert all(":" in image and not image.endswith(":latest") for image in images), images


@pytest.mark.parametrize("service", ["mosquitto", "charger2mqtt"])
def test_compose_gives_no_more_than_is_needed(compose: Any, service: str) -> None:
    """Nothing writable but volumes, no capabilities, and started again."""
    said = compose["services"][service]

    assert said["read_only"] is True
    assert said["cap_drop"] == ["ALL"]
    assert said["security_opt"] == ["no-new-privileges:true"]
    assert said["restart"] == "unless-stopped"


def test_compose_keeps_passwords_in_secrets(compose: Any) -> None:
    """The bridge reads its own from a file, and every secret that a service takes is there."""
    environment = compose["services"]["charger2mqtt"]["environment"]
    taken = {name for service in compose["services"].values() for name in service["secrets"]}

    assert environment["CHARGER2MQTT_MQTT__PASSWORD_FILE"] == "/run/secrets/mqtt"
    assert not any(name.endswith("__PASSWORD") for name in environment)
    assert taken == set(compose["secrets"])


def test_compose_names_settings_that_there_are(compose: Any) -> None:
    """A misspelt variable would be passed over."""
    for name in compose["services"]["charger2mqtt"]["environment"]:
        section, key = name.removeprefix("CHARGER2MQTT_").lower().split("__")
        model = Settings.model_fields[section].annotation
        assert key.removesuffix("_file") in model.model_fields, name  # type: ignore[union-attr]


def test_compose_lets_nobody_in_without_a_password(tmp_path: Path, compose: Any) -> None:
    """What the broker's container runs is a shell script without mistakes, which never allows anonymous clients."""
    (script,) = compose["services"]["mosquitto"]["command"]
    path = tmp_path / "start.sh"
    path.write_text(script.replace("$$", "$"))

    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0
    assert "password_file" in script
    assert "allow_anonymous" not in script


# The add-on


def test_the_addon_has_only_keys_that_are_documented(addon: Any) -> None:
    """The Supervisor passes over others without a word."""
    assert set(addon) <= set(ADDON_KEYS.split())
    assert {"name", "version", "slug", "description", "arch"} <= set(addon)


def test_the_addon_is_of_this_version_and_for_both_processors(addon: Any) -> None:
    """No image is named: it is built where it runs."""
    assert addon["version"] == __version__
    assert addon["arch"] == ["aarch64", "amd64"]
    assert "image" not in addon


def test_the_addon_is_reached_where_the_page_is(addon: Any) -> None:
    """Inside Home Assistant, and from outside only if the user opens the port."""
    assert addon["ingress"] is True
    assert addon["ingress_port"] == 8099
    assert addon["ports"] == {"8099/tcp": None}
    assert "[PORT:8099]/healthz" in addon["watchdog"]


def elements(schema: Any) -> list[tuple[str, str]]:
    """Return key and type of every value in a schema."""
    if isinstance(schema, list):
        return elements(schema[0])
    return [
        found
        for key, value in schema.items()
        for found in ([(key, value)] if isinstance(value, str) else elements(value))
    ]


def test_the_addons_schema_has_types_that_there_are(addon: Any) -> None:
    """Each is one that the Supervisor knows, and each option of the outermost level has a default."""
    wrong = [(key, kind) for key, kind in elements(addon["schema"]) if not ADDON_TYPES.fullmatch(kind)]

    assert wrong == []
    assert set(addon["options"]) == set(addon["schema"])


@pytest.mark.parametrize(("list_", "base"), [("chargers", ChargerSettings), ("accounts", AccountSettings)])
def test_the_addon_offers_settings_that_there_are(addon: Any, list_: str, base: Any) -> None:
    """Every field belongs to some vendor, every vendor is offered, and its required settings can all be given."""
    offered = dict(elements(addon["schema"][list_]))
    models = {name: settings_class(base, {"vendor": name}) for name in VENDORS}
    there = {name: model for name, model in models.items() if model is not None}
    known = {key for model in there.values() for key in model.model_fields}

    assert set(offered) - known == {"id"}
    assert set(re.findall(r"[a-z-]+", offered["vendor"].removeprefix("list"))) == set(there)
    needed = {key for model in there.values() for key, field in model.model_fields.items() if field.is_required()}
    assert needed <= set(offered)


def test_the_addons_defaults_become_a_configuration(addon: Any) -> None:
    """All of it but the chargers, which only the user knows."""
    options = {**addon["options"], "chargers": [{"id": "garage", "vendor": "go-e", "host": "192.168.1.40"}]}

    settings = Settings.model_validate(configuration(options, {"host": "core-mosquitto", "port": 1883}))

    assert settings.homeassistant.discovery == addon["options"]["discovery"] == "device"
    assert settings.mqtt.host == "core-mosquitto"


def test_the_addons_broker_settings_are_all_taken(addon: Any, tmp_path: Path) -> None:
    """Each field of the form leads somewhere."""
    authority = tmp_path / "ca.pem"
    authority.write_text("")
    given: dict[str, Json] = {
        "host": "h",
        "port": 1,
        "username": "u",
        "password": "p",
        "tls": True,
        "ca_file": str(authority),
    }
    given |= {"base_topic": "b", "client_id": "c"}
    charger: dict[str, Json] = {"id": "garage", "vendor": "go-e", "host": "192.168.1.40"}

    settings = Settings.model_validate(configuration({"mqtt": given, "chargers": [charger]}, {}))

    assert set(addon["schema"]["mqtt"]) == set(given)
    mqtt = settings.mqtt
    assert (mqtt.host, mqtt.port, mqtt.username, mqtt.base_topic, mqtt.client_id) == ("h", 1, "u", "b", "c")
    assert (mqtt.tls.enabled, mqtt.tls.ca_file) == (True, authority)


def test_the_addons_form_has_words_for_everything(addon: Any) -> None:
    """Every field of the schema is named in the translation, and nothing else is."""
    words = document(ADDON / "translations" / "en.yaml")

    assert set(words["configuration"]) == set(addon["schema"])
    for key, schema in addon["schema"].items():
        if not isinstance(schema, str):
            inner = schema[0] if isinstance(schema, list) else schema
            assert set(words["configuration"][key]["fields"]) == set(inner), key
    assert set(words["network"]) == set(addon["ports"])


def test_the_addons_folder_needs_nothing_else(tmp_path: Path) -> None:
    """The Supervisor sees nothing outside of it: all that the build copies is inside, and one config.yaml alone."""
    subprocess.run([ROOT / "scripts" / "make_addon.sh", tmp_path], check=True, capture_output=True)
    folder = tmp_path / "charger2mqtt"

    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    wanted = {"config.yaml", "Dockerfile", "DOCS.md", "README.md", "CHANGELOG.md", "translations/en.yaml"}
    assert wanted <= there
    assert {"bridge/__main__.py", "scripts/image_root.py", "constraints.txt", "pyproject.toml", "LICENSE"} <= there
    assert [path for path in there if path.endswith("config.yaml")] == ["config.yaml"]
    text = (folder / "Dockerfile").read_text(encoding="utf-8")
    assert text.startswith(DOCKERFILE)
    assert instructions(text)[-1] == ("CMD", '["addon", "--user", "10001"]')

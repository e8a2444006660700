"""Loading the configuration: file, environment, secrets, validation, in this order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr, ValidationError

from bridge.errors import ConfigError
from bridge.settings import environment, secret_files, yaml_file
from bridge.settings.draft import Draft, Place
from bridge.settings.faults import explain
from bridge.settings.fields import Field, fields
from bridge.settings.files import is_readable_by_all, is_there
from bridge.settings.model import Mqtt, Settings

USUAL_PLACES = (Path("config.yaml"), Path("/etc/charger2mqtt/config.yaml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The settings, what is not as it should be, and the file they came from (None: the environment alone)."""

    settings: Settings
    warnings: tuple[str, ...]
    path: Path | None


def load(path: Path | None, environ: Mapping[str, str], *, chargers_needed: bool = True) -> Loaded:
    """Return the configuration; `path` None looks in the environment and the usual places.

    Without `chargers_needed` there may be none: whoever looks for chargers has not configured them yet.

    Raises:
        ConfigError: with every fault, and without any value of a secret.

    """
    path = find(path, environ)
    draft = Draft() if path is None else yaml_file.read(path)
    environment.overlay(draft, environ, Settings.model_fields)
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    for field in fields(Settings, draft.data):
        _note_known(draft, field)
        environment.convert(draft, field)
        secret_files.fill_in(draft, field, Path(credentials) if credentials else None)
        _start_paths_at_the_file(draft, field)
    if not chargers_needed and not draft.data.get("chargers"):
        draft.data["chargers"] = {}
    settings = _validate(draft, chargers_needed=chargers_needed)
    if settings is None or draft.faults:
        no_file = (
            [f"configuration: there is no file; looked for {', '.join(map(str, USUAL_PLACES))}"] if path is None else []
        )
        raise ConfigError([*no_file, *draft.faults.values()])
    if path is not None and draft.has_plain_secret and is_readable_by_all(path):
        draft.warnings.append(
            f"{path}: it holds a secret and every user of this machine can read it; chmod 600 helps, "
            "or a file or a systemd credential for the secret alone"
        )
    for place, message in _doubts(settings):
        draft.warn(place, message)
    return Loaded(settings=settings, warnings=tuple(draft.warnings), path=path)


def find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the file to read: the one that is named, else the first that exists in the usual places."""
    if path is not None:
        return path
    if named := environ.get("CHARGER2MQTT_CONFIG"):
        return Path(named)
    return next((usual for usual in USUAL_PLACES if is_there(usual)), None)


def _validate(draft: Draft, *, chargers_needed: bool) -> Settings | None:
    try:
        return Settings.model_validate(draft.data, context={"chargers_needed": chargers_needed})
    except ValidationError as error:
        explain(draft, error)
        return None


def _doubts(settings: Settings) -> Iterator[tuple[Place, str]]:
    """Yield what is allowed, but hardly meant."""
    mqtt = settings.mqtt
    if not mqtt.tls.enabled and (mqtt.tls.ca_file or mqtt.tls.cert_file):
        yield ("mqtt", "tls"), "it is not enabled, so the connection is not encrypted, although certificates are named"
    if mqtt.tls.key_file is not None and is_readable_by_all(mqtt.tls.key_file):
        yield ("mqtt", "tls", "key_file"), "every user of this machine can read the file; chmod 600 helps"
    if settings.shard.count > 1 and mqtt.client_id == Mqtt().client_id:
        yield ("mqtt", "client_id"), "each shard needs one of its own: the broker lets only one of the same name in"


def _note_known(draft: Draft, field: Field) -> None:
    names = draft.known_keys.setdefault(field.place[:-1], set())
    names.add(field.name)
    if SecretStr in field.types:
        names.add(f"{field.name}_file")


def _start_paths_at_the_file(draft: Draft, field: Field) -> None:
    """Take relative paths in the file from its folder: a service is started in another one."""
    value = field.holder.get(field.name)
    if Path in field.types and isinstance(value, str) and not isinstance(value, environment.EnvText):
        field.holder[field.name] = str(draft.folder / value)

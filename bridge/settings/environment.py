"""Settings from environment variables: `CHARGER2MQTT_MQTT__PORT` is `mqtt.port` and goes before the file."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from pydantic import SecretStr

from bridge.charger.values import Json
from bridge.settings.draft import Draft, Place
from bridge.settings.fields import Field

PREFIX = "CHARGER2MQTT_"
NOT_SETTINGS = frozenset({"CHARGER2MQTT_CONFIG", "CHARGER2MQTT_TEST_BROKER"})


class EnvText(str):
    """A value from the environment, where everything is text."""

    __slots__ = ()


def overlay(draft: Draft, environ: Mapping[str, str], roots: Collection[str]) -> None:
    """Put the values of the environment over those of the file; `roots` are the outermost keys."""
    names = [name for name in environ if name.upper().startswith(PREFIX) and name.upper() not in NOT_SETTINGS]
    # The shorter ones first: what CHARGER2MQTT_MQTT__PORT says goes before CHARGER2MQTT_MQTT={"port": ...}
    for name in sorted(names, key=lambda name: (name.count("__"), name)):
        place = tuple(name[len(PREFIX) :].lower().split("__"))
        if len(place) == 1 and place[0] not in roots:
            # No fault: Kubernetes makes CHARGER2MQTT_PORT and others by itself when a service is called charger2mqtt.
            if guess := get_close_matches(place[0], roots, 1):
                draft.warnings.append(f"{name}: this is no setting; did you mean {PREFIX}{guess[0].upper()}?")
            continue
        _put(draft, place, name, EnvText(environ[name]))


def _put(draft: Draft, place: Place, name: str, value: EnvText) -> None:
    holder = draft.data
    for depth, key in enumerate(place[:-1], 1):
        inner = holder.get(key)
        if isinstance(inner, EnvText):
            inner = _parse_json(draft, place[:depth], inner)
        if inner is None:
            inner = {}
        if not isinstance(inner, dict):
            draft.fault(place[:depth], f"it must be a mapping; {name} stands below it")
            return
        holder[key] = inner
        holder = inner
    holder[place[-1]] = value
    draft.origins[place] = f"from {name}"


def convert(draft: Draft, field: Field) -> None:
    """Turn the text of a field that is no text into what it stands for: `null`, and JSON for lists and mappings.

    Numbers and booleans are left to the validation, which reads them from text anyway. Secrets are always text.
    """
    value = field.holder.get(field.name)
    if not isinstance(value, EnvText) or SecretStr in field.types:
        return
    if value.strip() == "null":
        field.holder[field.name] = None
    elif field.has_parts and value.lstrip().startswith(("{", "[")):
        field.holder[field.name] = _parse_json(draft, field.place, value)


def _parse_json(draft: Draft, place: Place, text: str) -> Json:
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError):
        draft.fault(place, "it is not valid JSON")
        return None
    return found

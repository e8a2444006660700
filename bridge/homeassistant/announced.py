"""Reading discovery messages that a broker holds: which are ours, and which topics they prove to be ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from bridge.charger.values import Json
from bridge.homeassistant.naming import PRODUCT
from bridge.mqtt.topics import Topics

_KEY = re.compile(r"[A-Za-z0-9_-]+")


def announced(topic: str, payload: bytes, topics: Topics) -> tuple[str, frozenset[str]] | None:
    """Return the charger that a message announces, and the charger's topics that it proves to be ours.

    None if it is not one of ours, announces no charger, or belongs to another base topic, also to one below this one.
    """
    try:
        return _read(topic, json.loads(payload), topics)
    except (ValueError, RecursionError):
        return None


def _read(topic: str, message: Json, topics: Topics) -> tuple[str, frozenset[str]] | None:
    if not isinstance(message, dict):
        return None
    origin = message.get("origin")
    if not isinstance(origin, dict) or origin.get("name") != PRODUCT:
        return None
    names = set(_named(message))
    charger = _charger(names, topics)
    # Every message of a charger names the availability of the bridge, so that tells whose base topic it is.
    if charger is None or topics.bridge_state not in _named(message.get("availability")):
        return None
    below = f"{topics.base}/{charger}/"
    named = {name for name in names if name.startswith(below)}
    # Where an entity reads from the document, its value may stand on a topic of its own as well.
    named |= {topics.scalar(charger, key) for key in _keys(topic, message)}
    named |= {topics.availability(charger), topics.state(charger), topics.last_session(charger)}
    return charger, frozenset(name for name in named if topics.parse(name) is None)


def _charger(names: set[str], topics: Topics) -> str | None:
    """Return the one charger that these topics are of."""
    below = topics.base + "/"
    owners = {name.removeprefix(below).split("/")[0] for name in names if name.startswith(below)} - {"bridge"}
    charger = owners.pop() if len(owners) == 1 else ""
    return charger if _KEY.fullmatch(charger) else None


def _named(found: Json, option: str = "topic") -> Iterator[str]:
    """Yield the value of every option whose name ends with `topic`."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield from _named(value, key)
    elif isinstance(found, list):
        for value in found:
            yield from _named(value, option)
    elif isinstance(found, str) and option.endswith("topic"):
        yield found


def _keys(topic: str, message: dict[str, Json]) -> list[str]:
    """Return the keys of the entities; the prefix may be of several levels, so the topic is read from its end."""
    match topic.split("/"):
        case [*_, "device", _, "config"]:
            components = message.get("components")
            found = list(components) if isinstance(components, dict) else []
        case [*_, _, _, key, "config"]:
            found = [key]
        case _:
            found = []
    return [key for key in found if _KEY.fullmatch(key)]

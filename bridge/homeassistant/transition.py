"""From the discovery messages that a broker holds to the ones it should hold, without Home Assistant losing entities.

Its rules: an entity belongs to the topic that announced it, and a second topic for it is refused as conflicting until
the first one has let go (`migrate_discovery`). An entity that is merely left out of a device's message stays; it goes
when its component is cut down to the platform. That holds as well for one whose platform changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

PAUSE_S = 2.0
"""Wait this long between two steps: Home Assistant sets up entities in the background and drops what comes too soon."""

LET_GO = '{"migrate_discovery": true}'
REMOVE = ""


class _Entity(NamedTuple):
    """What Home Assistant knows an announced entity by."""

    platform: str
    node: str
    key: str


def steps(held: Mapping[str, str], wanted: Mapping[str, str]) -> list[dict[str, str]]:
    """Return messages by topic, in steps that are `PAUSE_S` apart; nothing where nothing changes.

    Both mappings are retained discovery messages by topic, of one charger or of the whole bridge. What is held but not
    wanted any more is removed.
    """
    staying = {entity for topic, payload in wanted.items() for entity in _entities(topic, payload)}
    drop: dict[str, str] = {}
    let_go: dict[str, str] = {}
    for topic, payload in held.items():
        entities = _entities(topic, payload)
        lost = entities - staying
        if topic not in wanted and lost == entities:
            drop[topic] = REMOVE
            continue
        if lost:
            drop[topic] = _cut_down(wanted.get(topic, payload), lost)
        if topic not in wanted:
            let_go[topic] = LET_GO
    # The topics that let go are emptied before the others speak: afterwards it would be a warning for each entity.
    announce = dict.fromkeys(let_go, REMOVE)
    announce |= {topic: payload for topic, payload in wanted.items() if held.get(topic) != payload}
    return [step for step in (drop, let_go, announce) if step]


def _entities(topic: str, payload: str) -> set[_Entity]:
    """Return what a message announces; the prefix may be of several levels, so the topic is read from its end."""
    match topic.split("/"):
        case [*_, "device", node, "config"]:
            return {_Entity(found["platform"], node, key) for key, found in _components(payload).items()}
        case [*_, platform, node, key, "config"]:
            return {_Entity(platform, node, key)}
    return set()


def _components(payload: str) -> dict[str, Any]:
    try:
        components = json.loads(payload)["components"]
    except (LookupError, TypeError, ValueError):  # not one of ours, or not whole
        return {}
    if not isinstance(components, dict):
        return {}
    return {key: found for key, found in components.items() if isinstance(found, dict) and "platform" in found}


def _cut_down(payload: str, lost: set[_Entity]) -> str:
    device = json.loads(payload)
    device["components"] |= {entity.key: {"platform": entity.platform} for entity in lost}
    return json.dumps(device, ensure_ascii=False, separators=(",", ":"))

"""What an earlier bridge left on the broker: removed from the command line, or by a running bridge that is asked."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping

from bridge.charger.values import Json
from bridge.fleet import Fleet
from bridge.homeassistant.announced import announced
from bridge.homeassistant.discovery import patterns
from bridge.mqtt.address import address_of
from bridge.mqtt.cleanup import Cleaned, Place, clean
from bridge.mqtt.housekeeping import read_manifest
from bridge.mqtt.requests import RequestError
from bridge.mqtt.topics import Topics
from bridge.settings import Settings
from bridge.state_files import StateFile


async def clean_up(
    settings: Settings,
    *,
    manifest: Json,
    known: Collection[str] = (),
    dry_run: bool,
    go_on: Callable[[], bool] = lambda: True,
) -> Cleaned:
    """Remove from the broker what an earlier bridge left; see `bridge.mqtt.cleanup`.

    `known` are further chargers whose topics are in good hands. Raises BridgeError.
    """
    topics = Topics(settings.mqtt.base_topic)
    place = Place(
        topics=topics,
        kept=frozenset((*settings.chargers, *known)),
        manifest=manifest,
        patterns=patterns(settings.homeassistant.prefix),
        proof=lambda topic, payload: announced(topic, payload, topics),
        announces=settings.homeassistant.discovery != "off",
    )
    # Brokers throw out whoever has the name of one that comes.
    name = f"{settings.mqtt.client_id}-cleanup-{secrets.token_hex(4)}"
    return await clean(address_of(settings.mqtt, name), place, dry_run=dry_run, go_on=go_on)


async def answer_cleanup(
    asked: Mapping[str, Json], fleet: Fleet, manifest: StateFile, go_on: Callable[[], bool]
) -> Json:
    """Answer a running bridge's request; raises BridgeError."""
    dry_run = asked.get("dry_run", False)
    if not isinstance(dry_run, bool) or set(asked) - {"dry_run", "transaction"}:
        # Whoever misspells it must not see removed what was to be listed.
        raise RequestError('it takes {"dry_run": true}, or nothing')
    # What the manifest has of chargers that are gone, the bridge removes itself, and in its own time.
    _, known = read_manifest(manifest.read())
    cleaned = await clean_up(fleet.settings, manifest=None, known=known, dry_run=dry_run, go_on=go_on)
    return cleaned.json()

"""Removing what an earlier bridge left on the broker: chargers that are not configured any more.

Nothing goes that neither the manifest nor an own discovery message proves to be ours. Everything else below the base
topic that belongs to no configured charger is listed, no more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from itertools import takewhile

import structlog

from bridge.charger.values import Json
from bridge.errors import BridgeError
from bridge.mqtt.address import BrokerAddress
from bridge.mqtt.housekeeping import BRIDGE, read_manifest
from bridge.mqtt.listener import visit
from bridge.mqtt.requests import Incoming
from bridge.mqtt.topics import Topics

log = structlog.get_logger()

QUIET_S = 1.0
"""When the broker has sent nothing retained for so long, that was all."""
LONGEST_S = 15.0
MOST_TOPICS = 50_000
"""How many are looked at."""

Proof = Callable[[str, bytes], tuple[str, frozenset[str]] | None]
"""From a discovery message, topic and payload, to its charger and the topics that it proves to be ours; None if it is
not of a charger of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to look, and what is there by right.

    `kept` are all chargers of the configuration, also other shards'; `manifest` is what the bridge stored, `patterns`
    are the subscriptions for discovery messages, and `announces` tells whether there should be any.
    """

    topics: Topics
    kept: Collection[str]
    manifest: Json
    patterns: tuple[str, ...]
    proof: Proof
    announces: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What came of it; `removed` in the order in which it goes, `notes` are sentences for people."""

    removed: tuple[str, ...]
    left: tuple[str, ...]
    notes: tuple[str, ...]

    def json(self) -> dict[str, Json]:
        """Return the answer to the request."""
        return {key: list[Json](getattr(self, key)) for key in ("removed", "left", "notes")}


class Retained:
    """What a broker retains of ours, as far as a cleanup is interested."""

    def __init__(self, place: Place) -> None:
        """Start with nothing heard."""
        self._place = place
        self._below = place.topics.base + "/"
        self.topics: set[str] = set()
        """Below the base topic."""
        self.others: set[str] = set()
        """Discovery messages that prove nothing; only those that the manifest knows are remembered."""
        self.announcements: dict[str, tuple[str, frozenset[str]]] = {}
        self.heard_discovery = False
        self._state = b""
        self._chargers = b""
        discovery, _ = read_manifest(place.manifest)
        self._known = {topic for messages in discovery.values() for topic in messages}

    def take(self, message: Incoming) -> bool:
        """Take note of a message, live ones only where the newest one counts; False if there is no room for more."""
        topic = message.topic
        if topic == self._place.topics.bridge_state:
            self._state = message.payload
        elif topic == self._place.topics.bridge_chargers:
            self._chargers = message.payload
        if not message.retained:
            return True
        if topic.startswith(self._below):
            self.topics.add(topic)
        else:
            self.heard_discovery = True
            proven = self._place.proof(topic, message.payload)
            if proven is not None:
                self.announcements[topic] = proven
            elif topic in self._known:
                self.others.add(topic)
        return len(self.topics) + len(self.announcements) < MOST_TOPICS

    @property
    def served(self) -> frozenset[str]:
        """Which chargers a bridge that runs says that it serves."""
        try:
            found = json.loads(self._chargers) if self._state == b"online" else []
        except (ValueError, RecursionError):
            return frozenset()
        entries = found if isinstance(found, list) else []
        ids = (entry.get("id") for entry in entries if isinstance(entry, dict))
        return frozenset(id_ for id_ in ids if isinstance(id_, str))


def plan(place: Place, retained: Retained) -> Cleaned:
    """Tell what is to be removed and what is left. Pure."""
    topics = place.topics
    discovery, others = read_manifest(place.manifest)
    kept = {BRIDGE, *place.kept, *retained.served}
    gone = {charger for charger, _ in retained.announcements.values()} | set(others)
    claimed = {topic for topic, (charger, _) in retained.announcements.items() if charger in kept}
    claimed |= {topic for owner, messages in discovery.items() if owner in kept for topic in messages}
    removed: list[str] = []
    for charger in sorted(gone - kept):
        announcements = {topic for topic, (owner, _) in retained.announcements.items() if owner == charger}
        known = set(discovery.get(charger, {}))
        if retained.heard_discovery:
            known &= {*retained.announcements, *retained.others}
        values = {topic for _, proven in _of(retained, charger) for topic in proven} & retained.topics
        stored = others.get(charger, set())
        # What lies below another base topic, the one of an earlier configuration, was not listened to.
        values |= {topic for topic in stored if not (retained.topics and topic.startswith(topics.base + "/"))}
        values |= stored & retained.topics
        availability = topics.availability(charger)
        # Entities first, so that none is shown as unavailable on its way out.
        removed += sorted((announcements | known) - claimed)
        removed += sorted(values & {availability})
        removed += sorted(values - {availability})
    unique = tuple(dict.fromkeys(topic for topic in removed if _is_topic(topic)))
    left = tuple(sorted(topic for topic in retained.topics - set(unique) if not _in_place(topic, topics, place.kept)))
    return Cleaned(removed=unique, left=left, notes=tuple(_notes(place, retained, left)))


def _of(retained: Retained, charger: str) -> list[tuple[str, frozenset[str]]]:
    return [found for found in retained.announcements.values() if found[0] == charger]


def _is_topic(topic: str) -> bool:
    """Whether it can be published to: a damaged manifest may hold anything."""
    return bool(topic) and not any(character in topic for character in "+#\0")


def _in_place(topic: str, topics: Topics, kept: Collection[str]) -> bool:
    """Whether a retained topic is there by right: a configured charger's and the bridge's, commands never."""
    if topics.parse(topic) is not None:
        return False
    if topic in {topics.bridge_state, topics.bridge_info, topics.bridge_chargers}:
        return True
    return topic.removeprefix(topics.base + "/").split("/")[0] in kept


def _notes(place: Place, retained: Retained, left: Iterable[str]) -> Iterable[str]:
    below = place.topics.base + "/"
    deaf = [] if retained.topics else [f"{below}#"]
    if place.announces and not retained.heard_discovery:
        deaf += place.patterns[:1]
    for pattern in deaf:
        yield (
            f"nothing retained was heard on {pattern}: either there is nothing, or the broker does not tell of it, for "
            "want of a right to read or, like RabbitMQ, for a wildcard; what the manifest names is removed all the same"
        )
    served = {topic.removeprefix(below).split("/")[0] for topic in left} & (retained.served - set(place.kept))
    for charger in sorted(served):
        yield f"a bridge that runs still serves {charger}, which is not configured: reload it, then clean up again"


class StoppedError(BridgeError):
    """It was not done to the end, because the bridge stops."""


async def clean(
    address: BrokerAddress, place: Place, *, dry_run: bool, go_on: Callable[[], bool] = lambda: True
) -> Cleaned:
    """Look at what the broker retains and remove what is to be removed, unless it is a `dry_run`.

    It takes a session of its own, and may be done beside a bridge that runs. It ends soon after `go_on` says no.

    Raises:
        BrokerLostError: the broker is not there, or no longer.
        StoppedError: `go_on` said no.

    """
    retained = Retained(place)
    # Those below the base topic last: there are most of them, and from then on they are taken as they come.
    patterns = (*place.patterns, f"{place.topics.base}/#")
    async with visit(address) as session:
        whole = await session.hear_retained(
            patterns, lambda message: go_on() and retained.take(message), quiet_s=QUIET_S, longest_s=LONGEST_S
        )
        found = plan(place, retained)
        if not dry_run:
            await session.empty(takewhile(lambda _: go_on(), found.removed))
    if not go_on():
        raise StoppedError("the bridge is stopping")
    log.info("cleanup", removed=len(found.removed), left=len(found.left), dry_run=dry_run)
    if whole:
        return found
    note = f"not everything could be heard, within {LONGEST_S:g} s and {MOST_TOPICS} topics; clean up again"
    return replace(found, notes=(*found.notes, note))

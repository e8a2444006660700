"""Which topics we made the broker retain, remembered over restarts, so that what is gone is removed.

Only what the manifest proves to be ours is ever removed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterable

import structlog

from bridge.charger.values import Json
from bridge.mqtt.announcer import Announcer
from bridge.mqtt.outbox import Outbox
from bridge.mqtt.topics import Topics

log = structlog.get_logger()

FORMAT = 1
BRIDGE = "bridge"
SECONDS_BETWEEN_SAVES = 30.0
SECONDS_FOR_CHARGERS_TO_APPEAR = 30.0
"""A charger that was renamed takes its entities to a new id: only after that are those of the old id removed."""

Owned = dict[str, dict[str, str]]
"""Discovery payloads by topic, by owner; kept whole, because taking them back needs to know what they announced."""


class Housekeeping:
    """Remembers and removes retained topics. An owner is a charger's id, or `bridge`."""

    def __init__(
        self,
        outbox: Outbox,
        topics: Topics,
        announcer: Announcer,
        *,
        configured: Collection[str],
        stored: Json,
        save: Callable[[Json], None],
        tell: Callable[[str, str], None],
        patience_s: float = SECONDS_FOR_CHARGERS_TO_APPEAR,
    ) -> None:
        """Take what an earlier run stored. `configured` are all chargers of the configuration, also other shards'.

        `tell` is called with `charger_added` or `charger_removed` and the id. `patience_s` is how long a charger that
        is gone waits for the others to appear.
        """
        self._outbox = outbox
        self._topics = topics
        self._announcer = announcer
        self._configured = frozenset(configured)
        self._save = save
        self._tell = tell
        self._discovery, self._others = read_manifest(stored)
        self._known = {owner for owner in self._others if self._others[owner] - {topics.availability(owner)}}
        """Chargers that were announced at some time."""
        self._unseen = {owner for owner in self._others if owner in self._configured}
        self._bridge_unseen = BRIDGE in self._others
        self._patience_s = patience_s
        self._started = time.monotonic()
        self._saved_at = -math.inf
        self._saved: object = None
        for owner, messages in self._discovery.items():
            self._announcer.held_before(owner, messages)

    def configure(self, configured: Collection[str], restarted: Collection[str]) -> None:
        """Take a changed configuration: what is gone is removed when the others have appeared, as at a start.

        `restarted` are chargers that begin anew; topics that they do not use any more are removed, too.
        """
        self.store()
        gone = self._configured - frozenset(configured)
        for owner in (*gone, *restarted):
            below = f"{self._topics.base}/{owner}/"
            for topic in [topic for topic in self._outbox.retained if topic.startswith(below)]:
                self._outbox.disown(topic)
        for owner in gone:
            for topic in self._announcer.messages(owner):
                if not self._announcer.claimed(topic, besides=owner):
                    self._outbox.disown(topic)
        new = frozenset(configured) - self._configured
        self._configured = frozenset(configured)
        self._unseen = (self._unseen | new | frozenset(restarted)) & self._configured
        self._started = time.monotonic()

    def announced(self, owner: str) -> None:
        """Take note that a charger is there: topics that it does not use any more are removed."""
        self._saved_at = -math.inf  # whatever happens next, what it made the broker retain must not be forgotten
        if owner not in self._known:
            self._known.add(owner)
            self._tell("charger_added", owner)
        if owner not in self._unseen:
            return
        self._unseen.discard(owner)
        self._drop_unused(owner)

    def tick(self, *, connected: bool) -> None:
        """Remove what is gone and store the manifest, when it is time."""
        now = time.monotonic()
        if connected and self._bridge_unseen:
            self._bridge_unseen = False
            self._drop_unused(BRIDGE)
        waited = now - self._started >= self._patience_s
        if connected and (waited or not self._unseen):
            self._remove_gone()
        if now - self._saved_at >= SECONDS_BETWEEN_SAVES:
            self.store()

    def store(self) -> None:
        """Store the manifest if it changed."""
        self._saved_at = time.monotonic()
        below = self._topics.base + "/"
        for topic in self._outbox.retained:
            owner = topic.removeprefix(below).split("/", 1)[0]
            if topic.startswith(below) and (owner == BRIDGE or owner in self._configured):
                self._others.setdefault(owner, set()).add(topic)
        document: dict[str, Json] = {
            owner: {"discovery": dict(self._announcer.messages(owner)), "topics": list[Json](sorted(topics))}
            for owner, topics in sorted(self._others.items())
        }
        if document != self._saved:
            self._save({"format": FORMAT, "owners": document})
            self._saved = document

    def _drop_unused(self, owner: str) -> None:
        # This one is not published at every start: the session may have been long ago.
        stays = self._topics.last_session(owner)
        others = self._others.setdefault(owner, set())
        gone = {topic for topic in others if topic not in self._outbox.retained and topic != stays}
        others -= gone
        self._forget(gone)

    def _remove_gone(self) -> None:
        for owner in [owner for owner in self._others if owner not in self._configured and owner != BRIDGE]:
            # Entities first, so that none is shown as unavailable on its way out; then availability, then states.
            availability = self._topics.availability(owner)
            others = self._others.pop(owner)
            announced = self._announcer.messages(owner)
            self._forget(topic for topic in announced if not self._announcer.claimed(topic, besides=owner))
            self._announcer.forget(owner)
            self._known.discard(owner)
            self._forget([availability] if availability in others else [])
            self._forget(topic for topic in others if topic != availability)
            log.info("charger removed", charger=owner)
            self._tell("charger_removed", owner)

    def _forget(self, topics: Iterable[str]) -> None:
        for topic in list(topics):
            if topic not in self._outbox.retained:
                self._outbox.forget(topic)


def read_manifest(stored: Json) -> tuple[Owned, dict[str, set[str]]]:
    """Return the discovery messages and the other topics by owner; what is not of this format counts as nothing."""
    discovery: Owned = {}
    others: dict[str, set[str]] = {}
    owners = stored.get("owners") if isinstance(stored, dict) and stored.get("format") == FORMAT else None
    for owner, known in owners.items() if isinstance(owners, dict) else ():
        if not isinstance(known, dict):
            continue
        messages, topics = known.get("discovery"), known.get("topics")
        if isinstance(messages, dict):
            discovery[owner] = {topic: payload for topic, payload in messages.items() if isinstance(payload, str)}
        others[owner] = {topic for topic in topics if isinstance(topic, str)} if isinstance(topics, list) else set()
    return discovery, others

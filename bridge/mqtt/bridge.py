"""The MQTT side of the bridge, put together: what is sent at a new session, at intervals, and on request."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from bridge.charger.contract import Account
from bridge.charger.values import Json, timestamp_text
from bridge.engine.intake import Received
from bridge.engine.poller import Poller
from bridge.engine.view import ChargerView
from bridge.log import LogLevel
from bridge.mqtt import documents
from bridge.mqtt.address import Protocol
from bridge.mqtt.announcer import Announcer
from bridge.mqtt.housekeeping import BRIDGE, Housekeeping
from bridge.mqtt.outbox import Outbox, Rank
from bridge.mqtt.process import memory_bytes
from bridge.mqtt.publisher import Publisher
from bridge.mqtt.requests import ElsewhereError, Handler, Incoming, Refuse, RequestError, Requests, SlowHandler
from bridge.mqtt.topics import Topics
from bridge.mqtt.traffic import Traffic
from bridge.waiting import wait_for

log = structlog.get_logger()

LONGEST_TICK_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """How Home Assistant says that it is there: on these topics, with this payload; answered after a random delay."""

    topics: Collection[str]
    payload: bytes
    delay_s: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What `bridge/info` tells of this daemon, and its rhythms in seconds."""

    version: str
    discovery: str
    instance: str
    shard_index: int
    shard_count: int
    heartbeat_s: float
    health_interval_s: float


class MqttBridge:
    """Answers the broker session and keeps the clocks of what is published at intervals."""

    name = "mqtt bridge"

    def __init__(  # noqa: PLR0913 - it puts the parts together
        self,
        *,
        facts: Facts,
        traffic: Traffic,
        outbox: Outbox,
        topics: Topics,
        publisher: Publisher,
        announcer: Announcer,
        housekeeping: Housekeeping,
        pollers: Mapping[str, Poller],
        accounts: Mapping[str, Account],
        refuse: Refuse,
        set_log_level: Callable[[str], None],
        slow: Mapping[str, SlowHandler],
        bridge_discovery: Mapping[str, str],
        birth: Birth | None,
    ) -> None:
        """Prepare everything that can be said before the first session."""
        self._facts = facts
        self._outbox = outbox
        self._topics = topics
        self._publisher = publisher
        self._housekeeping = housekeeping
        self._pollers = pollers
        self._accounts = accounts
        handlers = request_handlers(
            pollers, outbox, self.health, set_log_level, lambda id_: not refuse(id_, Received(key=None, payload=b""))
        )
        self._requests = Requests(outbox, topics, pollers, handlers, slow, refuse)
        self._birth = birth
        self._birth_pending = False
        self._started_at = datetime.now(UTC)
        self._started = time.monotonic()
        self._stopping = asyncio.Event()
        self._leaving = False
        """The last words are said: a session that comes about only then must not take them back."""
        self._unannounced: set[str] = set()
        self._traffic = traffic
        # Chargers refer to the bridge's device, so it comes first.
        announcer.announce(BRIDGE, bridge_discovery)
        for id_ in pollers:
            self.add(id_)

    @property
    def _views(self) -> list[ChargerView]:
        return [poller.view for poller in self._pollers.values()]

    def add(self, charger_id: str) -> None:
        """Take a charger that is new, or begins anew."""
        self._publisher.add(self._pollers[charger_id].view)
        self._unannounced.add(charger_id)

    def remove(self, charger_id: str) -> None:
        """Publish nothing more of a charger."""
        self._publisher.remove(charger_id)
        self._unannounced.discard(charger_id)

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """Everything to listen to."""
        return (*self._topics.subscriptions(), *(self._birth.topics if self._birth is not None else ()))

    # The broker session

    def connected(self, protocol: Protocol) -> None:
        """Queue everything for a new session: the broker may have kept nothing."""
        facts = self._facts
        info: dict[str, Json] = {
            "version": facts.version,
            "schema": documents.SCHEMA,
            "started_at": timestamp_text(self._started_at),
            "discovery": facts.discovery,
            "protocol": protocol.value,
            "instance": facts.instance,
            "shard": {"index": facts.shard_index, "count": facts.shard_count},
        }
        state = b"offline" if self._leaving else b"online"
        self._outbox.keep(self._topics.bridge_state, state, rank=Rank.BRIDGE_STATE)
        self._outbox.keep(self._topics.bridge_info, documents.encode(info), rank=Rank.BRIDGE_INFO)
        self._publisher.publish_chargers()
        self._requests.session_began(echoes=protocol is Protocol.V311)
        self._outbox.renew()

    def received(self, message: Incoming) -> None:
        """Act on a message."""
        if self._birth is not None and message.topic in self._birth.topics:
            self._born(message, self._birth)
        else:
            self._requests.handle(message)

    def _born(self, message: Incoming, birth: Birth) -> None:
        # A retained birth message is news of an earlier time, and a new session gets everything anyway.
        if message.payload.strip() != birth.payload or message.retained or self._birth_pending:
            return
        self._birth_pending = True
        delay = random.uniform(*birth.delay_s)  # noqa: S311 - spreads load
        log.info("home assistant is back", answer_in_s=round(delay, 1))
        asyncio.get_running_loop().call_later(delay, self._answer_birth)

    def _answer_birth(self) -> None:
        self._birth_pending = False
        self._outbox.renew()

    # Clocks

    async def run(self) -> None:
        """Publish at intervals until stopped."""
        tick = min(LONGEST_TICK_S, self._facts.heartbeat_s / 2, self._facts.health_interval_s / 2)
        health_due = time.monotonic()
        while not self._stopping.is_set():
            self._tick()
            # Nobody wants to read after an outage how it went during it.
            if self._traffic.connected and time.monotonic() >= health_due:
                self._outbox.send(self._topics.bridge_health, documents.encode(self.health()), qos=0)
                health_due = time.monotonic() + self._facts.health_interval_s
            await wait_for(self._stopping, tick)

    def stop(self) -> None:
        """End the clocks."""
        self._stopping.set()

    def last_words(self) -> None:
        """Queue what the broker is told at a normal stop; states stay in place."""
        self._leaving = True
        self._note_announced()
        self._publisher.publish_chargers()
        self._outbox.keep(self._topics.bridge_state, b"offline", rank=Rank.BRIDGE_STATE)
        self._housekeeping.store()

    def _tick(self) -> None:
        for view in self._views:
            self._publisher.heartbeat(view, self._facts.heartbeat_s)
        self._note_announced()
        self._publisher.publish_chargers()
        self._housekeeping.tick(connected=self._traffic.connected)

    def _note_announced(self) -> None:
        for charger in [id_ for id_ in self._unannounced if self._publisher.announced(id_)]:
            self._unannounced.discard(charger)
            self._housekeeping.announced(charger)

    def health(self) -> dict[str, Json]:
        """Return the health document."""
        traffic = self._traffic
        process: dict[str, Json] = {
            "uptime_s": int(time.monotonic() - self._started),
            "memory_bytes": memory_bytes(),
            "mqtt": {
                "connected": traffic.connected,
                "received": traffic.received,
                "published": traffic.published,
                "reconnects": traffic.reconnects,
            },
        }
        return documents.health(self._views, self._accounts, datetime.now(UTC), process)


def bridge_event(outbox: Outbox, topics: Topics, event_type: str, **details: Json) -> None:
    """Publish that something happened to the bridge itself."""
    document: dict[str, Json] = {"event_type": event_type, "ts": timestamp_text(datetime.now(UTC)), **details}
    outbox.send(topics.bridge_event, documents.encode(document))


def request_handlers(
    pollers: Mapping[str, Poller],
    outbox: Outbox,
    health: Callable[[], Json],
    set_log_level: Callable[[str], None],
    elsewhere: Callable[[str], bool],
) -> dict[str, Handler]:
    """Return what the bridge answers to, by name; `elsewhere` tells whether another daemon answers for a charger."""

    def refresh(arguments: Mapping[str, Json]) -> Json:
        wanted = arguments.get("id", arguments.get("value"))
        if wanted is not None and not isinstance(wanted, str):
            raise RequestError("id must be the name of a charger; without it all are read")
        if wanted is not None and wanted not in pollers:
            if elsewhere(wanted):
                raise ElsewhereError
            raise RequestError(f"no charger is called {wanted[:64]!r}")
        chosen = [wanted] if wanted is not None else list(pollers)
        for charger in chosen:
            pollers[charger].refresh()
        return {"chargers": list[Json](chosen)}

    def log_level(arguments: Mapping[str, Json]) -> Json:
        level = str(arguments.get("level") or arguments.get("value") or "").strip().lower()
        try:
            set_log_level(level)
        except ValueError as error:
            raise RequestError(f"level must be one of {', '.join(LogLevel)}") from error
        return {"level": level}

    def discovery(_: Mapping[str, Json]) -> Json:
        outbox.renew((Rank.DISCOVERY,))
        return None

    return {
        "refresh": refresh,
        "health": lambda _: health(),
        "log_level": log_level,
        "discovery": discovery,
    }

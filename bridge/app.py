"""The composition root: from settings to a running daemon. The one place that knows every room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import structlog

from bridge import __version__
from bridge.charger.values import Json
from bridge.engine.daemon import Crew, live
from bridge.engine.errands import Errand
from bridge.engine.intake import Received, refusals
from bridge.engine.outlet import Fan, Outlet
from bridge.engine.poller import Poller
from bridge.engine.results import Result
from bridge.engine.view import ChargerView
from bridge.errors import Code
from bridge.fleet import Fleet, account_readers
from bridge.homeassistant.birth import BORN, DELAY_S, birth_topics
from bridge.homeassistant.discovery import Announcement, Discovery
from bridge.homeassistant.transition import PAUSE_S, steps
from bridge.http import Http
from bridge.leftovers import answer_cleanup
from bridge.log import set_level
from bridge.mqtt.address import address_of
from bridge.mqtt.announcer import Announcer
from bridge.mqtt.bridge import Birth, Facts, MqttBridge, bridge_event
from bridge.mqtt.broker import Broker
from bridge.mqtt.housekeeping import Housekeeping
from bridge.mqtt.outbox import Outbox
from bridge.mqtt.publisher import Damping, Publisher
from bridge.mqtt.requests import SlowHandler
from bridge.mqtt.topics import Topics
from bridge.mqtt.traffic import Traffic
from bridge.reload import Reloading
from bridge.settings import Settings
from bridge.state_files import StateFile
from bridge.systemd import Systemd
from bridge.web.control import Control
from bridge.web.history import History
from bridge.web.server import Web

log = structlog.get_logger()

SECONDS_BETWEEN_FIRST_READS = 0.005
"""Spreads the first reads of many chargers."""

MANIFEST_FILE = "topics.json"


async def serve(
    settings: Settings,
    state_dir: Path,
    stop: asyncio.Event,
    environ: Mapping[str, str],
    *,
    read_again: Callable[[], Settings] | None = None,
    hangup: asyncio.Event | None = None,
    restart: asyncio.Event | None = None,
) -> None:
    """Run the daemon until `stop` is set, telling systemd how it goes.

    `read_again` returns the configuration as it is now, when it is asked for, or when `hangup` is set; it raises
    ConfigError. Without it the configuration cannot change. `restart` is set, and then `stop`, when the daemon is asked
    to begin anew; without it nobody can ask for that.
    """
    outbox, topics, traffic = Outbox(), Topics(settings.mqtt.base_topic), Traffic()
    discovery = Discovery(
        topics=topics,
        version=__version__,
        mode=settings.homeassistant.discovery,
        prefix=settings.homeassistant.prefix,
        instance=settings.instance,
        output=settings.publish.output,
    )
    announcer = Announcer(outbox, steps, PAUSE_S)

    def announce(view: ChargerView) -> bool:
        return announcer.announce(view.id, discovery.charger_messages(_announcement(view)))

    publisher = Publisher(
        outbox,
        topics,
        output=settings.publish.output,
        damping=Damping(min_change=settings.publish.min_change, min_interval_s=settings.publish.min_interval),
        announce=announce,
    )
    async with Http() as http:
        fleet = Fleet(settings, http, state_dir)
        history = History()
        outlet = publisher if settings.http.listen is None else Fan((publisher, history))
        crew = Crew(_pollers(fleet, outlet))
        manifest = StateFile(state_dir / MANIFEST_FILE)
        housekeeping = Housekeeping(
            outbox,
            topics,
            announcer,
            configured=settings.chargers,
            stored=manifest.read(),
            save=manifest.write,
            tell=lambda what, charger: bridge_event(outbox, topics, what, charger=charger),
        )
        slow: dict[str, SlowHandler] = {}
        side = MqttBridge(
            facts=_facts(settings),
            traffic=traffic,
            outbox=outbox,
            topics=topics,
            publisher=publisher,
            announcer=announcer,
            housekeeping=housekeeping,
            pollers=crew.pollers,
            accounts=fleet.accounts,
            refuse=lambda charger, received: _refuse(fleet, charger, received),
            set_log_level=set_level,
            slow=slow,
            bridge_discovery=discovery.bridge_messages(),
            birth=_birth(settings),
        )
        address = address_of(settings.mqtt, settings.mqtt.client_id, topics.bridge_state)
        broker = Broker(address, outbox, side.subscriptions, side.connected, side.received, traffic)
        systemd = Systemd(environ, broker, crew, stop)
        readers = account_readers(crew.pollers.values())
        crew.services = [side, broker, systemd, *readers, *fleet.feeds.values()]
        if settings.http.address is not None:
            seen = (settings.http.address, crew.views, fleet.accounts.values, traffic, __version__)
            control = _control(settings, crew.pollers)
            crew.services.append(Web(*seen, history=history, control=control, stuck=crew.stuck))
        if read_again is not None:
            reloading = Reloading(
                read=read_again,
                hangup=hangup or asyncio.Event(),
                fleet=fleet,
                crew=crew,
                side=side,
                housekeeping=housekeeping,
                outlet=outlet,
                readers=readers,
                begin=systemd.reloading,
                end=systemd.reloaded,
                tell=lambda what, details: bridge_event(outbox, topics, what, **details),
            )
            crew.services.append(reloading)
            slow["reload"] = reloading.ask
            if restart is not None:
                restarting = Errand("restart", _restarter(read_again, systemd, restart, stop))
                crew.services.append(restarting)
                slow["restart"] = restarting.ask
        cleaning = Errand(
            "cleanup", lambda asked: answer_cleanup(asked, fleet, manifest, lambda: not cleaning.stopping)
        )
        crew.services.append(cleaning)
        slow["cleanup"] = cleaning.ask
        log.info("starting", version=__version__, chargers=len(crew.pollers))
        await live(crew, stop, side.last_words)
    log.info("stopped")


def _restarter(
    read: Callable[[], Settings], systemd: Systemd, restart: asyncio.Event, stop: asyncio.Event
) -> Callable[[Mapping[str, Json]], Awaitable[Json]]:
    async def begin_anew(_: Mapping[str, Json]) -> Json:
        await asyncio.to_thread(read)  # with a faulty configuration we would not come up again
        if not stop.is_set():
            restart.set()
            systemd.restarting()
            stop.set()
        return None

    return begin_anew


def _pollers(fleet: Fleet, outlet: Outlet) -> dict[str, Poller]:
    mine = [id_ for id_ in fleet.settings.chargers if fleet.serves(id_)]
    return {
        id_: fleet.poller(id_, outlet, start_after_s=number * SECONDS_BETWEEN_FIRST_READS)
        for number, id_ in enumerate(mine)
    }


def _announcement(view: ChargerView) -> Announcement:
    if view.identity is None:
        message = "a charger is announced after its first good answer"
        raise ValueError(message)
    return Announcement(
        charger=view.id,
        name=view.name,
        identity=view.identity,
        capabilities=view.capabilities,
        actions=view.actions,
        values=view.values,
    )


def _refuse(fleet: Fleet, charger: str, received: Received) -> list[Result]:
    """Answer for a charger that is not configured; of several daemons only the one that would serve it answers."""
    configured = fleet.settings.chargers
    if charger in configured or not fleet.serves(charger):
        return []
    known = ", ".join(sorted(configured)[:20])
    message = f"no charger is called {charger[:64]!r}; these are configured: {known}"
    return refusals(received, Code.UNKNOWN_PROPERTY, message)


def _control(settings: Settings, pollers: Mapping[str, Poller]) -> Control | None:
    token = settings.http.token
    return Control(token.get_secret_value(), pollers) if settings.http.control and token is not None else None


def _facts(settings: Settings) -> Facts:
    return Facts(
        version=__version__,
        discovery=settings.homeassistant.discovery,
        instance=settings.instance,
        shard_index=settings.shard.index,
        shard_count=settings.shard.count,
        heartbeat_s=settings.publish.heartbeat,
        health_interval_s=settings.publish.health_interval,
    )


def _birth(settings: Settings) -> Birth | None:
    if settings.homeassistant.discovery == "off":
        return None
    return Birth(topics=birth_topics(settings.homeassistant.prefix), payload=BORN.encode(), delay_s=DELAY_S)

"""The daemon as a systemd service of `Type=notify`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bridge.engine.view import ChargerView
from bridge.mqtt.broker import Broker
from bridge.notify import Notifier
from bridge.waiting import wait_for


class Systemd:
    """Tells systemd that we are ready, alive and stopping; without systemd it only waits."""

    name = "systemd"

    def __init__(self, environ: Mapping[str, str], broker: Broker, views: Mapping[str, ChargerView]) -> None:
        """Take where systemd listens from the environment."""
        self._notifier = Notifier(environ)
        self._broker = broker
        self._views = views
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Say READY when the broker session stands or was tried once, then feed the watchdog from the event loop."""
        await self._broker.tried()
        self._notifier.ready()
        while not self._stopping.is_set():
            away = sorted(id_ for id_, view in self._views.items() if not view.available)
            broker = "connected" if self._broker.traffic.connected else "not connected"
            chargers = f"{len(self._views) - len(away)} of {len(self._views)} chargers answer"
            self._notifier.status(f"{chargers}; broker {broker}")
            self._notifier.watchdog()
            await wait_for(self._stopping, min(self._notifier.watchdog_interval_s or 10.0, 10.0))
        self._notifier.stopping()

    def stop(self) -> None:
        """Say STOPPING and end."""
        self._stopping.set()

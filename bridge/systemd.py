"""The daemon as a systemd service of `Type=notify`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping

from bridge.engine.view import ChargerView
from bridge.mqtt.broker import Broker
from bridge.notify import Notifier
from bridge.waiting import wait_for


class Systemd:
    """Tells systemd that we are ready, alive and stopping; without systemd it only waits."""

    name = "systemd"

    def __init__(
        self, environ: Mapping[str, str], broker: Broker, views: Callable[[], Collection[ChargerView]]
    ) -> None:
        """Take where systemd listens from the environment; `views` returns the chargers as they are now."""
        self._notifier = Notifier(environ)
        self._broker = broker
        self._views = views
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Say READY when the broker session stands or was tried once, then feed the watchdog from the event loop."""
        await self._broker.tried()
        self._notifier.ready()
        while not self._stopping.is_set():
            views = self._views()
            broker = "connected" if self._broker.traffic.connected else "not connected"
            chargers = f"{sum(view.available for view in views)} of {len(views)} chargers answer"
            self._notifier.status(f"{chargers}; broker {broker}")
            self._notifier.watchdog()
            await wait_for(self._stopping, min(self._notifier.watchdog_interval_s or 10.0, 10.0))
        self._notifier.stopping()

    def reloading(self) -> None:
        """Say that the configuration is being read again."""
        self._notifier.reloading()

    def reloaded(self) -> None:
        """Say that this is over."""
        self._notifier.ready()

    def stop(self) -> None:
        """Say STOPPING and end."""
        self._stopping.set()

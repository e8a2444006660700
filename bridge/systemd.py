"""The daemon as a systemd service of `Type=notify` or `notify-reload`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from bridge.engine.daemon import Crew
from bridge.mqtt.broker import Broker
from bridge.notify import Notifier
from bridge.waiting import wait_for

log = structlog.get_logger()

LONGEST_PAUSE_S = 3.0
"""How old what `systemctl status` shows may be."""

MOST_NAMES = 3
MOST_LETTERS = 150
"""How much of a fault fits into a line."""


class Systemd:
    """Tells systemd that we are ready, alive, reloading and stopping; without systemd it only watches the pollers."""

    name = "systemd"

    def __init__(self, environ: Mapping[str, str], broker: Broker, crew: Crew, stop: asyncio.Event) -> None:
        """Take where systemd listens from the environment; `stop` is set when the daemon is to end."""
        self._notifier = Notifier(environ)
        self._broker = broker
        self._crew = crew
        self._stopping = stop
        self._seeming: frozenset[str] = frozenset()
        """Who seemed to be stuck at the last look."""
        self._stuck: frozenset[str] = frozenset()
        self._refused = ""
        """What is wrong with a changed configuration that was refused."""
        self._shown = ""
        self._restarting = False

    async def run(self) -> None:
        """Say READY when the broker session stands or was tried once, then feed the watchdog while everyone lives."""
        self._show("starting: looking for the broker")
        await self._broker.tried()
        self._show(self._status())
        self._notifier.ready()
        while not self._stopping.is_set():
            alive = self._look()
            self._show(self._status())
            if alive:
                self._notifier.watchdog()
            await wait_for(self._stopping, min(self._notifier.watchdog_interval_s or LONGEST_PAUSE_S, LONGEST_PAUSE_S))
        self._show("stopping: commands that were sent get their results")
        if self._restarting:
            self._notifier.watchdog()  # the next look is after the new start
        else:
            self._notifier.stopping()

    def reloading(self) -> None:
        """Say that the configuration is being read again."""
        self._show(f"reading the configuration again; {self._condition()}")
        self._notifier.reloading()

    def reloaded(self, faults: tuple[str, ...]) -> None:
        """Say that this is over, and for which faults it was refused, if it was."""
        self._refused = _refusal(faults)
        if not self._stopping.is_set():
            self._show(self._status())
            self._notifier.ready()

    def restarting(self) -> None:
        """Say that the daemon begins anew as the same process: after STOPPING, systemd would end it."""
        self._restarting = True
        self._notifier.reloading()

    def stop(self) -> None:
        """Say STOPPING and end."""
        self._stopping.set()

    def _show(self, text: str) -> None:
        if text != self._shown:
            self._shown = text
            self._notifier.status(text)

    def _look(self) -> bool:
        """Tell whether the pollers live.

        Only who is stuck at two looks is: after the whole process stood still, the first look may come before its turn.
        """
        found = frozenset(self._crew.stuck())
        stuck, self._seeming = found & self._seeming, found
        if stuck != self._stuck:
            self._stuck = stuck
            if stuck:
                log.error("stuck, so the watchdog is not fed", who=sorted(stuck))
            else:
                log.info("nobody is stuck any more")
        return not stuck

    def _status(self) -> str:
        """Return what a person sees in `systemctl status`."""
        stuck = f"stuck: {_some(sorted(self._stuck))}; " if self._stuck else ""
        return f"{stuck}{self._refused}{self._condition()}"

    def _condition(self) -> str:
        views = self._crew.views()
        silent = [view.id for view in views if not view.available]
        broker = "connected" if self._broker.traffic.connected else "not connected"
        told = f", not {_some(silent)}" if silent else ""
        return f"{len(views) - len(silent)} of {len(views)} chargers answer{told}; broker {broker}"


def _some(names: list[str]) -> str:
    more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    return ", ".join([*names[:MOST_NAMES], *more])


def _refusal(faults: tuple[str, ...]) -> str:
    if not faults:
        return ""
    more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
    return f"changed configuration refused, the old one runs on ({faults[0][:MOST_LETTERS]}{more}); "

"""From the settings of a charger to the charger, connected and driven."""

from __future__ import annotations

from bridge.engine.commands import CommandLimits
from bridge.engine.outlet import Outlet
from bridge.engine.poller import Poller
from bridge.http import Http
from bridge.settings import Settings
from bridge.vendors import VENDORS


def make_poller(settings: Settings, charger_id: str, http: Http, outlet: Outlet, *, start_after_s: float = 0) -> Poller:
    """Return the poller of a configured charger; nothing is opened yet. `start_after_s` delays its first read."""
    charger = settings.chargers[charger_id]
    limits = CommandLimits(
        max_age_s=settings.commands.max_age,
        queue=settings.commands.queue,
        min_write_interval_s=charger.min_write_interval,
    )
    connected = VENDORS[charger.vendor].connect(charger, http)
    return Poller(charger_id, charger, connected, outlet, limits, start_after_s=start_after_s)

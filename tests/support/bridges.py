"""A bridge in the test's own loop, from a configuration as a user would write it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bridge.app import serve
from bridge.settings import Settings
from bridge.simulators import Simulator
from tests.support.broker import MOSQUITTO

FAST = {"poll_interval": 0.2}
"""So that a test sees the next reading soon."""


def goe(simulator: Simulator, **settings: Any) -> dict[str, Any]:
    """Return the configuration of a simulated go-e charger."""
    return {"vendor": "go-e", "host": simulator.address, **FAST, **settings}


def make_settings(port: int, chargers: Mapping[str, Any], **sections: Any) -> Settings:
    """Return settings for a broker on this port; `sections` override or add, and `mqtt` is merged."""
    mqtt = {"host": "127.0.0.1", "port": port, **({} if MOSQUITTO else {"protocol": "3.1.1"})}
    document = {"http": {"listen": None}, "chargers": dict(chargers), **sections}
    document["mqtt"] = mqtt | dict(sections.get("mqtt", {}))
    return Settings.model_validate(document)


@asynccontextmanager
async def running(
    settings: Settings,
    state_dir: Path,
    *,
    read_again: Callable[[], Settings] | None = None,
    hangup: asyncio.Event | None = None,
) -> AsyncIterator[asyncio.Event]:
    """Run the bridge for the time of the context; the event stops it sooner. It ends in order, within 10 s.

    `read_again` and `hangup` are what reloading needs.
    """
    stop = asyncio.Event()
    environ = {key: value for key, value in os.environ.items() if key != "NOTIFY_SOCKET"}
    bridge = serve(settings, state_dir, stop, environ, read_again=read_again, hangup=hangup)
    task = asyncio.create_task(bridge, name="bridge")
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(10):
            await task

"""Recording a pretend charger and reading a recording, in one process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bridge.charger.values import Json
from bridge.cli.local import read_once
from bridge.demo.chargers import CHARGERS
from bridge.engine.view import ChargerView
from bridge.recording import record
from bridge.recording.session import OF_THE_MOMENT
from bridge.settings import Settings
from bridge.simulators import Simulator
from bridge.simulators.replay import Replay

OFTEN = 600


def settings_for(vendor: str, simulator: Simulator, **more: Any) -> Settings:
    """Return a configuration with this charger alone and all of its keys."""
    accounts, chargers = CHARGERS[vendor].settings(vendor, simulator)
    for charger in chargers.values():
        charger |= {"vendor_keys": "all", **more}
    return Settings.model_validate({"http": {"listen": None}, "accounts": accounts, "chargers": chargers})


async def recorded(settings: Settings, state_dir: Path, *, seconds: float = 0.0) -> dict[str, Any]:
    """Record the one charger; what comes is what a file would hold."""
    (charger_id,) = settings.chargers
    made = await record(settings, state_dir, charger_id, seconds, asyncio.Event())
    found: dict[str, Any] = json.loads(json.dumps(made, allow_nan=False))
    return found


@asynccontextmanager
async def played(recording: dict[str, Any], **options: Any) -> AsyncIterator[Replay]:
    """Play a recording for the time of the context."""
    replay = Replay(recording, **options)
    await replay.start()
    try:
        yield replay
    finally:
        await replay.stop()


async def read(settings: Settings, state_dir: Path) -> ChargerView:
    """Read the one charger once."""
    (view,) = await read_once(settings, state_dir, settings.chargers)
    return view


def configured(replay: Replay, **sections: Any) -> Settings:
    """Return the configuration that goes with a recording."""
    found = replay.configuration
    assert isinstance(found, dict)
    return Settings.model_validate({"http": {"listen": None}, **found, **sections})


def values_of(view: ChargerView) -> dict[str, Json]:
    """Return all values, as JSON, but for those of the moment."""
    return {
        key: None if value is None else view.capabilities[key].property.type.json(value)
        for key, value in view.values.items()
        if key not in OF_THE_MOMENT
    }


def settled(view: ChargerView) -> dict[str, Json]:
    """Return the values that neither measure anything nor move with time, in the words of the catalogue."""
    rows = {key: ability.property for key, ability in view.capabilities.items()}
    found = values_of(view)
    return {
        key: found[key] for key, row in rows.items() if key in found and not (row.vendor or row.measured or row.ticks)
    }

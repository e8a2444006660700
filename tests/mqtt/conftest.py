"""A bridge between the shared broker and pretend chargers, under names that no other test uses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.support.bridges import make_settings, running
from tests.support.broker import TestBroker
from tests.support.probe import Probe, probe

Run: TypeAlias = Callable[..., AbstractAsyncContextManager[asyncio.Event]]


@pytest.fixture
async def ear(shared_broker: TestBroker, base: str) -> AsyncIterator[Probe]:
    """A client that hears what this test's bridge says."""
    async with probe(shared_broker.port, base, topics=(f"{base}/#", f"{base}-ha/#")) as found:
        yield found


@pytest.fixture
def run(shared_broker: TestBroker, base: str, tmp_path: Path) -> Run:
    """Run a bridge for these chargers; sections of the configuration override or add, `port` takes another broker.

    Its clocks run fast, so that what is published at intervals comes soon.
    """

    def begin(
        chargers: dict[str, Any], *, port: int = shared_broker.port, state: str = "state", **sections: Any
    ) -> AbstractAsyncContextManager[asyncio.Event]:
        mqtt = {"base_topic": base, "client_id": base, **sections.pop("mqtt", {})}
        homeassistant = {"prefix": f"{base}-ha", **sections.pop("homeassistant", {})}
        publish = {"health_interval": 0.4, **sections.pop("publish", {})}
        settings = make_settings(port, chargers, mqtt=mqtt, homeassistant=homeassistant, publish=publish, **sections)
        return running(settings, tmp_path / state)

    return begin

"""A pretend Podero service, and the vendor's own charger and account before it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from bridge.charger.values import Json
from bridge.demo.chargers import CHARGERS
from bridge.http import Http
from bridge.simulators.http_face import HttpFace
from bridge.simulators.podero import PoderoSimulator
from bridge.simulators.wire import Answer
from bridge.state_files import StateFile
from bridge.vendors.podero.account import PoderoAccount
from bridge.vendors.podero.charger import PoderoCharger
from bridge.vendors.podero.settings import PoderoAccountSettings, PoderoSettings

Connect: TypeAlias = Callable[..., PoderoCharger]


@pytest.fixture
async def service() -> AsyncIterator[PoderoSimulator]:
    """The service, without a car; a boost takes hold at once."""
    async with PoderoSimulator(settle_s=0.05) as simulator:
        yield simulator


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """Where the account keeps its token."""
    return tmp_path / "token.json"


@pytest.fixture
def connect(service: PoderoSimulator, http: Http, token_file: Path) -> Connect:
    """Connect a charger with an account of its own; arguments change the account's settings."""

    def connected(**account: Json) -> PoderoCharger:
        accounts, chargers = CHARGERS["podero"].settings("podero", service)
        (own,), (wallbox,) = accounts.values(), chargers.values()
        settings = PoderoAccountSettings.model_validate({"timeout": 30, **own, **account})
        opened = PoderoAccount("utility", settings, http, StateFile(token_file))
        return PoderoCharger(PoderoSettings.model_validate({**wallbox, "vendor_keys": "all"}), opened)

    return connected


@pytest.fixture
def charger(connect: Connect) -> PoderoCharger:
    """A connected charger."""
    return connect()


@asynccontextmanager
async def always(body: str, status: int = 200) -> AsyncIterator[HttpFace]:
    """Listen for the time of the context and answer everything with this."""
    face = HttpFace(lambda *_: Answer(body=body.encode(), status=status))
    await face.start()
    try:
        yield face
    finally:
        await face.stop()


def bodies(service: PoderoSimulator, method: str) -> list[Any]:
    """Return the JSON bodies of the wallbox's requests of this method, None for none."""
    return [
        json.loads(request.body) if request.body else None
        for request in service.requests
        if request.method == method and request.path.startswith("/api/")
    ]

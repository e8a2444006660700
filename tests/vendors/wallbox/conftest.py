"""A pretend Wallbox cloud with two chargers, and an account and chargers connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from bridge.charger.values import Json
from bridge.http import Http
from bridge.simulators.http_face import HttpFace
from bridge.simulators.wallbox import ChargerSpec, GroupSpec, WallboxSimulator
from bridge.simulators.wire import Answer, ReceivedRequest
from bridge.state_files import StateFile
from bridge.vendors.wallbox.account import WallboxAccount
from bridge.vendors.wallbox.charger import WallboxCharger
from bridge.vendors.wallbox.settings import WallboxAccountSettings, WallboxSettings

STREET, YARD = 1001, 1002
OFTEN = 600
"""Calls per minute that no test reaches."""

Open: TypeAlias = Callable[..., WallboxAccount]
Connect: TypeAlias = Callable[..., WallboxCharger]


@pytest.fixture
async def cloud() -> AsyncIterator[WallboxSimulator]:
    """One account, whose writes show at once."""
    chargers = (ChargerSpec(id=STREET, name="Street"), ChargerSpec(id=YARD, name="Yard", model="Copper SB"))
    async with WallboxSimulator(settle_s=0.05, groups=(GroupSpec(chargers=chargers),)) as found:
        yield found


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """Where the account keeps its tokens."""
    return tmp_path / "token.json"


@pytest.fixture
def account_settings(cloud: WallboxSimulator) -> Callable[..., WallboxAccountSettings]:
    """Return settings for the cloud's account; arguments change them."""

    def settings(**changed: Json) -> WallboxAccountSettings:
        spec = cloud.account().spec
        usual: dict[str, Any] = {
            "vendor": "wallbox",
            "email": spec.email,
            "password": spec.password,
            "api_url": cloud.api_url,
            "auth_url": cloud.auth_url,
            "reads_per_minute": OFTEN,
            "writes_per_minute": OFTEN,
            "timeout": 30,
        }
        return WallboxAccountSettings.model_validate({**usual, **changed})

    return settings


@pytest.fixture
def open_account(account_settings: Callable[..., WallboxAccountSettings], http: Http, token_file: Path) -> Open:
    """Open the cloud's account; arguments change its settings."""

    def opened(**changed: Json) -> WallboxAccount:
        return WallboxAccount("home", account_settings(**changed), http, StateFile(token_file))

    return opened


@pytest.fixture
def connect(open_account: Open) -> Connect:
    """Connect a charger of an account; other arguments change its settings."""

    def connected(
        charger_id: int = STREET, *, account: WallboxAccount | None = None, settle_s: float = 0.3, **settings: Json
    ) -> WallboxCharger:
        chosen = {"vendor": "wallbox", "account": "home", "charger_id": charger_id, **settings}
        return WallboxCharger(WallboxSettings.model_validate(chosen), account or open_account(), settle_s=settle_s)

    return connected


@asynccontextmanager
async def instead(respond: Callable[[ReceivedRequest], Answer]) -> AsyncIterator[HttpFace]:
    """Listen for the time of the context, in the place of one of the cloud's servers."""
    face = HttpFace(lambda request, _: respond(request))
    await face.start()
    try:
        yield face
    finally:
        await face.stop()


def url(face: HttpFace) -> str:
    """Return where a server is."""
    return f"http://{face.host}:{face.port}"


def paths(cloud: WallboxSimulator, method: str) -> list[str]:
    """Return what was asked of the server that knows chargers with this method, in order."""
    return [
        request.path
        for request in cloud.requests
        if request.method == method and not request.path.startswith(("/users", "/auth"))
    ]

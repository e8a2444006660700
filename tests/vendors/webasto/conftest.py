"""A pretend Webasto, and the vendor's own charger before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from bridge.charger.binding import Binding, read_all
from bridge.charger.document import Document
from bridge.charger.values import Value
from bridge.http import Http
from bridge.simulators.webasto import WebastoSimulator
from bridge.state_files import StateFile
from bridge.vendors.webasto.charger import WebastoCharger
from bridge.vendors.webasto.settings import WebastoSettings

Connect: TypeAlias = Callable[..., WebastoCharger]


@pytest.fixture
async def sim() -> AsyncIterator[WebastoSimulator]:
    """A Next in front of which nothing stands; its slow section is not."""
    async with WebastoSimulator(slow_s=0.0) as simulator:
        yield simulator


@pytest.fixture
async def unite() -> AsyncIterator[WebastoSimulator]:
    """A Unite."""
    async with WebastoSimulator(model="unite", slow_s=0.0) as simulator:
        yield simulator


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    """Where the charger's token and certificate are kept."""
    return tmp_path / "depot.json"


@pytest.fixture
def connect(http: Http, state_file: Path) -> Connect:
    """Connect a charger; arguments change its settings."""
    usual_http = http

    def connected(simulator: WebastoSimulator, http: Http = usual_http, **settings: Any) -> WebastoCharger:
        usual = {"vendor": "webasto", "host": simulator.address, "password": simulator.password, "vendor_keys": "all"}
        return WebastoCharger(WebastoSettings.model_validate({**usual, **settings}), http, StateFile(state_file))

    return connected


def rows(charger: WebastoCharger, document: Document) -> dict[str, Binding[Any]]:
    """Return the rows that the charger has now."""
    return {row.property.key: row for row in charger.bindings if row.supported(document)}


def values(charger: WebastoCharger, document: Document) -> dict[str, Value]:
    """Return every value of a document."""
    return dict(read_all(rows(charger, document).values(), document).values)


def paths(simulator: WebastoSimulator, since: int = 0) -> list[str]:
    """Return the paths of the requests since then, without `/api/`."""
    return [request.path.removeprefix("/api/") for request in list(simulator.requests)[since:]]

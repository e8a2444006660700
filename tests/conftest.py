"""What most tests need: a broker, an ear on it, a pretend charger."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bridge.simulators.goe import GoeSimulator
from tests.support.broker import MOSQUITTO, TestBroker
from tests.support.probe import Probe, probe


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what only Mosquitto can do where it is missing; `make test` says so loudly."""
    for item in items:
        if MOSQUITTO is None and item.get_closest_marker("mosquitto"):
            item.add_marker(pytest.mark.skip(reason="Mosquitto is not installed"))


@pytest.fixture(scope="session")
def shared_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestBroker]:
    """One broker for all tests that leave it alone; each uses a base topic of its own."""
    with TestBroker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[TestBroker]:
    """A broker that the test may stop, kill and freeze."""
    with TestBroker(tmp_path) as broker:
        yield broker


@pytest.fixture
def base() -> str:
    """A base topic that no other test uses."""
    return f"t{uuid.uuid4().hex[:10]}"


@pytest.fixture
async def ear(shared_broker: TestBroker, base: str) -> AsyncIterator[Probe]:
    """A client on the shared broker that hears this test, announcements, and chargers without a prefix of their own.

    Not everything: the retained messages of all tests before are there, and a broker drops what a client is too slow
    for.
    """
    topics = (f"{base}/#", f"/{base}/#", f"{base}-ha/#", "homeassistant/#", "go-eCharger/#")
    async with probe(shared_broker.port, base, topics=topics) as found:
        yield found


@pytest.fixture
async def simulator() -> AsyncIterator[GoeSimulator]:
    """A pretend go-e charger, without a car."""
    async with GoeSimulator() as found:
        yield found

"""Thousands of chargers on the overview."""

from __future__ import annotations

import aiohttp
import pytest

from tests.web.conftest import Bridge
from tests.web.reading import load


@pytest.fixture
def depot(bridge: Bridge) -> Bridge:
    """A depot with 2,000 chargers, of which a few charge."""
    for number in range(2000):
        view = bridge.add(f"bay-{number:04}")
        view.available = True
        view.values = {"status": "charging" if number % 100 == 7 else "disconnected", "stale": number == 9}
    return bridge


@pytest.mark.parametrize(
    ("asked", "first", "shown", "found"),
    [
        ("", "bay-0000", 50, None),
        ("?page=2", "bay-0050", 50, None),
        ("?page=40", "bay-1950", 50, None),
        ("?page=99999", "bay-1950", 50, None),
        ("?page=-1", "bay-0000", 50, None),
        ("?page=%D9%A1", "bay-0000", 50, None),
        ("?page=1" + "0" * 5000, "bay-0000", 50, None),
        ("?status=charging", "bay-0007", 20, "20 of 2000 chargers found."),
        ("?status=attention", "bay-0009", 1, "1 of 2000 chargers found."),
        ("?status=away", None, 0, "0 of 2000 chargers found."),
        ("?status=nonsense", "bay-0000", 50, None),
        ("?q=BAY-12", "bay-1200", 50, "100 of 2000 chargers found."),
        ("?q=bay-12&page=2", "bay-1250", 50, "100 of 2000 chargers found."),
        ("?q=+bay-0107+&status=charging", "bay-0107", 1, "1 of 2000 chargers found."),
    ],
)
@pytest.mark.usefixtures("depot")
async def test_a_depot_is_shown_in_parts(
    http: aiohttp.ClientSession, asked: str, first: str | None, shown: int, found: str | None
) -> None:
    """Fifty chargers to a page, filtered by text and status; nonsense in the address asks for nothing."""
    page = await load(http, f"/{asked}")

    cards = [known["data-scope"].removeprefix("charger:") for known in page.all("li")]
    assert (cards[:1], len(cards)) == ([first] if first else [], shown)
    assert page.bridge()["chargers"] == "2000"
    assert (found or "chargers found") in page.text or found is None


@pytest.mark.usefixtures("depot")
async def test_pages_of_a_depot_lead_to_each_other(http: aiohttp.ClientSession) -> None:
    """With the same filter."""
    page = await load(http, "/?q=bay-1&page=2")

    links = {known.get("rel"): known["href"] for known in page.all("a") if "rel" in known}
    assert links == {"prev": "./?q=bay-1", "next": "./?q=bay-1&page=3"}
    assert "Page 2 of 20" in page.text


@pytest.mark.parametrize(("chargers", "asked", "forms"), [(8, "", 0), (9, "", 1), (1, "?status=attention", 1)])
async def test_few_chargers_need_no_filter(
    bridge: Bridge, http: aiohttp.ClientSession, chargers: int, asked: str, forms: int
) -> None:
    """It is there for many, and where it already filters."""
    for number in range(chargers):
        bridge.add(f"bay-{number}")

    assert len((await load(http, f"/{asked}")).all("form")) == forms


async def test_a_page_without_chargers(http: aiohttp.ClientSession) -> None:
    """Says so."""
    assert "No charger is configured." in (await load(http)).text

"""Everyone can use the pages: axe-core looks at them in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge.charger.session import Event, EventType
from bridge.engine.poller import Poller
from bridge.engine.view import LastError
from bridge.errors import Code
from bridge.web.selection import PER_PAGE
from tests.web.chromium import NEEDS_CHROMIUM, Tab, is_live, sign_in
from tests.web.conftest import Bridge
from tests.web.visitor import TOKEN

AXE = Path(__file__).parent / "axe" / "axe.min.js"

pytestmark = NEEDS_CHROMIUM


@pytest.mark.parametrize("place", ["overview", "charger", "login", "confirm", "message"])
async def test_everyone_can_use_it(page: Tab, controlled: Bridge, garage: Poller, place: str) -> None:
    """axe-core finds nothing, in light, in dark and on a phone, where nothing is wider than the screen."""
    street = controlled.add("street")
    for number in range(PER_PAGE):
        controlled.add(f"bay-{number}")
    street.health.last_error = LastError(code=Code.VENDOR_UNREACHABLE, message="no route", moment=datetime.now(UTC))
    street.health.consecutive_failures = 4
    controlled.history.event(garage.view, Event(type=EventType.PLUGGED, moment=datetime.now(UTC)))
    if place in {"charger", "confirm"}:
        await sign_in(page, TOKEN)
        await page.run("document.querySelector('form[data-key=current_limit] button').click()")
        await page.until_text("form[data-key=current_limit] .outcome", "confirmed")
    if place == "confirm":
        await page.run("document.querySelector('form[data-key=restart] button').click()")
        await page.until("document.querySelector('h1').textContent === 'Restart: Garage?'")
    elif place != "charger":
        await page.go({"overview": "/", "login": "/login", "message": "/chargers/nobody"}[place])
    if place in {"charger", "overview"}:
        await is_live(page)
    await page.run(AXE.read_text(encoding="utf-8") + ";0")
    for width, dark in ((1280, False), (1280, True), (360, False), (360, True)):
        await page.look(width=width, dark=dark)
        found = await page.run("axe.run(document, {resultTypes: ['violations']}).then(told => told.violations)")
        assert _shown(found) == [], f"{place} {width} {'dark' if dark else 'light'}"
        assert await page.run("document.documentElement.scrollWidth") <= width
    if place == "message":
        page.complaints.clear()  # of the answer 404


def _shown(violations: list[dict[str, Any]]) -> list[str]:
    return [f"{each['id']}: {node['html']}: {node['failureSummary']}" for each in violations for node in each["nodes"]]

"""The pages in a real browser: they show what is, follow what changes, and can be used by everyone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from bridge.charger.session import Event, EventType
from bridge.engine.poller import Poller
from bridge.engine.view import LastError
from bridge.errors import Code
from bridge.web import live
from bridge.web.selection import FEW
from bridge.web.server import Web
from tests.engine.pretend import PretendCharger
from tests.web.chromium import NEEDS_CHROMIUM, Tab, is_live, sign_in, tab
from tests.web.conftest import Bridge
from tests.web.visitor import TOKEN

NASTY = """<img src=x onerror="alert(1)"><script>alert(2)</script>"""

pytestmark = NEEDS_CHROMIUM


async def test_the_overview_shows_what_is_and_follows_what_changes(
    page: Tab, garage: Poller, box: PretendCharger
) -> None:
    """Without being loaded again; what changes in status is also said aloud, once and politely."""
    await page.go("/")
    assert await page.text("[data-field=status]") == "Charging"
    assert await page.text(".card [data-field=power]") == "7.36 kW"
    await is_live(page)
    await page.run("window.marker = 1")
    box.settings |= {"status": "finished", "watt": 0, "session": 9.5}
    garage.refresh()
    await page.until_text("[data-field=status]", "Finished")
    await page.until_text(".card [data-field=session]", "9.50 kWh")
    assert await page.text(".card [data-field=power]") == "0 W"
    assert await page.text("#announcer") == "Garage: Finished"
    assert await page.run("document.querySelector('.card').dataset.tone") == "ready"
    assert await page.run("window.marker") == 1


async def test_ages_grow_by_themselves(page: Tab) -> None:
    """While the bridge has nothing new to tell."""
    await page.go("/")
    await is_live(page)
    await page.until("/^[2-9] s ago$/.test(document.querySelector('[data-age]').textContent)")


async def test_a_bridge_that_is_gone_is_missed_and_found_again(
    devtools: str, controlled: Bridge, garage: Poller
) -> None:
    """The page says since when its values are old, and goes on by itself when the bridge is back."""
    assert garage.view.available
    first = controlled.web()
    async with _serving(first) as port, tab(devtools, f"http://127.0.0.1:{port}") as page:
        await page.go("/")
        await is_live(page)
        first.stop()
        await page.until_text("#connection", "No connection to the bridge. Values are of")
        async with _serving(controlled.web(port=port)):
            await is_live(page)
            assert not await page.run("document.body.classList.contains('gone')")


@asynccontextmanager
async def _serving(web: Web) -> AsyncIterator[int]:
    async with asyncio.timeout(90), asyncio.TaskGroup() as tasks:
        tasks.create_task(web.run(), name="web")
        await web.listening.wait()
        yield web.port or 0
        web.stop()


async def test_one_viewer_too_many_is_told_so(page: Tab, controlled: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it sees is of when it came, and does not look as if the bridge were gone."""
    monkeypatch.setattr(live, "MOST_VIEWERS", 0)
    await page.go("/")
    await page.until_text("#connection", "Not live: too many viewers.")
    assert await page.text("[data-field=status]") == "Charging"
    assert controlled.history.watchers == set()


async def test_a_charger_more_appears(page: Tab, controlled: Bridge) -> None:
    """The page is loaded again for it, unless somebody is busy there: then it says so."""
    await page.go("/")
    await is_live(page)
    controlled.add("street")
    await page.until("document.querySelectorAll('.card').length === 2")
    await is_live(page)
    await page.run("document.querySelector('.card a').focus()")
    controlled.add("depot")
    await page.until_text("#notice", "What there is to show has changed. Reload the page")
    assert await page.run("document.querySelectorAll('.card').length") == 2


async def test_the_page_of_a_charger_is_used_by_keyboard(page: Tab, controlled: Bridge, box: PretendCharger) -> None:
    """From the top of the overview to a confirmed command, without a mouse, seeing where one is."""
    for number in range(FEW):
        controlled.add(f"bay-{number}")
    await page.go("/")
    await page.press("Tab")
    assert await page.text(":focus") == "Skip to the content"
    await page.press("Enter")
    await page.until("location.hash === '#main'")
    await page.tab_to("#q")
    await page.type("gar")
    await page.press("Enter")
    await page.until("location.search.includes('q=gar') && document.readyState === 'complete'")
    await page.tab_to(".card h2 a")
    assert await page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.press("Enter")
    await page.until("location.pathname === '/chargers/garage' && document.readyState === 'complete'")
    await page.tab_to("a[href*=login]")
    await page.press("Enter")
    await page.until("document.querySelector('#token') && document.readyState === 'complete'")
    await page.tab_to("#token")
    await page.type(TOKEN)
    await page.press("Enter")
    await page.until("location.pathname === '/chargers/garage' && document.readyState === 'complete'")
    await is_live(page)
    await page.run("window.marker = 1")
    await page.tab_to("[data-input=current_limit]")
    await page.type("13")
    await page.press("Enter")
    await page.until_text("form[data-key=current_limit] .outcome", "13 A confirmed.")
    await page.until_text("#commands tbody", "Current limit")
    assert await page.text("[data-field=limit]") == "13 A"
    await page.tab_to("form[data-key=locked] button[value=true]")
    await page.press(" ")
    await page.until_text("form[data-key=locked] .outcome", "locked confirmed.")
    await page.until("document.querySelector('form[data-key=locked] [value=true]').ariaPressed === 'true'")
    await page.tab_to("form[data-key=restart] button")
    await page.press("Enter")
    await page.until("document.querySelector('h1').textContent === 'Restart: Garage?'")
    assert [write.body for write in box.writes][:1] == [{"amp": 13}]
    assert [write.request.path for write in box.writes] == ["/settings", "/lock"]
    await page.tab_to("main button")
    await page.press("Enter")
    await page.until_text("main", "Restart : ")


async def test_what_somebody_types_stays(page: Tab, garage: Poller, box: PretendCharger) -> None:
    """A newer value of the charger does not take it away; bounds follow the charger, and the browser keeps to them."""
    await sign_in(page, TOKEN)
    await is_live(page)
    await page.run("document.querySelector('[data-input=current_limit]').focus()")
    await page.type("15")
    box.settings |= {"amp": 8, "max": 12, "led": 70}
    garage.refresh()
    await page.until_text("[data-field='now:current_limit']", "8 A")
    assert await page.run("document.querySelector('[data-input=current_limit]').value") == "15"
    assert await page.run("document.querySelector('[data-input=led_brightness]').value") == "70"
    await page.press("Enter")
    assert await page.run("document.querySelector('[data-input=current_limit]').validity.rangeOverflow")
    assert box.writes == []


async def test_a_session_that_has_ended_is_said(page: Tab, box: PretendCharger) -> None:
    """On the form that was refused."""
    await sign_in(page, TOKEN)
    await page.call("Network.clearBrowserCookies")
    await page.run("document.querySelector('form[data-key=locked] button').click()")
    await page.until_text("form[data-key=locked] .outcome", "You are not signed in any more.")
    assert box.writes == []
    page.complaints.clear()  # of the answer 403


async def test_untrusted_text_stays_text(page: Tab, controlled: Bridge, garage: Poller) -> None:
    """On the page as it comes, and in what comes later."""
    await page.go("/chargers/garage")
    await is_live(page)
    view, moment = garage.view, datetime.now(UTC)
    view.values = {**view.values, "status_reason": NASTY, "phase_mode": NASTY}
    view.health.last_error = LastError(code=Code.VENDOR_REFUSED, message=NASTY, moment=moment)
    controlled.history.event(view, Event(type=EventType.FAULT, moment=moment, details={"code": NASTY}))
    await page.until_text("#events tbody", NASTY)
    await page.until_text("[data-field=reason]", NASTY)
    await page.until_text("[data-field=past]", NASTY)
    await page.go("/chargers/garage")
    await page.until_text("#events tbody", NASTY)
    assert await page.run("[document.scripts.length, document.images.length]") == [1, 1]


async def test_without_scripts_everything_can_be_seen_and_done(page: Tab, box: PretendCharger) -> None:
    """The page stands still, says of when it is, and its forms work; the outcome comes by loading it again."""
    await page.look(width=1280, dark=False, scripts=False)
    await page.go("/")
    assert await page.text("[data-field=status]") == "Charging"
    assert (await page.text("#connection")).startswith("As of 20")
    await page.go("/login?charger=garage")
    await page.run("document.querySelector('#token').focus()")
    await page.type(TOKEN)
    await page.press("Enter")
    await page.until("location.pathname === '/chargers/garage' && document.readyState === 'complete'")
    assert await page.text("#chart-text") == "Between 7.36 kW and 7.36 kW in the last hour, 7.36 kW at the end."
    box.hold_reads()
    await page.run("document.querySelector('[data-input=current_limit]').focus()")
    await page.type("11")
    await page.press("Enter")
    await page.until_text(".notice[data-tone]", "Current limit 11 A: on its way.")
    box.let_go()
    await page.until_text(".notice[data-tone]", "Current limit 11 A: confirmed.")

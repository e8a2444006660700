"""Whatever a page shows, it is only shown: strict policies, nothing inline, and text that stays text."""

from __future__ import annotations

from datetime import UTC, datetime

import aiohttp
import pytest

from bridge.charger.session import Event, EventType
from bridge.engine.intake import Received
from bridge.engine.view import LastError
from bridge.errors import Code
from tests.engine.pretend import RARE, PretendCharger
from tests.web.conftest import Bridge
from tests.web.reading import Page, load

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
NASTY = """<script>alert("1")</script>'"><img src=x onerror=alert(2)>"""


@pytest.mark.parametrize("path", ["/", "/chargers/garage"])
async def test_untrusted_text_is_only_text(bridge: Bridge, http: aiohttp.ClientSession, path: str) -> None:
    """Names, vendors' texts, errors and senders' values cannot become markup, nor leave an attribute."""
    box = PretendCharger(status="charging", serial=NASTY)
    async with bridge.charger("garage", box, name=NASTY) as poller:
        view = poller.view
        view.health.last_error = LastError(code=Code.VENDOR_REFUSED, message=NASTY, moment=datetime.now(UTC))
        view.values = {**view.values, "status_reason": NASTY, "error_text": NASTY, "problem": True, "phase_mode": NASTY}
        bridge.history.event(view, Event(type=EventType.FAULT, moment=datetime.now(UTC), details={"code": NASTY}))
        poller.receive(Received(key=NASTY, payload=NASTY.encode()))
        async with http.get(path, params={"q": NASTY, "status": NASTY, "page": NASTY}) as response:
            html = await response.text()

    page = Page(html)
    assert NASTY in page.text
    assert len(page.all("script")) == 1
    assert {tag.get("onerror") for _, tag in page.tags} == {None}
    assert [image["src"] for image in page.all("img")] == [
        image["src"] for image in page.all("img") if "icon" in image["src"]
    ]


async def test_half_a_character_does_not_break_the_page(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """JSON can spell what UTF-8 cannot."""
    async with bridge.charger("garage", PretendCharger()) as poller:
        poller.view.values = {**poller.view.values, "status_reason": "half \ud83d"}
        page = await load(http)

    assert page.charger("garage")["reason"] == "half ?"


@pytest.mark.parametrize("path", ["/", "/chargers/garage", "/chargers/none", "/static/page.js", "/nothing", "/healthz"])
async def test_answers_are_guarded(bridge: Bridge, http: aiohttp.ClientSession, path: str) -> None:
    """Every answer carries the same strict policy, and nothing keeps a copy of it."""
    bridge.add("garage")
    async with http.get(path) as response:
        assert response.headers["Content-Security-Policy"] == POLICY
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/chargers/garage"])
async def test_nothing_is_inline_or_from_elsewhere(bridge: Bridge, http: aiohttp.ClientSession, path: str) -> None:
    """Each script, style and picture is a file of ours at a relative address, and it is there."""
    async with bridge.charger("garage", PretendCharger()):
        page = await load(http, path)
        base = str(http._base_url)
        for tag, known in page.tags:
            assert "style" not in known
            assert not any(name.startswith("on") for name in known)
            assert tag != "style"
        sources = [known.get("src") or known["href"] for tag, known in page.tags if tag in {"script", "img", "link"}]
        assert len(sources) == 4
        for source in sources:
            assert "//" not in source
            async with http.get(path.rsplit("/", 1)[0] + "/" + source) as response:
                assert response.status == 200, f"{base} {source}"


async def test_static_files_are_those_of_a_list(http: aiohttp.ClientSession) -> None:
    """No path leads elsewhere."""
    for path in ("/static/page.html", "/static/..%2fserver.py", "/static/%2e%2e/server.py", "/static/"):
        async with http.get(path) as response:
            assert response.status == 404


async def test_without_control_there_is_no_form(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Nothing to sign in to, nothing to send, and no address that would take it."""
    async with bridge.charger("garage", PretendCharger(RARE)):
        page = await load(http, "/chargers/garage")
        assert page.all("form") == []
        assert "Sign in" not in page.text
        for path in ("/login", "/logout", "/chargers/garage/set"):
            async with http.post(path, data={"property": "locked", "value": "true"}) as response:
                assert response.status == 404
        async with http.post("/chargers/garage") as response:
            assert response.status == 405
        async with http.get("/login") as response:
            assert response.status == 404


@pytest.mark.parametrize("path", ["/", "/chargers/garage"])
async def test_ids_on_a_page_are_unique_and_labels_lead_somewhere(
    controlled: Bridge, http: aiohttp.ClientSession, path: str
) -> None:
    """What a label or a description names is there, once."""
    async with controlled.charger("garage", PretendCharger()):
        page = await load(http, path)

    ids = [known["id"] for _, known in page.tags if "id" in known]
    assert len(ids) == len(set(ids))
    for _, known in page.tags:
        for name in ("for", "aria-labelledby", "aria-describedby"):
            assert set(known.get(name, "").split()) <= set(ids)

"""Signing in to the page, and out."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp
import pytest
from structlog.types import EventDict

from bridge.web import commanding
from bridge.web.server import Web
from tests.engine.pretend import PretendCharger
from tests.web.visitor import TOKEN, Visitor


@pytest.mark.usefixtures("garage")
async def test_the_token_opens_the_controls(visitor: Visitor) -> None:
    """The cookie is out of reach for scripts and other sites, and leads to the charger one came from."""
    answer = await visitor.sign_in(charger="garage")

    assert (answer.status, answer.headers["Location"]) == (303, "chargers/garage")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    assert TOKEN not in cookie
    page = await visitor.get("/chargers/garage")
    keys = [known["data-key"] for known in page.all("form") if "data-key" in known]
    assert keys == [
        *("current_limit", "charging_enabled", "charge_override", "led_brightness", "phase_mode"),
        *("session_energy_limit", "locked", "refresh", "restart", "factory_reset"),
    ]
    limits = next(known for known in page.all("input") if known.get("data-input") == "current_limit")
    assert (limits["min"], limits["max"], limits["step"], limits["value"]) == ("6", "16", "0.5", "10")
    assert TOKEN not in page.text


async def test_behind_tls_the_cookie_stays_there(visitor: Visitor) -> None:
    """Where the browser was on https, it must not send the cookie without."""
    host = (visitor.origin or "").removeprefix("http://")
    visitor.origin = f"https://{host}"
    assert "Secure" in (await visitor.sign_in()).headers["Set-Cookie"]


async def test_where_signing_in_leads(visitor: Visitor) -> None:
    """Only to a charger that there is, never to an address that somebody else chose."""
    answer = await visitor.sign_in(charger="//elsewhere.example")
    assert answer.headers["Location"] == "./"


async def test_a_wrong_token_opens_nothing(visitor: Visitor, logged: asyncio.Queue[EventDict]) -> None:
    """It is said on the page and in the log, without the token."""
    answer = await visitor.sign_in("a-token-that-somebody-guessed")

    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers
    text = await answer.text()
    assert "This is not the token of the configuration." in text
    assert "somebody-guessed" not in text
    entries = [logged.get_nowait() for _ in range(logged.qsize())]
    assert "wrong token at the status page" in [entry["event"] for entry in entries]
    assert "somebody-guessed" not in str(entries)


async def test_guessing_is_slow(visitor: Visitor) -> None:
    """After five wrong ones in a minute not even the right one is looked at."""
    statuses = [(await visitor.sign_in(f"wrong-{number}")).status for number in range(5)]
    answer = await visitor.sign_in()

    assert (statuses, answer.status) == ([403] * 5, 429)
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "Set-Cookie" not in answer.headers


@pytest.mark.usefixtures("garage")
async def test_signing_out_ends_the_session(user: Visitor, box: PretendCharger) -> None:
    """For the cookie, too, should somebody have kept it; without the form's secret nobody is signed out."""
    csrf = await user.csrf()
    cookies = {cookie.key: cookie.value for cookie in user.http.cookie_jar}
    await user.post("/logout", {"csrf": "wrong"}, Cookie="")
    user.http.cookie_jar.update_cookies(cookies)
    assert await user.csrf() == csrf
    assert (await user.post("/logout", {"csrf": csrf})).status == 303
    user.http.cookie_jar.update_cookies(cookies)
    assert "Sign in" in (await user.get("/")).text
    form = {"csrf": csrf, "property": "locked", "value": "true"}
    assert (await user.post("/chargers/garage/set", form)).status == 403
    assert box.writes == []


async def test_large_and_strange_forms_are_refused(user: Visitor) -> None:
    """Before anything is made of them."""
    assert (await user.post("/login", {"token": "x" * 50_000})).status == 413
    with aiohttp.MultipartWriter("form-data") as parts:
        parts.append("x")
        response = await user.http.post("/login", data=parts, headers={"Origin": user.origin or ""})
    assert response.status == 415
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense", "Origin": user.origin or ""}
    assert (await user.http.post("/login", data=b"a=b", headers=kind)).status == 400


@pytest.mark.usefixtures("controlled")
async def test_a_form_that_does_not_come_whole_is_not_waited_for(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A promise of a body holds nothing open."""
    monkeypatch.setattr(commanding, "SECONDS_FOR_A_FORM", 0.05)
    host = f"127.0.0.1:{web.port}"
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
    kind = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000"
    writer.write(f"POST /login HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{kind}\r\n\r\na=".encode())
    async with asyncio.timeout(5):
        assert await reader.readline() == b"HTTP/1.1 408 Request Timeout\r\n"
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()

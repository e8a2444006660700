"""Commands from the page: who may, on which form, and that they go the way of all commands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
from structlog.types import EventDict

from bridge.charger.binding import Binding, Request
from bridge.charger.property import Property
from bridge.charger.values import TEXT
from bridge.engine.poller import Poller
from bridge.web import commanding, details, door
from bridge.web.server import Web
from tests.engine.pretend import BINDINGS, RARE, PretendCharger
from tests.support.waiting import until
from tests.web.conftest import TOKEN, Bridge
from tests.web.reading import Page


class Visitor:
    """A browser without scripts: keeps cookies, follows nothing by itself, and says where its forms come from."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.origin: str | None = str(http._base_url).rstrip("/")

    async def get(self, path: str) -> Page:
        """Load a page."""
        async with self.http.get(path) as response:
            return Page(await response.text())

    async def post(self, path: str, form: Mapping[str, Any], **headers: str) -> aiohttp.ClientResponse:
        """Send a form."""
        sent = {**({} if self.origin is None else {"Origin": self.origin}), **headers}
        response = await self.http.post(path, data=form, headers=sent, allow_redirects=False)
        await response.read()
        return response

    async def sign_in(self, token: str = TOKEN, **more: str) -> aiohttp.ClientResponse:
        """Send the form for signing in."""
        csrf = (await self.get("/login")).value("csrf")
        return await self.post("/login", {"csrf": csrf, "token": token, **more})

    async def csrf(self) -> str:
        """Return what the forms of the charger's page carry."""
        return (await self.get("/chargers/garage")).value("csrf")

    async def command(self, key: str, value: str, **more: str) -> aiohttp.ClientResponse:
        """Send the form of a control."""
        form = {"csrf": await self.csrf(), "property": key, "value": value}
        return await self.post("/chargers/garage/set", form | more)


@pytest.fixture
def box() -> PretendCharger:
    """The charger behind the page."""
    return PretendCharger(RARE)


@pytest.fixture
async def garage(controlled: Bridge, box: PretendCharger) -> AsyncIterator[Poller]:
    """The charger, read."""
    async with controlled.charger("garage", box, allow=["factory_reset"]) as poller:
        yield poller


@pytest.fixture
async def visitor(controlled: Bridge, web: Web) -> AsyncIterator[Visitor]:
    """Somebody who is not signed in."""
    assert controlled.token
    jar = aiohttp.CookieJar(unsafe=True)  # for a host that is a number
    base, limit = f"http://127.0.0.1:{web.port}", aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(base, timeout=limit, cookie_jar=jar) as http:
        yield Visitor(http)


@pytest.fixture
async def user(visitor: Visitor) -> Visitor:
    """Somebody who is signed in."""
    assert (await visitor.sign_in()).status == 303
    return visitor


def _outcome(page: Page) -> str:
    return " ".join(page.text.split())


@pytest.mark.usefixtures("garage")
async def test_without_signing_in_there_are_no_controls(visitor: Visitor, box: PretendCharger) -> None:
    """Everyone may look; the page offers to sign in, and a form that comes all the same is refused."""
    page = await visitor.get("/chargers/garage")
    assert page.all("form") == []
    assert "Sign in to control this charger." in page.text
    answer = await visitor.post("/chargers/garage/set", {"csrf": "", "property": "current_limit", "value": "13"})
    assert (answer.status, box.writes) == (403, [])


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
async def test_a_command_goes_the_way_of_all_commands(user: Visitor, box: PretendCharger) -> None:
    """The charger gets it, and the page shows what became of it."""
    answer = await user.command("current_limit", "13")
    location = answer.headers["Location"]
    assert (answer.status, location.partition("=")[0]) == (303, "../garage?command")

    async with asyncio.timeout(10):
        while "Current limit 13 A: confirmed." not in _outcome(page := await user.get(f"/chargers/{location[3:]}")):
            assert "Current limit 13 A: on its way." in _outcome(page)
            assert ("meta", {"http-equiv": "refresh", "content": "2"}) in page.tags  # for who has no scripts
            await asyncio.sleep(0.02)
    assert [write.body for write in box.writes] == [{"amp": 13}]
    assert page.charger("garage")["limit"] == "13 A"


@pytest.mark.usefixtures("garage")
@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("current_limit", "99", "rejected. 99 is outside 6 to 16 A, what the charger takes now."),
        ("current_limit", "", "rejected."),
        ("current_limit", "x" * 5000, "rejected. The message has 5000 bytes, more than 4096."),
        ("phase_mode", "<b>", "rejected. '<b>' is not one of single, three."),
        ("locked", "maybe", "rejected. 'maybe' is not true or false."),
    ],
)
async def test_a_refusal_is_shown_with_its_reason(
    user: Visitor, box: PretendCharger, key: str, value: str, told: str
) -> None:
    """The same checks as for every command, whatever the form says."""
    answer = await user.command(key, value)

    assert told in _outcome(await user.get(f"/chargers/{answer.headers['Location'][3:]}"))
    assert box.writes == []


@pytest.mark.usefixtures("garage")
async def test_a_script_gets_the_outcome_itself(user: Visitor) -> None:
    """As JSON, with the id under which the stream tells the rest."""
    form = {"csrf": await user.csrf(), "property": "current_limit", "value": "99"}
    answer = await user.post("/chargers/garage/set", form, Accept="application/json")

    assert answer.status == 200
    told = (await answer.json())["command"]
    assert (told["outcome"], told["final"], told["wish"]) == ("rejected", "yes", "99 A")
    refused = await user.post("/chargers/garage/set", form | {"csrf": "x"}, Accept="application/json")
    assert (refused.status, list(await refused.json())) == (403, ["error"])


@pytest.mark.usefixtures("garage")
@pytest.mark.parametrize("key", sorted(details.NEEDS_CONFIRMATION.keys() - {"firmware_update"}))
async def test_the_page_asks_before_it_interrupts(user: Visitor, box: PretendCharger, key: str) -> None:
    """A second page asks; only its button does it."""
    answer = await user.command(key, "PRESS")
    assert (answer.status, box.writes) == (200, [])
    page = Page(await answer.text())
    assert details.NEEDS_CONFIRMATION[key] in page.text
    form = {known["name"]: known["value"] for known in page.all("input")}
    assert form.pop("csrf") == await user.csrf()
    assert form == {"property": key, "value": "PRESS", "confirm": "yes"}
    assert (await user.command(**{k.replace("property", "key"): v for k, v in form.items()})).status == 303
    await until(lambda: box.writes, what="the write")


@pytest.mark.usefixtures("garage")
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"csrf": ""}, 403),
        ({"csrf": "x" * 43}, 403),
        ({"csrf": "ÿ"}, 403),
        ({"property": "power"}, 403),
        ({"property": "nonsense"}, 403),
        ({"property": ""}, 403),
    ],
)
async def test_only_our_own_forms_count(
    user: Visitor, box: PretendCharger, change: dict[str, str], status: int
) -> None:
    """With their secret, and for what the page offers."""
    form = {"csrf": await user.csrf(), "property": "locked", "value": "true"} | change
    assert (await user.post("/chargers/garage/set", form)).status == status
    assert box.writes == []


@pytest.mark.parametrize("kind", ["secret", "confidential"])
async def test_secrets_cannot_be_set_from_the_page(
    controlled: Bridge, user: Visitor, box: PretendCharger, kind: str
) -> None:
    """Not even where the configuration allows `credentials`: they would stand in a browser's memory."""
    row = Property(key="vendor/word", name="Password", type=TEXT, settable=True, vendor=True, **{kind: True})  # type: ignore[arg-type]
    write = Request(method="PUT", path="/word", body={"word": "x"})
    box.bindings = (*BINDINGS, Binding(property=row, read=lambda _: "hunter2", write=lambda _value, _doc: write))
    async with controlled.charger("garage", box, allow=["credentials"], vendor_keys="all") as poller:
        assert poller.view.capabilities["vendor/word"].settable
        page = await user.get("/chargers/garage")
        assert "vendor/word" not in [known.get("data-key") for known in page.all("form")]
        assert (await user.command("vendor/word", "y")).status == 403
        assert box.writes == []
    if kind == "secret":
        assert page.charger("garage")["value:vendor/word"] == "can be set, is never shown"
        assert "hunter2" not in page.text


@pytest.mark.usefixtures("garage")
@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "garbage", ""],
)
@pytest.mark.parametrize("path", ["/login", "/logout", "/chargers/garage/set"])
async def test_other_sites_cannot_send_forms(user: Visitor, box: PretendCharger, origin: str | None, path: str) -> None:
    """Even with the cookie and the form's secret: what the browser says of where it was must be us."""
    form = {"csrf": await user.csrf(), "property": "locked", "value": "true", "token": TOKEN}
    user.origin = origin
    assert (await user.post(path, form)).status == 403
    assert box.writes == []
    assert "Sign out" in (await user.get("/")).text


@pytest.mark.usefixtures("garage")
async def test_a_charger_that_is_gone_takes_no_command(controlled: Bridge, user: Visitor) -> None:
    """It may have been removed since the page was loaded."""
    form = {"csrf": await user.csrf(), "property": "locked", "value": "true"}
    assert (await user.post("/chargers/nobody/set", form)).status == 404
    del controlled.pollers["garage"]
    assert (await user.post("/chargers/garage/set", form)).status == 404


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


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return seconds."""
        return self.now


def test_sessions_end_by_themselves() -> None:
    """After half a day, whatever was done meanwhile."""
    clock = Clock()
    entrance = door.Door(TOKEN, clock)
    session = entrance.enter("a", TOKEN)
    assert session is not None
    clock.now += door.SESSION_S - 1
    assert entrance.session(session.id) is session
    clock.now += 1
    assert entrance.session(session.id) is None
    assert entrance.session(None) is None


def test_sessions_are_few() -> None:
    """The oldest one ends when there are too many."""
    entrance = door.Door(TOKEN)
    sessions = [entrance.enter("a", TOKEN) for _ in range(door.MOST_SESSIONS + 1)]

    alive = [session is not None and entrance.session(session.id) is session for session in sessions]
    assert alive == [False, *[True] * door.MOST_SESSIONS]
    assert len({(session.id, session.csrf) for session in sessions if session}) == len(sessions)


def test_one_guesser_does_not_lock_out_others() -> None:
    """Each address has its own count, all have one together, and both are forgotten after a minute."""
    clock = Clock()
    entrance = door.Door(TOKEN, clock)
    for _ in range(door.ATTEMPTS):
        assert entrance.enter("bad", "wrong") is None
    with pytest.raises(door.TooManyAttemptsError):
        entrance.enter("bad", TOKEN)
    assert entrance.enter("good", TOKEN) is not None
    for number in range(door.ATTEMPTS_OF_ALL - door.ATTEMPTS):
        assert entrance.enter(f"bad-{number}", "wrong") is None
    with pytest.raises(door.TooManyAttemptsError) as caught:
        entrance.enter("good", TOKEN)
    assert caught.value.retry_s == door.ATTEMPTS_WITHIN_S
    clock.now += door.ATTEMPTS_WITHIN_S
    assert entrance.enter("bad", TOKEN) is not None


def test_a_form_for_signing_in_has_an_end() -> None:
    """It is good for an hour, and nobody else can make one."""
    clock = Clock()
    entrance = door.Door(TOKEN, clock)
    form = entrance.form_token()
    assert entrance.is_own_form(form)
    assert not door.Door(TOKEN, clock).is_own_form(form)
    for wrong in ("", ".", "x.y", form[:-1], "9" + form, "\udcff.\udcff", "nan." + form.partition(".")[2]):
        assert not entrance.is_own_form(wrong)
    clock.now += door.FORM_S + 1
    assert not entrance.is_own_form(form)

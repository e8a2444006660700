"""The pages as they come from the server, before any script runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bridge.charger.contract import AccountHealth
from bridge.charger.session import Event, EventType
from bridge.charger.values import Json
from bridge.engine.intake import Received
from bridge.engine.view import LastError
from bridge.errors import Code, LoginRefusedError, NoAnswerError
from tests.engine.pretend import RARE, PretendCharger
from tests.support.waiting import until
from tests.web.conftest import Bridge
from tests.web.reading import Page

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
NASTY = """<script>alert("1")</script>'"><img src=x onerror=alert(2)>"""


class PretendAccount:
    """An account with a budget."""

    name = "home"

    def __init__(self, known: AccountHealth) -> None:
        self.known = known

    def health(self) -> AccountHealth:
        """Tell what it was told to."""
        return self.known

    def may_write_at(self) -> float:
        """At once."""
        return 0.0

    def abandon(self) -> None:
        """Nobody waits."""

    async def discover(self) -> list[Mapping[str, Json]]:
        """It has none."""
        return []


async def _page(http: aiohttp.ClientSession, path: str = "/", status: int = 200) -> Page:
    async with http.get(path) as response:
        assert (response.status, response.content_type, response.charset) == (status, "text/html", "utf-8")
        return Page(await response.text())


async def test_the_overview_tells_of_each_charger(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Status in words, power, energies, the limit with its bounds, how fresh it is, and that all is well."""
    bridge.traffic.connected = True
    box = PretendCharger(status="charging", watt=7360, session=3.21)
    async with bridge.charger("garage", box, name="Garage"):
        page = await _page(http)

    found = page.charger("garage")
    assert found.pop("age", None) is None
    assert found == {
        "name": "Garage",
        "model": "Pretend",
        "status": "Charging",
        "reason": "",
        "power": "7.36 kW",
        "session": "3.21 kWh",
        "total": "not reported",
        "limit": "10 A",
        "bounds": "6 to 16 A",
        "stale": "",
        "availability": "online",
        "error": "",
        "past": "",
    }
    assert {key: page.bridge()[key] for key in ("chargers", "active", "power", "attention", "broker")} == {
        "chargers": "1",
        "active": "1",
        "power": "7.36 kW",
        "attention": "0",
        "broker": "connected",
    }
    assert "0 s ago" in page.text
    assert {"href": "chargers/garage", "data-field": "name"} in page.all("a")


async def test_a_charger_that_was_never_read(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Nothing is invented, and it is no fault yet."""
    bridge.add("garage")

    page = await _page(http)

    found = page.charger("garage")
    assert (found["status"], found["power"], found["limit"]) == ("Not read yet", "unknown", "unknown")
    assert (page.bridge()["attention"], page.bridge()["broker"]) == ("0", "not reached yet")
    assert "never" in page.text


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (NoAnswerError("no answer within 10 s"), "Not reachable", "The last read failed: no answer within 10 s."),
        (LoginRefusedError("the password is wrong"), "Access refused", "The last read failed: the password is wrong."),
    ],
)
async def test_what_is_wrong_is_a_sentence(
    bridge: Bridge, http: aiohttp.ClientSession, error: Exception, status: str, told: str
) -> None:
    """A charger that does not answer says why, and counts as in need of attention."""
    box = PretendCharger()
    box.read_error = error
    async with bridge.charger("garage", box):
        page = await _page(http)

    assert (page.charger("garage")["status"], page.charger("garage")["error"]) == (status, told)
    assert page.bridge()["attention"] == "1"


async def test_what_is_known_of_a_charger_that_went_away(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Its last values stay, marked as stale, and the headline says that it cannot be reached."""
    box = PretendCharger(status="charging", watt=7360)
    async with bridge.charger("garage", box, poll_interval=0.2) as poller:
        box.read_error = NoAnswerError("it said <nothing>")
        await until(lambda: not poller.view.available, what="the charger to be away")
        page = await _page(http)

    found = page.charger("garage")
    assert (found["status"], found["reason"], found["stale"], found["power"], found["availability"]) == (
        "Not reachable",
        "last known: Charging",
        "stale",
        "7.36 kW",
        "offline",
    )
    assert found["error"].startswith("The last 3 reads failed: it said <nothing>")


async def test_an_error_of_the_past_stays_visible(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Without alarming anyone."""
    async with bridge.charger("garage", PretendCharger()) as poller:
        moment = datetime.now(UTC) - timedelta(minutes=5, seconds=3)
        poller.view.health.last_error = LastError(code=Code.VENDOR_UNREACHABLE, message="no route", moment=moment)
        found = (await _page(http)).charger("garage")

    assert (found["error"], found["past"]) == ("", "Last error 5 min ago: no route.")


async def test_accounts_tell_budget_and_login(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """What is left, when it is whole again, and whether the login holds."""
    known = AccountHealth(reads_left=3, writes_left=None, reset_in_s=75, login="refused", expires_at=None)
    bridge.accounts.append(PretendAccount(known))

    page = await _page(http)

    told = {field: text for (scope, field), text in page.fields.items() if scope == "account:home"}
    assert told == {
        "login": "refused: the credentials are wrong",
        "reads": "3",
        "writes": "no limit",
        "reset": "in 1 min",
    }


async def test_a_charger_has_a_page_with_everything(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """All values with units, the last commands with their results, the events, and the chart with its text."""
    async with bridge.charger("garage", PretendCharger(watt=2300, status="charging"), name="Garage") as poller:
        bridge.history.event(poller.view, Event(type=EventType.PLUGGED, moment=datetime.now(UTC)))
        poller.receive(_command("current_limit", b"99"))
        page = await _page(http, "/chargers/garage")

    found = page.charger("garage")
    values = {key.removeprefix("value:"): text for key, text in found.items() if key.startswith("value:")}
    assert (values["power"], values["current_limit"], values["led_brightness"]) == ("2\u202f300 W", "10 A", "50 %")
    assert (values["phase_mode"], values["locked"], values["charging"]) == ("three", "unlocked", "yes")
    assert set(values) == set(poller.view.capabilities)
    assert "Between 2.30 kW and 2.30 kW in the last hour" in found["chart_text"]
    assert "Vehicle plugged in" in page.text
    assert "99 is outside 6 to 16 A, what the charger takes now." in page.text
    assert "rejected" in page.text


def _command(key: str, payload: bytes) -> Received:
    return Received(key=key, payload=payload)


async def test_a_charger_that_is_not_configured_is_not_found(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Its page says so and leads back; one that was removed while the bridge runs has none any more."""
    bridge.add("garage")
    page = await _page(http, "/chargers/%3Cb%3Ex%3C%2Fb%3E", 404)
    assert "No charger is called <b>x</b>." in page.text
    assert "../" in [known["href"] for known in page.all("a")]
    await _page(http, "/chargers/garage")
    bridge.views.clear()
    await _page(http, "/chargers/garage", 404)


@pytest.mark.parametrize("path", ["/", "/chargers/garage"])
async def test_untrusted_text_is_only_text(bridge: Bridge, http: aiohttp.ClientSession, path: str) -> None:
    """Names, vendors' texts, errors and senders' values cannot become markup, nor leave an attribute."""
    box = PretendCharger(status="charging", serial=NASTY)
    async with bridge.charger("garage", box, name=NASTY) as poller:
        view = poller.view
        view.health.last_error = LastError(code=Code.VENDOR_REFUSED, message=NASTY, moment=datetime.now(UTC))
        view.values = {**view.values, "status_reason": NASTY, "error_text": NASTY, "problem": True, "phase_mode": NASTY}
        bridge.history.event(view, Event(type=EventType.FAULT, moment=datetime.now(UTC), details={"code": NASTY}))
        poller.receive(_command(NASTY, NASTY.encode()))
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
        page = await _page(http)

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
        page = await _page(http, path)
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
    page = await _page(http, f"/{asked}")

    cards = [known["data-scope"].removeprefix("charger:") for known in page.all("li")]
    assert (cards[:1], len(cards)) == ([first] if first else [], shown)
    assert page.bridge()["chargers"] == "2000"
    assert (found or "chargers found") in page.text or found is None


@pytest.mark.usefixtures("depot")
async def test_pages_of_a_depot_lead_to_each_other(http: aiohttp.ClientSession) -> None:
    """With the same filter."""
    page = await _page(http, "/?q=bay-1&page=2")

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

    assert len((await _page(http, f"/{asked}")).all("form")) == forms


async def test_a_page_without_chargers(http: aiohttp.ClientSession) -> None:
    """Says so."""
    assert "No charger is configured." in (await _page(http)).text


async def test_without_control_there_is_no_form(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Nothing to sign in to, nothing to send, and no address that would take it."""
    async with bridge.charger("garage", PretendCharger(RARE)):
        page = await _page(http, "/chargers/garage")
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
        page = await _page(http, path)

    ids = [known["id"] for _, known in page.tags if "id" in known]
    assert len(ids) == len(set(ids))
    for _, known in page.tags:
        for name in ("for", "aria-labelledby", "aria-describedby"):
            assert set(known.get(name, "").split()) <= set(ids)

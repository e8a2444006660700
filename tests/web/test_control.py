"""Commands from the page: who may, on which form, and that they go the way of all commands."""

from __future__ import annotations

import asyncio

import pytest

from bridge.charger.binding import Binding, Request
from bridge.charger.property import Property
from bridge.charger.values import TEXT
from bridge.web import details
from tests.engine.pretend import BINDINGS, PretendCharger
from tests.support.waiting import until
from tests.web.conftest import Bridge
from tests.web.reading import Page
from tests.web.visitor import TOKEN, Visitor


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

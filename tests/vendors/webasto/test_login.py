"""One token, renewed in time, and no storm of logins."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from bridge.errors import ChargerError, LoginRefusedError
from bridge.simulators.webasto import Manners, WebastoSimulator
from bridge.vendors.webasto.login import UNTOLD_LIFE_S, life
from tests.vendors.webasto.conftest import Connect, paths, rows, values


def jwt(**payload: object) -> str:
    """Return a token that says this."""
    return f"x.{base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip('=')}.x"


@pytest.mark.parametrize(
    ("token", "seconds"),
    [
        (jwt(iat=1000, exp=4600), 3600),
        (jwt(iat=0, exp=60), 60),
        (jwt(iat=0.5, exp=60.5), 60),
        (jwt(exp=4600), UNTOLD_LIFE_S),
        (jwt(iat=4600, exp=1000), UNTOLD_LIFE_S),
        (jwt(iat=0, exp=1e18), UNTOLD_LIFE_S),
        (jwt(iat="x", exp=1), UNTOLD_LIFE_S),
        ("x.%%%.x", UNTOLD_LIFE_S),
        ("opaque", UNTOLD_LIFE_S),
        ("", UNTOLD_LIFE_S),
    ],
)
def test_the_life_of_a_token(token: str, seconds: float) -> None:
    """The difference of its own times, because the charger's clock may be wrong; else an hour."""
    assert life(token) == seconds


async def test_one_login_for_everything(sim: WebastoSimulator, connect: Connect) -> None:
    """Also for the next process, which takes the token that was kept."""
    charger = connect(sim)
    for _ in range(3):
        await charger.fetch()
    await connect(sim).fetch()
    assert sim.counters.logins == 1
    assert sim.counters.unauthorized == 0


async def test_a_login_may_answer_201(connect: Connect) -> None:
    """As a test of another client has it."""
    async with WebastoSimulator(manners=Manners(login_status=201), slow_s=0) as sim:
        await connect(sim).fetch()


@pytest.mark.parametrize("refresh", ["works", "missing", "refused"])
async def test_a_token_is_renewed_before_it_ends(connect: Connect, refresh: str) -> None:
    """At half of a short life: by the charger's own way, and by a login where that does not work."""
    manners = Manners(token_life_s=1, refresh=refresh)  # type: ignore[arg-type]
    async with WebastoSimulator(manners=manners, slow_s=0, clock_error_s=-1e6) as sim:
        charger = connect(sim, model="next")
        await charger.fetch()
        logins = sim.counters.logins
        while sim.counters.logins + sim.counters.refreshes == logins:
            await charger.fetch()
        assert (sim.counters.refreshes > 0) is (refresh == "works")
        assert "refresh-token" in paths(sim)


async def test_a_token_that_ended_early(sim: WebastoSimulator, connect: Connect) -> None:
    """One 401 costs one login; the request is repeated and the read goes well."""
    charger = connect(sim)
    await charger.fetch()
    sim.expire_token()
    before = len(sim.requests)
    assert values(charger, await charger.fetch())["status"] == "disconnected"
    assert sim.counters.logins == 2
    assert paths(sim, before)[:3] == ["dashboard-information", "login", "dashboard-information"]


async def test_a_person_in_the_web_interface(sim: WebastoSimulator, connect: Connect) -> None:
    """The first time we log in again at once; who comes back after that is left alone for a while, quietly."""
    charger = connect(sim)
    first = await charger.fetch()
    assert charger.as_of(first) is None
    sim.someone_logs_in()
    assert charger.as_of(await charger.fetch()) is None
    sim.someone_logs_in()
    before = len(sim.requests)
    for _ in range(3):
        document = await charger.fetch()
        assert charger.as_of(document) is not None
        assert values(charger, document)["status"] == "disconnected"
    assert paths(sim, before) == ["dashboard-information"]
    # A command is a person's wish, too.
    await charger.send(rows(charger, first)["current_limit"].write(13, first))  # type: ignore[misc]
    assert sim.device.settings["operator-current-limit"] == 13


async def test_a_wrong_password_is_tried_once(sim: WebastoSimulator, connect: Connect) -> None:
    """Also across restarts, until it is changed; the device may lock everybody out."""
    charger = connect(sim, password="wrong")
    for _ in range(3):
        with pytest.raises(LoginRefusedError) as caught:
            await charger.fetch()
    with pytest.raises(LoginRefusedError):
        await connect(sim, password="wrong").fetch()
    assert paths(sim) == ["login"]
    assert "wrong" not in caught.value.message
    await connect(sim).fetch()


async def test_a_booting_charger_gets_no_storm_of_logins(sim: WebastoSimulator, connect: Connect) -> None:
    """What answers a login with an error is asked again after some seconds, not with every read."""
    charger = connect(sim)
    await sim.set_fault("500")
    for _ in range(5):
        with pytest.raises(ChargerError):
            await charger.fetch()
    assert len(sim.requests) == 1


async def test_the_password_is_in_no_file(sim: WebastoSimulator, connect: Connect, state_file: Path) -> None:
    """Only a salted digest of it, to notice a change."""
    await connect(sim).fetch()
    assert sim.password not in state_file.read_text()


async def test_language_and_form(sim: WebastoSimulator, connect: Connect) -> None:
    """Every request asks for English and JSON."""
    await connect(sim).fetch()
    assert {request.headers["accept-language"] for request in sim.requests} == {"en"}
    assert {request.headers["accept"] for request in sim.requests} == {"application/json"}

"""One go-e, read and written as the engine does it, over all firmware families."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, get_args

import pytest

from bridge.charger.binding import read_all
from bridge.charger.contract import Charger, Identity
from bridge.charger.values import NOTHING, Json, Value
from bridge.errors import BadAnswerError, NoAnswerError, RefusedError
from bridge.http import Http
from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_family import FamilyName
from bridge.vendors.goe.connect import connect
from bridge.vendors.goe.settings import GoeSettings
from tests.simulators.fake_clock import FakeClock
from tests.support.feeds import no_feed
from tests.vendors.goe.documents import GEMINI, changed
from tests.vendors.raw_server import raw_server

FAMILIES: tuple[FamilyName, ...] = get_args(FamilyName)

PRETEND_SECRET = "do-not-publish"


@pytest.fixture
def clock() -> FakeClock:
    """The charger's time, which stands still unless a test moves it."""
    return FakeClock()


def charger_at(address: str, http: Http, **settings: Any) -> Charger:
    """Return a charger with these settings."""
    document = {"vendor": "go-e", "host": address, "timeout": 30, **settings}
    return connect(GoeSettings.model_validate(document), http, no_feed)


def filters(sim: GoeSimulator) -> list[set[str]]:
    """Return the keys of each status request."""
    return [set(request.query["filter"].split(",")) for request in sim.requests if request.path == "/api/status"]


def understood(charger: Charger, document: dict[str, Json]) -> dict[str, Value]:
    """Return the values of a document, which must be read without a failure."""
    rows = [binding for binding in charger.bindings if binding.supported(document)]
    reading = read_all(rows, document)
    assert reading.failures == {}
    return dict(reading.values)


# Reading


async def test_what_hardly_changes_is_read_rarely(http: Http, clock: FakeClock) -> None:
    """The serial number and its like once; each further reading is one request."""
    async with GoeSimulator(clock=clock) as sim:
        charger = charger_at(sim.address, http)
        documents = [await charger.fetch() for _ in range(10)]
        assert all(document["sse"] == "123456" for document in documents)
        first, *rest = filters(sim)
        assert len(rest) == 10
        assert {"sse", "typ", "var", "fwv", "cards"} <= first
        assert not {"car", "nrg", "amp", "wh"} & first
        for asked in rest:
            assert {"car", "nrg", "amp", "wh", "eto", "frc", "alw", "err", "modelStatus"} <= asked
            assert not {"sse", "typ", "ocu"} & asked


async def test_after_a_restart_everything_is_read_anew(http: Http, clock: FakeClock) -> None:
    """It may have another firmware now; while it is away, nothing is."""
    async with GoeSimulator(clock=clock) as sim:
        charger = charger_at(sim.address, http)
        await charger.fetch()
        (restart,) = charger.actions
        await charger.send(restart.request({}))
        assert sim.counts["/api/set"] == 1
        with pytest.raises(NoAnswerError):
            await charger.fetch()
        clock.pass_time(5)
        before = len(filters(sim))
        await charger.fetch()
        assert [("sse" in asked) for asked in filters(sim)[before:]] == [True, False]
        await charger.fetch()
        assert len(filters(sim)) == before + 3


async def test_other_writes_do_not_cost_the_rare_reading(http: Http, clock: FakeClock) -> None:
    """They change nothing of it."""
    async with GoeSimulator(clock=clock) as sim:
        charger = charger_at(sim.address, http)
        document = await charger.fetch()
        write = next(binding.write for binding in charger.bindings if binding.property.key == "current_limit")
        assert write is not None
        await charger.send(write(10, document))
        clock.pass_time(1)
        assert (await charger.fetch())["amp"] == 10
        assert [("sse" in asked) for asked in filters(sim)] == [True, False, False]


async def test_a_failed_first_reading_is_made_up_for(http: Http, clock: FakeClock) -> None:
    """What was not read is still due."""
    async with GoeSimulator(clock=clock) as sim:
        charger = charger_at(sim.address, http)
        await sim.set_fault("500")
        for _ in range(2):
            with pytest.raises(RefusedError, match="couldn't take api lock"):
                await charger.fetch()
        await sim.clear_fault()
        assert (await charger.fetch())["sse"] == "123456"


async def test_a_reading_never_asks_for_a_secret_and_never_for_everything(http: Http, clock: FakeClock) -> None:
    """The full status is not for continuous use, and has passwords and the names of networks in it."""
    async with GoeSimulator(clock=clock) as sim:
        assert PRETEND_SECRET in json.dumps(sim.device.status())
        charger = charger_at(sim.address, http, vendor_keys="all")
        assert PRETEND_SECRET not in json.dumps(await charger.fetch())
        assert all(request.raw_query.startswith("filter=") for request in sim.requests)
        secret = {"wifis", "wak", "facwak", "pass", "cak", "mcu", "mck", "mqcc", "msc", "dll", "ccw"}
        assert not secret & set().union(*filters(sim))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("keys", ["all", []])
async def test_every_family_through_a_day(http: Http, clock: FakeClock, family: FamilyName, keys: Json) -> None:
    """No row fails, whatever the car does; the firmware, the filter and what is missing differ."""
    async with GoeSimulator(family=family, clock=clock) as sim:
        charger = charger_at(sim.address, http, vendor_keys=keys)
        seen = [understood(charger, dict(await charger.fetch()))]
        sim.car.plug(capacity_kwh=5)
        for seconds in (0, 1, 5, 30):
            clock.pass_time(seconds)
            seen.append(understood(charger, dict(await charger.fetch())))
        sim.car.fill()
        clock.pass_time(5)
        seen.append(understood(charger, dict(await charger.fetch())))
        sim.car.unplug()
        seen.append(understood(charger, dict(await charger.fetch())))
    assert [values["status"] for values in seen] == [
        *("disconnected", "suspended_ev", "suspended_ev", "charging", "charging", "suspended_ev", "disconnected")
    ]
    assert [values["power"] for values in seen][-2:] == [0, 0]
    assert max(float(str(values["power"])) for values in seen) > 10_000


async def test_what_core_does_not_have(http: Http, clock: FakeClock) -> None:
    """No cable coding, no state of the lock; everything else, from answers with status 400."""
    async with GoeSimulator(family="60", clock=clock) as gemini_like, GoeSimulator(clock=clock) as gemini:
        found = [set(understood(one, dict(await one.fetch()))) for one in _both(http, gemini, gemini_like)]
    assert found[0] - found[1] == {"cable_locked", "vendor/ust"}
    assert found[1] <= found[0]


def _both(http: Http, *simulators: GoeSimulator) -> Iterable[Charger]:
    return [charger_at(simulator.address, http) for simulator in simulators]


async def test_something_else_answers_at_that_address(http: Http) -> None:
    """A web page on every path is no charger."""
    page = b"<!DOCTYPE html><html><body>router</body></html>"
    respond = [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", page]
    async with raw_server(respond) as server:
        with pytest.raises(BadAnswerError, match="is not JSON"):
            await charger_at(server.address, http).fetch()


# Identity


def identified(http: Http, **keys: Json) -> Identity:
    """Return who a document stands for."""
    return charger_at("192.0.2.40:8080", http).identify(changed(**keys))


async def test_identity(http: Http) -> None:
    """From the charger's own answers, with its zeros."""
    assert identified(http) == Identity(
        serial="012345",
        vendor="go-e",
        manufacturer="go-e",
        model="go-eCharger Gemini",
        firmware="055.5",
        name="Garage",
        url="http://192.0.2.40:8080/",
    )


@pytest.mark.parametrize(
    ("typ", "model"),
    [
        ("go-eCharger", "go-eCharger"),
        ("go-eCharger_V4", "go-eCharger Gemini"),
        ("go-eCharger_Phoenix", "go-eCharger CORE"),
        ("go-eCharger_V9", "go-eCharger_V9"),
        (None, None),
        (4, None),
    ],
)
async def test_models(http: Http, typ: Json, model: str | None) -> None:
    """In the words of the shop; one that nobody knows yet in its own."""
    assert identified(http, typ=typ).model == model


@pytest.mark.parametrize("nonsense", [None, "", 1, [], {}])
async def test_an_identity_with_gaps(http: Http, nonsense: Json) -> None:
    """Only the serial number is needed."""
    found = identified(http, fna=nonsense, fwv=nonsense or None)
    assert (found.serial, found.name, found.firmware) == ("012345", None, None)


@pytest.mark.parametrize("serial", [None, 12345, [], ""])
async def test_without_a_serial_number_there_is_no_identity(http: Http, serial: Json) -> None:
    """Entity ids hang on it; as a number it may have lost its zeros."""
    with pytest.raises((LookupError, TypeError, ValueError)):
        identified(http, sse=serial)
    with pytest.raises(ValueError, match="serial number"):
        charger_at("192.0.2.40", http).identify({key: known for key, known in GEMINI.items() if key != "sse"})


# The vendor's own keys

USUAL = {"modelStatus", "acs", "ust", "fna", "trx", "tcl", "fup", "ids"}


@pytest.mark.parametrize(
    ("wanted", "keys"), [(None, USUAL), ([], set()), (["rbc"], {"rbc"}), (["ama", "mca", "trx"], {"ama", "mca", "trx"})]
)
async def test_vendor_keys_are_chosen_by_the_configuration(
    http: Http, clock: FakeClock, wanted: Json, keys: set[str]
) -> None:
    """Without a word a small useful set; what is not wanted is not asked for."""
    async with GoeSimulator(clock=clock) as sim:
        charger = charger_at(sim.address, http, vendor_keys=wanted)
        values = understood(charger, dict(await charger.fetch()))
        assert {key for key in values if key.startswith("vendor/")} == {f"vendor/{key}" for key in keys}
        asked = set().union(*filters(sim))
        assert keys - {"ids"} <= asked
        assert "rbt" not in asked


async def test_a_vendor_key_that_nobody_knows_is_a_fault_of_the_configuration(http: Http) -> None:
    """It names the key and where they all are."""
    with pytest.raises(ValueError, match=r"there is no key 'nosuchkey'; docs/vendors/go-e.md lists them all"):
        charger_at("192.0.2.40", http, vendor_keys=["nosuchkey"])


@pytest.mark.parametrize(
    ("key", "wish", "wire"),
    [
        ("acs", 1, "1"),
        ("ust", 2, "2"),
        ("ama", 20, "20"),
        ("nmo", True, "true"),
        ("upo", False, "false"),
        ("fna", "Garage #1", '"Garage #1"'),
    ],
)
async def test_what_a_vendor_key_becomes_on_the_wire(http: Http, key: str, wish: Value, wire: str) -> None:
    """A JSON literal of its own type, under its own name."""
    charger = charger_at("192.0.2.40", http, vendor_keys="all")
    (binding,) = [binding for binding in charger.bindings if binding.property.key == f"vendor/{key}"]
    assert binding.write is not None
    assert binding.write(wish, {}).query == ((key, wire),)


@pytest.mark.parametrize(
    ("key", "raw", "wanted"),
    [
        ("acs", 1, 1),
        ("acs", None, None),
        ("nmo", 1, True),
        ("nmo", False, False),
        ("tpa", 1.5, 1.5),
        ("tpa", None, None),
        ("fna", "Garage", "Garage"),
        ("trx", None, NOTHING),
        ("lck", None, None),
    ],
)
async def test_what_a_vendor_key_reads(http: Http, key: str, raw: Json, wanted: Value) -> None:
    """In the vendor's own unit; null is unknown."""
    charger = charger_at("192.0.2.40", http, vendor_keys=[key])
    assert understood(charger, {key: raw})[f"vendor/{key}"] == wanted

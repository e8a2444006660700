"""What every vendor must meet, against its own simulator. No line here names one."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias, get_args

import pytest
from pydantic import ValidationError

from bridge.charger.binding import Binding, Request, read_all
from bridge.charger.contract import Charger, ChargerSettings
from bridge.charger.document import Document
from bridge.charger.properties import CATALOGUE
from bridge.charger.snapshot import complete
from bridge.charger.status import Status
from bridge.charger.values import Value
from bridge.demo.chargers import CHARGERS
from bridge.errors import (
    BadAnswerError,
    ChargerError,
    Code,
    CommandRejectedError,
    LoginRefusedError,
    NoAnswerError,
    RefusedError,
    UnreachableError,
)
from bridge.http import Http
from bridge.simulators import Fault, Simulator
from bridge.simulators.faults import NEED_KEYS
from bridge.vendors import VENDORS
from tests.vendors.bench import check_capability, connected, shows, simulated, supported, values_of, wishes

pytestmark = pytest.mark.parametrize("vendor", [vendor for vendor in VENDORS if vendor in CHARGERS])

SPEED = 60.0
"""How much faster than the clock cars charge where a test waits for them."""

PRETEND_SECRET = "do-not-publish"
"""Part of every secret of the simulators."""

Kinds: TypeAlias = type[ChargerError] | tuple[type[ChargerError], ...]

SHORT_S = 0.3
"""A time limit that is meant to be reached."""

READ_FAILS: dict[str, Kinds] = {
    # The second from a connection that was used before, where the vendor keeps them.
    "unreachable": (UnreachableError, NoAnswerError),
    "hang": NoAnswerError,
    "slow": NoAnswerError,
    "reset": NoAnswerError,
    "cut": NoAnswerError,
    "garbage": BadAnswerError,
    "huge": BadAnswerError,
    "empty": BadAnswerError,
    **dict.fromkeys(("401", "403", "404", "429", "429_retry_after", "500", "503"), ChargerError),
}
"""By fault: what reading raises. Under the others it may go well; if not, it is one of the family."""

WRITE_FAILS: dict[str, Kinds] = {
    **{fault: kinds for fault, kinds in READ_FAILS.items() if fault not in {"garbage", "empty"}},
    "refuse_writes": RefusedError,
}
"""The same for writing. Not every vendor says anything worth reading after a write: reading again judges it."""

MANY = 100
"""How many rows a charger has whose vendor walks through all of its keys in a test of its own."""

TAKE_TIME = {"hang", "slow"}
READ_WELL = {"refuse_writes", "ignore_writes"}


# What is there


def test_settings_are_strict(vendor: str) -> None:
    """They extend what every charger has, name their vendor, are frozen and refuse unknown keys."""
    settings = VENDORS[vendor].settings
    assert issubclass(settings, ChargerSettings)
    assert get_args(settings.model_fields["vendor"].annotation) == (vendor,)
    assert settings.model_config["frozen"]
    with pytest.raises(ValidationError) as caught:
        settings.model_validate({"vendor": vendor, "no_such_key": PRETEND_SECRET})
    assert "no_such_key" in {error["loc"][0] for error in caught.value.errors()}
    assert PRETEND_SECRET not in str(caught.value)


async def test_the_table_is_that_of_the_catalogue(vendor: str, http: Http) -> None:
    """Rows are the catalogue's own; only a vendor's keys are beyond it, and actions are not named like properties."""
    async with simulated(vendor) as simulator, connected(vendor, simulator, http) as charger:
        for binding in charger.bindings:
            row = binding.property
            assert row.key.startswith("vendor/") if row.vendor else CATALOGUE[row.key] is row
        assert {"status", "status_raw"} <= {binding.property.key for binding in charger.bindings}
        actions = [action.key for action in charger.actions]
        assert len(set(actions)) == len(actions)
        assert not set(actions) & set(CATALOGUE)
        pace = charger.pace
        assert min(pace.idle_s, pace.charging_s, pace.settle_s, pace.confirm_reads) > 0
        assert simulator.requests == type(simulator.requests)(), "connecting opens nothing"


# Reading


async def test_the_charger_says_who_it_is(vendor: str, http: Http) -> None:
    """The same at every reading: entity ids hang on the serial number."""
    async with simulated(vendor) as simulator, connected(vendor, simulator, http) as charger:
        first, second = [charger.identify(await charger.fetch()) for _ in range(2)]
    assert first == second
    assert first.vendor == vendor
    assert first.serial.strip() == first.serial != ""
    assert first.manufacturer
    assert first.model
    with pytest.raises((LookupError, TypeError, ValueError)):
        charger.identify({})


async def until_status(charger: Charger, wanted: str) -> dict[str, Value]:
    """Read until the charger has this status."""
    async with asyncio.timeout(20):
        while (values := values_of(charger, await charger.fetch()))["status"] != wanted:
            await asyncio.sleep(0.05)
    return values


async def test_a_car_comes_charges_is_full_and_goes(vendor: str, http: Http) -> None:
    """In no state of the car does a row fail, and what is said of it is right."""
    async with simulated(vendor, speed=SPEED) as simulator, connected(vendor, simulator, http) as charger:
        empty = await until_status(charger, "disconnected")
        simulator.car.plug(capacity_kwh=50)
        plugged = values_of(charger, await charger.fetch())
        charging = await until_status(charger, "charging")
        simulator.car.fill()
        async with asyncio.timeout(20):
            while (full := values_of(charger, await charger.fetch()))["status"] == "charging":
                await asyncio.sleep(0.05)
        simulator.car.unplug()
        gone = await until_status(charger, "disconnected")
    for values in (empty, plugged, charging, full, gone):
        assert Status(str(values["status"])) in Status
        complete(values, {})
        assert values["problem"] is False
    assert [values["vehicle_connected"] for values in (empty, plugged, charging, full, gone)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert [values["charging"] for values in (empty, charging, full, gone)] == [False, True, False, False]


async def test_what_can_be_set_makes_sense(vendor: str, http: Http) -> None:
    """Bounds within the catalogue's, around the present value, with a step; options out of the catalogue's."""
    async with simulated(vendor) as simulator, connected(vendor, simulator, http) as charger:
        document = await charger.fetch()
        values = values_of(charger, document)
        for key, binding in supported(charger, document).items():
            check_capability(binding, document, values[key])


async def test_no_secret_leaves_the_vendor(vendor: str, http: Http) -> None:
    """Neither as a value nor in what is known of the charger."""
    async with simulated(vendor) as simulator, connected(vendor, simulator, http) as charger:
        document = await charger.fetch()
        simulator.car.plug()
        assert PRETEND_SECRET not in repr(values_of(charger, await charger.fetch()))
        assert PRETEND_SECRET not in repr(charger.identify(document))


# Writing


@asynccontextmanager
async def charging(vendor: str, simulator: Simulator, http: Http) -> AsyncIterator[tuple[Charger, Document]]:
    """Let a car come, and give the charger while it charges it: most can be set then."""
    simulator.car.plug(capacity_kwh=50)
    async with connected(vendor, simulator, http) as charger:
        await until_status(charger, "charging")
        yield charger, await charger.fetch()


def settable(charger: Charger, document: Document) -> dict[str, Binding[Any]]:
    """Return the rows that can be set and show it.

    What a list or an object may hold is for the vendor's own tests, as are hundreds of keys; and whether a secret was
    set nobody can see.
    """
    rows = {key: row for key, row in supported(charger, document).items() if row.write is not None}
    if len(rows) > MANY:
        rows = {key: row for key, row in rows.items() if not row.property.vendor}
    return {key: row for key, row in rows.items() if row.property.type.name != "json" and not row.property.secret}


def request_for(binding: Binding[Any], wish: Value, document: Document) -> Request | None:
    """Return the write for a wish, the way a command takes: as text, read by the catalogue. None if it is forbidden."""
    assert binding.write is not None
    value = binding.property.type.parse(binding.property.type.text(wish))
    if binding.forbidden is not None and binding.forbidden(value, document) is not None:
        return None
    return binding.write(value, document)


async def try_out(vendor: str, http: Http, key: str) -> list[Value]:
    """Set one property of a charger of its own to every wish, each time until it shows; returns what was taken.

    What it shows already comes last, so that every wish is a change.
    """
    taken = []
    async with (
        simulated(vendor, speed=SPEED) as simulator,
        charging(vendor, simulator, http) as (charger, document),
    ):
        binding = settable(charger, document)[key]
        present = read_all([binding], document).values[key]
        for wish in sorted(
            wishes(check_capability(binding, document, present)), key=lambda wish: shows(binding, wish, document)
        ):
            request = request_for(binding, wish, await charger.fetch())
            if request is not None and await is_taken(charger, binding, request):
                await until_shown(charger, binding, wish)
                taken.append(wish)
    return taken


async def is_taken(charger: Charger, binding: Binding[Any], request: Request) -> bool:
    """Send a write; false if it is refused for a reason that the charger may have."""
    try:
        await charger.send(request)
    except RefusedError as error:
        # A state may forbid it, and the bounds of a vendor's own keys are those of all its models.
        if error.code is not Code.WRONG_STATE and not binding.property.vendor:
            raise
        return False
    return True


async def until_shown(charger: Charger, binding: Binding[Any], wish: Value) -> None:
    """Read until the charger shows the wish."""
    try:
        async with asyncio.timeout(20):
            while not shows(binding, wish, await charger.fetch()):
                await asyncio.sleep(0.1)
    except TimeoutError:
        pytest.fail(f"{binding.property.key} {wish!r} was accepted and is not shown")


async def test_every_write_is_accepted_and_shows(vendor: str, http: Http) -> None:
    """Every choice, and both ends and the middle of every range: taken by the simulator, and read back.

    What the state forbids, or this model does not have of a vendor's own key, is refused; but nothing altogether.
    """
    async with (
        simulated(vendor, speed=SPEED) as simulator,
        charging(vendor, simulator, http) as (charger, document),
    ):
        keys = list(settable(charger, document))
    async with asyncio.TaskGroup() as group:
        tasks = {key: group.create_task(try_out(vendor, http, key)) for key in keys}
    assert [key for key, task in tasks.items() if not task.result()] == []
    assert any(key in CATALOGUE for key in keys)


async def test_every_action_is_accepted(vendor: str, http: Http) -> None:
    """What the charger can be told to do, it does unless its state forbids that, and is told once."""
    async with simulated(vendor) as simulator, connected(vendor, simulator, http) as charger:
        document = await charger.fetch()
        actions = [action for action in charger.actions if action.supported(document)]
    done = []
    for action in actions:
        async with (
            simulated(vendor, speed=SPEED) as simulator,
            charging(vendor, simulator, http) as (charger, document),
        ):
            before = len(simulator.requests)
            with suppress(CommandRejectedError):
                await charger.send(action.request(document))
                done.append(action)
            assert sent_once(simulator, before)
    assert bool(done) is bool(actions)


# Faults


def sent_once(simulator: Simulator, before: int) -> bool:
    """Whether no request came twice since then."""
    new = [(request.method, request.path, request.raw_query) for request in list(simulator.requests)[before:]]
    return all(count == 1 for count in Counter(new).values())


def check_error(error: ChargerError, kind: Kinds = ChargerError) -> None:
    """Check that it is of the right kind, with a sentence that can be shown and logged."""
    assert isinstance(error, kind), repr(error)
    assert 0 < len(error.message) < 500
    assert error.message.isprintable()
    assert PRETEND_SECRET not in error.message


async def set_fault(simulator: Simulator, fault: Fault, document: Document) -> None:
    """Set a fault; the ones that need keys get all of them, a slow one more time than there is, a wait a short one."""
    keys = list(document) if fault in NEED_KEYS else []
    await simulator.set_fault(fault, keys=keys, seconds={"slow": 60.0, "429_retry_after": 1.0}.get(fault))


@pytest.mark.parametrize("fault", Fault)
async def test_reading_under_a_fault(vendor: str, http: Http, fault: Fault) -> None:
    """Every fault becomes a member of the error family and nothing else, and afterwards the charger is read again."""
    async with simulated(vendor) as simulator, connected(vendor, simulator, http) as charger:
        document = await charger.fetch()
        values_of(charger, document)
        limits = {"timeout_s": SHORT_S} if fault in TAKE_TIME else {}
        async with connected(vendor, simulator, http, **limits) as other:
            await set_fault(simulator, fault, document)
            errors = [await read_badly(one, fault) for one in ((other,) if fault in TAKE_TIME else (charger, other))]
        await simulator.clear_fault()
        # Asking again with credentials that were refused may lock the account.
        if not isinstance(errors[0], LoginRefusedError):
            async with asyncio.timeout(20):
                await read_again(charger)


async def read_badly(charger: Charger, fault: Fault) -> ChargerError | None:
    """Read under a fault and check what comes of it; returns the error."""
    try:
        document = await charger.fetch()
    except ChargerError as error:
        check_error(error, READ_FAILS.get(fault, ChargerError))
        assert fault not in READ_WELL
        return error
    assert fault not in READ_FAILS
    rows = supported(charger, document)
    values = read_all(rows.values(), document).values
    assert values.get("status") in {None, *Status}
    if fault == "unknown_code":
        assert values["status"] is None
        assert values["status_raw"] is not None
    if fault in READ_WELL:
        values_of(charger, document)
    return None


async def read_again(charger: Charger) -> None:
    """Read until it goes well; a vendor may have reason to wait a little after a fault."""
    while True:
        try:
            values_of(charger, await charger.fetch())
        except ChargerError:
            await asyncio.sleep(0.05)
        else:
            return


def any_number(charger: Charger, document: Document) -> Request:
    """Return a write that no state forbids: of a number where the charger has one."""
    rows = settable(charger, document).values()
    binding = next((row for row in rows if row.property.bounds is not None), next(iter(rows)))
    value = read_all([binding], document).values[binding.property.key]
    request = request_for(binding, wishes(check_capability(binding, document, value))[0], document)
    assert request is not None
    return request


@pytest.mark.parametrize("fault", Fault)
async def test_writing_under_a_fault(vendor: str, http: Http, fault: Fault) -> None:
    """It is carried out or a member of the family says why not, and it is never sent twice."""
    async with simulated(vendor) as simulator, connected(vendor, simulator, http) as patient:
        document = await patient.fetch()
        request = any_number(patient, document)
        limits = {"timeout_s": SHORT_S} if fault in TAKE_TIME else {}
        async with connected(vendor, simulator, http, **limits) as charger:
            if fault not in TAKE_TIME:
                await charger.fetch()
            before = len(simulator.requests)
            await set_fault(simulator, fault, document)
            try:
                await charger.send(request)
            except ChargerError as error:
                check_error(error, WRITE_FAILS.get(fault, ChargerError))
            else:
                assert fault not in WRITE_FAILS
            assert sent_once(simulator, before)


@pytest.mark.parametrize("fault", sorted(NEED_KEYS))
async def test_one_bad_key_at_a_time(vendor: str, http: Http, fault: str) -> None:
    """Whichever it is, the rest can be read or the whole answer is a bad one; nothing crashes."""
    async with simulated(vendor) as simulator:
        async with connected(vendor, simulator, http) as charger:
            keys = list(await charger.fetch())
        assert keys
        for key in keys:
            await simulator.set_fault(fault, keys=[key])
            async with connected(vendor, simulator, http) as charger:
                try:
                    document = await charger.fetch()
                except ChargerError as error:
                    check_error(error)
                    continue
                rows = supported(charger, document)
                values = read_all(rows.values(), document).values
                assert any(value is not None for value in values.values()), key
                json.dumps({name: str(value) for name, value in values.items()})

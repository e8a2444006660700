"""Who announces what, with real announcements on 127.0.0.1.

Other tests announce there at the same time, so that each has types of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address

import pytest

from bridge import mdns
from bridge.errors import UnreachableError
from bridge.mdns import Service, browse
from tests.support.announcing import LOOPBACK, announced, service, shout, shout_type

PORT = 9
"""Nobody is called in these tests."""


@pytest.fixture
def beginning() -> str:
    """How the types of one test begin."""
    return f"_T{uuid.uuid4().hex[:8]}x"


async def browse_until(
    enough: Callable[[list[Service]], bool], types: list[str], beginning: str = "_none"
) -> list[Service]:
    """Search for a short time, and longer on a machine that is slow."""
    found: list[Service] = []
    for seconds in (0.5, 2, 8, 16):
        found = await browse(types, beginning, seconds, LOOPBACK)
        if enough(found):
            break
    return found


@asynccontextmanager
async def doing(what: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do something for the time of the context."""
    task = asyncio.create_task(what)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_types_that_are_known_and_such_that_begin_alike(beginning: str) -> None:
    """The second is found by asking for all types, whatever the case of its letters; others are left alone."""
    known, alike, other = f"{beginning}._tcp.local.", f"{beginning}_V5._tcp.local.", f"_y{beginning[1:]}._tcp.local."
    text = {"serial": "123456", "empty": "", "word": "Straße"}
    devices = [service(known, "a", PORT, text), service(alike, "b", PORT + 1), service(other, "c", PORT)]
    async with announced(*devices):
        found = await browse_until(lambda found: len(found) == 2, [known], beginning.lower())
    assert found == [
        Service("a", (LOOPBACK,), PORT, {"serial": "123456", "word": "Straße"}),
        Service("b", (LOOPBACK,), PORT + 1, {}),
    ]


async def test_the_addresses_of_a_service(beginning: str) -> None:
    """Those where nobody can be called are left out, IPv4 comes first, and there are three at the most."""
    type_ = f"{beginning}._tcp.local."
    many = ["fd00::40", "fe80::1", "224.0.0.1", "0.0.0.0", "192.168.1.40", LOOPBACK]  # noqa: S104 - nothing is bound
    none = ["fe80::1", "ff02::1", "255.255.255.255"]
    lots = [f"192.168.1.{number}" for number in range(1, 9)]
    devices = [service(type_, name, PORT, addresses=own) for name, own in (("a", many), ("b", none), ("c", lots))]
    async with announced(*devices):
        found = {each.name: each.hosts for each in await browse_until(lambda found: len(found) == 2, [type_])}
    assert sorted(found["a"]) == [LOOPBACK, "192.168.1.40", "[fd00::40]"]
    assert found["a"][-1] == "[fd00::40]"
    assert list(found) == ["a", "c"]
    assert len(found["c"]) == mdns.MOST_ADDRESSES


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_nobody_makes_us_call_ourselves(address: str) -> None:
    """Programs of this machine that trust everyone on it are not for strangers in the network to call."""
    assert not mdns._may_be_called(ip_address(address), own=False)


async def test_thousands_of_announcements(beginning: str) -> None:
    """They end neither the search nor the memory; some are enough."""
    type_ = f"{beginning}._tcp.local."
    names = [f"n{number}" for number in range(1500)]

    async def announce() -> None:
        for start in itertools.cycle(range(0, len(names), 50)):
            shout(type_, names[start : start + 50], PORT)
            await asyncio.sleep(0.01)

    async with doing(announce()), asyncio.timeout(40):
        found = await browse_until(lambda found: len(found) >= mdns.MOST_SERVICES, [type_])
    assert len(found) == mdns.MOST_SERVICES


async def test_more_types_than_anyone_has(beginning: str) -> None:
    """Only so many are asked for."""
    types = [f"{beginning}{number}._tcp.local." for number in range(40)]
    most = mdns.MOST_TYPES - 1  # one is the question for the types
    async with announced(*(service(type_, "a", PORT) for type_ in types), quiet=True):
        found = await browse_until(lambda found: len(found) >= most, types[:1], beginning)
    assert len(found) == most


async def test_any_name_does(beginning: str) -> None:
    """What no service may be called is left out, and does not keep others from being found; no texts are needed."""
    type_ = f"{beginning}._tcp.local."
    allowed, refused = ["x" * 63, "'\"{}#: ", "a\u202eb", "good"], ["\x1b[31mred", "tab\there"]

    async def announce() -> None:
        while True:
            shout(type_, [*refused, *allowed], PORT)
            await asyncio.sleep(0.1)

    async with doing(announce()):
        found = await browse_until(lambda found: len(found) >= len(allowed), [type_])
    assert {each.name for each in found} == set(allowed)
    assert {each.hosts for each in found} == {(LOOPBACK,)}


async def test_a_type_that_none_can_have(beginning: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is passed over, without a word."""
    good, bad = f"{beginning}2._tcp.local.", f"{beginning}--2._tcp.local."

    async def announce() -> None:
        while True:
            shout_type(bad)
            shout_type(good)
            await asyncio.sleep(0.1)

    async with doing(announce()), announced(service(good, "a", PORT), quiet=True):
        found = await browse_until(lambda found: len(found) == 1, [f"{beginning}._tcp.local."], beginning)
    assert [each.name for each in found] == ["a"]
    assert caplog.records == []


async def test_an_address_that_this_machine_does_not_have() -> None:
    """That is said in one sentence."""
    with pytest.raises(UnreachableError) as caught:
        await browse(["_x._tcp.local."], "_x", 1, "203.0.113.7")
    assert caught.value.message == (
        "the local network cannot be searched: this machine does not have the address 203.0.113.7"
    )

"""Who announces what in the local network (mDNS with DNS-SD): the only importer of the library for it.

Anyone in the network can announce anything, any number of times: all of it is bounded here, and none of it is trusted.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

from zeroconf import (
    DNSQuestionType,
    Error,
    InterfaceChoice,
    IPVersion,
    RecordUpdate,
    RecordUpdateListener,
    Zeroconf,
)
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from bridge.errors import UnreachableError

MOST_SERVICES = 250
MOST_TYPES = 16
MOST_ADDRESSES = 3
MOST_TEXTS = 32
LONGEST_TEXT = 255
"""Of a value; a longer one does not fit into what is announced (RFC 6763, 6.1)."""

RESOLVE_S = 1.0
"""How much longer than the search it may take to learn where a service is that was heard of at the last moment."""

EVERY_TYPE = "_services._dns-sd._udp.local."
"""Asking for this is answered with the types that there are (RFC 6763, 9)."""


@dataclass(frozen=True, slots=True)
class Service:
    """What somebody announces: its name without the type, where it is, and what else was said of it.

    `hosts` has one address at least, IPv4 first, IPv6 in brackets as in a URL; none of them is this machine itself
    unless that is where the search was. They are addresses and nothing else; `name` and `text` may hold any character.
    """

    name: str
    hosts: tuple[str, ...]
    port: int
    text: Mapping[str, str]


async def browse(types: Sequence[str], beginning: str, seconds: float, interface: str | None = None) -> list[Service]:
    """Return the services of these types, and of those found in the network whose names begin like this.

    It listens for `seconds` on all interfaces, or on the one of this machine that has the address `interface`, and
    takes a second more at the most. At most 250 services are returned, by name.

    Raises:
        UnreachableError: the network cannot be listened to.

    """
    # What it complains of is said by the exceptions.
    logging.getLogger("zeroconf").setLevel(logging.CRITICAL)
    try:
        if interface:
            _check(interface)
        opened = AsyncZeroconf([interface] if interface else InterfaceChoice.All, ip_version=IPVersion.V4Only)
    except (OSError, RuntimeError) as error:
        raise UnreachableError(f"the local network cannot be searched: {_reason(error, interface)}") from error
    until = asyncio.get_running_loop().time() + seconds + RESOLVE_S
    own = interface is not None and ip_address(interface).is_loopback
    # Before anything is awaited: what is heard earlier counts as known and is not told again for a while.
    ear = _Ear(opened.zeroconf, types, beginning, until, own=own)
    try:
        await opened.zeroconf.async_wait_for_start()
        ear.ask(*types, EVERY_TYPE)
        await asyncio.sleep(seconds)
        found = await ear.found()
    except Error as error:
        raise UnreachableError(f"the local network cannot be searched: {type(error).__name__}") from error
    finally:
        await ear.close()
        await opened.async_close()
    return sorted(found, key=lambda service: (service.name, service.hosts, service.port))


@dataclass(slots=True)
class _Answers:
    """What was heard so far."""

    asked: set[str] = field(default_factory=set)
    browsers: list[AsyncServiceBrowser] = field(default_factory=list)
    services: dict[str, asyncio.Task[Service | None]] = field(default_factory=dict)


class _Ear(RecordUpdateListener):
    """Hears every announcement itself: the library's browser tells upper from lower case, which DNS does not."""

    def __init__(self, zeroconf: Zeroconf, types: Sequence[str], beginning: str, until: float, *, own: bool) -> None:
        self._zeroconf = zeroconf
        self._until = until
        self._wanted = {type_.lower() for type_ in types}
        self._alike = re.compile(re.escape(beginning) + r"[a-z0-9_-]{0,40}\._tcp\.local\.", re.IGNORECASE | re.ASCII)
        self._own = own
        self._heard = _Answers()
        zeroconf.async_add_listener(self, None)

    def ask(self, *types: str) -> None:
        """Ask the network who has services of these types, again and again as long as it is listened to."""
        new = [type_ for type_ in types if type_.lower() not in self._heard.asked]
        if not new or len(self._heard.asked) + len(new) > MOST_TYPES:
            return
        self._heard.asked |= {type_.lower() for type_ in new}
        try:
            # Answers to all, because those to one port do not arrive where another program on this machine shares it.
            browser = AsyncServiceBrowser(self._zeroconf, new, handlers=[_ignore], question_type=DNSQuestionType.QM)
        except Error:  # a type that none can have
            return
        self._heard.browsers.append(browser)

    def async_update_records(self, zc: Zeroconf, now: float, records: list[RecordUpdate]) -> None:  # noqa: ARG002 - the library's signature
        """Take in what somebody announced."""
        for record in (update.new for update in records):
            alias = getattr(
                record, "alias", None
            )  # pointers alone have one, and the library keeps their class to itself
            if not isinstance(alias, str):
                continue
            if record.name.lower() == EVERY_TYPE:
                if self._is_wanted(alias):
                    # Later, because this is called while the library goes through its listeners.
                    asyncio.get_running_loop().call_soon(self.ask, alias)
            elif self._is_wanted(record.name):
                self._note(record.name, alias)

    def _is_wanted(self, type_: str) -> bool:
        return type_.lower() in self._wanted or self._alike.fullmatch(type_) is not None

    def _note(self, type_: str, name: str) -> None:
        services = self._heard.services
        key = name.lower()
        if key.endswith(f".{type_.lower()}") and key not in services and len(services) < MOST_SERVICES:
            services[key] = asyncio.create_task(self._resolve(name[-len(type_) :], name), name="mdns-resolve")

    async def _resolve(self, type_: str, name: str) -> Service | None:
        try:
            info = AsyncServiceInfo(type_, name)
        except Error:  # a name that none can have
            return None
        left_s = self._until - asyncio.get_running_loop().time()
        # Whether everything came does not matter: some announce no texts.
        await info.async_request(self._zeroconf, max(1, int(1000 * left_s)), DNSQuestionType.QM)
        hosts = tuple(self._hosts(info))
        if not hosts or not info.port:
            return None
        return Service(name.removesuffix(f".{type_}"), hosts, info.port, _text(info))

    def _hosts(self, info: AsyncServiceInfo) -> list[str]:
        told = [*info.parsed_addresses(IPVersion.V4Only), *info.parsed_addresses(IPVersion.V6Only)]
        addresses = [ip_address(address) for address in told[: 4 * MOST_ADDRESSES]]
        usable = [address for address in addresses if _may_be_called(address, own=self._own)]
        return [f"[{each}]" if each.version == 6 else str(each) for each in usable[:MOST_ADDRESSES]]  # noqa: PLR2004 - IPv6

    async def found(self) -> list[Service]:
        """Return the services whose place is known, when all are or there is no time left."""
        services = await asyncio.gather(*self._heard.services.values())
        return [service for service in services if service is not None]

    async def close(self) -> None:
        """Stop listening."""
        self._zeroconf.async_remove_listener(self)
        for browser in self._heard.browsers:
            await browser.async_cancel()
        tasks = list(self._heard.services.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _check(interface: str) -> None:
    """Raise OSError unless this is an address of this machine: the library would leave a socket open behind it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind((interface, 0))


def _reason(error: Exception, interface: str | None) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if interface and number == errno.EADDRNOTAVAIL:
        return f"this machine does not have the address {interface}"
    return os.strerror(number).lower() if number else "this machine is in no network"


def _ignore(**_: object) -> None:
    """Nothing: `_Ear` hears it itself."""


def _may_be_called(address: IPv4Address | IPv6Address, *, own: bool) -> bool:
    """Whether it can be a single host in the network; one of IPv6 that needs to know the interface is left out."""
    if address.is_loopback:
        return own
    no_host = address.is_multicast or address.is_unspecified or address.is_reserved
    return not no_host and not (isinstance(address, IPv6Address) and address.is_link_local)


def _text(info: AsyncServiceInfo) -> dict[str, str]:
    told = list(info.properties.items())[:MOST_TEXTS]
    return {key.decode(errors="replace"): value[:LONGEST_TEXT].decode(errors="replace") for key, value in told if value}

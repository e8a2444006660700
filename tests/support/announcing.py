"""Announcements in the local network, of this machine and for it alone: everything stays on 127.0.0.1."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

LOOPBACK = "127.0.0.1"
MDNS = ("224.0.0.251", 5353)
LIVES_S = 120
POINTER, PLACE, ADDRESS = 12, 33, 1
"""The kinds of records, as they are numbered in DNS: PTR, SRV, A."""


def service(
    type_: str,
    name: str,
    port: int,
    text: Mapping[str, str] | None = None,
    addresses: Sequence[str] = (LOOPBACK,),
) -> AsyncServiceInfo:
    """Return what a device says of itself."""
    host = f"{name}-{port}.local."
    return AsyncServiceInfo(
        type_, f"{name}.{type_}", port=port, server=host, properties=dict(text or {}), parsed_addresses=list(addresses)
    )


@asynccontextmanager
async def announced(*services: AsyncServiceInfo, quiet: bool = False) -> AsyncIterator[None]:
    """Announce these services as devices do and answer for them; `quiet` only answers, for what comes then."""
    responder = AsyncZeroconf(interfaces=[LOOPBACK])
    try:
        # Names are used once only, so that nobody has to be asked whether they are free.
        saying = [
            await responder.async_register_service(each, cooperating_responders=True, strict=False) for each in services
        ]
        if quiet:
            await asyncio.gather(*saying)
        yield
        await asyncio.gather(*saying)
    finally:
        await responder.async_close()


def _name(name: str) -> bytes:
    labels = [label.encode() for label in name.rstrip(".").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _record(name: str, kind: int, data: bytes) -> bytes:
    return _name(name) + struct.pack("!HHIH", kind, 1, LIVES_S, len(data)) + data


def shout(type_: str, names: Iterable[str], port: int) -> None:
    """Announce services of these names once, byte by byte, as no library would: with any name and without texts."""
    with _sender() as sender:
        for number, name in enumerate(names):
            full, host = f"{name}.{type_}", f"host{number}-{port}.local."
            records = [
                _record(type_, POINTER, _name(full)),
                _record(full, PLACE, struct.pack("!HHH", 0, 0, port) + _name(host)),
                _record(host, ADDRESS, socket.inet_aton(LOOPBACK)),
            ]
            sender.sendto(_message(records), MDNS)


def shout_type(type_: str) -> None:
    """Announce once that there are services of a type, with any name."""
    with _sender() as sender:
        sender.sendto(_message([_record("_services._dns-sd._udp.local.", POINTER, _name(type_))]), MDNS)


def _sender() -> socket.socket:
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
    sender.bind((LOOPBACK, MDNS[1]))
    return sender


def _message(records: Sequence[bytes]) -> bytes:
    return struct.pack("!HHHHHH", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)

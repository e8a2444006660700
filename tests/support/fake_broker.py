"""A broker that misbehaves as told, and remembers what it was asked in order: for what Mosquitto never does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from types import TracebackType
from typing import Literal, Self

Greeting = int | Literal["silent", "closed", "old"]
"""The answer to CONNECT: a reason code (0 accepts), none at all, the end of the connection, or what a broker that never
heard of MQTT 5 says to it."""

ACCEPTED = 0
UNSUPPORTED_VERSION = 0x84
NOT_AUTHORIZED = 0x87


class Packet(IntEnum):
    """What a client sends."""

    CONNECT = 1
    PUBLISH = 3
    SUBSCRIBE = 8
    UNSUBSCRIBE = 10
    PING = 12
    DISCONNECT = 14


@dataclass(slots=True)
class Session:
    """One connection, and what came on it: `connect`, `(un)subscribe TOPIC`, `publish TOPIC`, `disconnect`."""

    version: int = 0
    heard: list[str] = field(default_factory=list)
    ended: bool = False


class FakeBroker:
    """Speaks as much MQTT 3.1.1 and 5 as the bridge needs; use it as `async with FakeBroker(...) as broker`.

    `greetings` are for one connection each, the last one for all others. A message on a topic that ends like `fatal`
    ends the connection.
    """

    def __init__(
        self,
        greetings: Sequence[Greeting] = (ACCEPTED,),
        *,
        refuse_subscriptions: bool = False,
        fatal: str = "\0",
        port: int = 0,
    ) -> None:
        """Prepare; nothing is opened yet."""
        self.mute = False
        """It hears everything and answers nothing."""
        self.sessions: list[Session] = []
        self.port = port
        self._greetings = list(greetings)
        self._refuse_subscriptions = refuse_subscriptions
        self._fatal = fatal
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def open_connections(self) -> int:
        """How many stand at this moment."""
        return sum(not session.ended for session in self.sessions)

    @property
    def heard(self) -> list[str]:
        """What came on the newest connection."""
        return self.sessions[-1].heard if self.sessions else []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            for _ in range(5):  # turns until a connection that was just taken is known
                await asyncio.sleep(0)
            for writer in list(self._writers):
                writer.close()
            await self._server.wait_closed()

    def send(self, topic: str, payload: bytes, *, response_topic: str) -> None:
        """Send a message with a response topic to every MQTT 5 client."""
        properties = b"\x08" + _text(response_topic)
        body = _text(topic) + bytes([len(properties)]) + properties + payload
        for writer in self._writers:
            writer.write(_packet(Packet.PUBLISH << 4, body))

    def kick(self, reason: int) -> None:
        """End every MQTT 5 connection with this reason."""
        for writer in list(self._writers):
            writer.write(_packet(Packet.DISCONNECT << 4, bytes([reason, 0])))
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeting = self._greetings.pop(0) if len(self._greetings) > 1 else self._greetings[0]
        session = Session()
        self.sessions.append(session)
        self._writers.add(writer)
        try:
            while not session.ended:
                kind, flags, body = await _read(reader)
                answer = self._answer(session, greeting, kind, flags, body)
                if answer is None:
                    break
                writer.write(b"" if self.mute else answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            session.ended = True
            self._writers.discard(writer)
            writer.close()

    def _answer(self, session: Session, greeting: Greeting, kind: int, flags: int, body: bytes) -> bytes | None:
        """Return what to say to a packet; None ends the connection."""
        five = session.version == 5
        match kind:
            case Packet.CONNECT:
                session.version = body[6]
                session.heard.append("connect")
                return _greet(greeting, five=session.version == 5)
            case Packet.PUBLISH:
                topic, rest = _take_text(body)
                session.heard.append(f"publish {topic}")
                if topic.endswith(self._fatal):
                    return None
                return _packet(0x40, rest[:2]) if flags & 0x06 else b""
            case Packet.SUBSCRIBE:
                topic, _ = _take_text(body[3:] if five else body[2:])
                session.heard.append(f"subscribe {topic}")
                code = bytes([0x87 if five else 0x80]) if self._refuse_subscriptions else b"\x01"
                return _packet(0x90, body[:2] + (b"\0" if five else b"") + code)
            case Packet.UNSUBSCRIBE:
                topic, _ = _take_text(body[3:] if five else body[2:])
                session.heard.append(f"unsubscribe {topic}")
                return _packet(0xB0, body[:2] + (b"\0\0" if five else b""))
            case Packet.PING:
                return _packet(0xD0, b"")
        session.heard.append("disconnect")
        return None


def _greet(greeting: Greeting, *, five: bool) -> bytes | None:
    match greeting:
        case "closed":
            return None
        case "silent":
            return b""
        case "old":
            return _packet(0x20, b"\0\1" if five else b"\0\0")
    return _packet(0x20, bytes([0, int(greeting)]) + (b"\0" if five else b""))


async def _read(reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
    first = (await reader.readexactly(1))[0]
    length, shift = 0, 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            break
    return first >> 4, first & 0x0F, await reader.readexactly(length)


def _packet(first: int, body: bytes) -> bytes:
    length, encoded = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        encoded.append(digit | (0x80 if length else 0))
        if not length:
            return bytes([first]) + bytes(encoded) + body


def _text(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()


def _take_text(data: bytes) -> tuple[str, bytes]:
    length = int.from_bytes(data[:2], "big")
    return data[2 : 2 + length].decode(), data[2 + length :]

"""Plays a recording of `charger2mqtt record` back: each request gets the answer that was recorded for it.

Whoever logs in is let in, whatever was recorded: a recording may have begun with a token that was there already.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.simulators.faults import ActiveFault
from bridge.simulators.http_face import HttpFace
from bridge.simulators.webasto.certificate import Certificate
from bridge.simulators.wire import Answer, Json, JsonValue, ReceivedRequest, decoded_values

FORMAT = 1
ADDRESS = "{address}"
MOST_BYTES = 64 * 1024 * 1024

LOGINS = ("/users/signin", "/users/refresh-token", "/auth/token/user", "/oauth2/token/", "/api/login")
"""Where tokens are given, by the ends of their paths."""
_FAR = 4_102_444_800
TOKEN: Json = {
    "access_token": "recorded",
    "token_type": "bearer",
    "expires_in": 36_000,
    "data": {"attributes": {"token": "recorded", "refresh_token": "recorded", "ttl": _FAR * 1000}},
}
"""One answer that every vendor's client understands."""
NOT_RECORDED = Answer(status=404, body=b'{"detail": "this was not recorded", "status": 404}')


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One answer, `at` seconds after the beginning; None where none came."""

    at: float
    answer: Answer | None
    document: JsonValue = None


class Replay:
    """A server that plays a recording; use it as `start` and `stop`.

    Attributes:
        vendor: Whose charger it was.
        messages: What it told on a broker, in order.
        seen: What the bridge made of it when it was recorded.
    """

    def __init__(self, recording: Json, *, in_time: bool = False, speed: float = 1.0) -> None:
        """Prepare without listening.

        Args:
            recording: What the file holds.
            in_time: Answer what was answered so long after the beginning; else one answer after the other, the last
                one again and again.
            speed: How much faster than it was recorded time passes.

        Raises:
            ValueError: It is no recording that this version knows.
        """
        if recording.get("format") != FORMAT or not isinstance(recording.get("exchanges"), list):
            raise ValueError("this is not a recording of charger2mqtt, or one of another version")
        self.vendor = str(recording.get("vendor"))
        self.messages: list[Any] = _list(recording.get("messages"))
        self.seen = recording.get("seen")
        self._configuration = recording.get("configuration")
        self._in_time, self._speed = in_time, speed
        self._began: float | None = None
        self._answers: dict[tuple[str, str], list[Recorded]] = defaultdict(list)
        self._given: dict[tuple[str, str], int] = defaultdict(int)
        try:
            for each in _list(recording["exchanges"]):
                self._answers[each["method"], each["target"]].append(_recorded(each))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError("the recording is damaged") from error
        tls = Certificate().tls if recording.get("tls") is True else None
        self._face = HttpFace(self._respond, keep_alive=True, tls=tls)

    @classmethod
    def of(cls, path: Path, *, in_time: bool = False, speed: float = 1.0) -> Replay:
        """Read a file.

        Raises:
            ValueError: It cannot be read, or is no recording.
        """
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES)
            found = json.loads(content)
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path} is not JSON") from error
        return cls(found if isinstance(found, dict) else {}, in_time=in_time, speed=speed)

    @property
    def address(self) -> str:
        """`HOST:PORT`."""
        return f"{self._face.host}:{self._face.port}"

    @property
    def configuration(self) -> JsonValue:
        """What the bridge must be told to meet this charger: `accounts` and `chargers`."""
        return _put_in(self._configuration, self.address)

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen; port 0 takes a free one."""
        await self._face.start(port, host)

    async def play(self, broker: str | None, stop: asyncio.Event) -> None:
        """Tell on a broker (`HOST:PORT`) what was told on one, until `stop` is set; nothing without either.

        Raises:
            ValueError: That is no address.
            OSError: The broker is not there, or no longer.
        """
        if broker is not None and self.messages:
            from bridge.simulators.replay_mqtt import tell  # noqa: PLC0415  few recordings have messages

            await tell(broker, self.messages, stop, speed=self._speed if self._in_time else None)

    async def stop(self) -> None:
        """Close everything."""
        await self._face.stop()

    def _respond(self, request: ReceivedRequest, _: ActiveFault | None) -> Answer | None:
        if self._began is None:
            self._began = time.monotonic()
        target = request.path + (f"?{request.raw_query}" if request.raw_query else "")
        known = self._answers.get((request.method, target))
        if known:
            return self._next((request.method, target), known).answer
        return self._put_together(request) or _login(request.path) or NOT_RECORDED

    def _next(self, key: tuple[str, str], known: list[Recorded]) -> Recorded:
        if self._in_time:
            past = [each for each in known if each.at <= self._elapsed]
            return (past or known[:1])[-1]
        number = self._given[key]
        self._given[key] += 1
        return known[min(number, len(known) - 1)]

    @property
    def _elapsed(self) -> float:
        return 0.0 if self._began is None else (time.monotonic() - self._began) * self._speed

    def _put_together(self, request: ReceivedRequest) -> Answer | None:
        """Answer a question that was asked in other parts: later versions may ask for more, or in another order.

        Of all that was recorded for the path, what the `filter` names, or everything without one.
        """
        parts = [
            self._next((method, target), known).document
            for (method, target), known in self._answers.items()
            if method == request.method and target.partition("?")[0] == request.path
        ]
        whole: Json = {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}
        if not whole:
            return None
        wanted = _filter(request.raw_query)
        told = whole if wanted is None else {name: value for name, value in whole.items() if name in wanted}
        return Answer(body=json.dumps(told).encode())


def _filter(raw_query: str) -> Iterable[str] | None:
    told = decoded_values(raw_query).get("filter")
    return None if told is None else told.strip("[]").replace('"', "").split(",")


def _recorded(told: Mapping[str, Any]) -> Recorded:
    at = float(told["at"])
    if "failed" in told:
        return Recorded(at=at, answer=None)
    headers = {str(name): str(value) for name, value in told["headers"].items()}
    content_type = headers.pop("Content-Type", "application/json").partition(";")[0]
    document = told.get("json")
    body = json.dumps(document) if "json" in told else str(told["text"])
    answer = Answer(status=int(told["status"]), body=body.encode(), content_type=content_type, headers=headers)
    return Recorded(at=at, answer=answer, document=document)


def _login(path: str) -> Answer | None:
    return Answer(body=json.dumps(TOKEN).encode()) if path.endswith(LOGINS) else None


def _list(value: JsonValue) -> list[Any]:
    return value if isinstance(value, list) else []


def _put_in(value: JsonValue, address: str) -> JsonValue:
    if isinstance(value, dict):
        return {name: _put_in(inner, address) for name, inner in value.items()}
    if isinstance(value, list):
        return [_put_in(inner, address) for inner in value]
    return value.replace(ADDRESS, address) if isinstance(value, str) else value

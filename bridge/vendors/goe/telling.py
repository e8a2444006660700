"""A go-e charger that tells of itself: it is a client of a broker and publishes each key that changes.

Sources: go-eCharger-API-v2, mqtt-de.md; the leading slash of firmware before 054.6: issues 44 and 84; own prefixes
without the serial number: issues 80, 130 and 138 of syssi/homeassistant-goecharger-mqtt; what is kept: issue 133.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress

from bridge.charger.binding import Request
from bridge.charger.contract import Pace
from bridge.charger.document import Document
from bridge.charger.feed import Feed
from bridge.charger.values import is_finite
from bridge.errors import ChargerError, NoAnswerError, RefusedError, UnreachableError
from bridge.vendors.goe.charger import DEFAULT_TIMEOUT_S, GoeCharger
from bridge.vendors.goe.keys import table
from bridge.vendors.goe.memory import Memory
from bridge.vendors.goe.reading import LOOKS_AFTER_A_WRITE, Reader, every_key
from bridge.vendors.goe.settings import GoeSettings
from bridge.vendors.goe.vendor_keys import read_from
from bridge.vendors.goe.wire import Wire
from bridge.waiting import wait_for

DEFAULT_PREFIX = "go-eCharger"

# What it tells is looked at every few seconds even without news, to notice when it falls silent. Looking costs nothing,
# so a command is judged by many looks: the charger shows a write within about a second.
PACE = Pace(idle_s=5.0, charging_s=5.0, settle_s=0.25, confirm_reads=20, refusals_may_be_wrong=True)

QUIET_S = 0.5
"""So long after the last new key the charger has told everything that it tells."""

ANSWER_S = 3.0
"""How long to wait for the answer to a write; the charging logic runs once a second."""

FILL_EVERY_S = 30.0
"""How often to ask for the keys that the charger does not tell by itself."""

LOOK_EVERY_S = 1.0
"""How often to ask for such a key after it was written."""

CONNECTED_KEY = "mcc"
"""Published as true, and by the broker as false when the charger is gone (mqtt-en.md; in no recording yet)."""

MOST_BYTES = 64 * 1024
SUCCESS = "success"
NO_ANSWER = (
    "the charger did not answer on its broker: writing may be switched off there (in the app: Settings, Connection, "
    "API settings, MQTT; key mcr), and firmware before 051.5 answers nothing"
)


class TellingCharger(GoeCharger):
    """A charger that is listened to; `local` is a way to ask for what it does not tell, None where there is none."""

    def __init__(self, settings: GoeSettings, feed: Feed, local: Wire | None) -> None:
        """Begin to listen as soon as the feed runs."""
        super().__init__(settings, PACE)
        self.on_news: Callable[[], None] = _nobody_cares
        self._feed = feed
        self._local = local
        self._reader = None if local is None else Reader(local, self._rows)
        self._asking = asyncio.Lock()
        """The device serves one request at a time."""
        self._silent_after_s = settings.timeout or DEFAULT_TIMEOUT_S
        self._wanted = every_key(self._rows)
        self._memory = Memory()
        self._heard_at: float | None = None
        """When it spoke last; what a broker kept does not count."""
        self._new_key_at = 0.0
        self._listened = False
        """Whether it has had its time to speak at the start."""
        self._root: str | None = None
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._stopping = asyncio.Event()
        self._written: Counter[str] = Counter()
        """For how many looks a key is asked for that was written and is not told."""
        self._fill = asyncio.Event()
        self._deaf = [feed.hear(root, self._listener(root)) for root in _roots(settings)]

    # Listening

    def _listener(self, root: str) -> Callable[[str, bytes, bool], None]:
        def heard(below: str, payload: bytes, kept: bool) -> None:  # noqa: FBT001 - what the feed calls
            key, _, rest = below.partition("/")
            if not rest:
                self._take(root, key, payload, kept=kept)
            elif rest == "result" and key in self._answers and not self._answers[key].done():
                self._answers[key].set_result(payload[:200].decode(errors="replace"))

        return heard

    def _take(self, root: str, key: str, payload: bytes, *, kept: bool) -> None:
        if key not in table():
            return  # below an own prefix others may speak, too
        now = asyncio.get_running_loop().time()
        news = False
        if key == CONNECTED_KEY and payload == b"false":
            # The newest firmware's last will; retained or not, nobody is there.
            self._heard_at = None
            self.on_news()
            return
        if not kept:
            if not self._speaks(now):
                news = True
                self._fill.set()
                self._memory.fell_silent()
            self._heard_at, self._root = now, root
        if key in self._wanted and len(payload) <= MOST_BYTES:
            with suppress(ValueError, RecursionError):
                value = json.loads(payload)
                if is_finite(value):
                    self._new_key_at = self._new_key_at if key in self._memory else now
                    news |= self._memory.take(key, value, kept=kept)
        if news:
            self.on_news()

    def _speaks(self, now: float) -> bool:
        return self._heard_at is not None and now - self._heard_at <= self._silent_after_s

    async def fetch(self) -> Document:
        """Return what the charger told; at first wait until it told everything.

        Raises:
            UnreachableError: there is no session with its broker.
            NoAnswerError: it has said nothing for too long.

        """
        loop = asyncio.get_running_loop()
        first, self._listened = not self._listened, True
        if first:
            await self._first_word()
        if self._speaks(loop.time()):
            await self._all_told()
            if first:
                await self._fill_in(self._missing())
            return self._memory.document()
        if self._reader is not None:
            async with self._asking:
                self._memory.learn(await self._reader.read(loop.time()))
            return self._memory.document()
        if not self._feed.connected:
            raise UnreachableError("there is no connection to the charger's broker")
        raise NoAnswerError(f"the charger has said nothing on its broker for {self._silent_after_s:g} s")

    async def _first_word(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._silent_after_s
        while not self._speaks(loop.time()) and loop.time() < deadline and not self._stopping.is_set():
            await wait_for(self._stopping, QUIET_S / 5)

    async def _all_told(self) -> None:
        """Wait while it tells of one new key after the other, as it does when it connects."""
        loop = asyncio.get_running_loop()
        while loop.time() - self._new_key_at < QUIET_S and not self._stopping.is_set():
            await wait_for(self._stopping, QUIET_S / 5)

    # Asking for the rest

    async def run(self) -> None:
        """Ask now and then for what the charger does not tell, until stopped."""
        while not self._stopping.is_set():
            await wait_for(self._fill, LOOK_EVERY_S if self._written else FILL_EVERY_S)
            self._fill.clear()
            if self._listened and not self._stopping.is_set():
                written = tuple(key for key in self._written if not self._memory.has_told(key))
                self._written -= Counter(list(self._written))
                await self._fill_in(written or self._missing())

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopping.set()
        self._fill.set()

    def _missing(self) -> tuple[str, ...]:
        return tuple(key for key in self._wanted if not self._memory.has_told(key))

    async def _fill_in(self, keys: Iterable[str]) -> None:
        keys = tuple(keys)
        if self._local is None or not keys:
            return
        with suppress(ChargerError):  # it is not the way to this charger, so its failures are not the charger's
            async with self._asking:
                found = await self._local.read(keys)
            if self._memory.learn({key: found[key] for key in found if not self._memory.has_told(key)}):
                self.on_news()

    # Writing

    async def send(self, request: Request) -> None:
        """Carry out one write, once, over the broker; over HTTP where the charger does not speak."""
        if self._feed.connected and self._root is not None and self._speaks(asyncio.get_running_loop().time()):
            for key, literal in request.query:
                await self._say(self._root, key, literal, answers=not request.drops_connection)
        elif self._local is not None:
            async with self._asking:
                await self._local.write(request)
        else:
            raise UnreachableError("the charger does not speak on its broker, so it would not hear either")
        told = {key for name in request.touches for key in read_from(table()[name])}
        if not all(self._memory.has_told(key) for key in told):
            self._written |= Counter(dict.fromkeys(told, LOOKS_AFTER_A_WRITE))
            self._fill.set()

    async def _say(self, root: str, key: str, literal: str, *, answers: bool) -> None:
        answer = self._answers[key] = asyncio.get_running_loop().create_future()
        try:
            await self._feed.say(f"{root}/{key}/set", literal)
            if not answers:
                return
            async with asyncio.timeout(ANSWER_S):
                told = await answer
        except TimeoutError as error:
            raise NoAnswerError(NO_ANSWER) from error
        finally:
            del self._answers[key]
        if told.strip() != SUCCESS:
            raise RefusedError(told)

    async def close(self) -> None:
        """Listen no more."""
        for no_more in self._deaf:
            no_more()
        self._deaf.clear()


def _nobody_cares() -> None:
    pass


def _roots(settings: GoeSettings) -> list[str]:
    """Return where the charger may publish: with a slash in front or not, and an own prefix alone, too."""
    prefix = settings.topic_prefix
    roots = [f"{prefix}/{settings.serial}"] + ([prefix] if prefix != DEFAULT_PREFIX else [])
    return [slash + root for root in roots for slash in ("", "/")]

"""What a vendor provides: settings, a table of bindings, and a few calls with I/O.

`fetch` reads, `send` writes, everything else is pure. The engine knows nothing else of a vendor; there is no
`if vendor ==` outside `bridge/vendors/`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Literal, Protocol, TypeAlias, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from bridge.charger.binding import Action, Binding, Request
from bridge.charger.document import Document
from bridge.charger.session import SessionRecord
from bridge.charger.values import Json
from bridge.errors import ChargerError

Permission = Literal["factory_reset", "firmware_update", "credentials"]


class ChargerSettings(BaseModel):
    """What the configuration may say of any charger; a vendor's settings extend it. Times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    vendor: str
    name: str | None = Field(default=None, min_length=1, max_length=100)
    poll_interval: float | None = Field(default=None, ge=0.2, le=86400)
    poll_interval_idle: float | None = Field(default=None, ge=0.2, le=86400)
    poll_interval_charging: float | None = Field(default=None, ge=0.2, le=86400)
    timeout: float | None = Field(default=None, gt=0, le=300)
    read_only: bool = False
    allow: frozenset[Permission] = frozenset()
    min_write_interval: float = Field(default=0, ge=0, le=3600)
    vendor_keys: Literal["all"] | tuple[str, ...] | None = None


class AccountChargerSettings(ChargerSettings):
    """What the configuration may say of a charger that is reached through an account."""

    account: str = Field(min_length=1, max_length=64)


class AccountSettings(BaseModel):
    """What the configuration may say of any account; a vendor with accounts extends it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    vendor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a charger is, from its own answers; None where it does not say.

    `serial` is unique and never changes: entity ids hang on it.
    """

    serial: str
    vendor: str
    manufacturer: str
    model: str | None = None
    firmware: str | None = None
    hardware: str | None = None
    name: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a vendor wants to be read, in seconds.

    `settle_s` is the usual time until a write shows; `confirm_reads` how often to look, that far apart, before a
    command counts as not confirmed. Where `refusals_may_be_wrong`, a refused write is looked at once more too. `cloud`
    chargers are given more time before they are called unavailable, and report to their cloud that often only.
    """

    idle_s: float
    charging_s: float
    settle_s: float
    confirm_reads: int
    refusals_may_be_wrong: bool = False
    cloud: bool = False
    reports_every_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHealth:
    """How an account is: what its budget has left, and the login (`valid`, `expired`, `none` or `refused`).

    `expires_at` is when the token ends, in seconds since the epoch; counts are None where there is no budget.
    """

    reads_left: int | None
    writes_left: int | None
    reset_in_s: float
    login: str
    expires_at: float | None


class Account(Protocol):
    """What several chargers share: a login and a budget of calls."""

    @property
    def name(self) -> str:
        """The account's key in the configuration."""

    def health(self) -> AccountHealth:
        """Tell how the account is."""

    def may_write_at(self) -> float:
        """Return when the next write is permitted, by the monotonic clock; a time in the past means now."""

    def abandon(self) -> None:
        """Let whoever waits for an answer have none: the bridge stops."""

    async def discover(self) -> list[Mapping[str, Json]]:
        """Return the settings of every charger of the account, as they could stand in the configuration."""


@runtime_checkable
class SharedReading(Protocol):
    """An account that is read as a whole: its chargers are told of what came, and do not ask by themselves.

    Chargers are known by the `member` of their Charger.
    """

    on_news: Callable[[], None]
    """To be set by who calls `read`: called when the next read is due sooner than it was."""

    def next_read_at(self) -> float:
        """Return when the next read is due and permitted, by the monotonic clock."""

    async def read(self) -> Mapping[int, Document | ChargerError]:
        """Make the next read; returns what it told of each charger.

        Raises:
            ChargerError: it failed for all of them.

        """


Question: TypeAlias = Callable[[Mapping[str, Json]], Awaitable[Json]]
"""Answers a question with its arguments; raises ChargerError, or CommandRejectedError for arguments that are wrong."""


class Charger(Protocol):
    """One charger, connected. `fetch` and `send` raise ChargerError and are never called at the same time."""

    @property
    def bindings(self) -> Sequence[Binding[Any]]:
        """The vendor's table; `supported` narrows it to this charger. It may grow at its end, always the same list."""

    @property
    def actions(self) -> Sequence[Action]:
        """What the charger can be told to do."""

    @property
    def pace(self) -> Pace:
        """How this charger wants to be read."""

    @property
    def account(self) -> Account | None:
        """What it shares with others; None for a charger of its own."""

    @property
    def member(self) -> int:
        """The number that an account which is read as a whole knows it by."""

    @property
    def questions(self) -> Mapping[str, Question]:
        """What it can be asked (`<id>/request/<name>`), by name."""

    def identify(self, document: Document) -> Identity:
        """Tell from a document who the charger is; raises LookupError, TypeError or ValueError if it does not say."""

    async def fetch(self) -> Document:
        """Read the charger once; endpoints that rarely change are asked at their own pace."""

    async def send(self, request: Request) -> Document | None:
        """Carry out one write, once; returns the newest document where the answer tells what the charger shows now."""

    def as_of(self, document: Document) -> datetime | None:
        """Return when the charger itself last told what is in a document; None if that is when it was read."""

    async def record_of(self, seen: SessionRecord) -> SessionRecord:
        """Return the vendor's own record of a session that was seen to end; the same where there is none."""

    def look(self, keys: Sequence[str], at: float) -> None:
        """Have the account read soon what shows these properties, but not before `at` (monotonic).

        Only called for chargers whose account is read as a whole.
        """

    async def close(self) -> None:
        """Let go of connections and logins."""


@runtime_checkable
class Telling(Protocol):
    """A charger that tells of changes by itself: its `fetch` returns at once what it has told so far."""

    on_news: Callable[[], None]
    """To be set by who calls `run`: called when a fetch would bring something new."""

    async def run(self) -> None:
        """Listen until stopped."""

    def stop(self) -> None:
        """Make `run` return soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file on its way to a charger."""

    name: str
    content: BinaryIO


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """What a charger takes under one key: how much at the most, and what the configuration must allow for it."""

    most_bytes: int
    needs: Permission | None = None


@runtime_checkable
class TakesFiles(Protocol):
    """A charger that takes files, such as firmware."""

    @property
    def files(self) -> Mapping[str, FileKind]:
        """What it takes, by the vendor's own key."""

    async def upload(self, key: str, file: SentFile) -> None:
        """Send a file, once; raises ChargerError."""

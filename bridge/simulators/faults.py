"""The ways in which a simulator misbehaves on demand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Fault(StrEnum):
    """A closed set of faults; each member's `meaning` says in one line what a client sees."""

    meaning: str

    def __new__(cls, name: str, meaning: str) -> Self:
        """Make a member that is its own name and carries its meaning."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.meaning = meaning
        return member

    UNREACHABLE = "unreachable", "not listening, connections are refused; the same port listens again afterwards"
    HANG = "hang", "accepts and never answers; requests have no effect"
    SLOW = "slow", "answers correctly, dribbling over `seconds` (default 5)"
    RESET = "reset", "resets the connection in the middle of the answer; a write has been carried out"
    UNAUTHORIZED = "401", "whoever asks is not let in, whatever they show"
    FORBIDDEN = "403", "nothing is allowed, as when a cloud throttles those who ask too often"
    NOT_FOUND = "404", "nothing is where it was (go-e: the interface is switched off), in the vendor's own words"
    TOO_MANY = "429", "asked too often; does not say for how long"
    TOO_MANY_WAIT = "429_retry_after", "asked too often, with `Retry-After` of `seconds` (default 5)"
    BUSY = "500", "too busy, in the vendor's own words"
    UNAVAILABLE = "503", "out of order: a web page that says so"
    BAD_REQUEST_WITH_BODY = "400_with_body", "status 400 with the complete, valid body"
    GARBAGE = "garbage", "a web page instead of JSON"
    CUT = "cut", "half the JSON under the length of all of it; a write has been carried out"
    EMPTY = "empty", "nothing where JSON should be; a write has been carried out"
    HUGE = "huge", "valid JSON of more than 1 MiB"
    MISSING_KEY = "missing_key", "leaves out the named `keys`"
    NULL_KEY = "null_key", "gives null for the named `keys`"
    UNKNOWN_CODE = "unknown_code", "codes that no document lists, for the named `keys` (default: the state codes)"
    REFUSE_WRITES = "refuse_writes", "reads work, every write is refused with an error text"
    IGNORE_WRITES = "ignore_writes", "reads work, every write is accepted and has no effect"


NEED_KEYS = frozenset({Fault.MISSING_KEY, Fault.NULL_KEY})

DEFAULT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveFault:
    """A fault and what it was asked to apply to."""

    fault: Fault
    keys: tuple[str, ...] = ()
    seconds: float = DEFAULT_SECONDS
    prefix: str = ""

    def concerns(self, path: str) -> bool:
        """Whether requests for this path suffer from it."""
        return path.startswith(self.prefix)


def active_fault(name: str, keys: Iterable[str] = (), seconds: float | None = None, prefix: str = "") -> ActiveFault:
    """Check a fault asked for by name.

    Raises:
        ValueError: There is no such fault, or it needs keys or a sensible time. The message lists what there is.
    """
    fault = next((each for each in Fault if each == name), None)
    if fault is None:
        raise ValueError(f"no fault {name!r}; there are: {', '.join(Fault)}")
    named = tuple(keys)
    if fault in NEED_KEYS and not named:
        raise ValueError(f"fault {name!r} needs the names of keys")
    if seconds is not None and not 0 <= seconds <= 600:  # noqa: PLR2004 ten minutes is longer than any client waits
        raise ValueError(f"{seconds} s is not between 0 and 600")
    return ActiveFault(fault=fault, keys=named, seconds=DEFAULT_SECONDS if seconds is None else seconds, prefix=prefix)

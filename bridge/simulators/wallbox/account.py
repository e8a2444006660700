"""An account of the pretend cloud: its tokens, its budget, and what it has been used for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, TypeAlias

from bridge.simulators.secret import SECRET
from bridge.simulators.wallbox.limits import Window
from bridge.simulators.wallbox.names import ulid
from bridge.simulators.wallbox.specs import AccountSpec

MOST_TOKENS = 64  # of one kind and account; older ones are forgotten, and so refused

Kind: TypeAlias = Literal["access", "refresh"]


@dataclass(slots=True, kw_only=True)
class Counters:
    """How many requests of each kind came; those that a fault kept from the cloud's own part are not in here.

    Attributes:
        sign_ins: With the right password, over either way.
        refused_sign_ins: With a wrong one, or for an account that there is not.
        refreshes: That gave new tokens.
        refused_refreshes: That did not.
        reads: GET requests for data with a token that is good.
        writes: All others, also those that change nothing.
        unauthorized: Requests for data with a token that is not good.
        too_many: Requests that a limit turned away; they are among reads and writes too.
    """

    sign_ins: int = 0
    refused_sign_ins: int = 0
    refreshes: int = 0
    refused_refreshes: int = 0
    reads: int = 0
    writes: int = 0
    unauthorized: int = 0
    too_many: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A pair of new tokens, and when they end, in s since 1970. The older way gives no refresh token."""

    access: str
    access_until: float
    refresh: str
    refresh_until: float


@dataclass(kw_only=True, eq=False)
class Account:
    """One account.

    Attributes:
        spec: Whose it is.
        password: The present one; set it to change it.
        token_life_s: How long access tokens live; the cloud gave 15 min, 24 h or 15 days over the years.
        refresh_life_s: How long refresh tokens live.
        refusing_refresh: Whether refresh tokens are refused however fresh; signing in works.
        counters: What it has been used for.
        reads: What it read in the last minute.
        writes: What it wrote in the last minute.
    """

    spec: AccountSpec
    token_life_s: float
    refresh_life_s: float
    password: str = field(init=False)
    refusing_refresh: bool = field(init=False, default=False)
    counters: Counters = field(init=False, default_factory=Counters)
    reads: Window = field(init=False, default_factory=Window)
    writes: Window = field(init=False, default_factory=Window)

    def __post_init__(self) -> None:
        """Begin without tokens."""
        self.password = self.spec.password
        self.uid = ulid(f"user/{self.spec.id}")
        self._numbers = count(1)
        self._tokens: dict[Kind, OrderedDict[str, float]] = {"access": OrderedDict(), "refresh": OrderedDict()}

    def issue(self, now: float) -> Issued:
        """Make a pair of tokens; earlier access tokens stay good until they end."""
        number = next(self._numbers)
        issued = Issued(
            access=f"{SECRET}-access-{self.spec.id}-{number}",
            access_until=now + self.token_life_s,
            refresh=f"{SECRET}-refresh-{self.spec.id}-{number}",
            refresh_until=now + self.refresh_life_s,
        )
        self._keep("access", issued.access, issued.access_until)
        self._keep("refresh", issued.refresh, issued.refresh_until)
        return issued

    def accepts(self, kind: Kind, token: str, now: float) -> bool:
        """Whether a token is good; `now` in s since 1970."""
        if kind == "refresh" and self.refusing_refresh:
            return False
        return now < self._tokens[kind].get(token, 0.0)

    def knows(self, kind: Kind, token: str) -> bool:
        """Whether a token was given to this account, good or not; one that is forgotten is not known."""
        return token in self._tokens[kind]

    def use_up(self, refresh_token: str) -> None:
        """Let a refresh token never be good again: each works once."""
        self._tokens["refresh"][refresh_token] = 0.0

    def expire(self) -> None:
        """End every access token now, as if its time were over; refresh tokens stay good."""
        self._end("access")

    def revoke(self) -> None:
        """End every token of both kinds now, long before its time."""
        self._end("access")
        self._end("refresh")

    def revoke_refresh(self) -> None:
        """End every refresh token now, long before its time, as the cloud does about once a day."""
        self._end("refresh")

    def _end(self, kind: Kind) -> None:
        for token in self._tokens[kind]:
            self._tokens[kind][token] = 0.0

    def _keep(self, kind: Kind, token: str, until: float) -> None:
        tokens = self._tokens[kind]
        tokens[token] = until
        while len(tokens) > MOST_TOKENS:
            tokens.popitem(last=False)

"""One login per account: tokens are renewed before they end, kept over restarts, and never fought for.

Whatever the cloud answers, there is no login storm: sign-ins that fail wait longer each time, and refused credentials
are tried again only after a long while, also across restarts, unless they were changed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from bridge.charger.values import Json
from bridge.errors import ChargerError, LoginRefusedError, UnreachableError

log = structlog.get_logger()

MARGIN_S = 60.0
"""A token is renewed so long before it ends; of a short-lived one at half its life."""
SECONDS_BETWEEN_SIGN_INS = 60.0
LONGEST_WAIT_S = 900.0
SECONDS_AFTER_REFUSAL = 3600.0
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a sign-in gives. Times are seconds since the epoch; None where the cloud does not say."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: float
    refresh_expires_at: float | None = None


class Store(Protocol):
    """Where tokens are kept between runs."""

    def read(self) -> Json:
        """Return what was written last, None if there is nothing."""

    def write(self, data: Json) -> None:
        """Keep it; must not raise."""


class Login:
    """Hands out a valid access token. Calls at the same time share one sign-in."""

    def __init__(
        self,
        name: str,
        credentials: str,
        sign_in: Callable[[], Awaitable[Token]],
        refresh: Callable[[str], Awaitable[Token]] | None,
        store: Store,
        *,
        wait_s: float = SECONDS_BETWEEN_SIGN_INS,
        longest_wait_s: float = LONGEST_WAIT_S,
    ) -> None:
        """Take how to sign in and how to renew; both raise ChargerError, LoginRefusedError for wrong credentials.

        `credentials` are only used to notice that they changed. `wait_s` is the wait after the first sign-in that
        failed; it doubles up to `longest_wait_s`.
        """
        self._wait_s = wait_s
        self._longest_wait_s = longest_wait_s
        self._name = name
        self._credentials = credentials
        self._sign_in = sign_in
        self._refresh = refresh
        self._store = store
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0
        self._salt = secrets.token_hex(16)
        self._refused_at: float | None = None
        self._signed_in_at = 0.0
        self._failures = 0
        self._load()

    @property
    def refused(self) -> bool:
        """Whether the credentials were refused and nobody has changed them."""
        return self._refused_at is not None

    @property
    def expires_at(self) -> float | None:
        """When the access token ends, in seconds since the epoch."""
        return None if self._token is None else self._token.expires_at

    @property
    def state(self) -> str:
        """`valid`, `expired`, `none` or `refused`."""
        if self.refused:
            return "refused"
        if self._token is None:
            return "none"
        return "valid" if time.time() < self._token.expires_at else "expired"

    async def token(self) -> str:
        """Return a valid access token, signing in or renewing if it must.

        Raises:
            LoginRefusedError: the credentials are wrong; nothing is sent until it is time to look again.
            ChargerError: the cloud cannot be asked now.

        """
        async with self._lock:
            if self._token is not None and time.time() < self._renew_at:
                return self._token.access
            if self._token is not None and self._token.refresh and self._refresh is not None:
                renewed = await self._renew(self._token.refresh)
                if renewed is not None:
                    return renewed.access
            return (await self._sign_in_anew()).access

    def worked(self) -> None:
        """Note that the cloud took the token."""
        if self._failures:
            self._failures = 0
            self._keep()

    def reject(self, access: str, *, just_given: bool = False) -> None:
        """Note that the cloud no longer takes this token; the next call renews it.

        One that was `just_given` is not renewed again but followed by a sign-in, which waits longer each time.
        """
        if self._token is not None and self._token.access == access:
            self._token = Token(
                access="",
                refresh=None if just_given else self._token.refresh,
                expires_at=0.0,
                refresh_expires_at=self._token.refresh_expires_at,
            )
            self._renew_at = 0.0

    async def _renew(self, refresh_token: str) -> Token | None:
        if self._refresh is None:
            return None
        try:
            return self._accept(await self._refresh(refresh_token))
        except LoginRefusedError:
            # Refresh tokens end earlier than they say; that says nothing of the credentials.
            log.info("refresh token refused, signing in", account=self._name)
            self._token = None
            return None

    async def _sign_in_anew(self) -> Token:
        now = time.time()
        if self._refused_at is not None and now < self._refused_at + SECONDS_AFTER_REFUSAL:
            raise LoginRefusedError(f"the credentials of account {self._name} were refused; correct them and restart")
        wait = min(self._wait_s * 2.0 ** min(self._failures - 1, 30), self._longest_wait_s)
        if self._failures and self._signed_in_at <= now < self._signed_in_at + wait:
            raise ChargerError(f"account {self._name} waits before it signs in again")
        self._signed_in_at = now
        self._failures += 1
        self._keep()
        try:
            token = await self._sign_in()
        except UnreachableError:
            self._failures -= 1  # nothing was sent, so it was no sign-in
            self._keep()
            raise
        except LoginRefusedError:
            if self._refused_at is None:
                log.error("login refused: check the credentials", account=self._name)  # noqa: TRY400 - no traceback
            self._refused_at = now
            self._keep()
            raise
        self._refused_at = None
        return self._accept(token)

    def _accept(self, token: Token) -> Token:
        self._token = token
        self._renew_at = _renew_at(token)
        self._keep()
        return token

    # What is kept

    def _fingerprint(self) -> str:
        return hmac.new(bytes.fromhex(self._salt), self._credentials.encode(), hashlib.sha256).hexdigest()

    def _keep(self) -> None:
        token = self._token
        self._store.write(
            {
                "format": FORMAT,
                "salt": self._salt,
                "credentials": self._fingerprint(),
                "refused_at": self._refused_at,
                "signed_in_at": self._signed_in_at,
                "failures": self._failures,
                "access": None if token is None else token.access,
                "refresh": None if token is None else token.refresh,
                "expires_at": None if token is None else token.expires_at,
                "refresh_expires_at": None if token is None else token.refresh_expires_at,
            }
        )

    def _load(self) -> None:
        kept = self._store.read()
        if not isinstance(kept, dict) or kept.get("format") != FORMAT or not isinstance(kept.get("salt"), str):
            return
        salt, self._salt = self._salt, str(kept["salt"])
        try:
            same = hmac.compare_digest(self._fingerprint(), str(kept.get("credentials")))
        except ValueError:
            same = False
        if not same:
            self._salt = salt
            return
        self._refused_at = _number(kept.get("refused_at"))
        self._signed_in_at = _number(kept.get("signed_in_at")) or 0.0
        self._failures = int(_number(kept.get("failures")) or 0)
        access, refresh, expires_at = kept.get("access"), kept.get("refresh"), _number(kept.get("expires_at"))
        if isinstance(access, str) and expires_at is not None:
            self._token = Token(
                access=access,
                refresh=refresh if isinstance(refresh, str) else None,
                expires_at=expires_at,
                refresh_expires_at=_number(kept.get("refresh_expires_at")),
            )
            self._renew_at = _renew_at(self._token)


def _renew_at(token: Token) -> float:
    """Return when to renew a token that came just now (or from an earlier run)."""
    now = time.time()
    life = max(0.0, token.expires_at - now)
    return now + max(life - MARGIN_S, life / 2)


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

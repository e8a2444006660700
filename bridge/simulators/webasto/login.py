"""Who is let in by a pretend Webasto: one at a time, whoever came last."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from itertools import count

from bridge.simulators.secret import SECRET
from bridge.simulators.webasto.manners import Manners
from bridge.simulators.webasto.refusals import RefusedError
from bridge.simulators.webasto.times import Times

_SIGNATURE_CHARACTERS = 43  # of HS256


@dataclass(slots=True, kw_only=True)
class Counters:
    """How many requests of each kind came; those that a fault kept away are not in here.

    Attributes:
        logins: With the right password.
        refused_logins: With a wrong one, or during a lock-out.
        refreshes: That gave a new token.
        unauthorized: Without a good token.
    """

    logins: int = 0
    refused_logins: int = 0
    refreshes: int = 0
    unauthorized: int = 0


class Login:
    """The only account, and the only token.

    Attributes:
        username: Who it is.
        password: The present one; set it to change it.
        counters: What came.
    """

    def __init__(self, username: str, password: str, manners: Manners, times: Times) -> None:
        self.username = username
        self.password = password
        self.counters = Counters()
        self._manners = manners
        self._times = times
        self._numbers = count(1)
        self._token = ""
        self._until = 0.0
        self._wrong = 0
        self._locked_until = 0.0

    @property
    def locked_out(self) -> bool:
        """Whether nobody is let in just now."""
        return self._times.clock() < self._locked_until

    def enter(self, username: str, password: str) -> str:
        """Give a token to one who knows the password; any earlier token ends by that.

        Raises:
            RefusedError: It is the wrong one, or there were too many wrong ones before.
        """
        if self.locked_out:
            self.counters.refused_logins += 1
            raise RefusedError(self._manners.lockout_status, "Too many failed logins, try again later")
        if (username, password) != (self.username, self.password):
            self._count_wrong()
            raise RefusedError(self._manners.wrong_password_status, "Invalid credentials")
        self.counters.logins += 1
        self._wrong = 0
        return self.issue()

    def refresh(self, token: str) -> str:
        """Give a new token for a good one, which ends by that.

        Raises:
            RefusedError: It is not good.
        """
        self.check(token)
        if self._manners.refresh == "refused":
            self.counters.unauthorized += 1
            raise RefusedError(401, "Provided token cannot be refreshed")
        self.counters.refreshes += 1
        return self.issue()

    def check(self, token: str) -> None:
        """Let a good token pass.

        Raises:
            RefusedError: It is not good, or there is none.
        """
        if token and token == self._token and self._times.clock() < self._until:
            return
        self.counters.unauthorized += 1
        raise RefusedError(401, "Provided token is not valid" if token else "No authorization token provided")

    def issue(self) -> str:
        """Make a token; any earlier one ends by that."""
        life = self._manners.token_life_s
        now = int(self._times.since_1970())
        payload = {"iat": now, "exp": now + int(life)} if self._manners.token_times else {}
        self._token = _jwt(payload, next(self._numbers))
        self._until = self._times.clock() + life
        return self._token

    def expire(self) -> None:
        """End the present token now, as if its time were over."""
        self._until = 0.0

    def _count_wrong(self) -> None:
        self.counters.refused_logins += 1
        self._wrong += 1
        if self._manners.most_wrong is not None and self._wrong >= self._manners.most_wrong:
            self._wrong = 0
            self._locked_until = self._times.clock() + self._manners.lockout_s


def _jwt(payload: dict[str, int], number: int) -> str:
    head = _encoded({"typ": "JWT", "alg": "HS256"})
    body = _encoded(payload)
    # The place of the signature holds the mark of all pretend secrets, which is good base64url.
    digest = sha256(f"{body}/{number}".encode()).hexdigest()
    return f"{head}.{body}.{f'{SECRET}-{digest}'[:_SIGNATURE_CHARACTERS]}"


def _encoded(document: dict[str, int] | dict[str, str]) -> str:
    return urlsafe_b64encode(json.dumps(document, separators=(",", ":")).encode()).decode().rstrip("=")

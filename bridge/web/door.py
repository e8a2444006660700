"""Signing in: one token, few attempts, a session with an end."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

SESSION_S = 12 * 3600.0
MOST_SESSIONS = 16
FORM_S = 3600.0
"""How long the form for signing in can be left open."""

ATTEMPTS = 5
ATTEMPTS_OF_ALL = 50
ATTEMPTS_WITHIN_S = 60.0
"""One address may be wrong so often in a minute, and all together so often."""
_MOST_ADDRESSES = 256


class TooManyAttemptsError(Exception):
    """The token was wrong too often lately; `retry_s` is when it may be tried again."""

    def __init__(self, retry_s: float) -> None:
        """Keep the wait."""
        super().__init__(f"in {retry_s:.0f} s")
        self.retry_s = retry_s


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in; `csrf` stands in each of their forms."""

    id: str
    csrf: str
    ends: float


class Door:
    """Lets in who knows the token."""

    def __init__(self, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep a digest of the token."""
        self._digest = _digest(token)
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        self._wrong_of_all: deque[float] = deque(maxlen=ATTEMPTS_OF_ALL)

    def form_token(self) -> str:
        """Return what makes a form for signing in one of ours, for an hour."""
        made = f"{self._clock():.0f}"
        return f"{made}.{self._signed(made)}"

    def is_own_form(self, token: str) -> bool:
        """Tell whether a form is one of ours, and not too old."""
        made, _, signature = token.partition(".")
        return is_same(signature, self._signed(made)) and self._clock() - float(made) <= FORM_S

    def enter(self, address: str, token: str) -> Session | None:
        """Return a new session if the token is right; raises TooManyAttemptsError before it looks."""
        now = self._clock()
        wrong = self._wrong.get(address) or deque(maxlen=ATTEMPTS)
        for attempts in (wrong, self._wrong_of_all):
            if len(attempts) == attempts.maxlen and now - attempts[0] < ATTEMPTS_WITHIN_S:
                raise TooManyAttemptsError(ATTEMPTS_WITHIN_S - (now - attempts[0]))
        # Digests are of one length, so that not even the token's length shows in the time it takes.
        if not hmac.compare_digest(_digest(token), self._digest):
            wrong.append(now)
            self._wrong_of_all.append(now)
            self._wrong[address] = wrong
            self._wrong.move_to_end(address)
            if len(self._wrong) > _MOST_ADDRESSES:
                self._wrong.popitem(last=False)
            return None
        self._wrong.pop(address, None)
        session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), now + SESSION_S)
        self._sessions[session.id] = session
        if len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return session

    def session(self, id_: str | None) -> Session | None:
        """Return the session of a cookie, if it is one of ours and has not ended."""
        session = self._sessions.get(id_ or "")
        if session is not None and session.ends <= self._clock():
            del self._sessions[session.id]
            return None
        return session

    def leave(self, session: Session) -> None:
        """End a session."""
        self._sessions.pop(session.id, None)

    def _signed(self, text: str) -> str:
        return hmac.new(self._key, text.encode(errors="replace"), hashlib.sha256).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Tell whether two secrets are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()

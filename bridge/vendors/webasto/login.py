"""Signing in at a charger's web interface, and renewing; one token at a time, which a later login ends."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Awaitable, Callable

from bridge.account.login import Token
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, LoginRefusedError, RefusedError
from bridge.http import Answer
from bridge.vendors.webasto.settings import WebastoSettings

UNTOLD_LIFE_S = 3600.0
"""What other clients assume."""
LONGEST_LIFE_S = 30 * 24 * 3600.0
REFUSED = frozenset({401, 403})
GOOD = range(200, 300)

Post = Callable[[str, Json, str | None], Awaitable[Answer]]
"""Sends a POST: path, body, token."""


class WebastoLogin:
    """The two calls that give tokens."""

    def __init__(self, settings: WebastoSettings, post: Post) -> None:
        """Remember who we are; nothing is sent yet."""
        self._settings = settings
        self._post = post

    @property
    def credentials(self) -> str:
        """What the login is made of, to notice when it changes."""
        return f"{self._settings.host}\n{self._settings.username}\n{self._settings.password.get_secret_value()}"

    async def sign_in(self) -> Token:
        """Sign in with name and password.

        Raises:
            LoginRefusedError: they are wrong, or the charger has locked everybody out for a while.
            ChargerError: the charger did not answer as it should; it may be booting.

        """
        body: Json = {"username": self._settings.username, "password": self._settings.password.get_secret_value()}
        answer = await self._post("/api/login", body, None)
        if answer.status in REFUSED:
            raise LoginRefusedError(
                f"the charger refuses the login (HTTP {answer.status}): username and password must be those of its web "
                "interface"
            )
        if answer.status not in GOOD:
            raise RefusedError(f"the login answers HTTP {answer.status}")
        return _token(answer)

    async def refresh(self, token: str) -> Token:
        """Renew a token that is still good; raises LoginRefusedError where that is not possible."""
        answer = await self._post("/api/refresh-token", None, token)
        if answer.status not in GOOD:
            # Not every model may have this, and no client is known that uses it.
            raise LoginRefusedError("the token cannot be renewed")
        try:
            return _token(answer)
        except BadAnswerError as error:
            raise LoginRefusedError("the token cannot be renewed") from error


def _token(answer: Answer) -> Token:
    found = answer.json()
    access = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(access, str) or not access or not access.isascii() or not access.isprintable():
        raise BadAnswerError("the login answers without a token")
    return Token(access=access, refresh=access, expires_at=time.time() + life(access))


def life(token: str) -> float:
    """Return how long a JWT lives, in seconds.

    That is the difference of its own two times: the charger's clock may be wrong. Without them it is a guess.
    """
    try:
        payload = token.split(".")[1]
        told = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        found = float(told["exp"]) - float(told["iat"])
    except (LookupError, TypeError, ValueError, RecursionError):
        return UNTOLD_LIFE_S
    return found if 0 < found <= LONGEST_LIFE_S else UNTOLD_LIFE_S

"""Signing in at the Wallbox user API, renewing, and the older sign-in as fall-back.

Source: docs/vendors/wallbox.md, "Signing in" (client libraries and their issues; the API itself is not documented).
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping

from bridge.account.login import Token
from bridge.account.throttling import throttled
from bridge.charger.document import number
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, LoginRefusedError, RefusedError
from bridge.http import Answer, Http
from bridge.vendors.wallbox.settings import WallboxAccountSettings

UNTOLD_LIFE_S = 60.0
"""The life of a token whose answer does not tell it; the oldest document speaks of about a minute."""
EARLIEST_EPOCH_S = 1_000_000_000
EARLIEST_EPOCH_MS = 1_000_000_000_000
GOOD = range(200, 300)
REFUSED = frozenset({401, 403})
NOT_THERE = frozenset({404, 405, 410})
TOO_MANY_REQUESTS = 429
OUR_FAULT = range(400, 500)


class WallboxAuth:
    """The two calls that give tokens, for one account."""

    def __init__(self, name: str, settings: WallboxAccountSettings, http: Http) -> None:
        """Remember the account; nothing is sent yet."""
        self._name = name
        self._settings = settings
        self._http = http

    @property
    def credentials(self) -> str:
        """What the login is made of, to notice when it changes."""
        return f"{self._settings.email}\n{self._settings.password.get_secret_value()}"

    async def sign_in(self) -> Token:
        """Sign in with e-mail and password.

        Raises:
            LoginRefusedError: they are wrong.
            ChargerError: the cloud did not answer as it should.

        """
        answer = await self._get(f"{self._settings.auth_url}/users/signin", self._basic())
        if answer.status in NOT_THERE:
            # Until 2022 the API host itself gave tokens, and old documents still say so.
            answer = await self._get(f"{self._settings.api_url}/auth/token/user", self._basic())
        if answer.status in REFUSED:
            raise LoginRefusedError(f"the cloud refuses the credentials of account {self._name}")
        return self._token(answer)

    async def refresh(self, refresh_token: str) -> Token:
        """Renew; raises LoginRefusedError when this refresh token is not taken (any more)."""
        answer = await self._get(f"{self._settings.auth_url}/users/refresh-token", f"Bearer {refresh_token}")
        if answer.status in OUR_FAULT:
            # Whatever it dislikes about this token, asking again does not help; signing in does.
            raise LoginRefusedError("the refresh token is not taken")
        return self._token(answer)

    def _basic(self) -> str:
        pair = f"{self._settings.email}:{self._settings.password.get_secret_value()}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    async def _get(self, url: str, authorization: str) -> Answer:
        headers = {"Authorization": authorization, "Partner": "wallbox", "Accept": "application/json"}
        answer = await self._http.call("GET", url, timeout_s=self._settings.timeout, headers=headers)
        if answer.status == TOO_MANY_REQUESTS:
            raise throttled(answer, "the cloud")
        return answer

    def _token(self, answer: Answer) -> Token:
        if answer.status not in GOOD:
            raise RefusedError(f"the sign-in answers HTTP {answer.status}")
        found = answer.json()
        told = _attributes(found) if isinstance(found, dict) else {}
        access = told.get("token") or told.get("jwt")
        if not isinstance(access, str) or not access:
            raise BadAnswerError("the sign-in answers without a token")
        refresh = told.get("refresh_token")
        expires_at = moment(told.get("ttl"))
        return Token(
            access=access,
            refresh=refresh if isinstance(refresh, str) and refresh else None,
            expires_at=time.time() + UNTOLD_LIFE_S if expires_at is None else expires_at,
            refresh_expires_at=moment(told.get("refresh_token_ttl")),
        )


def _attributes(document: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the object that holds the token: nested today, the answer itself in the older form."""
    data = document.get("data")
    attributes = data.get("attributes") if isinstance(data, dict) else None
    return attributes if isinstance(attributes, dict) else document


def moment(ttl: Json) -> float | None:
    """Return a `ttl` as seconds since the epoch.

    It is an absolute time in milliseconds since October 2022, was one in seconds before, and a small number can only
    be a duration in seconds.
    """
    try:
        value = number(ttl)
    except (TypeError, ValueError):
        return None
    if value >= EARLIEST_EPOCH_MS:
        return value / 1000
    return value if value >= EARLIEST_EPOCH_S else time.time() + max(0.0, value)

"""Asking Podero for a token with an application's client credentials (OAuth 2.0, RFC 6749 section 4.4)."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping

from bridge.account.login import Token
from bridge.account.throttling import throttled
from bridge.charger.document import number
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, ChargerError, LoginRefusedError
from bridge.http import Answer, Http
from bridge.vendors.podero.refusals import GOOD, TOO_MANY_REQUESTS, WHO, refusal
from bridge.vendors.podero.settings import PoderoAccountSettings

UNTOLD_LIFE_S = 600.0
"""The life of a token whose answer does not tell it; the document says 36000."""
UNAUTHORIZED = 401
NOT_THIS_FORM = frozenset({400, 415, 422})
WRONG_CLIENT = frozenset({"invalid_client", "unauthorized_client"})
GRANT: Mapping[str, str] = {"grant_type": "client_credentials"}


class PoderoAuth:
    """The one call that gives a token, for one account."""

    def __init__(self, name: str, settings: PoderoAccountSettings, http: Http) -> None:
        """Remember the account; nothing is sent yet."""
        self._name = name
        self._settings = settings
        self._http = http
        self._as_form = False

    @property
    def credentials(self) -> str:
        """What the login is made of, to notice when it changes."""
        secret = self._settings.client_secret.get_secret_value()
        return f"{self._settings.client_id}\n{secret}\n{self._settings.token_url}"

    async def sign_in(self) -> Token:
        """Ask for a token: in JSON as Podero documents it, else as a form, as the standard has it.

        Raises:
            LoginRefusedError: the credentials are wrong.
            ChargerError: Podero did not answer as it should.

        """
        answer = await self._ask(as_form=self._as_form)
        if answer.status in NOT_THIS_FORM and not _refuses_client(answer):
            self._as_form = not self._as_form
            answer = await self._ask(as_form=self._as_form)
        if answer.status == UNAUTHORIZED or _refuses_client(answer):
            raise LoginRefusedError(f"Podero refuses the client credentials of account {self._name}")
        return _token(answer)

    async def _ask(self, *, as_form: bool) -> Answer:
        pair = f"{self._settings.client_id}:{self._settings.client_secret.get_secret_value()}"
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Accept": "application/json",
            "Cache-Control": "no-cache",
            "User-Agent": "charger2mqtt",
        }
        answer = await self._http.call(
            "POST",
            self._settings.token_url,
            timeout_s=self._settings.timeout,
            headers=headers,
            body=None if as_form else dict(GRANT),
            form=GRANT if as_form else None,
        )
        if answer.status == TOO_MANY_REQUESTS:
            raise throttled(answer, WHO)
        return answer


def _refuses_client(answer: Answer) -> bool:
    if answer.status in GOOD:
        return False
    try:
        found = answer.json()
    except ChargerError:
        return False
    return isinstance(found, dict) and found.get("error") in WRONG_CLIENT


def _token(answer: Answer) -> Token:
    if answer.status not in GOOD:
        raise refusal(answer, "the token address")
    found = answer.json()
    access = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(access, str) or not access:
        raise BadAnswerError("Podero's token address answers without a token")
    return Token(access=access, expires_at=time.time() + _life_s(found.get("expires_in")))


def _life_s(told: Json) -> float:
    try:
        return max(0.0, number(told))
    except (TypeError, ValueError):
        return UNTOLD_LIFE_S

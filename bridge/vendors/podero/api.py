"""The wire of Podero's partner API: one call with a token, and what its answers mean."""

from __future__ import annotations

from bridge.account.login import Login
from bridge.charger.values import Json
from bridge.errors import ChargerError
from bridge.http import Answer, Http
from bridge.vendors.podero.refusals import GOOD, refusal
from bridge.vendors.podero.settings import PoderoAccountSettings

UNAUTHORIZED = 401


class PoderoApi:
    """Calls with the account's token. A token that is no longer taken is asked for anew once."""

    def __init__(self, settings: PoderoAccountSettings, login: Login, http: Http) -> None:
        """Remember the account; nothing is sent yet."""
        self._settings = settings
        self._login = login
        self._http = http

    async def call(self, method: str, path: str, body: Json = None, *, timeout_s: float | None = None) -> Answer:
        """Make one call below the organisation and return its good answer.

        Raises:
            ThrottledError: we ask too often.
            RefusedError: Podero says no; a 409 has the code `wrong_state` and the reason in its sentence.
            ChargerError: anything else that can go wrong.

        """
        token = await self._login.token()
        answer = await self._send(method, path, body, token, timeout_s)
        if answer.status == UNAUTHORIZED:
            # Not carried out, so that sending it again with a new token is no second time.
            self._login.reject(token)
            token = await self._login.token()
            answer = await self._send(method, path, body, token, timeout_s)
        if answer.status == UNAUTHORIZED:
            self._login.reject(token)
            raise ChargerError("Podero does not take a token that it has just given")
        self._login.worked()
        if answer.status not in GOOD:
            raise refusal(answer)
        return answer

    async def _send(self, method: str, path: str, body: Json, token: str, timeout_s: float | None) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": "charger2mqtt"}
        return await self._http.call(
            method,
            f"{self._settings.api_url}/org/{self._settings.org_id}/{path}",
            timeout_s=timeout_s or self._settings.timeout,
            headers=headers,
            body=body,
        )

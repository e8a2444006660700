"""The wire of the Wallbox API: one call with a token, and what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.account.login import Login
from bridge.account.throttling import throttled
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, ChargerError, Code, RefusedError
from bridge.http import Answer, Http
from bridge.vendors.wallbox.settings import WallboxAccountSettings

UNAUTHORIZED, FORBIDDEN, CONFLICT, TOO_MANY_REQUESTS = 401, 403, 409, 429
GOOD = range(200, 300)

_CODES = {FORBIDDEN: Code.NOT_PERMITTED, CONFLICT: Code.WRONG_STATE}


class WallboxApi:
    """Calls with the account's token. A token that is no longer taken is renewed once."""

    def __init__(self, settings: WallboxAccountSettings, login: Login, http: Http) -> None:
        """Remember the account; nothing is sent yet."""
        self._settings = settings
        self._login = login
        self._http = http

    async def read(self, path: str) -> Json:
        """Return the JSON of a GET.

        Raises:
            ThrottledError: we ask too often; the cloud also says 403 for that (issue 80 of the Python client).
            ChargerError: anything else that can go wrong.

        """
        answer = await self._call("GET", path, None)
        if answer.status in {TOO_MANY_REQUESTS, FORBIDDEN}:
            raise throttled(answer, "the cloud")
        if answer.status not in GOOD:
            raise _refusal(answer)
        return answer.json()

    async def write(self, method: str, path: str, body: Json) -> Json:
        """Send a write, once, and return its JSON; None where the cloud answers a good write with nothing."""
        answer = await self._call(method, path, body)
        if answer.status == TOO_MANY_REQUESTS:
            raise throttled(answer, "the cloud")
        if answer.status not in GOOD:
            raise _refusal(answer)
        try:
            found = answer.json()
        except BadAnswerError:
            return None
        if isinstance(found, dict) and found.get("error") is True:
            raise RefusedError(_words(found) or "the cloud refuses it without a word")
        return found

    async def _call(self, method: str, path: str, body: Json) -> Answer:
        token = await self._login.token()
        answer = await self._send(method, path, body, token)
        if answer.status == UNAUTHORIZED:
            # Not carried out, so that sending it again with a new token is no second time.
            self._login.reject(token)
            token = await self._login.token()
            answer = await self._send(method, path, body, token)
        if answer.status == UNAUTHORIZED:
            self._login.reject(token, just_given=True)
            raise ChargerError("the cloud does not take a token that it has just given")
        self._login.worked()
        return answer

    async def _send(self, method: str, path: str, body: Json, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": "charger2mqtt"}
        return await self._http.call(
            method,
            f"{self._settings.api_url}/{path.lstrip('/')}",
            timeout_s=self._settings.timeout,
            headers=headers,
            body=body,
        )


def _refusal(answer: Answer) -> RefusedError:
    try:
        words = _words(answer.json())
    except BadAnswerError:
        words = ""
    code = _CODES.get(answer.status, Code.VENDOR_REFUSED)
    return RefusedError(f"HTTP {answer.status}: {words}" if words else f"HTTP {answer.status}", code)


def _words(document: Json) -> str:
    """Return the cloud's own words; their place differs from call to call."""
    if not isinstance(document, Mapping):
        return ""
    told = next(
        (document[key] for key in ("msg", "message", "title", "detail") if isinstance(document.get(key), str)), ""
    )
    return str(told)[:200]

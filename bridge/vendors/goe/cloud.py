"""The same keys through go-e's cloud.

Source: go-eCharger-API-v2, cloudapi-en.md (firmware 052 and later); what an outdated answer looks like: issue 122.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parsedate_to_datetime

from bridge.charger.binding import Request
from bridge.charger.document import Document
from bridge.charger.values import Json, timestamp_text
from bridge.errors import BadAnswerError, ChargerError, Code, LoginRefusedError, NoAnswerError, RefusedError
from bridge.http import Answer, Http
from bridge.vendors.goe.wire import KEYS_PER_REQUEST, in_parts, json_object, query, shown, words

API_URL = "https://{serial}.api.v3.go-e.io"

AS_OF = "as of"
"""Under which a document says when the charger told it to the cloud; no key of a charger has a blank."""

HTTP_OK, HTTP_ACCEPTED, HTTP_UNPROCESSABLE, HTTP_SERVER_ERRORS = 200, 202, 422, 500


class CloudApi:
    """One charger in the cloud."""

    def __init__(self, http: Http, url: str, token: str, timeout_s: float) -> None:
        """Remember where the charger is; nothing is opened yet."""
        self._http = http
        self._base = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout_s = timeout_s

    async def read(self, keys: Sequence[str]) -> Document:
        """Return the keys that the charger has; those it does not know are missing.

        Raises:
            LoginRefusedError: the token is wrong.
            RefusedError: the charger has not told the cloud anything recently, or the cloud API is switched off.

        """
        document: dict[str, Json] = {}
        for some in in_parts(keys, KEYS_PER_REQUEST):
            answer = await self._get(f"/api/status?filter={','.join(some)}")
            if answer.status != HTTP_OK:
                raise _refusal(answer)
            document |= json_object(answer) | _as_of(answer)
        if not any(key in document for key in keys):
            raise BadAnswerError("the answer has none of the keys that were asked for")
        return document

    async def write(self, request: Request) -> None:
        """Send one write; that the cloud takes it does not mean that the charger does."""
        answer = await self._get(f"{request.path}?{'&'.join('='.join(pair) for pair in query(request))}")
        try:
            failed = json_object(answer).get("failed")
        except BadAnswerError:  # only a report shows what stands in the answer (issue 135)
            failed = None
        if failed and answer.status in {HTTP_OK, HTTP_ACCEPTED, HTTP_UNPROCESSABLE}:
            raise RefusedError(f"the cloud rejects {shown(failed)}")
        if answer.status not in {HTTP_OK, HTTP_ACCEPTED}:
            raise _refusal(answer)

    async def _get(self, path: str) -> Answer:
        return await self._http.call("GET", f"{self._base}{path}", headers=self._headers, timeout_s=self._timeout_s)


def _as_of(answer: Answer) -> dict[str, Json]:
    try:
        return {AS_OF: timestamp_text(parsedate_to_datetime(answer.headers["Last-Modified"]))}
    except (KeyError, ValueError, OverflowError):
        return {}


def _refusal(answer: Answer) -> ChargerError:
    match answer.status:
        case 401:
            return LoginRefusedError("the cloud refuses the token: the app shows it under the settings of the API")
        case 403:
            message = "the cloud says 403: the charger is offline, its cloud API is switched off, or the token is wrong"
            return RefusedError(message, Code.NOT_PERMITTED)
        case 404:
            return RefusedError("the charger has told the cloud nothing recently", Code.VENDOR_UNREACHABLE)
        case status if status >= HTTP_SERVER_ERRORS:
            return NoAnswerError(f"the cloud has trouble of its own (HTTP {status})")
    return RefusedError(words(answer))

"""The go-e HTTP API v2 in the local network.

Sources: go-eCharger-API-v2 (README, http-en.md) and its issues, as collected in docs/vendors/go-e.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

from bridge.charger.binding import Request
from bridge.charger.document import Document
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, Code, CommandRejectedError, NoAnswerError, RefusedError
from bridge.http import Answer, Http
from bridge.vendors.goe.wire import KEYS_PER_REQUEST, check_taken, in_parts, json_object, query, words

SWITCHED_OFF = (
    "the HTTP API v2 is switched off in the app: open the go-e app, Settings, Connection, API settings, "
    "and allow access to the local HTTP API v2"
)

LEGACY_KEYS_PER_REQUEST = 10
"""Firmware up to 051.3 takes the filter as a JSON array and runs out of memory with more keys (http-en.md)."""

LONGEST_VALUE = 255
"""Bytes of one value as it is encoded: 229 have been seen to pass, 289 to fail (issue 303)."""

HTTP_OK, HTTP_BAD_REQUEST, HTTP_NOT_FOUND = 200, 400, 404


_CODES = {403: Code.NOT_PERMITTED, 409: Code.WRONG_STATE}


class LocalApi:
    """One charger's HTTP API. Calls must not overlap: the device serves one at a time."""

    def __init__(self, http: Http, host: str, timeout_s: float) -> None:
        """Remember where the charger is; nothing is opened yet."""
        self._http = http
        self._base = f"http://{host}"
        self._timeout_s = timeout_s
        self._legacy_filter = False

    async def read(self, keys: Sequence[str]) -> Document:
        """Return the keys that the charger has; those it does not know are missing.

        Raises:
            BadAnswerError: the answer has none of the keys.
            RefusedError: the API is switched off, or the charger is busy.

        """
        document = await self._read_in_parts(keys)
        if not _has_any(document, keys) and not self._legacy_filter:
            # Firmware before 051.4 does not know the comma list and answers without a single key.
            self._legacy_filter = True
            document = await self._read_in_parts(keys)
        if not _has_any(document, keys):
            self._legacy_filter = False
            raise BadAnswerError("the answer has none of the keys that were asked for")
        return document

    async def _read_in_parts(self, keys: Sequence[str]) -> Document:
        document: dict[str, Json] = {}
        for some in in_parts(keys, LEGACY_KEYS_PER_REQUEST if self._legacy_filter else KEYS_PER_REQUEST):
            array = quote(json.dumps(some, separators=(",", ":")), safe=",")
            document |= await self._status(array if self._legacy_filter else ",".join(some))
        return document

    async def _status(self, filter_: str) -> dict[str, Json]:
        answer = await self._get(f"{self._base}/api/status?filter={filter_}")
        # CORE and PRO with firmware 60.x answer 400 with a complete body when they lack one of the keys (issue 312);
        # it is empty when they lack all of them, and the other parts may have some.
        if answer.status not in {HTTP_OK, HTTP_BAD_REQUEST}:
            raise _refusal(answer)
        return json_object(answer)

    async def write(self, request: Request) -> None:
        """Send one write; raises RefusedError with the charger's own words when it says no."""
        pairs = list(query(request))
        for key, value in pairs:
            if len(value) > LONGEST_VALUE:
                message = f"{key} needs {len(value)} bytes on its way, more than the {LONGEST_VALUE} the charger takes"
                raise CommandRejectedError(Code.TOO_LARGE, message)
        try:
            answer = await self._get(f"{self._base}{request.path}?{'&'.join('='.join(pair) for pair in pairs)}")
        except NoAnswerError:
            if request.drops_connection:
                return
            raise
        if answer.status != HTTP_OK:
            raise _refusal(answer)
        check_taken(request, json_object(answer))

    async def _get(self, url: str) -> Answer:
        # Firmware closes the socket after each answer, often without saying so.
        return await self._http.call("GET", url, timeout_s=self._timeout_s, once=True)


def _has_any(document: Document, keys: Sequence[str]) -> bool:
    return any(key in document for key in keys)


def _refusal(answer: Answer) -> RefusedError:
    if answer.status == HTTP_NOT_FOUND:
        return RefusedError(SWITCHED_OFF)
    return RefusedError(words(answer), _CODES.get(answer.status, Code.VENDOR_REFUSED))

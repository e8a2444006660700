"""The wire of the go-e HTTP API v2: reading keys, writing keys, and what the answers mean.

Sources: go-eCharger-API-v2 (README, http-en.md) and its issues, as collected in docs/vendors/go-e.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

from bridge.charger.binding import Request
from bridge.charger.document import Document
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, Code, NoAnswerError, RefusedError
from bridge.http import Answer, Http

SWITCHED_OFF = (
    "the HTTP API v2 is switched off in the app: open the go-e app, Settings, Connection, API settings, "
    "and allow access to the local HTTP API v2"
)

KEYS_PER_REQUEST = 40
"""About 350 characters of filter are what all firmware answers reliably."""

LEGACY_KEYS_PER_REQUEST = 10
"""Firmware up to 051.3 takes the filter as a JSON array and runs out of memory with more keys (http-en.md)."""

HTTP_OK, HTTP_BAD_REQUEST, HTTP_NOT_FOUND = 200, 400, 404


_CODES = {403: Code.NOT_PERMITTED, 409: Code.WRONG_STATE}


def set_key(key: str, value: Json) -> Request:
    """Return the write of one key; on the wire every value is a JSON literal."""
    literal = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return Request(method="GET", path="/api/set", query=((key, literal),), drops_connection=key == "rst")


class GoeApi:
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
        size = LEGACY_KEYS_PER_REQUEST if self._legacy_filter else KEYS_PER_REQUEST
        for start in range(0, len(keys), size):
            some = keys[start : start + size]
            array = quote(json.dumps(some, separators=(",", ":")), safe=",")
            document |= await self._status(array if self._legacy_filter else ",".join(some))
        return document

    async def _status(self, filter_: str) -> dict[str, Json]:
        answer = await self._get(f"{self._base}/api/status?filter={filter_}")
        # CORE and PRO with firmware 60.x answer 400 with a complete body when they lack one of the keys (issue 312).
        if answer.status not in {HTTP_OK, HTTP_BAD_REQUEST}:
            raise _refusal(answer)
        document = answer.json()
        if not isinstance(document, dict):
            raise BadAnswerError("the answer is not a JSON object")
        if answer.status == HTTP_BAD_REQUEST and not document:
            raise _refusal(answer)
        return document

    async def write(self, request: Request) -> None:
        """Send one write; raises RefusedError with the charger's own words when it says no."""
        # The value limit is about 256 bytes after encoding, so what need not be encoded is not.
        query = "&".join(f"{quote(key)}={quote(value, safe=':,')}" for key, value in request.query)
        try:
            answer = await self._get(f"{self._base}{request.path}?{query}")
        except NoAnswerError:
            if request.drops_connection:
                return
            raise
        if answer.status != HTTP_OK:
            raise _refusal(answer)
        document = answer.json()
        if not isinstance(document, dict):
            raise BadAnswerError("the answer is not a JSON object")
        for key, _ in request.query:
            # True means accepted; anything else is the error text (README by example, issue 62).
            if document.get(key) is not True:
                raise RefusedError(_shown(document.get(key)))

    async def _get(self, url: str) -> Answer:
        # Firmware closes the socket after each answer, often without saying so.
        return await self._http.call("GET", url, timeout_s=self._timeout_s, once=True)


def _has_any(document: Document, keys: Sequence[str]) -> bool:
    return any(key in document for key in keys)


def _refusal(answer: Answer) -> RefusedError:
    if answer.status == HTTP_NOT_FOUND:
        return RefusedError(SWITCHED_OFF)
    try:
        document = answer.json()
    except BadAnswerError:
        document = None
    code = _CODES.get(answer.status, Code.VENDOR_REFUSED)
    if isinstance(document, dict) and document:
        return RefusedError("; ".join(_shown(text) for text in document.values()), code)
    return RefusedError(f"HTTP {answer.status}: {answer.text() or 'no text'}", code)


def _shown(value: Json) -> str:
    words = value if isinstance(value, str) else json.dumps(value)
    return words[:200]

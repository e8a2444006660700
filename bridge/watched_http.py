"""The HTTP client with somebody looking on, for reports and recordings. Nobody else pays for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.errors import ChargerError
from bridge.http import Answer, Http


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came of it, without its own headers and body, which hold logins.

    `began` is a time of the monotonic clock. There is either an answer or an error.
    """

    began: float
    took_s: float
    method: str
    url: str
    answer: Answer | None = None
    error: ChargerError | None = None


class WatchedHttp(Http):
    """The same client; `watch` is told of every exchange, in the task that makes it."""

    def __init__(self, watch: Callable[[Exchange], None]) -> None:
        """Prepare; nothing is opened before the context is entered."""
        super().__init__()
        self._watch = watch

    async def call(self, method: str, url: str, **request: Any) -> Answer:  # noqa: ANN401 - what `Http.call` takes
        """Send one request; see `Http.call`."""
        began = time.monotonic()
        try:
            answer = await super().call(method, url, **request)
        except ChargerError as error:
            took_s = time.monotonic() - began
            self._watch(Exchange(began=began, took_s=took_s, method=method, url=url, error=error))
            raise
        took_s = time.monotonic() - began
        self._watch(Exchange(began=began, took_s=took_s, method=method, url=url, answer=answer))
        return answer

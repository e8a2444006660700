"""Server-sent events: whoever looks at a page is told what changed on it, and nothing waits for a slow one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from aiohttp import web

from bridge.charger.values import Json
from bridge.waiting import wait_for
from bridge.web import words
from bridge.web.history import History, Watcher

MOST_VIEWERS = 20
SECONDS_TO_TAKE = 5.0
"""Who does not take a message in that time is dropped, and comes back when it can."""
SECONDS_TOGETHER = 0.25
"""Changes that come so close to each other are told at once."""
SECONDS_BETWEEN_LOOKS = 1.0
"""How often the bridge itself is looked at, which tells nobody that it changed."""
SECONDS_BETWEEN_SIGNS = 10.0
"""How often something is said at least; the page's script waits three times as long before it misses us."""

Scopes: TypeAlias = Mapping[str, Mapping[str, Json]]
"""Fields by what they are about: `bridge`, `account:<name>`, `charger:<id>`."""


class Live:
    """Tells viewers of one page each, until they go or the bridge stops."""

    def __init__(self, history: History) -> None:
        """Start with nobody looking."""
        self._history = history
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Let everyone go at once."""
        self._stopping.set()
        self._history.wake_all()

    async def stream(
        self, request: web.Request, chargers: Collection[str], compose: Callable[[Collection[str]], Scopes]
    ) -> web.StreamResponse:
        """Tell a viewer of these chargers; `compose` returns what the page says now of those that changed."""
        if len(self._history.watchers) >= MOST_VIEWERS:
            # Not a 503, of which the page's script would learn no more than that something went wrong.
            return web.Response(text="event: full\ndata:\n\n", content_type="text/event-stream")
        watcher = Watcher(chargers)
        self._history.watchers.add(watcher)
        try:
            return await self._tell(request, watcher, compose)
        finally:
            self._history.watchers.discard(watcher)

    async def _tell(
        self, request: web.Request, watcher: Watcher, compose: Callable[[Collection[str]], Scopes]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        told: dict[str, dict[str, Json]] = {}
        said_at = -SECONDS_BETWEEN_SIGNS
        try:
            await response.prepare(request)
            while not self._stopping.is_set() and request.transport is not None:
                changed, watcher.changed = watcher.changed, set()
                watcher.wake.clear()
                news = _difference(told, compose(changed))
                if news or time.monotonic() - said_at >= SECONDS_BETWEEN_SIGNS:
                    said_at = time.monotonic()
                    async with asyncio.timeout(SECONDS_TO_TAKE):
                        await response.write(_message(news))
                if await wait_for(watcher.wake, SECONDS_BETWEEN_LOOKS):
                    await wait_for(self._stopping, SECONDS_TOGETHER)
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:  # the viewer went
            pass
        return response


def _difference(told: dict[str, dict[str, Json]], scopes: Scopes) -> dict[str, dict[str, Json]]:
    """Return what has not been told yet, and take it as told."""
    news: dict[str, dict[str, Json]] = {}
    for scope, fields in scopes.items():
        known = told.setdefault(scope, {})
        changed = {key: value for key, value in fields.items() if key not in known or known[key] != value}
        if changed:
            known |= changed
            news[scope] = changed
    return news


def _message(news: dict[str, dict[str, Json]]) -> bytes:
    # ASCII alone, so that no sign of a vendor's text can be taken for the end of a line.
    document = {"now": words.iso(datetime.now(UTC)), "scopes": news}
    return f"data: {json.dumps(document, separators=(',', ':'))}\n\n".encode()

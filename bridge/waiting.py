"""Waiting for something that may happen, for as long as that is worth it."""

from __future__ import annotations

import asyncio
import math


async def wait_for(event: asyncio.Event, seconds: float) -> bool:
    """Wait until the event is set, at most so many seconds (infinite is allowed); tell whether it is."""
    try:
        async with asyncio.timeout(None if seconds == math.inf else max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        return False
    return True

"""Waiting for something to become true, with a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], at_most_s: float = 5.0) -> None:
    """Return as soon as it holds; TimeoutError when it does not in time."""
    async with asyncio.timeout(at_most_s):
        while not holds():
            await asyncio.sleep(0.005)

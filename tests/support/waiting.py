"""Waiting in tests: until something holds, at most so many seconds, never a bare sleep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

STEP_S = 0.01


async def until(holds: Callable[[], object], within: float = 5.0, what: str = "") -> None:
    """Wait until `holds()` is true; fails after `within` seconds, naming what was waited for."""
    try:
        async with asyncio.timeout(within):
            while not holds():
                await asyncio.sleep(STEP_S)
    except TimeoutError:
        raise AssertionError(f"not within {within} s: {what or holds}") from None

"""What the tests of the vendors share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bridge.http import Http


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    """The HTTP client, open."""
    async with Http() as client:
        yield client

"""What a cloud says of how long to wait."""

from __future__ import annotations

import pytest

from bridge.account.throttling import retry_after


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, None), ("5", 5), ("soon", None), ("Mon, 01 Jan 2001 00:00:00 GMT", 0)]
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    """Seconds or a date; nonsense is as good as nothing."""
    assert retry_after(header) == seconds

"""A cloud's ways to say that it is asked too often."""

from __future__ import annotations

import email.utils
import time

from bridge.errors import ThrottledError
from bridge.http import Answer


def throttled(answer: Answer, who: str) -> ThrottledError:
    """Return the error for such an answer of `who`, with the wait that it asks for."""
    return ThrottledError(
        f"{who} limits how often it may be asked (HTTP {answer.status})",
        retry_after(answer.headers.get("Retry-After")),
    )


def retry_after(header: str | None) -> float | None:
    """Return a Retry-After header in seconds from now; None if there is none or it is nonsense."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return float(header.strip()[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None

"""Home Assistant's birth message."""

from __future__ import annotations

import pytest

from bridge.homeassistant.birth import birth_topics


@pytest.mark.parametrize(
    ("prefix", "topics"),
    [
        ("homeassistant", ("homeassistant/status",)),
        ("ha", ("ha/status", "homeassistant/status")),
    ],
)
def test_birth_topics(prefix: str, topics: tuple[str, ...]) -> None:
    """The default stays where only the prefix was changed."""
    assert birth_topics(prefix) == topics

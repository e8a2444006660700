"""Topic names, built and parsed."""

from __future__ import annotations

from itertools import combinations

import pytest

from bridge.mqtt.topics import Incoming, RefreshTopic, RequestTopic, SetTopic, Topics

TOPICS = Topics("home/chargers")


@pytest.mark.parametrize(
    ("built", "expected"),
    [
        (TOPICS.bridge_state, "bridge/state"),
        (TOPICS.bridge_info, "bridge/info"),
        (TOPICS.bridge_chargers, "bridge/chargers"),
        (TOPICS.bridge_health, "bridge/health"),
        (TOPICS.bridge_event, "bridge/event"),
        (TOPICS.bridge_response("refresh"), "bridge/response/refresh"),
        (TOPICS.response("garage", "sessions"), "garage/response/sessions"),
        (TOPICS.availability("garage"), "garage/availability"),
        (TOPICS.state("garage"), "garage/state"),
        (TOPICS.scalar("garage", "power"), "garage/power"),
        (TOPICS.scalar("garage", "vendor/acs"), "garage/vendor/acs"),
        (TOPICS.set("garage", "current_limit"), "garage/current_limit/set"),
        (TOPICS.set("garage", "vendor/acs"), "garage/vendor/acs/set"),
        (TOPICS.result("garage"), "garage/result"),
        (TOPICS.event("garage"), "garage/event"),
        (TOPICS.last_session("garage"), "garage/last_session"),
    ],
)
def test_names_are_those_of_the_contract(built: str, expected: str) -> None:
    """Every name is below the base, which may have several levels."""
    assert built == f"home/chargers/{expected}"


@pytest.mark.parametrize(
    ("topic", "asks_for"),
    [
        ("garage/set", SetTopic("garage", None)),
        ("garage/current_limit/set", SetTopic("garage", "current_limit")),
        ("garage/restart/set", SetTopic("garage", "restart")),
        ("garage/vendor/acs/set", SetTopic("garage", "vendor/acs")),
        ("garage/vendor/set", SetTopic("garage", "vendor")),
        ("garage/refresh", RefreshTopic("garage")),
        ("garage/refresh/set", SetTopic("garage", "refresh")),
        ("garage/request/sessions", RequestTopic("garage", "sessions")),
        ("garage/request/set", RequestTopic("garage", "set")),
        ("bridge/request/health", RequestTopic(None, "health")),
        ("bridge/request/", RequestTopic(None, "")),
        ("bridge/set", None),
        ("bridge/refresh", None),
        ("bridge/log_level/set", None),
        ("bridge/vendor/x/set", None),
        ("garage/state", None),
        ("garage/a/b/set", None),
        ("garage", None),
        ("", None),
    ],
)
def test_an_incoming_topic_is_understood(topic: str, asks_for: Incoming | None) -> None:
    """Commands, refreshes and questions are told apart; anything else is nobody's."""
    assert TOPICS.parse(f"home/chargers/{topic}") == asks_for


@pytest.mark.parametrize("topic", ["garage/set", "home/garage/set", "home/chargers2/garage/set", "home/chargers"])
def test_a_topic_outside_the_base_is_not_ours(topic: str) -> None:
    """Another program's topic is not mistaken for a command, even if it begins alike."""
    assert TOPICS.parse(topic) is None


def test_what_is_published_is_never_heard() -> None:
    """None of the topics that the bridge publishes on matches a subscription: it cannot talk to itself."""
    published = [
        *(TOPICS.bridge_state, TOPICS.bridge_info, TOPICS.bridge_chargers, TOPICS.bridge_health, TOPICS.bridge_event),
        *(TOPICS.bridge_response("refresh"), TOPICS.response("garage", "sessions"), TOPICS.availability("garage")),
        *(TOPICS.state("garage"), TOPICS.scalar("garage", "power"), TOPICS.scalar("garage", "vendor/acs")),
        *(TOPICS.result("garage"), TOPICS.event("garage"), TOPICS.last_session("garage")),
    ]
    assert [topic for topic in published if any(_common(topic, heard) for heard in TOPICS.subscriptions())] == []


def test_no_message_matches_two_subscriptions() -> None:
    """Some brokers deliver a message once for each subscription that matches; only a request named `set` does."""
    both = [_common(one, other) for one, other in combinations(TOPICS.subscriptions(), 2)]
    assert [topic for topic in both if topic] == ["home/chargers/+/request/set"]


def _common(one: str, other: str) -> str | None:
    """Return a topic, with `+` for any level, that both filters match."""
    mine, theirs = one.split("/"), other.split("/")
    if len(mine) != len(theirs) or any("+" not in (a, b) and a != b for a, b in zip(mine, theirs, strict=True)):
        return None
    return "/".join(b if a == "+" else a for a, b in zip(mine, theirs, strict=True))

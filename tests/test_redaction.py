"""What is masked in the log, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from pydantic import SecretStr

from bridge.redaction import MAX_TEXT, redact, redact_text


def _redacted(**event: object) -> dict[str, Any]:
    return dict(redact(None, "info", event))


@pytest.mark.parametrize(
    "key",
    [
        "password", "Password", "mqtt_password", "passwd", "pass", "token", "access_token", "refreshToken", "tokens",
        "client_secret", "secrets", "authorization", "Set-Cookie", "api_key", "apikey", "private_key", "credentials",
        "jwt", "cak", "wak", "mck", "wifis", "ssid", "card_id", "rfid", "email",
    ],
)  # fmt: skip
def test_values_whose_name_says_so_are_masked(key: str) -> None:
    """At any depth, and whatever their type."""
    for value in ("hunter2", 1234, ["hunter2"], {"is": "hunter2"}, b"hunter2"):
        assert _redacted(**{key: value}) == {key: "***"}
        assert _redacted(answer={"deep": [{key: value}]}) == {"answer": {"deep": [{key: "***"}]}}


@pytest.mark.parametrize(
    "event",
    [
        {"event": "charger unavailable", "charger": "garage", "failures": 3, "lasted_s": 1.5, "stale": True},
        {"password": None, "token": False, "password_file": "/run/secrets/mqtt"},
        {"key": "current_limit", "code": "not_permitted", "card": 2},
        {"topic": "charger2mqtt/garage/set", "payload": '{"current_limit": 13}'},
        {"reason": "mqtt.password: it must be text; put it in quotes (config.yaml line 2)"},
        {"reason": "no connection to 192.168.1.40:80: connection refused"},
        {"at": "2026-11-20T10:15:02Z", "host": "[::1]:8099", "url": "http://192.168.1.40/api/status?filter=car,amp"},
    ],
)
def test_what_is_no_secret_stays(event: dict[str, Any]) -> None:
    """A log that masks too much helps nobody."""
    assert _redacted(**event) == event


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mqtt://user:hunter2@localhost:1883", "mqtt://***@localhost:1883"),
        ("https://user:hun@ter2@host/path", "https://***@host/path"),
        ("cannot reach user:hunter2@localhost", "cannot reach ***@localhost"),
        ("GET /api?token=hunter2&x=1", "GET /api?token=***&x=1"),
        ("access_token=hunter2", "access_token=***"),
        ("grant=x&client_secret=hunter2&y=1", "grant=x&client_secret=***&y=1"),
        ('{"token": "hunter2", "x": 1}', '{"token": "***", "x": 1}'),
        ("{'password': 'hunter2'}", "{'password': '***'}"),
        ("Authorization: Basic aHVudGVyMg==", "Authorization: Basic ***"),
        ("sent Bearer aHVudGVyMg.abc-_", "sent Bearer ***"),
    ],
)
def test_logins_inside_texts_are_masked(text: str, expected: str) -> None:
    """In events, in fields, and inside other values."""
    assert redact_text(text) == expected
    assert _redacted(event=text, deep=[{"inside": (text,)}]) == {"event": expected, "deep": [{"inside": [expected]}]}


def test_other_values_are_masked_as_the_text_they_become() -> None:
    """The renderer would write their text anyway."""
    error = ValueError("mqtt://user:hunter2@localhost")

    assert _redacted(error=error, path=Path("/etc"), at=datetime(2026, 11, 20, tzinfo=UTC), pin=SecretStr("1234")) == {
        "error": "mqtt://***@localhost",
        "path": "/etc",
        "at": "2026-11-20 00:00:00+00:00",
        "pin": "**********",
    }


def test_control_characters_do_not_reach_the_terminal() -> None:
    """Names and texts of chargers come from outside; lines and tabs are kept for tracebacks."""
    assert redact_text("a\x1b[2Jb\x00\x9b\r\n\tc") == "a?[2Jb???\n\tc"


def test_size_and_depth_are_bounded() -> None:
    """No answer of a charger fills the disk, and none that holds itself stops the bridge."""
    endless: dict[str, Any] = {}
    endless["inside"] = endless

    assert len(redact_text("x" * 1_000_000)) == MAX_TEXT + 3
    assert "..." in str(_redacted(answer=endless))


@pytest.mark.parametrize(
    "text", ["a" * MAX_TEXT, "a-" * MAX_TEXT, "://" * MAX_TEXT, "a:" * MAX_TEXT, "'token" * MAX_TEXT]
)
def test_no_text_takes_long(text: str) -> None:
    """The patterns must not try one text again and again."""
    start = perf_counter()

    redact_text(text)

    assert perf_counter() - start < 2

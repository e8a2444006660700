"""Masking secrets in what is logged: values whose name says so, and what looks like a login inside a text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from structlog.types import EventDict, WrappedLogger

MASK = "***"
MAX_DEPTH = 8
MAX_TEXT = 20_000
"""Characters; longer texts are cut, so that nobody fills a disk through the log."""

_SECRET_ENDINGS = re.compile(
    r"(password|passwd|passphrase|passcode|token|secret|authorization|cookie|credentials?|jwt|e?mail|"
    r"api[_-]?key|private[_-]?key|access[_-]?key|card[_-]?id)s?$",
    re.IGNORECASE,
)
_SECRET_NAMES = frozenset(
    {"pass", "pwd", "auth", "rfid", "ssid"}
    # go-e: keys of its own access point, of the cloud and of MQTT, and the Wi-Fi networks with their keys
    | {"wak", "facwak", "cak", "mck", "mcu", "wifis", "scan", "ccw", "wan", "fwan"}
)

_TELLTALE = r"(?:token|password|passwd|secret|api_?key|authorization|pass|pwd)"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters but tab and newline: in a charger's answer they could drive the terminal that shows the log."""

_PATTERNS = (
    # user:password@host, with and without a scheme before it
    (re.compile(r"(://)[^\s\"'<>]*@"), rf"\1{MASK}@"),
    (re.compile(r"(?<![\w.%+-])[\w.%+-]+:[^\s/@:]+@(?=[\w\[])"), f"{MASK}@"),
    # ?token=..., in addresses as in forms
    (re.compile(rf"(?i)(?<![\w-])([\w-]*{_TELLTALE}=)[^\s&\"']+"), rf"\1{MASK}"),
    # JSON, or the repr of a mapping, inside a text
    (re.compile(rf"(?i)([\"'][\w-]*{_TELLTALE}[\"']\s*:\s*)([\"']).*?\2"), rf"\1\2{MASK}\2"),
    (re.compile(r"(?i)\b(bearer\s+|authorization:\s*\w+\s+)[\w.~+/=-]+"), rf"\1{MASK}"),
)


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask secrets in an event, as a structlog processor."""
    return {key: _clean(key, value, MAX_DEPTH) for key, value in event.items()}


def redact_text(text: str) -> str:
    """Mask what looks like a login inside a text, and make the text printable and bearably long."""
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + "..."
    text = _CONTROL.sub("?", text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _clean(key: str, value: object, depth: int) -> object:
    if value is None or isinstance(value, bool | int | float):
        # Also a number can be a password; a flag cannot.
        return MASK if _is_secret(key) and value is not None and not isinstance(value, bool) else value
    if _is_secret(key):
        return MASK
    if depth == 0:
        return "..."
    if isinstance(value, Mapping):
        return {name: _clean(str(name), inner, depth - 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", inner, depth - 1) for inner in value]
    return redact_text(value if isinstance(value, str) else str(value))


def _is_secret(key: str) -> bool:
    return key.lower() in _SECRET_NAMES or _SECRET_ENDINGS.search(key) is not None

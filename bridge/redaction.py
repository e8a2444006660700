"""Masking secrets in what is logged: values whose name says so, and what looks like a login inside a text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from structlog.types import EventDict, WrappedLogger

from bridge.private_names import is_secret

MASK = "***"
MAX_DEPTH = 8
MAX_TEXT = 20_000
"""Characters; longer texts are cut, so that nobody fills a disk through the log."""

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
    # JSON web tokens, wherever they stand
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), MASK),
    # e-mail addresses
    (re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), MASK),
)


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask secrets in an event, as a structlog processor."""
    return {key: _clean(key, value, MAX_DEPTH) for key, value in event.items()}


def redact_text(text: str) -> str:
    """Mask what looks like a login inside a text, and make the text printable and bearably long."""
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + "..."
    return mask_logins(_CONTROL.sub("?", text))


def mask_logins(text: str) -> str:
    """Mask what looks like a login, a token or an e-mail address inside a text, and nothing else."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _clean(key: str, value: object, depth: int) -> object:
    if value is None or isinstance(value, bool | int | float):
        # Also a number can be a password; a flag cannot.
        return MASK if is_secret(key, value) and value is not None and not isinstance(value, bool) else value
    if is_secret(key, value):
        return MASK
    if depth == 0:
        return "..."
    if isinstance(value, Mapping):
        return {name: _clean(str(name), inner, depth - 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", inner, depth - 1) for inner in value]
    return redact_text(value if isinstance(value, str) else str(value))

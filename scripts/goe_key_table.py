"""Writes the table of keys in docs/vendors/go-e.md anew, from bridge/vendors/goe/keys.csv; `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

from bridge.vendors.goe.keys import Key, table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "vendors" / "go-e.md"
BEGIN, END = "<!-- keys: made by scripts/goe_key_table.py -->\n", "<!-- end of keys -->\n"
HEAD = (
    "| key | what it is | type, unit | access | values | since | MQTT | tested | how it differs |\n"
    + "|---" * 9
    + "|\n"
)


def row(key: Key) -> str:
    """Return a key's line of the table."""
    kind = f"{key.kind}, {key.unit}" if key.unit else key.kind
    cells = (f"`{key.key}`", key.name, kind, access(key), values(key), key.since, key.broadcast, tested(key), key.notes)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def access(key: Key) -> str:
    """Return who may do what, in the vendor's words, and what becomes of a secret."""
    if not key.secret:
        return key.access
    return "W, secret" if key.settable else "secret"


def values(key: Key) -> str:
    """Return the bounds and the codes."""
    codes = ", ".join(f"{number} {word}" for number, word in key.codes.items())
    bounds = f"{key.low:.10g} to {key.high:.10g}" if key.low is not None and key.high is not None else ""
    return ", ".join(part for part in ("" if codes else bounds, codes, "null" if key.nullable else "") if part)


def tested(key: Key) -> str:
    """Return what tests/vendors/goe/test_every_key.py does with it, in the letters that the page explains."""
    letters = ["R"] if key.readable else []
    letters += ["W"] if key.settable else []
    letters += ["M"] if key.broadcast and key.readable else []
    letters += ["S"] if key.secret else []
    return " ".join(letters)


def page(text: str) -> str:
    """Return the page with the table as it should be."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + HEAD + "".join(row(key) for key in table().values()) + END + after


def main() -> int:
    """Write the page, or tell by the exit code whether it is up to date."""
    old = PAGE.read_text(encoding="utf-8")
    new = page(old)
    if "--check" in sys.argv[1:]:
        return 0 if new == old else 1
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Identifiers that look like the vendor's and are always the same for the same thing."""

from __future__ import annotations

from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # of a ULID


def ulid(of: str) -> str:
    """26 letters and digits, as chargers, users, schedules and sessions have."""
    digest = sha256(of.encode()).digest()
    return "01" + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:24])


def group_uid(group_id: int) -> str:
    """A UUID, as groups have."""
    return str(uuid5(NAMESPACE_URL, f"group/{group_id}"))

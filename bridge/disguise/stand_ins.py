"""What takes the place of ids, names and addresses: the same for the same, in the same form, so that it still works.

Digits stay digits and keep their number, a UUID stays one, and so does the hardware address of a network card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import count

SHORTEST_ID = 5
"""Shorter ones are numbers of kinds, of places in a list, of countries."""
LONGEST_ID = 64
PUBLIC_ADDRESS = "203.0.113.1"
"""Out of the block for documentation (RFC 5737)."""

UUID = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z])")
MAC = re.compile(r"(?<![0-9A-Za-z:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![0-9A-Za-z:-])")
_TOLD_ADDRESS = re.compile(r"(?i)(\b(?:inet6?|addr|address|ip|host|from|to)[ :=]+|[/@])([0-9A-Fa-f:.]{7,39})(?![\w.])")
"""Addresses in a text are known by the word before them: versions look just like them."""
_ID = re.compile(rf"(?=[^\d]*\d)[0-9A-Za-z_.-]{{{SHORTEST_ID},{LONGEST_ID}}}")


def is_id(value: str) -> bool:
    """Tell whether a text under the name of an id really looks like one."""
    return _ID.fullmatch(value) is not None


def public(text: str) -> bool:
    """Tell whether a text is an address that is reachable from everywhere."""
    try:
        return ip_address(text).is_global
    except ValueError:
        return False


class StandIns:
    """Gives each original its own, for as long as it lives."""

    def __init__(self) -> None:
        """Begin with none."""
        self.ids: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._numbers: Iterator[int] = count(1)

    def id(self, original: str) -> str:
        """Return what takes the place of an id."""
        if original not in self.ids:
            self.ids[original] = self._new_id(original, next(self._numbers))
        return self.ids[original]

    def name(self, original: str) -> str:
        """Return what takes the place of a name that a person chose."""
        return self._names.setdefault(original, f"name-{len(self._names) + 1}")

    def addresses(self, text: str) -> str:
        """Return a text with other UUIDs, hardware addresses and public addresses in it."""
        text = UUID.sub(lambda found: self.id(found[0].lower()), text)
        text = MAC.sub(lambda found: self.id(found[0].upper()), text)
        return _TOLD_ADDRESS.sub(lambda found: found[1] + (PUBLIC_ADDRESS if public(found[2]) else found[2]), text)

    @staticmethod
    def _new_id(original: str, number: int) -> str:
        length = len(original)
        if UUID.fullmatch(original):
            return f"00000000-0000-4000-8000-{number:012x}"
        if found := MAC.fullmatch(original):
            return found[1].join(("02", "00", "00", "00", f"{number // 256 % 256:02x}", f"{number % 256:02x}"))
        if original.isdecimal():
            # Not with zeros in front: the same id may stand elsewhere as a number.
            return str(10 ** (length - 1) + number)
        return f"ID{number:0{length - 2}d}"

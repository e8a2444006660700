"""The table of every key of the go-e API v2, in `keys.csv`: one row each, for topics, checks, discovery and documents.

Its sources are named in docs/vendors/go-e.md.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

TABLE = Path(__file__).with_name("keys.csv")

Kind = Literal[
    "bool",
    "int",
    "number",
    "text",
    "list",
    "object",
    "json",
    # What has an inside, or another form when it is read than when it is written: see forms.py.
    "button",
    "cardid",
    "cards",
    "colour",
    "presets",
    "schedule",
    "solar",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of the charger. `low` and `high` are those of a settable number, `unit` is the charger's own.

    `nullable`: null may be written. `secret`: never published. `rare`: hardly ever changes. `since`: 2021 for the
    original document, else the firmware, or `later`. `broadcast`: the firmware versions in whose recordings the charger
    tells of it by itself.
    """

    key: str
    name: str
    kind: Kind
    unit: str | None
    access: Literal["R", "RW", "W"]
    category: Literal["Constant", "Status", "Config", "Other"]
    low: float | None
    high: float | None
    codes: Mapping[int, str]
    nullable: bool
    secret: bool
    rare: bool
    since: str
    broadcast: str
    notes: str

    @property
    def readable(self) -> bool:
        """Whether it is ever asked for."""
        return self.access != "W" and not self.secret

    @property
    def settable(self) -> bool:
        """Whether the charger takes a value for it."""
        return self.access != "R"

    @property
    def offered(self) -> bool:
        """Whether it can be had at all: a secret that can only be read cannot."""
        return self.readable or self.settable


@lru_cache(maxsize=1)
def table() -> Mapping[str, Key]:
    """Return every key by its name, in the order of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["key"]: _key(row) for row in csv.DictReader(file, strict=True)})


def _key(row: Mapping[str, str]) -> Key:
    return Key(
        key=row["key"],
        name=row["name"],
        kind=_one_of(row["type"], get_args(Kind)),
        unit=row["unit"] or None,
        access=_one_of(row["access"], ("R", "RW", "W")),
        category=_one_of(row["category"], ("Constant", "Status", "Config", "Other")),
        low=float(row["low"]) if row["low"] else None,
        high=float(row["high"]) if row["high"] else None,
        codes=MappingProxyType(dict(_code(each) for each in row["codes"].split("; ") if each)),
        nullable=_one_of(row["null"], ("", "yes")) == "yes",
        secret=_one_of(row["secret"], ("", "yes")) == "yes",
        rare=_one_of(row["rare"], ("", "yes")) == "yes",
        since=row["since"],
        broadcast=row["mqtt"],
        notes=row["notes"],
    )


def _code(text: str) -> tuple[int, str]:
    number, _, word = text.partition(" ")
    return int(number), word


def _one_of(word: str, words: tuple[Any, ...]) -> Any:  # noqa: ANN401 - one of the words
    if word not in words:
        raise ValueError(f"{word!r} in the table of keys is not one of {words}")
    return word

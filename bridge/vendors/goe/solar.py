"""`ids`: what a meter tells the charger, so that it can use the surplus.

`{"pGrid": -1400, "pPv": 3000, "pAkku": 0}` in W; less than 0 is what goes to the grid or into the battery.

Sources: the list of firmware 59.4; the meaning, and that the charger forgets it after about 10 s: issues 276 and 315.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.charger.document import number
from bridge.charger.values import NUMBER, Json, plain_number
from bridge.errors import CommandRejectedError
from bridge.vendors.goe.forms import Form, same
from bridge.vendors.goe.inside import Inside, mapping, parsed_object, wrong

SOLAR_KEYS = {"pGrid": "pgrid", "pPv": "ppv", "pAkku": "pakku"}
"""What is written as a part of `ids`, and the key in which it can be read."""

LASTS_S = 10.0
"""An older reading is of no use: the charger itself forgets them after about that time."""

NOT_FASTER_THAN_S = 2.0
"""The charger wants one at least every 5 s, and its logic runs once a second; every write keeps it busy."""


class _Solar(Inside):
    """What a meter tells. A number alone is the power at the connection to the grid."""

    def parse(self, raw: Json) -> dict[str, Json]:
        try:
            return {"pGrid": NUMBER.parse(raw)}
        except CommandRejectedError:
            given = parsed_object(raw, SOLAR_KEYS, "a surplus")
        reading: dict[str, Json] = {}
        for key, value in given.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise wrong(f"{key} must be a number of watts")
            reading[key] = plain_number(value)
        if "pGrid" not in reading:
            raise wrong("pGrid is missing")
        return reading


def read_solar(document: Mapping[str, Json]) -> dict[str, Json] | None:
    """Return what the charger uses at present of what it was told, None when that was too long ago."""
    if document["pgrid"] is None:
        return None
    told = {key: document.get(shown) for key, shown in SOLAR_KEYS.items()}
    return {key: plain_number(number(value)) for key, value in told.items() if value is not None}


def _shows_solar(wished: object, observed: object) -> bool:
    if not isinstance(wished, dict) or not isinstance(observed, dict):
        return wished is observed
    return all(same(value, observed.get(key)) for key, value in wished.items())


SOLAR = Form(type=_Solar(), read=mapping, shows=_shows_solar)

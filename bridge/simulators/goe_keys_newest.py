"""Keys that only the documents of firmware 59.4 and newer have, and keys that these documents describe differently.

Defaults are those of a recording of 60.5 where it has the key.
"""

from __future__ import annotations

from bridge.simulators.goe_keys import Key, read, read_write, write
from bridge.simulators.goe_objects import CARDS, empty_schedule, schedule
from bridge.simulators.goe_values import boolean, int32, json_object, number, text, uint8, uint64


def _flat_cards() -> tuple[Key, ...]:
    """`c0n` to `c9i`: name, energy in Wh, and an id that is written as a text but read as a bool."""
    names = [read_write(f"c{card}n", text(), "n/a") for card in range(CARDS)]
    energies = [read_write(f"c{card}e", uint64(), 0) for card in range(CARDS)]
    ids = [read_write(f"c{card}i", text(), default=False) for card in range(CARDS)]
    return (*names, *energies, *ids)


NEWEST_KEYS: tuple[Key, ...] = (
    # Different from before
    read_write("acs", uint8(0, 2), 0),
    read_write("sch_week", schedule(4), empty_schedule()),
    read_write("sch_satur", schedule(4), empty_schedule()),
    read_write("sch_sund", schedule(4), empty_schedule()),
    read_write("tds", uint8(0, 3), 0),
    read_write("smd", json_object(), {}),
    write("awpl", json_object()),
    write("hsa", boolean()),
    write("ocppao", boolean()),
    read("tls"),  # no bool any more, but a moment
    *_flat_cards(),
    # The unit
    read("dfam", "goecharger"),
    read("styp", "core_cable"),
    read("rev", "1"),
    read("isgo", default=True),
    read("simo", default=False),
    read("aus", default=False),
    read("nld", 32),
    read("facacs", 0),
    read("shut", default=False),
    read("sock", default=False),
    read("cert", 0),
    read_write("ten", boolean(), default=False),
    read("din", 1),
    # Charging
    read("alwt", 2_036),
    read("lpc"),
    read_write("csd", boolean(), default=True),
    read_write("emx", int32(), 0),
    read_write("txt", int32(), 60),
    read_write("iso2en", uint8(0, 2), 0),
    read("fse", default=False),
    read("fsi", 6),
    read("fsc", 0),
    read_write("uve", boolean(), default=False),
    read_write("uvs", int32(), 3_000),
    read_write("uvt", number(), 184),
    # Where the energy came from, and the calibrated meter
    read("wb"),
    read("wg"),
    read("wo", 0),
    read("ws"),
    read("whb", 0),
    read("whg", 0),
    read("who", 0),
    read("whs", 0),
    read("eto_mid"),
    read("wh_mid"),
    # Connections
    read("cce"),
    read("mia"),
    read("mstr"),
    read("mstw"),
    read("wat", 2),
    # OCPP
    read("ocppdp", []),
    read("ocppmp", []),
    read("ocpptp", []),
    read("ocppte"),
    read("ocppff"),
    write("ocppfai", int32()),
    read_write("ocpptt", text(), ""),
    read_write("orsch", boolean(), default=False),
    read_write("osr", boolean(), default=False),
)

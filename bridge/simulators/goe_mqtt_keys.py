"""Which keys a go-e has on MQTT: not all, because all of them would not fit into its memory.

These are the keys that recordings of real chargers show (syssi/homeassistant-goecharger-mqtt, `mqtt-capture.log` and
`docs/`): firmware 053.1 for the family 051, 055.2 to 56.9 for the family 055, and 60.5 for the family 60. The serial
number is on none, and nor are the schedules.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bridge.simulators.goe_family import FamilyName

_IN_ALL = (
    "acs acu adi alw ama amp amt ara ate att awcp awp bac car cards cbl cch ccw cdi cfi cid clp cwc deltap dll dns dwo"
    " err eto fhz frc fsp fwv hla lbp lbr lccfc lccfi lcctc lmo lmsc loa loc lrc lri lrr mca men modelStatus nrg ocu"
    " pakku pgrid pha ppv psm rbc rbt rssi spl3 tma tpa trx ust utc var wh"
)
_IN_055_AND_60 = (
    "acp avgfhz awc awe ccd cll csa ctrls cus di1 die dii dsrc evt fmt frm fst fup fzf hai la1 la3 lcs lto lwf mptwt"
    " mpwst msb msr nmo oem pco pdi pgr pgt po psh psmd rde sh sumd tab tcl tsi typ ufa ufe ufm ufs zfo"
)
_IN_055 = "lbl msp"
_IN_60 = (
    "alwt csd dfam din facacs mcr mstr mstw rev uve uvs uvt wb wg whb whg who whs wo ws"
    " c0e c0i c0n c1e c1i c1n c2e c2i c2n c3e c3i c3n c4e c4i c4n"
    " c5e c5i c5n c6e c6i c6n c7e c7i c7n c8e c8i c8n c9e c9i c9n"
)


def _names(*lists: str) -> tuple[str, ...]:
    return tuple(sorted(" ".join(lists).split()))


MQTT_KEYS: Mapping[FamilyName, tuple[str, ...]] = MappingProxyType(
    {
        "051": _names(_IN_ALL),
        "055": _names(_IN_ALL, _IN_055_AND_60, _IN_055),
        "60": _names(_IN_ALL, _IN_055_AND_60, _IN_60),
    }
)
"""By family, in alphabetical order; a device publishes those of them that it has."""

OF_THE_CLOCK = frozenset({"rbt", "utc", "loc"})
"""Published once per period and not between, although they are never the same twice."""

ONCE = frozenset({"tab"})
"""Does not change: the date and time of the boot, which here is worked out from two clocks and trembles."""

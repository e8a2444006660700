"""What a charger last told the cloud about itself."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from bridge.simulators.meter import MAINS_V
from bridge.simulators.wallbox.charging import Charging
from bridge.simulators.wallbox.statuses import StatusId

KWH_PER_KM = 0.12  # by which the vendor turns energy into range: fits seven recorded pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report.

    Attributes:
        at: When it came, in s since 1970.
        status: What the charger did.
        power_w: Negative when it came out of the car.
        phases: How many were in use.
        energy_wh: Into the car, in this session or the last one.
        green_wh: The part of it from the sun.
        discharged_wh: Out of the car.
        plugged_s: Since the car was plugged in, or how long it was.
        charged_s: How long energy flowed into it.
        discharged_s: How long it flowed out.
        charge_level: How full the car's battery was, from 0 to 1, None when the charger cannot tell.
        started_at: When the car was plugged in, in s since 1970; 0 before the first car.
    """

    at: float
    status: int
    power_w: float
    phases: int
    energy_wh: float
    green_wh: float
    discharged_wh: float
    plugged_s: float
    charged_s: float
    discharged_s: float
    charge_level: float | None
    started_at: float


def report_of(charging: Charging, *, at: float, plugged_s: float, started_at: float) -> Report:
    """What a charger would tell now."""
    outward = charging.status == StatusId.DISCHARGING
    meter = charging.back if outward else charging.meter
    power_w = MAINS_V * meter.phases * meter.current * (1 + 0.004 * meter.noise(int(at), 0))
    return Report(
        at=at,
        status=charging.status,
        power_w=-power_w if outward else power_w,
        phases=charging.phases,
        energy_wh=charging.meter.session_wh,
        green_wh=charging.green_wh,
        discharged_wh=charging.back.session_wh,
        plugged_s=plugged_s,
        charged_s=charging.charged_s,
        discharged_s=charging.discharged_s,
        charge_level=charging.charge_level,
        started_at=started_at,
    )


def kilo(watts_or_wh: float) -> float:
    """In kW or kWh, with as many digits as the cloud gives."""
    return round(watts_or_wh / 1_000, 3)


def range_km(energy_wh: float) -> int:
    """How far a car gets, by the vendor's reckoning."""
    return floor(energy_wh / 1_000 / KWH_PER_KM)

"""How a go-e shows what its meter measures."""

from __future__ import annotations

from bridge.simulators.meter import MAINS_V, PHASES, Meter
from bridge.simulators.wire import JsonValue


def nrg(meter: Meter, second: int) -> list[JsonValue]:
    """The 16 elements of `nrg` in a given second.

    These are U of L1-L3 and N in V, I of L1-L3 in A, P of L1-L3, N and all together in W, power factors in %.
    """
    if meter.current <= 0:
        volts: list[JsonValue] = [round(MAINS_V + 2 * meter.noise(second, phase)) for phase in range(PHASES)]
        return [*volts, 1, *[0] * 12]  # whole numbers while nothing flows, as real ones have it
    currents: list[float] = []
    voltages: list[float] = []
    for phase in range(PHASES):
        flows = phase < meter.phases
        currents.append(round(meter.current * (1 + 0.004 * meter.noise(second, 10 + phase)), 3) if flows else 0)
        voltages.append(round(MAINS_V + 2 * meter.noise(second, phase) - 0.08 * currents[-1], 2))
    powers = [round(volt * ampere, 3) for volt, ampere in zip(voltages, currents, strict=True)]
    factors = [
        round(99.8 + 0.2 * meter.noise(second, 20 + phase), 2) if powers[phase] else 0 for phase in range(PHASES)
    ]
    return [*voltages, 2.5, *currents, *powers, 0, round(sum(powers), 2), *factors, 100]

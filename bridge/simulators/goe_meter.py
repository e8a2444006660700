"""The pretend electricity meter: ramps, energy, and readings with a little noise that is the same on every run."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from bridge.simulators.wire import JsonValue

PHASES = 3
MAINS_V = 230.0
CLIMB_A_PER_S = 4.0
AVERAGE_OVER_S = 30.0
SECONDS_PER_HOUR = 3600.0


@dataclass(slots=True, kw_only=True)
class Meter:
    """What flows to the car.

    Attributes:
        seed: Two meters with one seed have the same noise.
        current: A per phase.
        phases: How many phases carry it.
        session_wh: Since a car was plugged in last.
        total_wh: Lifetime.
        average_w: Roughly over the last 30 s.
        highest_w: Since the start.
    """

    seed: int
    current: float = 0.0
    phases: int = 0
    session_wh: float = 0.0
    total_wh: float = 0.0
    average_w: float = 0.0
    highest_w: float = 0.0

    def run(self, seconds: float, *, aim: float, phases: int, room_wh: float) -> float:
        """Let time pass with a car that aims for a current, and return the Wh that flowed.

        The current climbs over a few seconds and drops at once, and no more flows than there is room for.
        """
        before = self.current
        self.current = min(aim, before + CLIMB_A_PER_S * seconds)
        self.phases = phases if self.current > 0 else 0
        mean_power = MAINS_V * phases * (min(before, aim) + self.current) / 2
        flowed = max(0.0, min(room_wh, mean_power * seconds / SECONDS_PER_HOUR))
        self.session_wh += flowed
        self.total_wh += flowed
        self.average_w += (mean_power - self.average_w) * min(1.0, seconds / AVERAGE_OVER_S)
        self.highest_w = max(self.highest_w, mean_power)
        return flowed

    def readings(self, second: int) -> list[JsonValue]:
        """The 16 elements of `nrg` in a given second.

        These are U of L1-L3 and N in V, I of L1-L3 in A, P of L1-L3, N and all together in W, power factors in %.
        """
        if self.current <= 0:
            volts: list[JsonValue] = [round(MAINS_V + 2 * self.noise(second, phase)) for phase in range(PHASES)]
            return [*volts, 1, *[0] * 12]  # whole numbers while nothing flows, as real ones have it
        currents: list[float] = []
        voltages: list[float] = []
        for phase in range(PHASES):
            flows = phase < self.phases
            currents.append(round(self.current * (1 + 0.004 * self.noise(second, 10 + phase)), 3) if flows else 0)
            voltages.append(round(MAINS_V + 2 * self.noise(second, phase) - 0.08 * currents[-1], 2))
        powers = [round(volt * ampere, 3) for volt, ampere in zip(voltages, currents, strict=True)]
        factors = [
            round(99.8 + 0.2 * self.noise(second, 20 + phase), 2) if powers[phase] else 0 for phase in range(PHASES)
        ]
        return [*voltages, 2.5, *currents, *powers, 0, round(sum(powers), 2), *factors, 100]

    def noise(self, second: int, which: int) -> float:
        """A number from -1 to 1 that depends on nothing but the seed, the second and which reading it is for."""
        return crc32(f"{self.seed}/{second}/{which}".encode()) / 2**31 - 1

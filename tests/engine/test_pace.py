"""When a charger is read next, and when it counts as away."""

from __future__ import annotations

import pytest

from bridge.charger.contract import ChargerSettings, Pace
from bridge.engine.pace import JITTER, Intervals

HOUSE = Intervals(idle_s=5, charging_s=2, cloud=False)
CLOUD = Intervals(idle_s=60, charging_s=30, cloud=True)


def _settings(**times: float) -> ChargerSettings:
    return ChargerSettings.model_validate({"vendor": "pretend", **times})


@pytest.mark.parametrize(
    ("times", "idle_s", "charging_s"),
    [
        ({}, 20, 10),
        ({"poll_interval": 7}, 7, 7),
        ({"poll_interval_idle": 8}, 8, 10),
        ({"poll_interval_charging": 0.2}, 20, 0.2),
        ({"poll_interval": 7, "poll_interval_idle": 30}, 30, 7),
        ({"poll_interval": 7, "poll_interval_idle": 30, "poll_interval_charging": 3}, 30, 3),
    ],
)
def test_the_configuration_overrides_the_vendor(times: dict[str, float], idle_s: float, charging_s: float) -> None:
    """The particular before the general, the general before the vendor's."""
    found = Intervals.of(_settings(**times), Pace(idle_s=20, charging_s=10, settle_s=1, confirm_reads=1, cloud=True))

    assert (found.usual(charging=False), found.usual(charging=True), found.cloud) == (idle_s, charging_s, True)


@pytest.mark.parametrize(
    ("intervals", "charging", "failures", "longest"),
    [
        *((HOUSE, False, failures, wait) for failures, wait in enumerate([5, 5, 5, 10, 20, 40, 50, 50])),
        (HOUSE, False, 100_000, 50),
        (HOUSE, True, 3, 4),
        (HOUSE, True, 50, 20),
        *((CLOUD, False, failures, wait) for failures, wait in enumerate([60, 60, 60, 120, 240, 480, 900, 900])),
        (CLOUD, True, 100_000, 900),
        (Intervals(idle_s=3600, charging_s=3600, cloud=True), False, 5, 3600),
    ],
)
def test_waits_double_while_a_charger_is_away(
    intervals: Intervals,
    charging: bool,  # noqa: FBT001 - a case
    failures: int,
    longest: float,
) -> None:
    """From the third failure on, up to ten times the interval, in the cloud up to 15 minutes."""
    waits = [intervals.after_failures(failures, charging=charging) for _ in range(200)]

    assert longest * (1 - JITTER) <= min(waits) < max(waits) <= longest


def test_waits_are_spread() -> None:
    """So that chargers that went away together do not come back all at once."""
    waits = sorted(HOUSE.after_failures(10, charging=False) for _ in range(300))

    assert waits[-1] - waits[0] > 50 * JITTER * 0.8


@pytest.mark.parametrize(
    ("intervals", "failures", "silent_s", "away"),
    [
        (HOUSE, 0, 1000, False),
        (HOUSE, 2, 1000, False),
        (HOUSE, 3, 0.1, True),
        (HOUSE, 4, 1000, True),
        (CLOUD, 2, 1000, False),
        (CLOUD, 3, 299.9, False),
        (CLOUD, 3, 300, True),
        (CLOUD, 30, 299.9, False),
    ],
)
def test_three_failures_in_a_row_mean_away(
    intervals: Intervals,
    failures: int,
    silent_s: float,
    away: bool,  # noqa: FBT001 - the expected value
) -> None:
    """For an account in the cloud also five minutes without an answer."""
    assert intervals.is_away(failures, silent_s) is away

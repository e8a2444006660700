"""Drives the pretend Wallbox cloud with somebody else's client, `wallbox`, which shares no code with the bridge.

Usage: wallbox_client.py HOST:PORT of the control port, with the interpreter of an environment in which that client is
installed (run.sh makes one). Prints one line per check and exits 1 when one has failed. It uses every method there is.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import urlopen

from requests import HTTPError, RequestException  # type: ignore[import-untyped]
from wallbox import Statuses, Wallbox  # type: ignore[import-not-found]

WITHIN_S = 15.0
LOOK_EVERY_S = 0.2


class Bench:
    """The client, and the control port of what it talks to."""

    def __init__(self, control: str) -> None:
        self._control = f"http://{control}"
        state = self.control("state")
        self.client = self.new_client(state, state["accounts"][0]["password"])
        self.charger = int(next(iter(state["chargers"])))

    def control(self, call: str) -> Any:
        """Ask the control port."""
        with urlopen(f"{self._control}/{call}", timeout=5) as answer:  # noqa: S310  its own address
            return json.load(answer)

    def new_client(self, state: Any, password: str) -> Any:
        """A client that has not signed in."""
        client = Wallbox(state["accounts"][0]["email"], password, requestGetTimeout=5)
        client.baseUrl, client.authUrl = state["api_url"], state["auth_url"]
        return client

    def status(self) -> Any:
        """The charger in detail."""
        return self.client.getChargerStatus(self.charger)

    def counted(self, kind: str) -> int:
        """How many requests of a kind the cloud took notice of."""
        return int(self.control("state")["counters"][kind])

    def soon(self, what: Callable[[], object], expected: object) -> None:
        """Look until it is as it should be: the cloud needs a moment."""
        between_looks = threading.Event()
        for _ in range(int(WITHIN_S / LOOK_EVERY_S)):
            actual = what()
            if actual == expected:
                return
            between_looks.wait(LOOK_EVERY_S)
        raise AssertionError(f"{actual!r} instead of {expected!r}")

    def soon_mode(self, mode: str) -> None:
        """Look until the client calls the status so."""
        self.soon(lambda: Statuses(self.status()["status_id"]).name, mode)

    def soon_config(self, name: str, expected: object) -> None:
        """Look until a setting is so."""
        self.soon(lambda: self.status()["config_data"][name], expected)


def expect(actual: object, expected: object) -> None:
    """Raise when something is not as it should be."""
    if actual != expected:
        raise AssertionError(f"{actual!r} instead of {expected!r}")


def expect_status(call: Callable[[], object], status: int) -> None:
    """Raise unless the cloud refuses in this way."""
    try:
        call()
    except HTTPError as error:
        expect(error.response.status_code, status)
    else:
        raise AssertionError(f"was accepted instead of refused with {status}")


def signing_in(bench: Bench) -> None:
    """Once, while the token is good."""
    bench.client.authenticate()
    bench.client.authenticate()
    expect(bench.counted("sign_ins"), 1)
    expect(bench.client.headers["Authorization"], f"Bearer {bench.client.jwtToken}")
    expect(round(bench.client.jwtTokenTtl / 60_000 - datetime.now(tz=UTC).timestamp() / 60), 15)


def refreshing(bench: Bench) -> None:
    """When the token is over, both change and nobody signs in."""
    before = {bench.client.jwtToken, bench.client.jwtRefreshToken}
    bench.client.jwtTokenTtl = 0
    bench.client.authenticate()
    expect({bench.client.jwtToken, bench.client.jwtRefreshToken} & before, set())
    expect((bench.counted("refreshes"), bench.counted("sign_ins")), (1, 1))


def wrong_password(bench: Bench) -> None:
    """Is refused as the vendor does, and nothing is shown without a token."""
    client = bench.new_client(bench.control("state"), "wrong")
    expect_status(client.authenticate, 403)
    expect(bench.counted("refused_sign_ins"), 1)
    expect_status(client.getChargersList, 401)


def chargers(bench: Bench) -> None:
    """The list of their numbers."""
    expect(bench.client.getChargersList(), [bench.charger])


def status(bench: Bench) -> None:
    """The client knows the status, and finds what its example reads."""
    found = bench.status()
    expect((Statuses(found["status_id"]), found["config_data"]["charger_id"]), (Statuses.READY, bench.charger))


def locking(bench: Bench) -> None:
    """Both ways."""
    for lock, locked in ((bench.client.lockCharger, 1), (bench.client.unlockCharger, 0)):
        expect(lock(bench.charger)["data"]["chargerData"]["locked"], locked)
        bench.soon_config("locked", locked)
        bench.soon_mode("LOCKED" if locked else "READY")


def current(bench: Bench) -> None:
    """Its body begins with a blank."""
    answer = bench.client.setMaxChargingCurrent(bench.charger, 13)
    expect(answer["data"]["chargerData"]["maxChargingCurrent"], 13)
    bench.soon_config("max_charging_current", 13)
    expect_status(lambda: bench.client.setMaxChargingCurrent(bench.charger, 99), 400)


def configuration(bench: Bench) -> None:
    """Price, as in the client's example, and the current of the house connection."""
    answer = bench.client.setEnergyCost(bench.charger, 0.1)
    expect((answer["energy_price"], answer["currency"]["symbol"]), (0.1, "€"))
    expect(bench.client.setIcpMaxCurrent(bench.charger, 40)["icp_max_current"], 40)
    bench.soon_config("energy_price", 0.1)
    bench.soon_config("icp_max_current", 40)


def charging(bench: Bench) -> None:
    """A car comes and charges, is paused and resumed."""
    bench.control("plug?capacity_kwh=60")
    bench.soon_mode("CHARGING")
    bench.soon(lambda: bench.status()["charging_power"] > 1, expected=True)
    expect(bench.client.pauseChargingSession(bench.charger)["action"], 2)
    bench.soon_mode("PAUSED")
    expect_status(lambda: bench.client.pauseChargingSession(bench.charger), 409)
    expect(bench.client.resumeChargingSession(bench.charger)["action"], 1)
    bench.soon_mode("CHARGING")
    expect_status(lambda: bench.client.resumeChargingSession(bench.charger), 409)


def eco_smart(bench: Bench) -> None:
    """Its answers are empty, so that the client gives their status."""
    for mode in (0, 1):
        expect(bench.client.enableEcoSmart(bench.charger, mode), 200)
        bench.soon_config("ecosmart", {"enabled": True, "mode": mode, "percentage": 100})
    expect(bench.client.resumeSchedule(bench.charger)["action"], 9)
    bench.soon(lambda: bench.status()["status_id"], 189)
    expect(bench.client.disableEcoSmart(bench.charger), 200)
    bench.soon_mode("CHARGING")


def schedules(bench: Bench) -> None:
    """The form of the client's document is accepted and passed over; the one of today takes effect."""
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), True)
    entry = {"id": 0, "enable": 1, "max_current": 1, "max_energy": 0, "days": days, "start": "2100", "stop": "0500"}
    before = bench.client.getChargerSchedules(bench.charger)
    expect(before["schedules"], [])
    expect(bench.client.setChargerSchedules(bench.charger, {"schedules": [entry]})["error"], expected=False)
    news = {**entry, "enable": False, "created_at": before["lastSchedule"] + 1}
    expect(bench.client.setChargerSchedules(bench.charger, {"schedules": [news]})["error"], expected=False)
    bench.soon(lambda: len(bench.client.getChargerSchedules(bench.charger)["schedules"]), 1)
    (shown,) = bench.client.getChargerSchedules(bench.charger)["schedules"]
    expect((shown["start"], shown["stop"], shown["days"], shown["enable"]), ("2100", "0500", days, False))
    wrong = {"schedules": [{**news, "days": {"monday": True}}]}
    expect_status(lambda: bench.client.setChargerSchedules(bench.charger, wrong), 400)


def sessions(bench: Bench) -> None:
    """A session is in the list when the car has gone; the ones before are there as well."""
    now = datetime.now(tz=UTC)
    span = (now - timedelta(days=30), now + timedelta(days=1))
    before = bench.client.getSessionList(bench.charger, *span)["data"]
    bench.control("unplug")
    after = bench.client.getSessionList(bench.charger, *span)["data"]
    expect(len(after), len(before) + 1)
    expect(after[1:], before)
    expect((after[0]["type"], after[0]["attributes"]["charger"]), ("charger_log_session", bench.charger))
    expect(after[0]["attributes"]["energy"] > 0, expected=True)
    expect(bench.client.getSessionList(bench.charger, span[0], span[0])["data"], [])


def restarting(bench: Bench) -> None:
    """Ready, then away, then ready."""
    expect(bench.client.restartCharger(bench.charger)["action"], 3)
    for mode in ("DISCONNECTED", "READY"):
        bench.soon_mode(mode)


def updating(bench: Bench) -> None:
    """Accepted, although there is nothing new."""
    expect(bench.client.updateFirmware(bench.charger)["action"], 5)


CHECKS: dict[str, Callable[[Bench], None]] = {
    "authenticate: sign in": signing_in,
    "authenticate: refresh": refreshing,
    "authenticate: wrong password, no token": wrong_password,
    "getChargersList": chargers,
    "getChargerStatus": status,
    "lockCharger, unlockCharger": locking,
    "setMaxChargingCurrent": current,
    "setEnergyCost, setIcpMaxCurrent": configuration,
    "pauseChargingSession, resumeChargingSession": charging,
    "enableEcoSmart, resumeSchedule, disableEcoSmart": eco_smart,
    "getChargerSchedules, setChargerSchedules": schedules,
    "getSessionList": sessions,
    "restartCharger": restarting,
    "updateFirmware": updating,
}


def main() -> int:
    """Run all checks against the simulator whose control port is on the command line."""
    bench = Bench(sys.argv[1])
    failed = 0
    for name, check in CHECKS.items():
        try:
            check(bench)
        except (AssertionError, RequestException, LookupError, ValueError) as error:
            failed += 1
            print(f"FAILED  {name}: {error}")
        else:
            print(f"ok      {name}")
    print(f"{len(CHECKS) - failed} of {len(CHECKS)} checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

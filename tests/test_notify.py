"""What systemd is told, at a real socket."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket as systemd has one, and what it puts into NOTIFY_SOCKET: a path, or a name in the abstract namespace."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@charger2mqtt-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(name.replace("@", "\0") if request.param == "abstract" else name)
        receiver.settimeout(5)
        yield receiver, name


def test_each_state_is_one_datagram(systemd: tuple[socket.socket, str]) -> None:
    """In the words of sd_notify(3)."""
    receiver, name = systemd
    notifier = Notifier({"NOTIFY_SOCKET": name})

    notifier.ready()
    notifier.status("2 of 3 chargers answer;\nbroker connected")
    notifier.watchdog()
    notifier.stopping()
    notifier.reloading()

    told = [receiver.recv(1000).decode() for _ in range(5)]
    assert told[:4] == ["READY=1", "STATUS=2 of 3 chargers answer; broker connected", "WATCHDOG=1", "STOPPING=1"]
    assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", told[4])


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/notify"}])
def test_without_systemd_nothing_happens(environ: dict[str, str]) -> None:
    """Neither where there is none, nor where it does not listen."""
    notifier = Notifier(environ)

    notifier.ready()
    notifier.watchdog()

    assert notifier.watchdog_interval_s is None


def test_a_full_socket_does_not_hold_up_the_daemon(tmp_path: Path) -> None:
    """What does not fit is lost."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})

        for _ in range(10_000):
            notifier.watchdog()

        assert receiver.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize(
    ("environ", "interval_s"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 15),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "often"}, None),
        ({"WATCHDOG_USEC": ""}, None),
    ],
)
def test_the_watchdog_is_fed_twice_as_often_as_it_asks(environ: dict[str, str], interval_s: float | None) -> None:
    """And not at all if it watches another process."""
    assert Notifier(environ).watchdog_interval_s == interval_s

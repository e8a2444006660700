"""The service manager's end of sd_notify(3): a socket that hears what a daemon says of itself."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import until


class ServiceManager:
    """Hears a daemon's notifications, each with the moment at which it was heard."""

    def __init__(self, address: Path, channel: socket.socket) -> None:
        """Take an open socket."""
        self.address = address
        self.heard: list[tuple[float, str]] = []
        self._channel = channel

    def environ(self, watchdog_s: float) -> dict[str, str]:
        """Return what a daemon is started with."""
        return {"NOTIFY_SOCKET": str(self.address), "WATCHDOG_USEC": str(int(watchdog_s * 1e6))}

    async def listen(self) -> None:
        """Hear until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            said = (await loop.sock_recv(self._channel, 4096)).decode()
            self.heard.append((time.monotonic(), said))

    @property
    def said(self) -> list[str]:
        """Everything but the watchdog's food, oldest first."""
        return [said for _, said in self.heard if said != "WATCHDOG=1"]

    @property
    def fed_at(self) -> list[float]:
        """When the watchdog was fed."""
        return [moment for moment, said in self.heard if said == "WATCHDOG=1"]

    @property
    def status(self) -> str:
        """What `systemctl status` would show."""
        return next((said.removeprefix("STATUS=") for said in reversed(self.said) if said.startswith("STATUS=")), "")

    async def until(self, said: str, within: float = 15.0) -> None:
        """Wait until a notification begins like this."""
        await until(lambda: any(each.startswith(said) for each in self.said), within, f"{said} in {self.said}")

    async def until_fed(self, times: int = 3, within: float = 15.0) -> None:
        """Wait until the watchdog has been fed so often from now on."""
        before = len(self.fed_at)
        await until(lambda: len(self.fed_at) >= before + times, within, "the watchdog is fed")

    async def until_hungry(self, for_s: float, within: float = 15.0) -> None:
        """Wait until the watchdog has not been fed for so long."""
        await until(lambda: time.monotonic() - self.fed_at[-1] > for_s, within, "the watchdog starves")


@contextmanager
def service_manager(folder: Path) -> Iterator[ServiceManager]:
    """Open a socket as systemd has one; somebody must `listen`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.settimeout(0)
        channel.bind(str(folder / "notify"))
        yield ServiceManager(folder / "notify", channel)

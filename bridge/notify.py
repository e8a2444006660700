"""Telling systemd how the daemon is doing (sd_notify(3)); without systemd nothing happens."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress


class Notifier:
    """Sends states to the socket that systemd named in the environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Read the environment; nothing is opened yet."""
        address = environ.get("NOTIFY_SOCKET", "")
        # A leading @ stands for the null byte of Linux's abstract namespace.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_interval_s = _watchdog_interval_s(environ)
        """How often to call `watchdog`, None if systemd does not watch."""

    def ready(self) -> None:
        """Say that starting, or reloading, is done."""
        self._send("READY=1")

    def reloading(self) -> None:
        """Say that the configuration is being read again; `ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def status(self, text: str) -> None:
        """Show one line in `systemctl status`."""
        self._send(f"STATUS={' '.join(text.split())}")

    def watchdog(self) -> None:
        """Say that the daemon is alive."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the daemon is on its way out."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        # A service manager that does not listen is no reason to stop charging.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.settimeout(0)  # never wait for it
            channel.sendto(message.encode(), self._address)


def _watchdog_interval_s(environ: Mapping[str, str]) -> float | None:
    limit_us, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID")
    if not limit_us.isascii() or not limit_us.isdigit() or int(limit_us) == 0:
        return None
    if pid is not None and pid != str(os.getpid()):  # meant for another process
        return None
    return int(limit_us) / 1_000_000 / 2  # half the limit, as sd_watchdog_enabled(3) advises

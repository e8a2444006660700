"""A broker of the tests' own: Mosquitto on a free port, ended by its process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from bridge.demo.broker import find_mosquitto, free_port

MOSQUITTO = find_mosquitto()
SECONDS_TO_START = 10.0

PLAIN = ("allow_anonymous true",)


class TestBroker:
    """A broker process that a test may end, kill, freeze and start again on the same port; it keeps nothing."""

    __test__ = False

    def __init__(self, folder: Path, *lines: str, port: int | None = None) -> None:
        """Prepare; `lines` are added to Mosquitto's configuration, anonymous access by default."""
        self.port = port or free_port()
        self._folder = folder
        self._lines = lines or PLAIN
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until it listens; a port where another broker listens already is refused."""
        if listens(self.port):
            raise RuntimeError(f"port {self.port} is somebody else's")
        self._process = subprocess.Popen(self._command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + SECONDS_TO_START
        while not listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the test broker on port {self.port} did not start")
            time.sleep(0.02)

    def _command(self) -> list[str]:
        if MOSQUITTO is None:
            return [sys.executable, "-m", "bridge.demo.embedded_broker", str(self.port)]
        config = self._folder / f"mosquitto-{self.port}.conf"
        config.write_text("\n".join([f"listener {self.port} 127.0.0.1", *self._lines, "persistence false"]) + "\n")
        # Started by root, Mosquitto becomes a user of its own, which must be able to read this.
        for folder in (self._folder, *self._folder.parents[:-2]):
            if folder.stat().st_uid == os.getuid():
                folder.chmod(folder.stat().st_mode | 0o055)
        return [MOSQUITTO, "-c", str(config)]

    def stop(self) -> None:
        """End it; it says goodbye to its clients."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Let connections stay open and unanswered."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after a freeze."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(number)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._process = None


def listens(port: int) -> bool:
    """Tell whether someone listens on this port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0

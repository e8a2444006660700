"""The processes of a measurement, each started for itself, looked at from outside, and ended."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SECONDS_TO_START = 10.0
SECONDS_TO_END = 12.0
BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """A process that is measured from outside; Linux says what it used."""

    process: asyncio.subprocess.Process
    started: float

    def cpu_s(self) -> float:
        """Return the processor time of all threads so far, user and system together."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9

    def memory_mb(self) -> float:
        """Return the resident memory, in millions of bytes."""
        return self._status_mb("VmRSS:")

    def peak_memory_mb(self) -> float:
        """Return the most resident memory that it ever had."""
        return self._status_mb("VmHWM:")

    def _status_mb(self, name: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii", errors="replace")
        line = next(line for line in status.splitlines() if line.startswith(name))
        return int(line.split()[1]) * 1024 / BYTES_PER_MB


@asynccontextmanager
async def started(*arguments: str, errors: IO[bytes] | None = None) -> AsyncIterator[Measured]:
    """Run this Python with these arguments for the time of the context."""
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=errors
    )
    try:
        yield Measured(process, begun)
        if process.returncode is not None:
            raise RuntimeError(f"{' '.join(arguments[:3])} ended by itself with exit code {process.returncode}")
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(SECONDS_TO_END):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def bridge(
    folder: Path, broker_port: int, web_port: int, base: str, ports: Sequence[int], interval_s: float | None
) -> AsyncIterator[Measured]:
    """Run `charger2mqtt run` with one charger at each port; `interval_s` None means the vendor's pace."""
    pace = {} if interval_s is None else {"poll_interval": interval_s}
    chargers = {f"c{port}": {"vendor": "go-e", "host": f"127.0.0.1:{port}", **pace} for port in ports}
    async with bridge_of(folder, broker_port, web_port, base, chargers) as process:
        yield process


@asynccontextmanager
async def bridge_of(
    folder: Path, broker_port: int, web_port: int, base: str, chargers: Mapping[str, Mapping[str, object]]
) -> AsyncIterator[Measured]:
    """Run `charger2mqtt run` with these chargers."""
    config = {
        "mqtt": {"host": "127.0.0.1", "port": broker_port, "base_topic": base, "client_id": base},
        "http": {"listen": f"127.0.0.1:{web_port}"},
        "chargers": chargers,
    }
    file = folder / f"{base}.yaml"  # JSON is YAML
    file.write_text(json.dumps(config), encoding="utf-8")
    arguments = ("-m", "bridge", "run", "--config", str(file), "--state-dir", str(folder / base))
    log = folder / f"{base}.log"
    with log.open("wb") as errors:
        try:
            async with started(*arguments, errors=errors) as process:
                yield process
        except BaseException:
            print(log.read_text(encoding="utf-8", errors="replace")[-2000:], file=sys.stderr)
            raise


@dataclass(frozen=True, slots=True)
class Write:
    """A write that came to a charger, by its port, and when by the monotonic clock of the machine."""

    port: int
    at: float


class Chargers:
    """The process of the pretend chargers, as its parent sees it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Talk to this process."""
        self.ports: list[int] = []
        self.writes: asyncio.Queue[Write] = asyncio.Queue()
        self._process = process
        self._reads: asyncio.Queue[int] = asyncio.Queue()

    async def reads(self) -> int:
        """Ask how often they were read so far."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        return await self._reads.get()

    async def listen(self) -> None:
        """Take what the process says until it ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            if "ports" in told:
                self.ports = told["ports"]
            elif "write" in told:
                self.writes.put_nowait(Write(told["write"], told["at"]))
            else:
                self._reads.put_nowait(told["reads"])


@asynccontextmanager
async def pretend_chargers(count: int) -> AsyncIterator[Chargers]:
    """Run so many chargers in a process of their own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.pretend_chargers", str(count)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    chargers = Chargers(process)
    listening = asyncio.create_task(chargers.listen(), name="chargers")
    try:
        async with asyncio.timeout(SECONDS_TO_START):
            while not chargers.ports:
                await asyncio.sleep(0.01)
        yield chargers
    finally:
        await _end(process)
        await listening

"""Speed and size of the bridge, measured in one run: `make bench`, or `python -m benchmarks --help`.

Needs Linux and Mosquitto. Everything is started on this machine, each part in a process of its own, and ended again.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import cycles, reactions, telling
from benchmarks.cycles import Cycle
from benchmarks.reactions import Reactions
from benchmarks.telling import Shown
from bridge.demo.broker import find_mosquitto, own_broker

MAX_RATIO = 3.0
MAX_SPREAD = 0.25
MAX_MEMORY_MB = 60.0
MAX_START_S = 1.5
MAX_COMMAND_MS = 20.0
MAX_SHOWN_MS = 100.0


def main() -> None:
    """Measure and print; the exit code is 0 whether the targets are reached or not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--chargers", type=int, nargs="+", default=[1, 50, 500], metavar="N", help="default: 1 50 500")
    parser.add_argument(
        "--reads-per-second",
        type=float,
        default=100.0,
        metavar="N",
        help="of all chargers together, as far as they may be read that often (100: 500 chargers at the usual 5 s)",
    )
    parser.add_argument("--seconds", type=float, default=15.0, help="for which cycles are measured, each (15)")
    parser.add_argument("--starts", type=int, default=5, help="of the bridge with four chargers (5)")
    parser.add_argument("--commands", type=int, default=40, help="sent to it (40)")
    parser.add_argument("--cars", type=int, default=50, help="plugged in at a charger on the broker (50)")
    options = parser.parse_args()
    if sys.platform != "linux":
        sys.exit("processor time and memory of other processes are read as Linux tells them")
    if find_mosquitto() is None:
        sys.exit("Mosquitto is missing, and an embedded broker would take most of the processor: install mosquitto")
    asyncio.run(_measure(options))


async def _measure(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="charger2mqtt-bench-") as name:
        folder = Path(name)
        async with own_broker(folder) as broker:
            print(f"Python {platform.python_version()}, {os.cpu_count()} processors", flush=True)
            reacted = await reactions.measure(folder, broker.port, options.starts, options.commands)
            print("measuring a charger on the broker", flush=True)
            shown = await telling.measure(folder, broker.port, options.cars)
            found: list[Cycle] = []
            for chargers in sorted(options.chargers):
                print(f"measuring cycles with {chargers} chargers", flush=True)
                pace = options.reads_per_second
                found.append(await cycles.measure(folder, broker.port, chargers, pace, options.seconds))
    _print_cycles(found)
    _print_verdict(_verdict(reacted, shown, found))


def _print_cycles(found: Sequence[Cycle]) -> None:
    print("\nprocessor time for one reading, in microseconds; two measurements change between two readings")
    rows = [("chargers", "interval", "readings", "bridge", "bare, QoS 1", "ratio", "bare, QoS 0", "ratio", "memory")]
    rows += [
        (
            str(cycle.chargers),
            f"{cycle.interval_s:g} s",
            str(cycle.readings),
            f"{cycle.bridge_us:.0f}",
            f"{cycle.bare_us[1]:.0f}",
            f"{cycle.ratio(1):.2f}",
            f"{cycle.bare_us[0]:.0f}",
            f"{cycle.ratio(0):.2f}",
            f"{cycle.memory_mb:.1f} MB",
        )
        for cycle in found
    ]
    _print_table(rows)


Row = tuple[str, str, str, str]


def _verdict(reacted: Reactions, shown: Shown, found: Sequence[Cycle]) -> list[Row]:
    rows: list[Row] = [("what", "target", "measured", "reached")]
    rows += [
        (
            f"cycle with {cycle.chargers} chargers, against the bare loop (QoS 1)",
            f"<= {MAX_RATIO:g} times",
            f"{cycle.ratio(1):.2f} times",
            _yes(cycle.ratio(1) <= MAX_RATIO),
        )
        for cycle in found
    ]
    few, many = (next((cycle for cycle in found if cycle.chargers == count), None) for count in (50, 500))
    if few is not None and many is not None:
        spread = many.bridge_us / few.bridge_us - 1
        what = "cost of a charger, 500 against 50"
        rows.append((what, f"within {MAX_SPREAD:.0%}", f"{spread:+.0%}", _yes(abs(spread) <= MAX_SPREAD)))
        each_kb = (many.memory_mb - few.memory_mb) / (many.chargers - few.chargers) * 1000
        rows.append(("memory for each charger, from 50 to 500", "", f"{each_kb:.0f} kB", ""))
    memory = reacted.memory_mb
    peak = f"{memory:.1f} MB (at most {reacted.peak_memory_mb:.1f})"
    rows.append(("memory with 4 chargers", f"< {MAX_MEMORY_MB:g} MB", peak, _yes(memory < MAX_MEMORY_MB)))
    start = f"{reacted.start_s:.2f} s (at most {max(reacted.starts_s):.2f})"
    what = f"start to first state, median of {len(reacted.starts_s)}"
    rows.append((what, f"< {MAX_START_S:g} s", start, _yes(reacted.start_s < MAX_START_S)))
    command = f"{reacted.command_ms:.1f} ms (at most {max(reacted.commands_ms):.1f})"
    what = f"command to request, median of {len(reacted.commands_ms)}"
    rows.append((what, f"< {MAX_COMMAND_MS:g} ms", command, _yes(reacted.command_ms < MAX_COMMAND_MS)))
    for name, took_ms in (("status", shown.status_ms), ("state", shown.state_ms)):
        median = telling.median(took_ms)
        what = f"car plugged in to {name}, over MQTT, median of {len(took_ms)}"
        worst = f"{median:.1f} ms (at most {max(took_ms):.1f})"
        rows.append((what, f"<= {MAX_SHOWN_MS:g} ms", worst, _yes(median <= MAX_SHOWN_MS)))
    return rows


def _yes(reached: bool) -> str:  # noqa: FBT001 - the question itself
    return "yes" if reached else "NO"


def _print_verdict(rows: Sequence[Row]) -> None:
    print()
    _print_table(rows)


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()

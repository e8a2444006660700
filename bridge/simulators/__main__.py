"""`python -m bridge.simulators go-e`: one simulator alone, until it is interrupted."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from bridge.simulators import SIMULATORS
from bridge.simulators.scenario import daily_life


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m bridge.simulators", description="One pretend charger.")
    parser.add_argument("vendor", choices=sorted(SIMULATORS))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--control-port", type=int, help="0: any free one; without it nothing can be controlled")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster cars charge")
    parser.add_argument("--daily-life", action="store_true", help="a car comes, charges and goes, again and again")
    asyncio.run(_run(parser.parse_args()))


async def _run(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    simulator = SIMULATORS[arguments.vendor](speed=arguments.speed, control_port=arguments.control_port)
    await simulator.start(arguments.port, arguments.host)
    try:
        # One line for whoever started this process and needs to know where to find the charger.
        sys.stdout.write(json.dumps({"address": simulator.address, "control": simulator.control}) + "\n")
        sys.stdout.flush()
        if arguments.daily_life:
            await daily_life(simulator.car, stop)
        await stop.wait()
    finally:
        await simulator.stop()


if __name__ == "__main__":
    main()

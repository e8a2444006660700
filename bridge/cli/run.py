"""`charger2mqtt run`: the daemon."""

from __future__ import annotations

import asyncio
import os
import signal

import structlog

from bridge.app import serve
from bridge.cli.options import ConfigOption, LogFormatOption, LogLevelOption, StateDirOption
from bridge.log import LogFormat, LogLevel, configure
from bridge.settings import load
from bridge.state_files import state_directory

log = structlog.get_logger()


def command(
    config: ConfigOption = None,
    state_dir: StateDirOption = None,
    log_level: LogLevelOption = LogLevel.INFO,
    log_format: LogFormatOption = LogFormat.AUTO,
) -> None:
    """Run the bridge until SIGTERM or Ctrl-C."""
    loaded = load(config, os.environ)
    state = state_directory(state_dir, os.environ)
    configure(log_level, log_format)
    for warning in loaded.warnings:
        log.warning("configuration", reason=warning)

    async def until_signal() -> None:
        await serve(loaded.settings, state, stop_on_signals(), os.environ)

    asyncio.run(until_signal())


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGTERM and Ctrl-C set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # Without a handler SIGHUP would end the daemon; a changed configuration needs a restart.
    loop.add_signal_handler(signal.SIGHUP, lambda: log.warning("not reloaded: restart to use a changed configuration"))
    return stop

"""`charger2mqtt run`: the daemon."""

from __future__ import annotations

import asyncio
import os
import signal

import structlog

from bridge.app import serve
from bridge.cli.options import ConfigOption, LogFormatOption, LogLevelOption, StateDirOption
from bridge.log import LogFormat, LogLevel, configure
from bridge.settings import Settings, load
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

    def read_again() -> Settings:
        again = load(config, os.environ)
        for warning in again.warnings:
            log.warning("configuration", reason=warning)
        return again.settings

    async def until_signal() -> None:
        hangup = asyncio.Event()
        stop = stop_on_signals()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hangup.set)
        await serve(loaded.settings, state, stop, os.environ, read_again=read_again, hangup=hangup)

    asyncio.run(until_signal())


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGTERM, Ctrl-C and the end of the terminal set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    return stop

"""`charger2mqtt run`: the daemon."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable

import structlog

from bridge.app import serve
from bridge.cli.options import ConfigOption, LogFormatOption, LogLevelOption, StateDirOption
from bridge.errors import BridgeError
from bridge.log import LogFormat, LogLevel, configure
from bridge.settings import Settings, load
from bridge.state_files import state_directory

log = structlog.get_logger()

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


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

    async def until_signal() -> bool:
        """Live until a signal, or until the daemon is to begin anew; tell whether that is so."""
        hangup, restart = asyncio.Event(), asyncio.Event()
        stop = stop_on_signals(restart.clear)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hangup.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        await serve(loaded.settings, state, stop, os.environ, read_again=read_again, hangup=hangup, restart=restart)
        if restart.is_set():
            await _hold_signals()
        return restart.is_set()

    if asyncio.run(until_signal()):
        _begin_anew()


async def _hold_signals() -> None:
    """Keep what comes from now on for the next start; what has come already is still acted on here."""
    # Each thread holds its own: there must be this one only.
    await asyncio.get_running_loop().shutdown_default_executor()
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    # The loop takes a few rounds from a signal to what handles it.
    for _ in range(5):
        await asyncio.sleep(0)


def _begin_anew() -> None:
    """Become a new interpreter with the same arguments, under the same process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - no shell is wanted
    except OSError as error:
        raise BridgeError(f"it cannot be started anew: {sys.executable}: {error.strerror}") from error


def stop_on_signals(before: Callable[[], object] = lambda: None) -> asyncio.Event:
    """Return an event that SIGTERM, Ctrl-C and the end of the terminal set, each after a call of `before`."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end() -> None:
        before()
        stop.set()

    for number in SIGNALS:
        loop.add_signal_handler(number, end)
    return stop

"""Logging: one form for all, secrets masked, the level changeable while it runs."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bridge.log import LogFormat, configure, set_level


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What was logged; afterwards logging is as before."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield io.StringIO()
    logging.captureWarnings(capture=False)
    logging.getLogger("aiohttp.access").setLevel(logging.NOTSET)
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_programs_get_one_json_document_per_event(stream: io.StringIO) -> None:
    """Ours and those of libraries look the same."""
    configure("info", LogFormat.JSON, stream)

    structlog.get_logger("bridge.engine").warning("charger unavailable", charger="garage", failures=3)
    logging.getLogger("aiomqtt").error("lost %s", "broker")

    ours, theirs = _lines(stream)
    assert ours.pop("timestamp").endswith("Z")
    assert ours == {
        "event": "charger unavailable",
        "level": "warning",
        "logger": "bridge.engine",
        "charger": "garage",
        "failures": 3,
    }
    assert theirs.pop("timestamp").endswith("Z")
    assert theirs == {"event": "lost broker", "level": "error", "logger": "aiomqtt"}


def test_people_get_lines(stream: io.StringIO) -> None:
    """Without colours where there is no terminal."""
    configure("info", LogFormat.CONSOLE, stream)

    structlog.get_logger("bridge").info("charger available", charger="garage")

    line = stream.getvalue()
    assert "charger available" in line
    assert "charger=garage" in line
    assert "\x1b" not in line


def test_without_a_choice_what_is_no_terminal_gets_json(stream: io.StringIO) -> None:
    """Service managers and containers collect lines for programs."""
    configure("info", LogFormat.AUTO, stream)

    structlog.get_logger("bridge").info("starting")

    assert _lines(stream)[0]["event"] == "starting"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("stream")
def test_without_a_choice_a_terminal_gets_lines() -> None:
    """With colours."""
    terminal = _Terminal()
    configure("info", LogFormat.AUTO, terminal)

    structlog.get_logger("bridge").info("starting")

    assert "\x1b" in terminal.getvalue()


def test_the_level_changes_while_it_runs(stream: io.StringIO) -> None:
    """Also for loggers that were made before."""
    log = structlog.get_logger("bridge")
    configure("info", LogFormat.JSON, stream)
    log.debug("one")
    set_level("DEBUG")
    log.debug("two")
    logging.getLogger("aiomqtt").debug("three")
    set_level("error")
    log.warning("four")

    assert [line["event"] for line in _lines(stream)] == ["two", "three"]


@pytest.mark.parametrize("level", ["", "loud", "notset", "10"])
def test_an_unknown_level_is_refused(stream: io.StringIO, level: str) -> None:
    """And changes nothing."""
    configure("info", LogFormat.JSON, stream)

    with pytest.raises(ValueError, match="is not a valid LogLevel"):
        set_level(level)

    assert logging.getLogger().level == logging.INFO


def test_the_status_page_does_not_fill_the_log(stream: io.StringIO) -> None:
    """A line per request is not even there at the debug level."""
    configure("debug", LogFormat.JSON, stream)

    logging.getLogger("aiohttp.access").info("GET /")

    assert stream.getvalue() == ""


def test_warnings_of_python_are_logged(stream: io.StringIO) -> None:
    """They would go to standard error in a form of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")  # pytest makes errors of them
        configure("info", LogFormat.JSON, stream)
        warnings.warn("soon gone", DeprecationWarning, stacklevel=1)

    assert "soon gone" in _lines(stream)[0]["event"]


SECRET = "hunter2"


def _connect(password: str) -> None:
    message = f"mqtt://user:{password}@localhost"
    raise ConnectionError(message)


@pytest.mark.parametrize("log_format", [LogFormat.JSON, LogFormat.CONSOLE])
def test_tracebacks_show_neither_variables_nor_secrets(stream: io.StringIO, log_format: LogFormat) -> None:
    """An exception comes with its traceback as text, masked like everything else."""
    configure("info", log_format, stream)
    for log in (structlog.get_logger("bridge"), logging.getLogger("library")):
        try:
            _connect(SECRET)
        except ConnectionError:
            log.exception("unexpected")

    logged = stream.getvalue()
    assert SECRET not in logged
    assert logged.count("mqtt://***@localhost") == 2
    assert logged.count("Traceback") == 2
